import type { MergePolicy } from '@cartage/cart';
import { Trouble } from '../exit.ts';
import { codeIn, textIn } from './answers.ts';
import type { ApiClient } from './api-client.ts';
import type { Sale } from './sales-file.ts';
import { customerCart, type Session, type Shopper } from './shoppers.ts';
import { Visitor } from './visitor.ts';

/** What came of the shopping. */
export class Tally {
  /** Requests that may change a cart; a repeated one counts once. */
  commands = 0;
  /** Rows that take out what the cart does not hold: nothing is sent. */
  nothingToTakeOut = 0;
  /** Refused commands by the code of the problem. */
  readonly refused = new Map<string, number>();
  /** The lines of the file whose rows were refused. */
  readonly refusedRows = new Set<number>();
  /** Who can show which cart, by the names reports call them. */
  readonly carts = new Map<string, Visitor>();
}

export type ShopOptions = {
  readonly policy: MergePolicy;
  /** Stands before every customer's id: another run meets other carts. */
  readonly run: string;
  /** Called after each row. */
  readonly onRow: () => void;
};

/** Plays the part of the shop's web site: everything it does goes through the HTTP API. */
export class Shop {
  readonly tally = new Tally();
  readonly #client: ApiClient;
  readonly #options: ShopOptions;

  constructor(client: ApiClient, options: ShopOptions) {
    this.#client = client;
    this.#options = options;
  }

  /** Lets a shopper have one session after the other. @throws {Trouble} the API does not answer, or not as it should */
  async serve({ customer, sessions }: Shopper): Promise<void> {
    let own: Visitor | undefined;
    for (const session of sessions) {
      const guest =
        session.guestCart === undefined ? undefined : await this.#asGuest(session.guestCart, session);
      if (customer !== undefined) own = await this.#asCustomer(customer, own, guest, session);
      const visitor = own ?? guest;
      if (visitor && visitor.lines.size > 0)
        await this.#command(visitor, 'POST', '/checkout', { orderId: session.invoice });
    }
  }

  async #asGuest(cart: string, { asGuest }: Session): Promise<Visitor> {
    const guest = new Visitor(this.#client, await this.#enter('/v1/guests'));
    this.tally.carts.set(cart, guest);
    await this.#buy(guest, asGuest);
    return guest;
  }

  async #asCustomer(
    customer: string,
    known: Visitor | undefined,
    guest: Visitor | undefined,
    { asCustomer }: Session,
  ): Promise<Visitor> {
    const { run, policy } = this.#options;
    const token = await this.#enter('/dev/login', { userId: `${run}-${customer}` });
    const own = known ?? new Visitor(this.#client, token);
    own.token = token;
    this.tally.carts.set(customerCart(customer), own);
    if (guest) await this.#command(own, 'POST', '/merge', { guestToken: guest.token, policy });
    await this.#buy(own, asCustomer);
    return own;
  }

  async #buy(visitor: Visitor, sales: readonly Sale[]): Promise<void> {
    for (const sale of sales) {
      if ((await this.#trade(visitor, sale)) !== undefined) this.tally.refusedRows.add(sale.line);
      this.#options.onRow();
    }
  }

  /** Puts units into the cart or takes them out; answers the code it was refused with. */
  async #trade(visitor: Visitor, { sku, quantity }: Sale): Promise<string | undefined> {
    if (quantity > 0) return await this.#command(visitor, 'POST', '/items', { sku, quantity });
    const held = visitor.lines.get(sku);
    if (held !== undefined)
      return await this.#command(visitor, 'PATCH', `/items/${sku}`, {
        quantity: Math.max(0, held + quantity),
      });
    this.tally.nothingToTakeOut += 1;
    return undefined;
  }

  async #command(
    ...[visitor, ...request]: [Visitor, ...Parameters<Visitor['command']>]
  ): Promise<string | undefined> {
    this.tally.commands += 1;
    const code = await visitor.command(...request);
    if (code !== undefined) this.tally.refused.set(code, (this.tally.refused.get(code) ?? 0) + 1);
    return code;
  }

  /** Becomes a guest or a user; answers the token. */
  async #enter(path: string, body: object = {}): Promise<string> {
    const answer = await this.#client.send({ method: 'POST', path, body }, this.tally.carts.size);
    if (answer.status < 400) return textIn(answer.body, 'token');
    if (path === '/dev/login' && answer.status === 404)
      throw new Trouble(
        'The API has no development login: it trusts the tokens of an issuer (JWKS_URL). Replay against one without, outside production.',
      );
    throw new Trouble(`POST ${path} was refused: ${codeIn(answer.body, answer.status)}.`);
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import { cartIdOf, customerOwner } from '@cartage/cart';
import type { Arrivals } from './arrivals.ts';
import { type Answer, Client, type Request, signIn } from './client.ts';
import type { Account } from './oracle.ts';
import type { Random } from './random.ts';

const mostUnits = 9;
const lineLimit = 999;
/** One of so many acknowledged commands is sent once more. */
const repeatEvery = 10;

export type Load = {
  readonly clients: number;
  readonly carts: number;
  /** A client waits up to so many ms between two commands. */
  readonly pause: number;
  /** When commands are due, if not when a client has had its pause: the client that is free takes the next. */
  readonly arrivals?: Arrivals;
  /** Hears of each command how long, ms, its final answer took since it was due, repeats included. */
  readonly onAnswer?: (ms: number) => void;
};

type Cart = { readonly id: string; readonly token: string; readonly lines: Map<string, number> };

/**
 * Clients that keep changing the same carts. Each has lines of its own in all of them, and does one thing after the other: what
 * a line must hold is therefore known without an order between clients. Every command is sent until it is answered.
 */
export class Shoppers {
  readonly #load: Load;
  readonly #random: Random;
  readonly #client: Client;
  readonly #run: string;
  readonly #carts: Cart[] = [];
  readonly #accepted = new Map<string, string>();
  readonly #differences: string[] = [];
  #running: Promise<unknown> = Promise.resolve();
  #repeated = 0;
  #isOver = false;

  constructor(urls: readonly string[], load: Load, random: Random) {
    this.#load = load;
    this.#random = random;
    this.#client = new Client(urls, random.fork());
    this.#run = random.below(2 ** 31).toString(36);
  }

  /** Signs the owners of the carts in, and lets the clients begin. */
  async start(): Promise<void> {
    for (let at = 0; at < this.#load.carts; at += 1) {
      const userId = `${this.#run}-${at}`;
      const id = cartIdOf(customerOwner(userId));
      this.#carts.push({ id, token: await signIn(this.#client, userId), lines: new Map() });
    }
    const clients = Array.from({ length: this.#load.clients }, (_, at) =>
      this.#shop(at, this.#random.fork()),
    );
    this.#running = Promise.all(clients);
    this.#running.catch(() => undefined);
  }

  /** Lets every client finish the command it has begun. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#running;
  }

  /** Who owns the carts, for readers of them. */
  get tokens(): readonly string[] {
    return this.#carts.map(({ token }) => token);
  }

  get account(): Account {
    return { accepted: this.#accepted, lines: new Map(this.#carts.map(({ id, lines }) => [id, lines])) };
  }

  get facts() {
    const { retries, slowestRefusal, unanswered } = this.#client;
    return {
      commands: this.#accepted.size,
      repeated: this.#repeated,
      retries,
      slowestRefusalMs: Math.round(slowestRefusal),
      unanswered,
    };
  }

  /** Answers that were wrong at once. */
  get differences(): readonly string[] {
    return this.#differences;
  }

  /** In what the API, which folds the log for it, shows other carts than were accepted. */
  async compareShown(): Promise<readonly string[]> {
    const differences: string[] = [];
    for (const { id, token, lines } of this.#carts) {
      const { status, body } = await this.#client.send({
        method: 'GET',
        path: '/v1/carts/main?consistency=strong',
        token,
      });
      const shown = listed(quantitiesIn(body));
      const expected = listed(lines);
      if (status !== 200 || shown !== expected)
        differences.push(`${id}: the API shows ${status} ${shown}, accepted was ${expected}`);
    }
    return differences;
  }

  async #shop(client: number, random: Random): Promise<void> {
    const sku = `sku-${client}`;
    for (let count = 0; !this.#isOver; count += 1) {
      const due = await this.#due(random);
      if (due === undefined || this.#isOver) return;
      const cart = random.pick(this.#carts);
      const { request, quantity } = this.#nextCommand(cart, sku, `${this.#run}-${client}-${count}`, random);
      this.#check(await this.#command(request, due), request, cart, sku, quantity);
      if (random.below(repeatEvery) === 0) await this.#repeat(request, cart, sku);
    }
  }

  /** When the next command was or is due; undefined when there is none. */
  async #due(random: Random): Promise<number | undefined> {
    const { arrivals, pause } = this.#load;
    if (arrivals) return await arrivals.next();
    await sleep(random.below(pause));
    return performance.now();
  }

  async #command(request: Request, due = performance.now()): Promise<Answer> {
    const answer = await this.#client.send(request);
    this.#load.onAnswer?.(performance.now() - due);
    return answer;
  }

  #nextCommand(cart: Cart, sku: string, key: string, random: Random): { request: Request; quantity: number } {
    const held = cart.lines.get(sku) ?? 0;
    const units = random.between(1, mostUnits);
    const line = { path: `/v1/carts/main/items/${sku}`, token: cart.token, key };
    const kind = random.below(10);
    if (held > 0 && (kind === 0 || held + units > lineLimit))
      return { request: { ...line, method: 'DELETE' }, quantity: 0 };
    if (held > 0 && kind < 3)
      return {
        request: { ...line, method: 'PATCH', body: { quantity: units + held } },
        quantity: units + held,
      };
    const path = '/v1/carts/main/items';
    return {
      request: { ...line, path, method: 'POST', body: { sku, quantity: units } },
      quantity: held + units,
    };
  }

  #check(
    { status, body }: Answer,
    { method, key = '' }: Request,
    cart: Cart,
    sku: string,
    quantity: number,
  ): void {
    const shown = quantitiesIn(body).get(sku) ?? 0;
    if (status !== 200 || shown !== quantity)
      this.#differences.push(
        `${cart.id}: ${method} ${key} was answered with ${status} and ${shown} of ${sku}, not ${quantity}: ${JSON.stringify(body).slice(0, 300)}`,
      );
    if (status !== 200) return;
    this.#accepted.set(key, cart.id);
    if (quantity === 0) cart.lines.delete(sku);
    else cart.lines.set(sku, quantity);
  }

  /** A client whose answer was lost on the way sends the same again. */
  async #repeat(request: Request, cart: Cart, sku: string): Promise<void> {
    this.#repeated += 1;
    const answer = await this.#command(request);
    this.#check(answer, request, cart, sku, cart.lines.get(sku) ?? 0);
    if (!answer.replayed)
      this.#differences.push(`${cart.id}: ${request.key} was sent twice and not known the second time`);
  }
}

/** Units by sku of a cart in an answer. */
function quantitiesIn({ lines }: Answer['body']): ReadonlyMap<string, number> {
  if (!Array.isArray(lines)) return new Map();
  return new Map(
    lines.map((line: { readonly sku: string; readonly quantity: number }) => [line.sku, line.quantity]),
  );
}

const listed = (quantities: ReadonlyMap<string, number>): string =>
  [...quantities]
    .map(([sku, quantity]) => `${quantity} ${sku}`)
    .sort()
    .join(', ');

import { codeIn, type ShownCart, shownCart } from './answers.ts';
import type { ApiClient, Request } from './api-client.ts';

/** A shopper's browser: a token and the cart as the API last showed it. */
export class Visitor {
  readonly #client: ApiClient;
  #turn = 0;
  #revision = -1;
  #lines: ReadonlyMap<string, number> = new Map();

  constructor(
    client: ApiClient,
    public token: string,
  ) {
    this.#client = client;
  }

  /** Units by line of the cart that is being filled; none once it is checked out. */
  get lines(): ReadonlyMap<string, number> {
    return this.#lines;
  }

  /** Sends a command to the cart; answers the code it was refused with, if it was. */
  async command(method: Request['method'], path: string, body: object): Promise<string | undefined> {
    const answer = await this.#send({ method, path: `/v1/carts/main${path}`, body });
    if (answer.status >= 400) return codeIn(answer.body, answer.status);
    const { status, revision, lines } = shownCart(answer.body);
    this.#lines = status === 'open' ? lines : new Map();
    this.#revision = revision;
    return undefined;
  }

  /** The cart as the API shows it now: at least as new as what it last showed here. */
  async cart(): Promise<ShownCart> {
    const atLeast = this.#revision < 0 ? '' : `?atLeast=${this.#revision}`;
    const { body } = await this.#send({ method: 'GET', path: `/v1/carts/main${atLeast}` });
    return shownCart(body);
  }

  #send(request: Omit<Request, 'token'>): ReturnType<ApiClient['send']> {
    this.#turn += 1;
    return this.#client.send({ ...request, token: this.token }, this.#turn);
  }
}

import type { MergedCartBody } from '../commands/merge-guest.ts';
import type { ProblemBody } from '../openapi.ts';

type Known = Omit<MergedCartBody, 'status'> & Omit<ProblemBody, 'status'>;
type Body = Partial<Known> & Readonly<Record<string, unknown>>;
export type Answer = { readonly status: number; readonly headers: Headers; readonly body: Body };
export type Headed = Readonly<Record<string, string>>;

/** One caller of an API. Paths begin at the root; a body is sent as JSON. */
export class Client {
  readonly #url: string;
  readonly #token: string | undefined;

  constructor(url: string, token?: string) {
    this.#url = url;
    this.#token = token;
  }

  /** The same caller at another API. */
  at(url: string): Client {
    return new Client(url, this.#token);
  }

  get = (path: string, headers?: Headed): Promise<Answer> => this.#send('GET', path, undefined, headers);
  post = (path: string, body?: object, headers?: Headed): Promise<Answer> =>
    this.#send('POST', path, body, headers);
  put = (path: string, body?: object, headers?: Headed): Promise<Answer> =>
    this.#send('PUT', path, body, headers);
  patch = (path: string, body?: object, headers?: Headed): Promise<Answer> =>
    this.#send('PATCH', path, body, headers);
  delete = (path: string, headers?: Headed): Promise<Answer> =>
    this.#send('DELETE', path, undefined, headers);

  #send(method: string, path: string, body?: object, headers: Headed = {}): Promise<Answer> {
    const json = body && { 'content-type': 'application/json' };
    return this.raw(method, path, body && JSON.stringify(body), { ...json, ...headers });
  }

  /** Sends the text as it is. */
  async raw(method: string, path: string, text?: string, headers: Headed = {}): Promise<Answer> {
    const authorization = this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` };
    const init = {
      method,
      headers: { ...authorization, ...headers },
      ...(text !== undefined && { body: text }),
    };
    const response = await fetch(`${this.#url}${path}`, init);
    const answer = await response.text();
    const body = answer === '' ? {} : (JSON.parse(answer) as Body);
    return { status: response.status, headers: response.headers, body };
  }
}

export type Service = Client & { readonly token: string };
export type Shopper = Service & { readonly owner: string };

/** A guest nobody was before. */
export async function newGuest(url: string): Promise<Shopper> {
  const { body } = await new Client(url).post('/v1/guests');
  return shopper(url, String(body['token']), `g~${String(body['guestId'])}`);
}

let users = 0;

/** A user of a name of their own. */
export async function newUser(url: string): Promise<Shopper> {
  users += 1;
  const userId = `user-${users}`;
  const { body } = await new Client(url).post('/dev/login', { userId });
  return shopper(url, String(body['token']), `u~${userId}`);
}

/** A service with both scopes. */
export async function newService(url: string, scope = 'carts:read carts:write'): Promise<Service> {
  const { body } = await new Client(url).post('/dev/login', { userId: 'orders', scope });
  const token = String(body['token']);
  return Object.assign(new Client(url, token), { token });
}

const shopper = (url: string, token: string, owner: string): Shopper =>
  Object.assign(new Client(url, token), { token, owner });

/** `{ sku: quantity }` of a cart. */
export const quantitiesOf = ({ body }: Answer): Record<string, number> =>
  Object.fromEntries((body.lines ?? []).map(({ sku, quantity }) => [sku, quantity]));

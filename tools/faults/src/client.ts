import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from './random.ts';

const answerLimit = 10_000; // ms
const patience = 90_000; // ms
const longestPause = 500; // ms

export type Request = {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly token?: string;
  readonly body?: object;
  readonly key?: string;
};

export type Answer = {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly replayed: boolean;
};

/** A client as the API's documentation asks for: what was not answered, or with 503, is sent again under the same key. */
export class Client {
  readonly #urls: readonly string[];
  readonly #random: Random;
  /** Requests that were sent again. */
  retries = 0;
  /** The longest that anybody waited for a 503, ms. */
  slowestRefusal = 0;
  /** Requests that were told nothing at all for 10 s. */
  unanswered = 0;

  constructor(urls: readonly string[], random: Random) {
    this.#urls = urls;
    this.#random = random;
  }

  /** The final answer. @throws {Error} there was none within 90 s */
  async send(request: Request): Promise<Answer> {
    const end = performance.now() + patience;
    for (;;) {
      const began = performance.now();
      const answer = await this.attempt(request).catch((error: unknown) => String(error));
      if (typeof answer !== 'string' && answer.status !== 503) return answer;
      const waited = performance.now() - began;
      if (typeof answer !== 'string') this.slowestRefusal = Math.max(this.slowestRefusal, waited);
      else if (waited >= answerLimit) this.unanswered += 1;
      if (performance.now() > end)
        throw new Error(`${request.method} ${request.path} found no end: ${JSON.stringify(answer)}`);
      this.retries += 1;
      await sleep(this.#random.below(longestPause));
    }
  }

  /** Sends it once, to any of the processes. */
  async attempt({ method, path, token, body, key }: Request): Promise<Answer> {
    const response = await fetch(`${this.#random.pick(this.#urls)}${path}`, {
      method,
      signal: AbortSignal.timeout(answerLimit),
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(key !== undefined && { 'idempotency-key': key }),
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    return {
      status: response.status,
      body: (await response.json()) as Answer['body'],
      replayed: response.headers.get('idempotent-replayed') === 'true',
    };
  }
}

/** Signs a user in at the development issuer; answers the token. */
export async function signIn(client: Client, userId: string): Promise<string> {
  const { status, body } = await client.send({ method: 'POST', path: '/dev/login', body: { userId } });
  if (status === 200 && typeof body['token'] === 'string') return body['token'];
  throw new Error(`POST /dev/login was answered with ${status} ${JSON.stringify(body)}`);
}

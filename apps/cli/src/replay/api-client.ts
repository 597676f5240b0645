import { randomUUID } from 'node:crypto';
import { Agent, request as httpRequest } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, Trouble } from '../exit.ts';

export type Request = {
  readonly method: 'GET' | 'POST' | 'PATCH';
  /** Path and query. */
  readonly path: string;
  readonly token?: string;
  readonly body?: object;
};

export type Answer = { readonly status: number; readonly body: unknown };

type Attempt = Answer & { readonly retryAfter: number };

const timeout = 10_000;
/** How long, ms, a request is repeated: longer than a process takes to start again, or a minute's rate limit lasts. */
const patience = 90_000;
const longestBackoff = 2_000;
/** The server did not do it, or nobody knows whether it did. */
const passing = new Set([429, 502, 503, 504]);

/**
 * Calls several processes of one API in turn, over connections that are kept open. What fails in passing (no connection, no
 * answer within 10 s, 429, 503) is repeated for 90 s, at the next process in turn, after the time `Retry-After` names or a
 * growing random wait; a repeated change carries the same `Idempotency-Key`, so that it takes effect once.
 */
export class ApiClient {
  readonly #urls: readonly URL[];
  readonly #agents: { readonly 'http:': Agent; readonly 'https:': TlsAgent };
  readonly #onAnswer: (microseconds: number) => void;
  #retries = 0;

  /** `onAnswer` hears of each final answer how long it took from the first attempt, waits included. */
  constructor(urls: readonly URL[], connections: number, onAnswer: (microseconds: number) => void) {
    this.#urls = urls;
    const options = { keepAlive: true, maxSockets: connections };
    this.#agents = { 'http:': new Agent(options), 'https:': new TlsAgent(options) };
    this.#onAnswer = onAnswer;
  }

  get retries(): number {
    return this.#retries;
  }

  /**
   * `turn` counts a caller's requests: it picks the process that is asked.
   *
   * @throws {Trouble} no process answered
   */
  async send(request: Request, turn: number): Promise<Answer> {
    const key = request.method === 'GET' ? undefined : randomUUID();
    const began = performance.now();
    for (let attempt = 0; ; attempt += 1) {
      const url = this.#urls[(turn + attempt) % this.#urls.length] ?? new URL('http://127.0.0.1');
      const answer = await this.#attempt(url, request, key).catch(messageOf);
      if (typeof answer !== 'string' && !passing.has(answer.status)) {
        this.#onAnswer((performance.now() - began) * 1000);
        return answer;
      }
      const failure = typeof answer === 'string' ? answer : `status ${answer.status}`;
      if (performance.now() - began > patience)
        throw new Trouble(
          `${url.origin} does not answer as it should (${failure}). Is it running, and well?`,
        );
      this.#retries += 1;
      const backoff = Math.random() * Math.min(longestBackoff, 50 * 2 ** attempt);
      await sleep(Math.max(backoff, typeof answer === 'string' ? 0 : answer.retryAfter));
    }
  }

  close(): void {
    for (const agent of Object.values(this.#agents)) agent.destroy();
  }

  #attempt(url: URL, { method, path, token, body }: Request, key: string | undefined): Promise<Attempt> {
    const payload = body && JSON.stringify(body);
    const secure = url.protocol === 'https:';
    const headers = {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(payload && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
      ...(key && { 'idempotency-key': key }),
    };
    const target = new URL(`${url.pathname.replace(/\/$/, '')}${path}`, url);
    return new Promise((resolve, reject) => {
      const options = { method, headers, timeout, agent: this.#agents[secure ? 'https:' : 'http:'] };
      const call = (secure ? tlsRequest : httpRequest)(target, options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const retryAfter = waitOf(response.headers['retry-after']);
          resolve({ status: response.statusCode ?? 0, body: parsed(chunks), retryAfter });
        });
      });
      call.on('timeout', () => call.destroy(new Error(`no answer within ${timeout} ms`)));
      call.on('error', reject);
      call.end(payload);
    });
  }
}

/** `Retry-After` in ms: seconds or a date (RFC 9110, 10.2.3). */
function waitOf(header: string | undefined): number {
  if (header === undefined) return 0;
  const wait = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(wait) ? 0 : Math.min(Math.max(wait, 0), patience);
}

function parsed(chunks: readonly Buffer[]): unknown {
  const text = Buffer.concat(chunks).toString('utf8');
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, Client, type Request, signIn } from './client.ts';
import type { Random } from './random.ts';
import type { System } from './system.ts';

const limit = 30_000; // ms
const pause = 10; // ms
const readsPerLook = 20;

/** A shopper who sends everything once, and looks at how it is answered. */
export class Prober {
  readonly #system: System;
  readonly #client: Client;
  readonly #token: string;
  readonly #differences: string[] = [];
  readonly #facts = { refused: 0, readWhileRefused: 0, acceptedAgain: 0 };
  #sent = 0;

  private constructor(system: System, client: Client, token: string) {
    this.#system = system;
    this.#client = client;
    this.#token = token;
  }

  static async start(system: System, random: Random): Promise<Prober> {
    const client = new Client(system.urls, random);
    return new Prober(system, client, await signIn(client, 'prober'));
  }

  get facts() {
    return this.#facts;
  }

  /** What was answered otherwise than it must. */
  get differences(): readonly string[] {
    return this.#differences;
  }

  note(differences: readonly string[]): void {
    this.#differences.push(...differences);
  }

  /** Commands are answered with a clear 503 before long, and every API tells its operator why. */
  async refused(says: RegExp): Promise<void> {
    const answer = await this.#commandUntil(503);
    if (!answer) return;
    const { code, detail } = answer.body;
    if (code !== 'unavailable' || typeof detail !== 'string' || detail === '')
      this.#differences.push(`a 503 without a clear line: ${JSON.stringify(answer.body)}`);
    this.#facts.refused += 1;
    for (const { name, stderr } of await this.#silent(says))
      this.#differences.push(`${name} does not tell its operator why: ${stderr || 'it says nothing'}`);
  }

  /** Carts are shown as ever; those folded from the log only while the log can be read. */
  async reads(isLogReadable = true): Promise<void> {
    for (let count = 0; count < readsPerLook; count += 1) {
      const path = `/v1/carts/main${isLogReadable && count % 2 === 1 ? '?consistency=strong' : ''}`;
      const { status, body } = await this.#reachable({ method: 'GET', path, token: this.#token });
      if (status !== 200)
        this.#differences.push(`GET ${path} was answered with ${status} ${JSON.stringify(body)}`);
      else this.#facts.readWhileRefused += 1;
    }
  }

  /** Commands are accepted again before long. */
  async accepted(): Promise<void> {
    if (await this.#commandUntil(200)) this.#facts.acceptedAgain += 1;
  }

  /** Goes to another process when one cannot be reached: it may be starting again. */
  async #reachable(request: Request): Promise<Answer> {
    for (const end = performance.now() + limit; ; await sleep(pause)) {
      const answer = await this.#client.attempt(request).catch(String);
      if (typeof answer !== 'string') return answer;
      if (performance.now() > end) throw new Error(`No process can be reached: ${answer}`);
    }
  }

  async #commandUntil(wanted: number): Promise<Answer | undefined> {
    for (const end = performance.now() + limit; performance.now() < end; await sleep(pause)) {
      const answer = await this.#command();
      if (answer.status === wanted) return answer;
      if (answer.status !== 200 && answer.status !== 503)
        this.#differences.push(`a command was answered with ${answer.status} ${JSON.stringify(answer.body)}`);
    }
    this.#differences.push(`no command was answered with ${wanted} for ${limit / 1000} s`);
    return undefined;
  }

  /** Puts something in, or takes everything out: always a change. */
  #command(): Promise<Answer> {
    this.#sent += 1;
    const path = '/v1/carts/main/items';
    const token = this.#token;
    return this.#sent % 2 === 1
      ? this.#reachable({ method: 'POST', path, token, body: { sku: 'probe', quantity: 1 } })
      : this.#reachable({ method: 'DELETE', path, token });
  }

  /** The APIs that run and have not said it after a while. */
  async #silent(says: RegExp) {
    const silent = () => this.#system.apis.filter((api) => api.isRunning && !says.test(api.stderr));
    for (const end = performance.now() + 5_000; silent().length > 0 && performance.now() < end;)
      await sleep(50);
    return silent();
  }
}

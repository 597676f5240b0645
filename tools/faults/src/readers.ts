import type { Arrivals } from './arrivals.ts';
import { Client } from './client.ts';
import type { Random } from './random.ts';

/** People who look at carts, each when he is due and once. */
export class Readers {
  readonly #client: Client;
  readonly #tokens: readonly string[];
  readonly #random: Random;
  readonly #onAnswer: (ms: number) => void;
  readonly #differences: string[] = [];
  readonly #underWay = new Set<Promise<void>>();
  #running: Promise<void> = Promise.resolve();

  /** @param onAnswer hears of each answer how long, ms, it took since it was due */
  constructor(
    urls: readonly string[],
    tokens: readonly string[],
    random: Random,
    onAnswer: (ms: number) => void,
  ) {
    this.#client = new Client(urls, random.fork());
    this.#tokens = tokens;
    this.#random = random;
    this.#onAnswer = onAnswer;
  }

  /** Every answer but 200. */
  get differences(): readonly string[] {
    return this.#differences;
  }

  start(arrivals: Arrivals): void {
    this.#running = this.#readAll(arrivals);
  }

  /** Resolves when the arrivals are over and all are answered. */
  async ended(): Promise<void> {
    await this.#running;
    await Promise.all(this.#underWay);
  }

  async #readAll(arrivals: Arrivals): Promise<void> {
    for (let due = await arrivals.next(); due !== undefined; due = await arrivals.next()) {
      const reading = this.#read(due).finally(() => this.#underWay.delete(reading));
      this.#underWay.add(reading);
    }
  }

  async #read(due: number): Promise<void> {
    const token = this.#random.pick(this.#tokens);
    const path = '/v1/carts/main';
    const answer = await this.#client.attempt({ method: 'GET', path, token }).catch(String);
    if (typeof answer !== 'string' && answer.status === 200) this.#onAnswer(performance.now() - due);
    else this.#differences.push(`GET ${path} was answered with ${JSON.stringify(answer)}`);
  }
}

import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { problemOf } from './problems.ts';

const buckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

type Sized = { readonly size: number; readonly bytes: number };
type Done = { readonly replayed: boolean; readonly events: readonly unknown[] };

/** What one API process counts, in a registry of its own. Times in seconds, as Prometheus wants them. */
@Injectable()
export class Metrics {
  readonly registry = new Registry();
  readonly #registers = [this.registry];

  readonly #commands = new Counter({
    name: 'cartage_commands_total',
    help: 'Commands by type and outcome: accepted, unchanged, replayed, or the code of the problem.',
    labelNames: ['type', 'outcome'],
    registers: this.#registers,
  });
  readonly #commandSeconds = new Histogram({
    name: 'cartage_command_seconds',
    help: 'From the command to its durable events.',
    labelNames: ['type'],
    buckets,
    registers: this.#registers,
  });
  readonly #readSeconds = new Histogram({
    name: 'cartage_read_seconds',
    help: 'Queries by kind and by what answered: the read store or the log.',
    labelNames: ['query', 'source'],
    buckets,
    registers: this.#registers,
  });
  readonly conflicts = new Counter({
    name: 'cartage_conflicts_total',
    help: 'Appends that lost a race against another process.',
    registers: this.#registers,
  });
  readonly refused = new Counter({
    name: 'cartage_refused_total',
    help: 'Requests answered with a problem, by its code.',
    labelNames: ['code'],
    registers: this.#registers,
  });
  readonly cacheLookups = new Counter({
    name: 'cartage_cache_lookups_total',
    help: 'Commands that found their cart held, or did not.',
    labelNames: ['result'],
    registers: this.#registers,
  });
  readonly storeFallbacks = new Counter({
    name: 'cartage_store_fallbacks_total',
    help: 'Reads the log answered because the read store failed or was behind.',
    labelNames: ['reason'],
    registers: this.#registers,
  });

  /** Runs a command and counts how it ended. */
  async command<T extends Done>(type: string, run: () => Promise<T>): Promise<T> {
    const began = performance.now();
    let outcome = 'failed';
    try {
      const done = await run();
      outcome = done.replayed ? 'replayed' : done.events.length > 0 ? 'accepted' : 'unchanged';
      return done;
    } catch (error) {
      outcome = problemOf(error)?.code ?? outcome;
      throw error;
    } finally {
      this.#commands.inc({ type, outcome });
      this.#commandSeconds.observe({ type }, (performance.now() - began) / 1000);
    }
  }

  /** `began` as of `performance.now()`. */
  answered(query: string, source: 'store' | 'log', began: number): void {
    this.#readSeconds.observe({ query, source }, (performance.now() - began) / 1000);
  }

  observeCache(cache: Sized): void {
    this.#gauge('cartage_cache_carts', 'Carts held for commands.', () => cache.size);
    this.#gauge('cartage_cache_bytes', 'Estimated bytes of the carts held.', () => cache.bytes);
  }

  observeInFlight(count: () => number): void {
    this.#gauge('cartage_in_flight', 'Requests that are being answered.', count);
  }

  #gauge(name: string, help: string, read: () => number): void {
    const collect = function (this: Gauge): void {
      this.set(read());
    };
    new Gauge({ name, help, registers: this.#registers, collect });
  }
}

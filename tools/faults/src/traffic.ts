import { Arrivals } from './arrivals.ts';
import type { Random } from './random.ts';
import { Readers } from './readers.ts';
import { Shoppers } from './shoppers.ts';
import type { System } from './system.ts';

const load = { clients: 64, carts: 200, pause: 0 };
const readsPerCommand = 3;

/** ms that answers took since they were due. */
export type Latencies = { readonly commands: readonly number[]; readonly reads: readonly number[] };

/** People who change and look at carts at a rate of their own, however fast they are answered. */
export class Traffic {
  readonly shoppers: Shoppers;
  readonly #readers: Readers;
  readonly #arrivals: readonly Arrivals[];
  readonly #commands: number[];
  readonly #reads: number[];

  private constructor(
    shoppers: Shoppers,
    readers: Readers,
    arrivals: readonly Arrivals[],
    latencies: { readonly commands: number[]; readonly reads: number[] },
  ) {
    this.shoppers = shoppers;
    this.#readers = readers;
    this.#arrivals = arrivals;
    this.#commands = latencies.commands;
    this.#reads = latencies.reads;
  }

  /** @param perSecond requests, of which a quarter are commands */
  static async start({ urls }: System, perSecond: number, random: Random): Promise<Traffic> {
    const [commands, reads]: [number[], number[]] = [[], []];
    const perKind = perSecond / (1 + readsPerCommand);
    const shopping = new Arrivals(perKind, random.fork());
    const onAnswer = (ms: number): unknown => commands.push(ms);
    const shoppers = new Shoppers(urls, { ...load, arrivals: shopping, onAnswer }, random.fork());
    await shoppers.start();
    const reading = new Arrivals(perKind * readsPerCommand, random.fork());
    const readers = new Readers(urls, shoppers.tokens, random.fork(), (ms) => reads.push(ms));
    readers.start(reading);
    return new Traffic(shoppers, readers, [shopping, reading], { commands, reads });
  }

  /** Those since this was last asked. */
  take(): Latencies {
    return { commands: this.#commands.splice(0), reads: this.#reads.splice(0) };
  }

  /** Requests that were not answered as they must, the first time. */
  get differences(): readonly string[] {
    const { retries } = this.shoppers.facts;
    return [
      ...this.#readers.differences,
      ...(retries > 0 ? [`${retries} commands had to be sent again`] : []),
    ];
  }

  /** Resolves when all who have come are answered. */
  async stop(): Promise<void> {
    for (const one of this.#arrivals) one.stop();
    await Promise.all([this.shoppers.stop(), this.#readers.ended()]);
  }
}

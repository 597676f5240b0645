import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ReadStore } from '@cartage/read-store';
import { openReadStore, withGeneration } from '@cartage/runtime';
import { type Disk, openDisk, sizeOf } from '../disk.ts';
import type { Process } from '../processes.ts';
import { rebuildOf, summaryOf } from '../rebuilding.ts';
import type { Run } from '../scenarios/scenario.ts';
import type { System } from '../system.ts';
import type { Misfortune, Target } from './target.ts';

const says = /disk is full|may not grow/;
/** The disk stays full for up to as long after the rebuild has said so, ms. */
const mostFull = 2_000;

/** An embedded store on a small disk of its own, on which less is left than the generation takes. */
export class EmbeddedTarget implements Target {
  readonly name = 'embedded';
  readonly #run: Run;
  readonly #system: System;
  readonly #disk: Disk;
  readonly #views: string;
  #whole: Promise<number> | undefined;

  private constructor(run: Run, system: System, disk: Disk) {
    this.#run = run;
    this.#system = system;
    this.#disk = disk;
    this.#views = join(disk.folder, 'views');
  }

  static async open(run: Run, system: System): Promise<EmbeddedTarget> {
    const disk = await openDisk(run.folder, ['views']);
    run.defer(() => disk.close());
    return new EmbeddedTarget(run, system, disk);
  }

  rebuildOf(generation: string): Process {
    const { env, folder } = this.#system;
    const there = { env: { ...env, READ_STORES: this.#url }, folder };
    return rebuildOf(there, this.#run.defer, this.name, generation, ['--once', '--verify']);
  }

  openGeneration(generation: string): Promise<ReadStore> {
    return openReadStore(withGeneration({ name: this.name, url: this.#url }, generation));
  }

  async disturb(rebuild: Process, misfortune: Misfortune): Promise<string> {
    if (misfortune !== 'full') throw new RangeError(`An embedded store cannot be ${misfortune}.`);
    this.#whole ??= this.#sizeUndisturbed();
    const whole = await this.#whole;
    // What was dropped would leave its room to this one.
    await rm(this.#views, { recursive: true, force: true });
    const percent = this.#run.random.between(5, 80);
    rebuild.launch();
    await this.#disk.fill([rebuild], Math.round((whole * percent) / 100));
    while (rebuild.isRunning && !says.test(rebuild.stderr)) await sleep(25);
    if (!says.test(rebuild.stderr)) throw new Error(`it never met a full disk: ${rebuild.stderr}`);
    await sleep(this.#run.random.below(mostFull));
    await this.#disk.free(rebuild.isRunning ? [rebuild] : []);
    return `with room for ${percent} % (${this.#disk.kind})`;
  }

  get #url(): string {
    return `embedded:${this.#views}`;
  }

  /** Bytes. */
  async #sizeUndisturbed(): Promise<number> {
    const rebuild = this.rebuildOf('calm');
    await rebuild.start();
    await summaryOf(rebuild);
    return await sizeOf(this.#views);
  }
}

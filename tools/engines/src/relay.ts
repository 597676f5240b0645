import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from './fault-proxy.ts';

const mostHeld = 1_048_576; // bytes

export type RelayOptions = {
  /** Asked before bytes are handed on: true when they were lost, and the connection with them. */
  readonly lose?: () => boolean;
  readonly onPassed?: (bytes: Buffer) => void;
};

/** One way through a connection. Holds at most about 1 MiB; the sender waits, as TCP has it. */
export class Relay {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #faultOf: () => Fault;
  readonly #options: RelayOptions;
  readonly #held: { readonly bytes: Buffer; readonly due: number }[] = [];
  #size = 0;
  #ended = false;
  #pumping = false;

  constructor(from: Socket, to: Socket, faultOf: () => Fault, options: RelayOptions) {
    this.#from = from;
    this.#to = to;
    this.#faultOf = faultOf;
    this.#options = options;
    from.on('data', (bytes: Buffer) => this.#take(bytes));
    from.on('end', () => {
      this.#ended = true;
      this.pump();
    });
  }

  /** Hands on what is held as far as the fault lets it. */
  pump(): void {
    if (!this.#pumping) void this.#pump();
  }

  #take(bytes: Buffer): void {
    const fault = this.#faultOf();
    this.#held.push({ bytes, due: performance.now() + (fault.kind === 'delay' ? fault.ms : 0) });
    this.#size += bytes.length;
    if (this.#size > mostHeld) this.#from.pause();
    this.pump();
  }

  async #pump(): Promise<void> {
    this.#pumping = true;
    try {
      for (let next = this.#next(); next; next = this.#next()) {
        const wait = next.due - performance.now();
        if (wait > 0) await sleep(wait);
        // The fault may have changed meanwhile.
        if (this.#isHeld()) return;
        if (this.#options.lose?.()) return;
        await this.#hand(next.bytes);
      }
      if (this.#ended && !this.#isHeld()) this.#to.end();
    } finally {
      this.#pumping = false;
    }
  }

  #next(): { readonly bytes: Buffer; readonly due: number } | undefined {
    return this.#isHeld() || this.#to.destroyed ? undefined : this.#held[0];
  }

  #isHeld(): boolean {
    return this.#faultOf().kind === 'blackHole';
  }

  async #hand(bytes: Buffer): Promise<void> {
    this.#held.shift();
    this.#size -= bytes.length;
    if (!this.#to.write(bytes)) {
      const gone = new AbortController();
      const onClose = (): void => gone.abort();
      this.#to.once('close', onClose);
      await once(this.#to, 'drain', { signal: gone.signal }).catch(() => undefined);
      this.#to.off('close', onClose);
    }
    if (this.#size <= mostHeld) this.#from.resume();
    this.#options.onPassed?.(bytes);
  }
}

import type { Metadata, ServiceError } from '@grpc/grpc-js';
import { notLeader, notReady } from './failures.ts';

/** What the facade can be told to do wrong, the way a real server or its network does. Durations are ms from now. */
export type Misdeed =
  /** Drops all live subscriptions as too slow, each after what is buffered for it was delivered. */
  | { readonly kind: 'drop-slow' }
  /** Commits the next so many appends and never answers them. */
  | { readonly kind: 'swallow'; readonly appends: number }
  /** Answers nothing and begins nothing, on connections that stay up; then goes on where it stopped. */
  | { readonly kind: 'freeze'; readonly ms: number }
  /** Answers "Server Is Not Ready", as a server that is still opening its log. Subscriptions under way go on. */
  | { readonly kind: 'not-ready'; readonly ms: number }
  /** Resets all connections. */
  | { readonly kind: 'reset' }
  /** Sends calls that require the leader to another node. */
  | { readonly kind: 'not-leader'; readonly ms: number; readonly host: string; readonly port: number }
  /** Fails all batch append calls as wholes. */
  | { readonly kind: 'fail-batches' };

/** What the server is doing wrong just now. */
export class Misdeeds {
  #held: (() => void)[] | undefined;
  #thaw: NodeJS.Timeout | undefined;
  #notReadyUntil = 0;
  #leader: { readonly until: number; readonly host: string; readonly port: number } | undefined;
  #toSwallow = 0;

  /** Runs the action now, or, in the order given, once the server is no longer frozen. */
  run(action: () => void): void {
    if (this.#held === undefined) action();
    else this.#held.push(action);
  }

  freeze(ms: number): void {
    this.#held ??= [];
    clearTimeout(this.#thaw);
    this.#thaw = setTimeout(() => this.#unfreeze(), ms);
  }

  beNotReady(ms: number): void {
    this.#notReadyUntil = Date.now() + ms;
  }

  get isReady(): boolean {
    return Date.now() >= this.#notReadyUntil;
  }

  follow(host: string, port: number, ms: number): void {
    this.#leader = { until: Date.now() + ms, host, port };
  }

  /** The node that leads when it is not this one. */
  get leader(): { readonly host: string; readonly port: number } | undefined {
    return this.#leader !== undefined && Date.now() < this.#leader.until ? this.#leader : undefined;
  }

  /** Why a call of that kind is refused just now. */
  refusal(call: Metadata): ServiceError | undefined {
    if (!this.isReady) return notReady();
    return this.misleads(call);
  }

  /** The same for calls that answer "not ready" in a way of their own. */
  misleads(call: Metadata): ServiceError | undefined {
    const leader = this.leader;
    const requiresLeader = call.get('requires-leader')[0] === 'true';
    return leader !== undefined && requiresLeader ? notLeader(leader.host, leader.port) : undefined;
  }

  swallow(appends: number): void {
    this.#toSwallow += appends;
  }

  /** Whether the answer to an append that was committed is to be lost. */
  swallows(): boolean {
    if (this.#toSwallow === 0) return false;
    this.#toSwallow -= 1;
    return true;
  }

  /** Drops what a frozen server still had to do. */
  close(): void {
    clearTimeout(this.#thaw);
    this.#held = [];
  }

  #unfreeze(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const action of held) action();
  }
}

import { type CartCommand, type CartView, decide, emptyView, project, streamOf } from '@cartage/cart';
import type { Recorded } from '@cartage/event-store';
import type { Parked } from '@cartage/read-store';
import { compareAccount, compareViews, foldLog } from './oracle.ts';

const ann = 'u~ann~main';
const guest = `g~${'0'.repeat(22)}~main`;

/** A log written by commands, which can then be spoiled. */
class Log {
  readonly recorded: Recorded[] = [];
  readonly views = new Map<string, CartView>();

  /** Executes a command; answers its events. */
  execute(id: string, command: CartCommand, commandId?: string): readonly Recorded[] {
    let view = this.views.get(id) ?? emptyView(id);
    const events = decide(view, command, { now: 1_000, revision: view.revision });
    const added = events.map((event, at) => {
      const revision = view.revision + 1;
      view = project(view, event, revision);
      return {
        id: `event-${this.recorded.length + at}`,
        ...event,
        metadata: { schema: 1, ...(commandId !== undefined && { commandId }) },
        stream: streamOf(id),
        revision,
        position: BigInt(this.recorded.length + at),
        recordedAt: 1_000,
      };
    });
    this.views.set(id, view);
    this.recorded.push(...added);
    return added;
  }

  fold(last?: bigint) {
    const batch = { events: this.recorded, position: 0n, caughtUp: true };
    const follow = async function* () {
      yield batch;
    };
    return foldLog({ follow }, last);
  }
}

const add = (quantity: number, sku = 'tea'): CartCommand => ({ type: 'AddItem', sku, quantity });

const storeOf = (views: readonly CartView[], parked: readonly Parked[] = []) => ({
  scan: async function* () {
    yield views;
  },
  parked: async () => parked,
});

describe('the log', () => {
  it('is whole when nothing happened to it', async () => {
    const log = new Log();
    log.execute(ann, add(2), 'k1');
    log.execute(ann, add(3), 'k2');
    const folded = await log.fold();
    expect(folded).toMatchObject({ events: 3, differences: [] });
    expect([...folded.commands]).toEqual([
      ['k1', ann],
      ['k2', ann],
    ]);
    expect(folded.views.get(ann)).toEqual(log.views.get(ann));
  });

  it('is folded up to a position, and not beyond', async () => {
    const log = new Log();
    log.execute(ann, add(2));
    const before = log.views.get(ann);
    log.execute(ann, add(3));
    const folded = await log.fold(1n);
    expect(folded).toMatchObject({ events: 2, differences: [] });
    expect(folded.views.get(ann)).toEqual(before);
  });

  it('has a gap when an event of a stream is missing', async () => {
    const log = new Log();
    log.execute(ann, add(2));
    log.execute(ann, add(3));
    log.recorded.splice(1, 1);
    expect((await log.fold()).differences).toEqual([`${streamOf(ann)}: revision 2 comes after 0`]);
  });

  it('has positions and ids once', async () => {
    const log = new Log();
    const [first] = log.execute(ann, add(2));
    const [other] = log.execute('u~bob~main', add(2));
    if (first && other) log.recorded[2] = { ...other, id: first.id, position: first.position };
    expect((await log.fold()).differences).toEqual([
      'position 0 comes after 1',
      `event event-0 is there twice (${other?.stream}, revision 0)`,
    ]);
  });

  it('holds a command once', async () => {
    const log = new Log();
    log.execute(ann, add(2), 'k');
    log.execute(ann, add(1), 'other');
    log.execute(ann, add(2), 'k');
    expect((await log.fold()).differences).toEqual([
      `command k took effect twice: ${streamOf(ann)} 1, ${streamOf(ann)} 3`,
    ]);
  });

  it('holds the second step of every merge, once', async () => {
    const log = new Log();
    log.execute(guest, add(2));
    log.execute(guest, { type: 'SealGuest', mergeId: 'm', into: ann });
    expect((await log.fold()).differences).toEqual([`the merge m was made 0 times in ${ann}`]);
    const lines = log.views.get(guest)?.lines ?? [];
    log.execute(ann, { type: 'MergeGuest', mergeId: 'm', from: guest, policy: 'max', lines });
    expect((await log.fold()).differences).toEqual([]);
  });
});

describe('stored views', () => {
  it('are what the log folds to', async () => {
    const log = new Log();
    log.execute(ann, add(2));
    const views = [...log.views.values()];
    expect(await compareViews(await log.fold(), storeOf(views))).toEqual([]);
  });

  it('differ when one is missing, foreign, older, changed or parked', async () => {
    const log = new Log();
    for (const name of ['a', 'b', 'c']) log.execute(`u~${name}~main`, add(2));
    const folded = await log.fold();
    const [a, b] = [...log.views.values()];
    if (!a || !b) throw new Error('There are no views.');
    const changed = { ...a, itemCount: 3 };
    const parked = { id: 'u~b~main', revision: 1, position: '3', reason: 'odd', parkedAt: 0 };
    const differences = await compareViews(
      folded,
      storeOf([changed, { ...b, revision: 0 }, emptyView('u~x~main')], [parked]),
    );
    expect(differences).toEqual([
      expect.stringMatching(/^u~a~main: stored .*"itemCount":3.* folded .*"itemCount":2/),
      expect.stringMatching(/^u~b~main: stored .*"revision":0.* folded .*"revision":1/),
      'u~x~main is stored, and not in the log',
      'u~c~main is in the log, and not stored',
      'u~b~main is parked: odd',
    ]);
  });
});

describe('the clients’ account', () => {
  const account = (accepted: [string, string][], lines: [string, number][]) => ({
    accepted: new Map(accepted),
    lines: new Map([[ann, new Map(lines)]]),
  });

  it('agrees with the log', async () => {
    const log = new Log();
    log.execute(ann, add(2), 'k');
    expect(compareAccount(await log.fold(), account([['k', ann]], [['tea', 2]]))).toEqual([]);
  });

  it('agrees with a log that holds the carts of others besides', async () => {
    const log = new Log();
    log.execute(ann, add(2), 'k');
    log.execute('u~bob~main', add(1), 'of others');
    expect(compareAccount(await log.fold(), account([['k', ann]], [['tea', 2]]))).toEqual([]);
  });

  it('differs when a command was lost, or took effect unasked', async () => {
    const log = new Log();
    log.execute(ann, add(2), 'k');
    expect(
      compareAccount(
        await log.fold(),
        account(
          [['lost', ann]],
          [
            ['tea', 1],
            ['milk', 1],
          ],
        ),
      ),
    ).toEqual([
      `command lost was acknowledged for ${ann}, the log has it in undefined`,
      `command k (${ann}) took effect, and nobody was told`,
      `${ann}: 2 of tea in the log, 1 accepted`,
      `${ann}: 0 of milk in the log, 1 accepted`,
    ]);
  });
});

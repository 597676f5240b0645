import { holds, limitOf } from './holds.fixture.ts';
import { replayApi, replayControl, replayEventStoreDb, replayProjector } from './replay.ts';

test(
  'every cart is what the file says when the projector is killed during a replay',
  async () => {
    expect(await holds(replayProjector)).toMatchObject({ rows: 365, compared: 40 });
  },
  limitOf(replayProjector),
);

test(
  'every cart is what the file says when APIs are killed and clients repeat under the same keys',
  async () => {
    expect(await holds(replayApi)).toMatchObject({ rows: 365, compared: 40 });
  },
  limitOf(replayApi),
);

test(
  'every cart is what the file says when the protocol facade of EventStoreDB is killed',
  async () => {
    expect(await holds(replayEventStoreDb)).toMatchObject({ rows: 365, compared: 40 });
  },
  limitOf(replayEventStoreDb),
);

test(
  'every merge is finished once when the API dies between its steps, and control before it finishes it',
  async () => {
    const { cut, finishedByControl, controlKilled } = await holds(replayControl);
    expect(cut).toBeGreaterThan(0);
    expect(finishedByControl).toBeGreaterThan(0);
    expect(controlKilled).toBe(cut);
  },
  limitOf(replayControl),
);

import { Pace } from './pace.ts';
import { Progress } from './progress.ts';
import { Trouble } from './trouble.ts';

describe('Progress', () => {
  it('tells of trouble until a window is written, though the store answers to all else', () => {
    const trouble = new Trouble(() => undefined);
    const progress = new Progress(() => 42, trouble, new Pace());
    trouble.note(new Error('the store takes no more'));
    progress.resumed(7n, () => []);
    progress.answered();
    expect(progress.status()).toMatchObject({ heartbeatAt: 42, trouble: 'the store takes no more' });
    const window = { position: 7n, since: undefined, until: undefined, caughtUp: true };
    const nothing = { events: 0, begun: 0, written: 0, stale: 0, skipped: 0, expired: 0, gaps: 0 };
    progress.collected(window);
    progress.saved({ ...window, ...nothing });
    expect(progress.status().trouble).toBeUndefined();
  });
});

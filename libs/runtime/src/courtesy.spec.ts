import { Courtesy, type Turns } from './courtesy.ts';

const elapsed = async (work: Promise<void>): Promise<number> => {
  const began = performance.now();
  await work;
  return performance.now() - began;
};
/** As if the thread's counters read like this, one reading after the other. */
const reading = (...turns: readonly (Turns | undefined)[]): (() => Turns | undefined) => {
  const left = [...turns];
  return () => left.shift() ?? turns.at(-1);
};
const looks = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 250));

describe('Courtesy', () => {
  it('rests for longer than it worked once the thread has to wait for a processor', async () => {
    const courtesy = new Courtesy(reading({ worked: 0, waited: 0 }, { worked: 60, waited: 30 }));
    await looks();
    expect(await elapsed(courtesy.rest())).toBeGreaterThan(100);
  });

  it('goes on at once while nobody else wants it', async () => {
    const courtesy = new Courtesy(reading({ worked: 0, waited: 0 }, { worked: 60_000, waited: 600 }));
    await looks();
    expect(await Promise.race([courtesy.rest().then(() => 'worked on'), looks()])).toBe('worked on');
  });

  it('goes on at once where the system does not count', async () => {
    const courtesy = new Courtesy(() => undefined);
    await looks();
    expect(await Promise.race([courtesy.rest().then(() => 'worked on'), looks()])).toBe('worked on');
  });
});

import { pause, persist } from './backoff.ts';

const never = new AbortController().signal;

it('tries a job again until it succeeds, and tells of every failure', async () => {
  const told: string[] = [];
  let attempts = 0;
  const job = async (): Promise<void> => {
    attempts += 1;
    if (attempts < 3) throw new Error(`attempt ${attempts}`);
  };
  await persist(job, never, ({ message }) => told.push(message));
  expect(told).toEqual(['attempt 1', 'attempt 2']);
});

it('gives up when it is told to', async () => {
  const fatal = (error: Error): never => {
    throw error;
  };
  await expect(persist(() => Promise.reject(new Error('fatal')), never, fatal)).rejects.toThrow('fatal');
});

it('ends quietly when the signal fires between two attempts', async () => {
  const ending = new AbortController();
  let attempts = 0;
  const job = async (): Promise<void> => {
    attempts += 1;
    throw new Error('no');
  };
  await persist(job, ending.signal, () => ending.abort());
  expect(attempts).toBe(1);
});

it('ends a pause when the signal fires', async () => {
  const ending = new AbortController();
  const pausing = pause(3_600_000, ending.signal).then(() => 'ended');
  ending.abort();
  expect(await pausing).toBe('ended');
});

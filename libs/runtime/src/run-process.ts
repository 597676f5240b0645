/** What a started process needs to be ended: resolves when everything is drained. */
export type Stop = () => Promise<void>;

const drainLimit = 4_500;

/**
 * Runs a process until SIGINT, SIGTERM or the end of the parent that holds its IPC channel, then drains it once; further
 * signals change nothing. One that comes while the process starts ends it when it has started. From the signal on it has
 * 4.5 s. An error that nobody caught ends the process with exit code 1 and one clear line.
 */
export async function runProcess(name: string, start: () => Promise<Stop>): Promise<void> {
  const onError = (error: unknown): never => die(name, error);
  process.on('uncaughtException', onError).on('unhandledRejection', onError);
  // Whoever read the output may be gone: no reason to stop draining.
  for (const output of [process.stdout, process.stderr]) output.on('error', () => undefined);
  const ending = untilEnd().then(() => setTimeout(() => die(name, tooSlow), drainLimit));
  const stop = await start().catch(onError);
  await ending;
  await stop().catch(onError);
  process.exit(0);
}

const tooSlow = Object.assign(new Error(`not drained after ${drainLimit} ms`), { code: 'not_drained' });

function untilEnd(): Promise<void> {
  return new Promise((resolve) => {
    for (const event of ['SIGINT', 'SIGTERM', 'disconnect']) process.on(event, () => resolve());
    if (process.connected === false) resolve();
  });
}

/** An error with a code of its own is the deployment's to mend and needs no stack; `ERR_…` is a mistake in the program. */
function die(name: string, error: unknown): never {
  const text = error instanceof Error ? (isKnown(error) ? error.message : error.stack) : String(error);
  process.stderr.write(`${name}: ${text}\n`);
  process.exit(1);
}

const isKnown = (error: Error): boolean =>
  'code' in error && typeof error.code === 'string' && !error.code.startsWith('ERR_') && error.message !== '';

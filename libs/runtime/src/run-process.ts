/** What a started process needs to be ended: resolves when everything is drained. */
export type Stop = () => Promise<void>;

const drainLimit = 4_500;

/**
 * Runs a process until SIGINT, SIGTERM or the end of the parent that holds its IPC channel, then drains it, for at most 4.5 s.
 * An error that nobody caught ends the process with exit code 1 and one clear line.
 */
export async function runProcess(name: string, start: () => Promise<Stop>): Promise<void> {
  process.on('uncaughtException', (error) => die(name, error));
  process.on('unhandledRejection', (error) => die(name, error));
  let stop: Stop;
  try {
    stop = await start();
  } catch (error) {
    return die(name, error);
  }
  const end = (): void => {
    setTimeout(() => die(name, new Error(`not drained after ${drainLimit} ms`)), drainLimit).unref();
    stop().then(
      () => process.exit(0),
      (error: unknown) => die(name, error),
    );
  };
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
  process.once('disconnect', end);
}

/** Errors with a code are the deployment's to mend and need no stack. */
function die(name: string, error: unknown): never {
  const known = error instanceof Error && 'code' in error;
  const text = error instanceof Error ? (known ? error.message : error.stack) : String(error);
  process.stderr.write(`${name}: ${text}\n`);
  process.exit(1);
}

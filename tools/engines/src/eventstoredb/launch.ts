import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { command } from './control.ts';
import type { FacadeOptions } from './facade.ts';
import type { Misdeed } from './misdeeds.ts';

/** A facade in a process of its own, which can be killed, stopped and continued. */
export type FacadeProcess = {
  readonly pid: number;
  /** `esdb://127.0.0.1:<port>?tls=false` */
  readonly url: string;
  readonly port: number;
  /** Where {@link Misdeed}s are taken, over HTTP. */
  readonly control: string;
  misbehave(misdeed: Misdeed): Promise<number>;
  /** Sends the signal; resolves once the process is gone when it is SIGKILL or SIGTERM, else at once. */
  signal(signal: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): Promise<void>;
};

const startLimit = 60_000; // ms: a large file is read first

/**
 * Starts the facade as a child that ends with this process. Started again with the same port and file, it comes back with all
 * that it acknowledged.
 *
 * @throws {Error} it ended, with what it said, or did not get ready within 60 s
 */
export async function launchEventStoreDbFacade(options: FacadeOptions = {}): Promise<FacadeProcess> {
  const child = start(options);
  let complaints = '';
  child.stderr?.on('data', (chunk) => (complaints += String(chunk)));
  const { url, control, pid } = await readiness(child, () => complaints);
  return {
    pid,
    url,
    port: portIn(url),
    control,
    misbehave: (misdeed) => command(control, misdeed),
    signal: async (signal) => {
      const isLast = signal === 'SIGKILL' || signal === 'SIGTERM';
      const gone = child.exitCode === null && child.signalCode === null && isLast ? once(child, 'exit') : [];
      child.kill(signal);
      await gone;
    },
  };
}

function start({ port = 0, file }: FacadeOptions): ChildProcess {
  const args = ['--attached', '--port', String(port), ...(file === undefined ? [] : ['--file', file])];
  return spawn(process.execPath, facadeProgram(args), {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] },
  });
}

/** What Node is given to run a facade as a process of its own. */
export function facadeProgram(args: readonly string[]): readonly string[] {
  const extension = extname(import.meta.url);
  const program = fileURLToPath(new URL(`process${extension}`, import.meta.url));
  return [...(extension === '.ts' ? fromSource : []), program, ...args];
}

/** In a test run nothing is compiled. */
const fromSource = [
  '--conditions=@cartage/source',
  '--import',
  new URL('../../../test/typescript.mjs', import.meta.url).href,
];

async function readiness(
  child: ChildProcess,
  complaints: () => string,
): Promise<Pick<FacadeProcess, 'pid' | 'url' | 'control'>> {
  if (child.stdout === null) throw new Error('The facade has no output to read.');
  const late = setTimeout(() => child.kill('SIGKILL'), startLimit);
  try {
    for await (const line of createInterface(child.stdout)) {
      const [word, url, control] = line.split(' ');
      if (word === 'READY' && url !== undefined && control !== undefined)
        return { pid: child.pid ?? 0, url, control };
    }
  } finally {
    clearTimeout(late);
  }
  throw new Error(
    `The EventStoreDB protocol facade did not start: ${complaints().trim() || 'it said nothing'}`,
  );
}

const portIn = (url: string): number => Number(/:(\d+)\?/.exec(url)?.[1]);

import { freePort, type Processes, untilListening } from '../processes.ts';

/** A server that listens on the loopback. */
export type Server = { readonly name: string; readonly pid: number; readonly port: number };

export type ServerProgram = {
  readonly name: string;
  readonly script: string;
  /** The environment variable that tells it its port; PORT when absent. */
  readonly portSetting?: string;
  readonly env?: Readonly<Record<string, string>>;
};

/** @throws {Error} it ended, with its last words, or does not listen within 30 s */
export async function startServer(
  processes: Processes,
  { portSetting = 'PORT', env = {}, ...program }: ServerProgram,
): Promise<Server> {
  const port = await freePort();
  const started = processes.start({ ...program, env: { ...env, [portSetting]: String(port) } });
  await started.whileRunning(untilListening(port));
  return { name: program.name, pid: started.pid, port };
}

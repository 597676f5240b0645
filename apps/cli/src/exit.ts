import { CommanderError } from 'commander';

export const exitCode = { ok: 0, trouble: 1, usage: 2 } as const;

/** The command was called in a way that cannot work: an argument, a file. Ends the process with exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Something is wrong that the message names and the user can mend. Ends the process with exit code 1, without a stack. */
export class Trouble extends Error {
  override readonly name = 'Trouble';
}

/** Says what went wrong on stderr and answers the exit code it means. Only a mistake in the program shows its stack. */
export function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.ok : exitCode.usage;
  if (error instanceof UsageError) return say(`cartage: ${error.message}`, exitCode.usage);
  const text = !(error instanceof Error) || isKnown(error) ? messageOf(error) : error.stack;
  return say(`cartage: ${text}`, exitCode.trouble);
}

/** An error with a code of its own is for the user to mend; `ERR_…` is Node's word for a mistake in the program. */
const isKnown = (error: Error): boolean =>
  error instanceof Trouble ||
  ('code' in error && typeof error.code === 'string' && !error.code.startsWith('ERR_'));

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function say(line: string, code: number): number {
  process.stderr.write(`${line}\n`);
  return code;
}

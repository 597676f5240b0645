import { readFileSync } from 'node:fs';

/** USER_HZ of every Linux that Node runs on: /proc counts in hundredths of a second. */
const microsecondsPerTick = 10_000;

/**
 * The processor time that a process and all its threads have used, in µs, to 10 ms; undefined where there is no /proc.
 *
 * @throws {Error} there is no such process
 */
export function cpuTimeOf(pid: number): number | undefined {
  if (process.platform !== 'linux') return undefined;
  return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}

/** The 14th and 15th field, counted after the name, which may itself hold blanks and brackets (proc_pid_stat(5)). */
export function parseStat(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * microsecondsPerTick;
}

/** The processor time that everything on the machine has used, waits for the hypervisor included, in µs; undefined without /proc. */
export function machineCpuTime(): number | undefined {
  if (process.platform !== 'linux') return undefined;
  return parseMachineStat(readFileSync('/proc/stat', 'utf8'));
}

/** All fields of the first line but idle and iowait; guest times are part of user and nice (proc_stat(5)). */
export function parseMachineStat(stat: string): number {
  const [, user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = stat
    .slice(0, stat.indexOf('\n'))
    .split(/ +/)
    .map(Number);
  return (user + nice + system + irq + softirq + steal) * microsecondsPerTick;
}

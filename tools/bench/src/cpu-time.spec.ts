import { cpuTimeOf, machineCpuTime, parseMachineStat, parseStat } from './cpu-time.ts';

describe('processor time', () => {
  it('is the sum of user and system time, whatever the name of the process', () => {
    const rest = 'S 1 1 1 0 -1 4194560 100 0 0 0 250 50 7 9 20 0 11 0 1 1 1';
    expect(parseStat(`42 (node) ${rest}`)).toBe(3_000_000);
    expect(parseStat(`42 (a) b (c) ${rest}`)).toBe(3_000_000);
  });

  it('of the machine is everything but idling and waiting for disks', () => {
    expect(parseMachineStat('cpu  100 20 30 9999 8888 4 5 1 7 7\ncpu0 1 1 1 1 1 1 1 1 1 1\n')).toBe(
      1_600_000,
    );
  });

  it('rises while a process works, or is unknown where there is no /proc', () => {
    const before = [cpuTimeOf(process.pid), machineCpuTime()];
    for (const end = performance.now() + 60; performance.now() < end;);
    const after = [cpuTimeOf(process.pid), machineCpuTime()];
    const rose = after.map((time, index) => time !== undefined && time > (before[index] ?? time));
    expect(rose).toEqual([process.platform === 'linux', process.platform === 'linux']);
  });
});

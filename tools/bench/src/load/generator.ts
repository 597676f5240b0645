import { cpuTimeOf, machineCpuTime } from '../cpu-time.ts';
import { ClosedLoop, type Lane } from './closed-loop.ts';
import { withConnections } from './connection.ts';
import { OpenLoop } from './open-loop.ts';
import type { Ask, CpuTimes, Job, Loaded, Reply } from './protocol.ts';
import { seededRandom } from './random.ts';
import { requestsOf, type ShopperRequests } from './requests.ts';
import { poisson } from './schedule.ts';
import { Counter } from './tally.ts';
import { traffic } from './traffic.ts';

/** How long the last answers are waited for, ms. */
const grace = 5_000;
const now = (): number => performance.now();
let shoppers: readonly ShopperRequests[] = [];

async function answerTo(ask: Ask): Promise<Reply> {
  switch (ask.kind) {
    case 'shoppers':
      shoppers = ask.tokens.map(requestsOf);
      return { kind: 'ready' };
    case 'load':
      return { kind: 'loaded', ...(ask.rate === undefined ? await closed(ask) : await open(ask, ask.rate)) };
  }
}

async function closed(job: Job): Promise<Loaded> {
  const counter = new Counter();
  let cpu = stopwatch(job.pid);
  let used: CpuTimes = { generator: 0 };
  let unanswered = 0;
  const loop = new ClosedLoop({
    draw: traffic(job.plan, shoppers, seededRandom(job.seed)),
    counter,
    milliseconds: job.milliseconds,
    now,
    ended: () => (used = cpu()),
  });
  const seconds = await withConnections(
    { port: job.port, count: job.connections },
    (lane, status, bytes) => loop.answered(lane, status, bytes),
    (lanes) => {
      cpu = stopwatch(job.pid);
      const limit = setTimeout(() => (unanswered = loop.giveUp()), job.milliseconds + grace);
      return loop.run(lanes).finally(() => clearTimeout(limit));
    },
  );
  return { tally: counter.tally(seconds, unanswered), cpu: used };
}

async function open(job: Job, rate: number): Promise<Loaded> {
  const random = seededRandom(job.seed);
  const counter = new Counter();
  let loop: OpenLoop | undefined;
  return await withConnections(
    { port: job.port, count: job.connections },
    (lane, status, bytes) => loop?.answered(lane, status, bytes),
    async (lanes: readonly Lane[]) => {
      const cpu = stopwatch(job.pid);
      loop = new OpenLoop(lanes, {
        draw: traffic(job.plan, shoppers, random),
        counter,
        schedule: poisson(rate, random),
        milliseconds: job.milliseconds,
        now,
      });
      await pumpUntilDone(loop, job.milliseconds + grace);
      const unanswered = loop.giveUp();
      return { tally: counter.tally(job.milliseconds / 1000, unanswered), cpu: cpu() };
    },
  );
}

/** A timer's ms and not a busy loop: the server needs the processors. Answers pump as well, so most requests leave sooner. */
async function pumpUntilDone(loop: OpenLoop, limit: number): Promise<void> {
  const start = now();
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      loop.pump();
      if (!loop.isDone && now() - start < limit) return;
      clearInterval(timer);
      resolve();
    }, 1);
  });
}

function stopwatch(pid: number): () => CpuTimes {
  const [server, machine, own] = [cpuTimeOf(pid), machineCpuTime(), process.cpuUsage()];
  return () => {
    const { user, system } = process.cpuUsage(own);
    const generator = user + system;
    const [serverNow, machineNow] = [cpuTimeOf(pid), machineCpuTime()];
    if (server === undefined || serverNow === undefined) return { generator };
    if (machine === undefined || machineNow === undefined) return { generator, server: serverNow - server };
    const used = serverNow - server;
    return { generator, server: used, elsewhere: Math.max(0, machineNow - machine - used - generator) };
  };
}

process.on('message', (ask: Ask) => {
  answerTo(ask).then(
    (reply) => process.send?.(reply),
    (error: unknown) =>
      process.send?.({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) }),
  );
});
process.once('disconnect', () => process.exit(0));

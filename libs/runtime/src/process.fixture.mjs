// A process of its own: node process.fixture.mjs <compiled run-process> <what it does>. It says what it does, and waits for
// a line of input where it says so.
import { fork } from 'node:child_process';
import { createInterface } from 'node:readline';

const [compiled, deed] = process.argv.slice(2);
const { runProcess } = await import(compiled);
const input = createInterface({ input: process.stdin });
const line = () => new Promise((resolve) => input.once('line', resolve));
const say = (text) => console.log(text);
const never = () => new Promise(() => undefined);
const failure = (code) => Object.assign(new Error('Port 1 is in use.'), { code });

async function drain() {
  say('draining');
  await line();
  say('drained');
}

const deeds = {
  serve: async () => drain,
  startSlowly: async () => {
    say('starting');
    await line();
    return drain;
  },
  startNever: never,
  drainNever: async () => never,
  drainAloud: async () => async () => {
    for (let i = 0; i < 100; i += 1) {
      say('x'.repeat(1000));
      console.error('x'.repeat(1000));
      await new Promise((resolve) => setImmediate(resolve));
    }
  },
  failToDrain: async () => async () => {
    throw failure('unavailable');
  },
  fail: async () => {
    throw failure('port_in_use');
  },
  failByMistake: async () => {
    throw failure('ERR_INVALID_ARG_TYPE');
  },
  failLater: async () => {
    setImmediate(() => Promise.reject(failure('unavailable')));
    return drain;
  },
  adopt: async () => {
    fork(process.argv[1], [compiled, 'orphan'], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    return never;
  },
  orphan: async () => {
    say('orphan started');
    return async () => say('orphan drained');
  },
};

const running = runProcess('fixture', deeds[deed]);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => say(`seen ${signal}`));
say('running');
await running;

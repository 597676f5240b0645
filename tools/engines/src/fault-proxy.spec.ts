import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { FaultProxy, type FaultProxyOptions } from './fault-proxy.ts';

/** A server that answers each text with itself and remembers it, behind a proxy. */
async function withEcho(
  options: FaultProxyOptions,
  use: (proxy: FaultProxy, heard: readonly string[]) => Promise<void>,
): Promise<void> {
  const heard: string[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      heard.push(bytes.toString());
      socket.write(bytes);
    });
    socket.on('end', () => socket.end());
  });
  await new Promise<void>((up) => server.listen(0, '127.0.0.1', up));
  const proxy = await FaultProxy.open(`tcp://127.0.0.1:${(server.address() as AddressInfo).port}`, options);
  try {
    await use(proxy, heard);
  } finally {
    await proxy.close();
    await new Promise((down) => server.close(down));
  }
}

class Caller {
  text = '';
  readonly socket: Socket;
  readonly #gone: Promise<unknown>;

  constructor({ port }: FaultProxy) {
    this.socket = connect(port, '127.0.0.1');
    this.socket.on('data', (bytes) => (this.text += bytes.toString()));
    this.socket.on('error', () => undefined);
    this.#gone = new Promise((gone) => this.socket.once('close', gone));
  }

  say(text: string): void {
    this.socket.write(text);
  }

  /** @throws {Error} the connection is gone before */
  async hears(text: string): Promise<void> {
    for (; this.text !== text; await sleep(1))
      if (this.socket.destroyed) throw new Error(`It heard "${this.text}", not "${text}".`);
  }

  async isCutOff(): Promise<void> {
    await this.#gone;
  }
}

test('passes everything, both ways, to the end', () =>
  withEcho({}, async (proxy, heard) => {
    const caller = new Caller(proxy);
    caller.say('hello');
    await caller.hears('hello');
    caller.socket.end();
    await caller.isCutOff();
    expect(heard).toEqual(['hello']);
    expect(caller.text).toBe('hello');
    expect(proxy.connections).toEqual([]);
  }));

test('passes more than it holds, in order', () =>
  withEcho({}, async (proxy) => {
    const caller = new Caller(proxy);
    const long = Array.from({ length: 600_000 }, (_, at) => String(at)).join(' ');
    caller.say(long);
    while (caller.text.length < long.length && !caller.socket.destroyed) await sleep(1);
    expect(caller.text === long).toBe(true);
  }));

test('delays each way, and keeps the order when the delay is over', () =>
  withEcho({}, async (proxy) => {
    proxy.fault = { kind: 'delay', ms: 30 };
    const caller = new Caller(proxy);
    const began = performance.now();
    caller.say('slow ');
    await caller.hears('slow ');
    // A lower bound: a busy machine only adds to it. Timers may fire up to 1 ms early.
    expect(performance.now() - began).toBeGreaterThanOrEqual(58);
    caller.say('slower ');
    proxy.fault = { kind: 'pass' };
    caller.say('fast');
    await caller.hears('slow slower fast');
  }));

test('resets what is open and what comes', () =>
  withEcho({}, async (proxy, heard) => {
    const open = new Caller(proxy);
    open.say('before');
    await open.hears('before');
    proxy.fault = { kind: 'drop' };
    await open.isCutOff();
    const late = new Caller(proxy);
    late.say('after');
    await late.isCutOff();
    expect(heard).toEqual(['before']);
  }));

test('swallows the answer to what the server got, and cuts the connection', () =>
  withEcho({}, async (proxy, heard) => {
    const caller = new Caller(proxy);
    caller.say('one');
    await caller.hears('one');
    proxy.fault = { kind: 'swallow' };
    caller.say('two');
    await caller.isCutOff();
    expect(heard).toEqual(['one', 'two']);
    expect(caller.text).toBe('one');
  }));

test('a black hole accepts and says nothing; what was sent arrives when it is over', () =>
  withEcho({}, async (proxy, heard) => {
    proxy.fault = { kind: 'blackHole' };
    const caller = new Caller(proxy);
    await once(caller.socket, 'connect');
    caller.say('anybody?');
    await sleep(30);
    expect([heard, caller.text]).toEqual([[], '']);
    proxy.fault = { kind: 'pass' };
    await caller.hears('anybody?');
  }));

test('a connection can have a fault of its own, from its beginning or later', () => {
  const faults = [{ kind: 'swallow' } as const, undefined];
  return withEcho({ onConnection: (connection) => (connection.fault = faults.shift()) }, async (proxy) => {
    const first = new Caller(proxy);
    first.say('first');
    await first.isCutOff();
    const second = new Caller(proxy);
    second.say('second');
    await second.hears('second');
    const [connection] = proxy.connections;
    if (connection) connection.fault = { kind: 'drop' };
    await second.isCutOff();
    expect([first.text, second.text]).toEqual(['', 'second']);
  });
});

test('shows what was handed on to the server', async () => {
  const sent: string[] = [];
  await withEcho({ onSent: (bytes) => sent.push(bytes.toString()) }, async (proxy) => {
    const caller = new Caller(proxy);
    caller.say('hello');
    await caller.hears('hello');
  });
  expect(sent).toEqual(['hello']);
});

test('cuts the connection when nobody listens behind it', async () => {
  const server = createServer();
  await new Promise<void>((up) => server.listen(0, '127.0.0.1', up));
  const { port } = server.address() as AddressInfo;
  await new Promise((down) => server.close(down));
  const proxy = await FaultProxy.open(`http://127.0.0.1:${port}`);
  const caller = new Caller(proxy);
  await caller.isCutOff();
  await proxy.close();
  expect(caller.text).toBe('');
});

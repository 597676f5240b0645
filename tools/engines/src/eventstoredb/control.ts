import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { facadeName } from './about.ts';
import type { Facade } from './facade.ts';
import type { Misdeed } from './misdeeds.ts';

const longestOrder = 10_000; // bytes

/** What a facade's control endpoint says of it. */
export type Identity = { readonly name: string; readonly pid: number; readonly url: string };

/**
 * Lets another process command a facade, on a port of 127.0.0.1 of its own: `GET /` says which process this is, `POST /misdeeds`
 * takes a {@link Misdeed} as JSON and answers `{"hit": n}`. It keeps answering while the facade is told to be frozen.
 */
export async function serveControl(facade: Facade, port = 0): Promise<string> {
  const server = createServer((request, response) => {
    answer(facade, request).then(
      (body) => send(response, 200, body),
      (error: unknown) =>
        send(response, 400, { error: error instanceof Error ? error.message : String(error) }),
    );
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : address}`;
}

async function answer(facade: Facade, request: IncomingMessage): Promise<object> {
  if (request.method === 'GET')
    return { name: facadeName, pid: process.pid, url: facade.url } satisfies Identity;
  if (request.method !== 'POST' || request.url !== '/misdeeds')
    throw new Error('There are GET / and POST /misdeeds.');
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += String(chunk);
    if (text.length > longestOrder) throw new Error('That is too long for a misdeed.');
  }
  return { hit: await facade.misbehave(misdeedIn(text)) };
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** @throws {Error} the text is no misdeed; it says which there are */
export function misdeedIn(text: string): Misdeed {
  const { kind, ...given }: Record<string, unknown> = Object(JSON.parse(text));
  switch (kind) {
    case 'drop-slow':
    case 'reset':
    case 'fail-batches':
      return { kind };
    case 'swallow':
      return { kind, appends: wholeNumber(given, 'appends') };
    case 'freeze':
    case 'not-ready':
      return { kind, ms: wholeNumber(given, 'ms') };
    case 'not-leader':
      return {
        kind,
        ms: wholeNumber(given, 'ms'),
        host: typeof given['host'] === 'string' ? given['host'] : '127.0.0.1',
        port: wholeNumber(given, 'port'),
      };
    default:
      throw new Error(
        'kind must be drop-slow, swallow, freeze, not-ready, reset, not-leader or fail-batches.',
      );
  }
}

function wholeNumber(given: Readonly<Record<string, unknown>>, name: string): number {
  const value = given[name];
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0)
    throw new Error(`${name} must be a whole number.`);
  return value;
}

const patience = 2_000; // ms

/** Commands the facade behind a control endpoint. @throws {Error} it refuses, or does not answer within 2 s */
export async function command(control: string, misdeed: Misdeed): Promise<number> {
  const response = await fetch(`${control}/misdeeds`, {
    method: 'POST',
    body: JSON.stringify(misdeed),
    signal: AbortSignal.timeout(patience),
  });
  const body: { readonly hit?: unknown; readonly error?: unknown } = Object(await response.json());
  if (typeof body.hit !== 'number') throw new Error(String(body.error));
  return body.hit;
}

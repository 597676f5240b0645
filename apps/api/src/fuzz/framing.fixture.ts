import fc, { type Arbitrary } from 'fast-check';
import type { FuzzRequest } from './requests.fixture.ts';

/** How a request is put on the wire. `soundly`: as HTTP wants it, so that it must be answered. */
export type Framing = {
  readonly name: string;
  readonly sound: boolean;
  readonly frame: (request: FuzzRequest) => Buffer;
};

type Head = {
  readonly version?: string;
  readonly host?: string;
  readonly eol?: string;
  readonly more?: readonly string[];
};

function head({ caller, method, target, headers }: FuzzRequest, options: Head = {}): string {
  const { version = 'HTTP/1.1', host = 'host: shop', eol = '\r\n', more = [] } = options;
  const authorization = caller.authorization === undefined ? [] : [`authorization: ${caller.authorization}`];
  const lines = headers.map(([name, value]) => `${name}: ${value}`);
  const all = [
    `${method} ${target} ${version}`,
    host,
    'connection: close',
    ...authorization,
    ...lines,
    ...more,
  ];
  return all.map((line) => line + eol).join('') + eol;
}

const joined = (text: string, body: Buffer | undefined): Buffer =>
  Buffer.concat([Buffer.from(text, 'latin1'), body ?? Buffer.alloc(0)]);
const lengthOf = ({ body }: FuzzRequest): number => body?.length ?? 0;
const withLength = (request: FuzzRequest, length: unknown, options: Head = {}): Buffer =>
  joined(
    head(request, { ...options, more: [`content-length: ${String(length)}`, ...(options.more ?? [])] }),
    request.body,
  );
const chunk = (body: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`${body.length.toString(16)};x="y"\r\n`), body, Buffer.from('\r\n')]);

/** In two chunks with extensions, then whatever ends them. */
function chunked(request: FuzzRequest, end: string, coding = 'chunked'): Buffer {
  const { body = Buffer.alloc(0) } = request;
  const middle = Math.ceil(body.length / 2);
  const chunks = [body.subarray(0, middle), body.subarray(middle)]
    .filter(({ length }) => length > 0)
    .map(chunk);
  return Buffer.concat([
    joined(head(request, { more: [`transfer-encoding: ${coding}`] }), undefined),
    ...chunks,
    Buffer.from(end),
  ]);
}

const plainly = (request: FuzzRequest): Buffer =>
  request.body === undefined ? joined(head(request), undefined) : withLength(request, lengthOf(request));

const sound: Readonly<Record<string, Framing['frame']>> = {
  plainly,
  'in chunks': (request) => chunked(request, '0\r\n\r\n'),
  'in chunks, with trailers': (request) =>
    chunked(request, '0\r\nx-trailer: 1\r\nauthorization: none\r\n\r\n'),
};

const unsound: Readonly<Record<string, Framing['frame']>> = {
  'a length beyond the body': (request) => withLength(request, lengthOf(request) + 10),
  'a length short of the body': (request) => withLength(request, Math.floor(lengthOf(request) / 2)),
  'a negative length': (request) => withLength(request, -1),
  'a length in words': (request) => withLength(request, '1e1'),
  'a length beyond all numbers': (request) => withLength(request, '9'.repeat(40)),
  'two lengths': (request) => withLength(request, 1, { more: ['content-length: 2'] }),
  'a length and chunks': (request) => withLength(request, 3, { more: ['transfer-encoding: chunked'] }),
  'chunks without an end': (request) => chunked(request, ''),
  'a chunk of no size': (request) => chunked(request, 'zz\r\n\r\n'),
  'a chunk of any size': (request) => chunked(request, 'ffffffffffffffffff\r\n'),
  'a chunk that ends early': (request) => chunked(request, '5\r\nab'),
  'a coding that is none': (request) => chunked(request, '0\r\n\r\n', 'xchunked'),
  'chunks twice': (request) => chunked(request, '0\r\n\r\n', 'chunked, chunked'),
  'no Host': (request) => withLength(request, lengthOf(request), { host: 'x: y' }),
  'two Hosts': (request) => withLength(request, lengthOf(request), { host: 'host: a\r\nhost: b' }),
  'HTTP/1.0': (request) => withLength(request, lengthOf(request), { version: 'HTTP/1.0' }),
  'HTTP/0.9': ({ target }) => Buffer.from(`GET ${target}\r\n`, 'latin1'),
  'HTTP/9.9': (request) => withLength(request, lengthOf(request), { version: 'HTTP/9.9' }),
  'HTTP/2': () => Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  TLS: () => Buffer.from([22, 3, 1, 0, 5, 1, 0, 0, 1, 0]),
  'line feeds alone': (request) => withLength(request, lengthOf(request), { eol: '\n' }),
  'a folded header': (request) => withLength(request, lengthOf(request), { more: ['x: a', ' b'] }),
  'a space before the colon': (request) => withLength(request, lengthOf(request), { more: ['x : a'] }),
  'NUL in a header': (request) => withLength(request, lengthOf(request), { more: ['x: a\0b'] }),
  'a carriage return in a header': (request) => withLength(request, lengthOf(request), { more: ['x: a\rb'] }),
  'a method that is none': (request) => plainly({ ...request, method: 'STEAL' }),
  'a method in lower case': (request) => plainly({ ...request, method: request.method.toLowerCase() }),
  CONNECT: (request) => plainly({ ...request, method: 'CONNECT' }),
  'a whole URL': (request) => plainly({ ...request, target: `http://other.test${request.target}` }),
  'a target that is no path': (request) => plainly({ ...request, target: request.target.slice(1) }),
  'bytes in the target': (request) => plainly({ ...request, target: `${request.target}\u00ff\u0001` }),
  'a space in the target': (request) => plainly({ ...request, target: `${request.target} x` }),
  'half of it': (request) => plainly(request).subarray(0, plainly(request).length / 2),
  'a second request behind it': (request) =>
    Buffer.concat([plainly(request), Buffer.from('DELETE /v1/carts/main HT')]),
};

const all = (frames: Readonly<Record<string, Framing['frame']>>, isSound: boolean): readonly Framing[] =>
  Object.entries(frames).map(([name, frame]) => ({ name, sound: isSound, frame }));

export const framing: Arbitrary<Framing> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...all(sound, true)) },
  { weight: 1, arbitrary: fc.constantFrom(...all(unsound, false)) },
);

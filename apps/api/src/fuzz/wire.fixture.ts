import { connect } from 'node:net';

/** The first answer that is not merely informational (1xx). `headers` by lower-case name, `body` as UTF-8. */
export type WireAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

type Options = {
  /** The answer to HEAD has a length, but no body. */
  readonly head?: boolean;
  /** The client says that nothing more will come: for requests that may not be whole. */
  readonly ends?: boolean;
  /** ms. */
  readonly patience?: number;
};

/**
 * Sends the bytes on a connection of their own. `closed`: the server hung up without a whole answer; `hanging`: it did
 * neither before the client lost its patience, after 20 s.
 */
export function exchange(
  url: string,
  bytes: Buffer,
  { head = false, ends = false, patience = 20_000 }: Options = {},
) {
  return new Promise<WireAnswer | 'closed' | 'hanging'>((resolve) => {
    const received: Buffer[] = [];
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    const finish = (outcome: WireAnswer | 'closed' | 'hanging'): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(outcome);
    };
    const timer = setTimeout(() => finish('hanging'), patience);
    socket.on('data', (chunk: Buffer) => {
      received.push(chunk);
      const answer = parse(Buffer.concat(received), head);
      if (answer !== undefined) finish(answer);
    });
    socket.on('error', () => finish('closed'));
    socket.on('close', () => finish('closed'));
    if (ends) socket.end(bytes);
    else socket.write(bytes);
  });
}

/** Undefined: not whole yet. */
function parse(bytes: Buffer, head: boolean): WireAnswer | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [statusLine = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const status = Number(statusLine.split(' ')[1]);
  const rest = bytes.subarray(end + 4);
  if (status < 200) return parse(rest, head);
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
  );
  const empty = head || status === 204 || status === 304;
  const length = empty ? 0 : Number(headers['content-length'] ?? Number.NaN);
  if (Number.isNaN(length)) throw new Error(`An answer without a length: ${statusLine}`);
  return rest.length < length ? undefined : { status, headers, body: rest.toString('utf8', 0, length) };
}

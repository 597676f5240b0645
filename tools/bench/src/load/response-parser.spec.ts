import { ResponseParser } from './response-parser.ts';

const ok = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{"lines":[]}\n';
const notModified = 'HTTP/1.1 304 Not Modified\r\nETag: "4"\r\n\r\n';
const refused = 'HTTP/1.1 409 Conflict\r\ncontent-length:2\r\nX-Note: a\r\n\r\n{}';

type Response = readonly [status: number, bytes: number];

function parse(text: string, cuts: readonly number[]): Response[] {
  const responses: Response[] = [];
  const parser = new ResponseParser((status, bytes) => responses.push([status, bytes]));
  // One buffer for all chunks, as a socket reads into one.
  const buffer = Buffer.alloc(text.length);
  const edges = [0, ...cuts, text.length];
  for (let i = 1; i < edges.length; i++) {
    const length = buffer.write(text.slice(edges[i - 1], edges[i]), 'latin1');
    parser.push(buffer.subarray(0, length));
  }
  return responses;
}

describe('ResponseParser', () => {
  it('reads a response that comes whole', () => {
    expect(parse(ok, [])).toEqual([[200, 13]]);
  });

  it('reads several responses of one chunk', () => {
    expect(parse(ok + notModified + refused, [])).toEqual([
      [200, 13],
      [304, 0],
      [409, 2],
    ]);
  });

  it('reads the same responses wherever the chunks are cut', () => {
    const text = ok + refused + notModified + ok;
    const whole = parse(text, []);
    expect(whole).toHaveLength(4);
    for (let cut = 1; cut < text.length; cut++) expect(parse(text, [cut])).toEqual(whole);
  });

  it('reads responses that come byte by byte', () => {
    const text = ok + notModified + refused;
    const cuts = Array.from({ length: text.length - 1 }, (_, i) => i + 1);
    expect(parse(text, cuts)).toEqual(parse(text, []));
  });

  it('refuses what it cannot read instead of guessing', () => {
    expect(() => parse('SSH-2.0-server\r\n\r\n', [])).toThrow('Not an HTTP/1.1 response');
    expect(() => parse('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', [])).toThrow(
      'without Content-Length',
    );
    expect(() => parse(`HTTP/1.1 200 OK\r\n${'x'.repeat(70_000)}`, [])).toThrow('no end');
  });
});

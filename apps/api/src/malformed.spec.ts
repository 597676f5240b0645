import { exchange } from './fuzz/wire.fixture.ts';
import { openShop, type Shop } from './testing/shop.ts';

const head = 'POST /v1/guests HTTP/1.1\r\nhost: shop\r\nconnection: close\r\n';

describe('what is no request', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop({ projected: false });
  });
  afterAll(() => shop.close());

  it.each([
    ['nonsense', 400, 'bad_request', 'tea, please\r\n\r\n'],
    ['a request of another protocol', 400, 'bad_request', 'GET / HTTP/9.9\r\nhost: a\r\n\r\n'],
    ['one without a Host', 400, 'bad_request', 'POST /v1/guests HTTP/1.1\r\nconnection: close\r\n\r\n'],
    ['one of two lengths', 400, 'bad_request', `${head}content-length: 1\r\ncontent-length: 2\r\n\r\n{}`],
    [
      'one with a length and chunks',
      400,
      'bad_request',
      `${head}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n`,
    ],
    ['one whose chunk has no size', 400, 'bad_request', `${head}transfer-encoding: chunked\r\n\r\nzz\r\n`],
    ['one that expects a miracle', 417, 'expectation_failed', `${head}expect: a miracle\r\n\r\n`],
    ['one with headers over 16 KB', 431, 'headers_too_large', `${head}x: ${'x'.repeat(17_000)}\r\n\r\n`],
  ])('is answered with a problem: %s', async (_, status, code, text) => {
    const answer = await exchange(shop.api.url, Buffer.from(text));
    if (typeof answer === 'string') throw new Error(answer);
    expect([answer.status, answer.headers['content-type'], answer.headers['connection']]).toEqual([
      status,
      expect.stringMatching(/^application\/problem\+json/),
      'close',
    ]);
    expect(JSON.parse(answer.body)).toEqual({
      type: `urn:cartage:problem:${code}`,
      title: expect.stringMatching(/^[A-Z]/),
      status,
      code,
      detail: expect.stringMatching(/\w/),
    });
  });

  it('may lack a Host where it is HTTP/1.0', async () => {
    const answer = await exchange(shop.api.url, Buffer.from('GET /health/live HTTP/1.0\r\n\r\n'));
    expect(answer).toMatchObject({ status: 200 });
  });

  it('ends when its client ends it', async () => {
    const half = Buffer.from(`${head}content-type: application/json\r\ncontent-length: 9\r\n\r\n{`);
    expect(await exchange(shop.api.url, half, { ends: true })).not.toBe('hanging');
  });
});

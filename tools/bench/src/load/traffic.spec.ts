import { seededRandom } from './random.ts';
import { keptSkus, passingSku, requestsOf } from './requests.ts';
import { type Plan, traffic } from './traffic.ts';

const shoppers = Array.from({ length: 20 }, (_, number) => requestsOf(`token-${number}`));

/** The first `count` requests of a plan, as text. */
function draw(plan: Plan, count: number, seed = 1): string[] {
  const next = traffic(plan, shoppers, seededRandom(seed));
  return Array.from({ length: count }, () => next()?.toString() ?? '');
}

const share = (requests: readonly string[], start: string): number =>
  requests.filter((request) => request.startsWith(start)).length / requests.length;

describe('a request', () => {
  it('is HTTP/1.1 with the token and, for a command, its JSON', () => {
    expect(requestsOf('abc').adds[0]?.toString().split('\r\n')).toEqual([
      'POST /v1/carts/main/items HTTP/1.1',
      'Host: 127.0.0.1',
      'Authorization: Bearer abc',
      'Content-Type: application/json',
      'Content-Length: 29',
      '',
      `{"sku":"${keptSkus[0]}","quantity":1}`,
    ]);
  });
});

describe('traffic', () => {
  it('seeds every line of every cart once, and then ends', () => {
    const all = shoppers.length * keptSkus.length;
    const requests = draw('seed', all + 1);
    expect(new Set(requests).size).toBe(all + 1);
    expect(requests.at(-1)).toBe('');
  });

  it('writes 65 adds to 35 changes', () => {
    const requests = draw('writes', 20_000);
    expect(share(requests, 'POST ')).toBeCloseTo(0.65, 1);
    expect(share(requests, 'PATCH ')).toBeCloseTo(0.35, 1);
  });

  it('mixes 3 reads with 1 write, of which 35 % are changes and removals', () => {
    const requests = draw('mixed', 40_000);
    expect(share(requests, 'GET ')).toBeCloseTo(0.75, 1);
    const writes = requests.filter((request) => !request.startsWith('GET '));
    expect(share(writes, 'POST ')).toBeCloseTo(0.65, 1);
    expect(share(writes, 'PATCH ')).toBeCloseTo(0.175, 1);
    expect(share(writes, 'DELETE ')).toBeCloseTo(0.175, 1);
  });

  it('never takes out a line that a change needs', () => {
    const removed = draw('mixed', 20_000).filter((request) => request.startsWith('DELETE '));
    expect(removed.length).toBeGreaterThan(0);
    expect(removed.every((request) => request.includes(`/items/${passingSku} `))).toBe(true);
    expect(keptSkus).not.toContain(passingSku);
  });

  it('reads some carts far more often than others', () => {
    const tokens = draw('reads', 10_000).map((request) => /token-\d+/.exec(request)?.[0]);
    const hits = (token: string): number => tokens.filter((drawn) => drawn === token).length;
    expect(hits('token-0')).toBeGreaterThan(5 * hits('token-19'));
  });

  it('never sets a line to the quantity it has, adds or not', () => {
    const quantities = new Map<string, number>();
    let [unchanged, most] = [0, 0];
    for (const request of draw('writes', 50_000)) {
      const { token = '' } = /Bearer (?<token>\S+)/.exec(request)?.groups ?? {};
      const [, sku = ''] = /items\/(\w+) |"sku":"(\w+)"/.exec(request)?.filter(Boolean) ?? [];
      const line = `${token} ${sku}`;
      const before = quantities.get(line) ?? 0;
      const set = /^PATCH .*"quantity":(\d+)/s.exec(request)?.[1];
      const after = set ? Number(set) : before + 1;
      if (after === before) unchanged++;
      most = Math.max(most, after);
      quantities.set(line, after);
    }
    expect(quantities.size).toBe(shoppers.length * keptSkus.length);
    expect(unchanged).toBe(0);
    expect(most).toBeLessThan(1000);
  });

  it('is the same for the same seed', () => {
    expect(draw('mixed', 200, 5)).toEqual(draw('mixed', 200, 5));
    expect(draw('mixed', 200, 5)).not.toEqual(draw('mixed', 200, 6));
  });
});

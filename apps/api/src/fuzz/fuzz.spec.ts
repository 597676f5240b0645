import fc from 'fast-check';
import { projected } from '../testing/shop.ts';
import { ApiDocument } from './document.fixture.ts';
import { faultsOf } from './faults.fixture.ts';
import { type Framing, framing } from './framing.fixture.ts';
import { bystandersOf, ownersInLog, populate, type Population } from './population.fixture.ts';
import { type FuzzRequest, requests } from './requests.fixture.ts';
import { exchange, type WireAnswer } from './wire.fixture.ts';

const count = Number(process.env['FUZZ_REQUESTS'] ?? 1500);
const isLong = process.env['FUZZ_REQUESTS'] !== undefined;
const seed = Number(process.env['FUZZ_SEED'] ?? 20_261_125);
/** Sent side by side, so that commands of one cart meet. */
const together = 20;

type Sent = { readonly request: FuzzRequest; readonly framing: Framing };

/** What the run went through, to see that it went deep enough. `succeeded`: by route, whoever's carts it was about. */
class Coverage {
  readonly statuses = new Set<number>();
  readonly succeeded = new Set<string>();

  add(operation: string | undefined, { status }: WireAnswer): void {
    this.statuses.add(status);
    if (operation !== undefined && status < 300) this.succeeded.add(routeOf(operation));
  }
}

const routeOf = (operation: string): string => operation.replace('/v1/owners/{owner}', '/v1');

/** What a client may send and then fall silent. */
const unfinished = [
  '',
  'GET /v1/car',
  'POST /v1/guests HTTP/1.1\r\nhost: shop\r\n',
  'POST /v1/guests HTTP/1.1\r\nhost: shop\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{',
  'POST /v1/guests HTTP/1.1\r\nhost: shop\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n5\r\na',
];
/** The server waits 30 s for a request, and looks every 5 s. */
const silence = 60_000;

const show = ({ request, framing: { name, frame } }: Sent): string =>
  `${request.caller.role}, ${name}: ${JSON.stringify(frame(request).toString('latin1').slice(0, 1500))}`;

describe('the API under fuzzing', () => {
  let population: Population;
  let document: ApiDocument;
  let untouched: string;
  const prototypes = [Object.prototype, Array.prototype, Function.prototype].map((it) => Reflect.ownKeys(it));
  const coverage = new Coverage();

  beforeAll(async () => {
    population = await populate();
    document = await ApiDocument.of(population.shop.api.url);
    await projected(population.shop);
    untouched = await bystandersOf(population);
  });
  afterAll(() => population.shop.close());

  async function send({ request, framing: { frame, sound, ...rest } }: Sent): Promise<readonly string[]> {
    const { url } = population.shop.api;
    const answer = await exchange(url, frame(request), { head: request.method === 'HEAD', ends: !sound });
    const operation = document.find(request.method, request.target)?.name;
    if (typeof answer === 'object') coverage.add(operation, answer);
    return faultsOf(document, request, { frame, sound, ...rest }, answer);
  }

  it(
    `answers ${count} requests of seed ${seed} as documented, without a fault of its own`,
    async () => {
      const sent = fc.record({ request: requests(population), framing });
      const batches = fc.array(sent, { minLength: together, maxLength: together });
      const bad: string[] = [];
      for (const batch of fc.sample(batches, { seed, numRuns: Math.ceil(count / together) })) {
        const faults = await Promise.all(batch.map(send));
        batch.forEach((one, at) => {
          if (faults[at]?.length) bad.push(`${faults[at].join(', ')}: ${show(one)}`);
        });
      }
      expect(bad).toEqual([]);
    },
    60_000 + count * 20,
  );

  it('went through every route and every kind of answer', () => {
    const routes = new Set(document.operations.map(({ name }) => routeOf(name)));
    expect([...coverage.succeeded].toSorted()).toEqual([...routes].toSorted());
    const refusals = [400, 401, 403, 404, 405, 409, 412, 413, 414, 415, 417, 422, 431];
    expect([...coverage.statuses].toSorted((a, b) => a - b)).toEqual([200, 201, 304, ...refusals]);
  });

  it('left the bystanders’ carts as they were, byte for byte', async () => {
    await projected(population.shop);
    expect(await bystandersOf(population)).toBe(untouched);
  });

  it('wrote to nobody’s carts but those of the callers and those services were told to use', async () => {
    const { callers, served, bystanders } = population;
    const allowed = new Set([...callers.flatMap(({ owners }) => owners), ...served]);
    for (const { owner } of bystanders) allowed.add(owner);
    const strangers = [...(await ownersInLog(population))].filter((owner) => !allowed.has(owner));
    expect(strangers).toEqual([]);
  });

  it('left the prototypes of all objects as they were', () => {
    const now = [Object.prototype, Array.prototype, Function.prototype].map((it) => Reflect.ownKeys(it));
    expect(now).toEqual(prototypes);
  });

  if (isLong)
    it(
      'ends the connections of clients that fall silent',
      async () => {
        const { url } = population.shop.api;
        const exchanges = unfinished.map((text) => exchange(url, Buffer.from(text), { patience: silence }));
        for (const answer of await Promise.all(exchanges))
          expect(answer).toMatchObject({ status: 408, body: expect.stringContaining('"request_timeout"') });
      },
      2 * silence,
    );

  it('has no request under way any more', async () => {
    const { metrics } = population.shop.api;
    const inFlight = async () =>
      (await metrics.registry.getSingleMetric('cartage_in_flight')?.get())?.values[0]?.value;
    while ((await inFlight()) !== 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await inFlight()).toBe(0);
  });
});

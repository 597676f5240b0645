import { FaultProxy, launchEngine, type LaunchedEngine, MissingToolchain } from '@cartage/engines';
import { describeOn } from '@cartage/engines/testing';
import { generationsOf } from '@cartage/runtime';
import { cartage, inFolder, slow, until } from '../testing/system.ts';
import { customers, shop, withLog } from '../testing/shopping.ts';
import { rebuildOf, Rebuilding } from './rebuilding.fixture.ts';
import { dynamo, withThrottle } from './dynamodb.fixture.ts';

const orNone = (error: unknown): undefined => {
  if (error instanceof MissingToolchain) return undefined;
  throw error;
};
const dynamodb = await launchEngine('dynamodb').catch(orNone);
const mongodb = await launchEngine('mongodb').catch(orNone);
afterAll(() => Promise.all([dynamodb?.stop(), mongodb?.stop()]));

const carts = customers(500);
const whole = { parked: 0, verified: { views: carts.length, differing: 0 } };

/** A folder with a log of 2,000 events. */
const withShopping = (use: (folder: string) => Promise<void>): Promise<void> =>
  inFolder(async (folder) => {
    await withLog(folder, async (events) => {
      for (let times = 0; times < 3; times += 1) await shop(events, carts);
    });
    await use(folder);
  });

/** Resolves when what clients sent had this word in it so many times. */
async function through(
  target: string,
  word: string,
  times: number,
): Promise<{ readonly proxy: FaultProxy; readonly seen: Promise<void> }> {
  let see = (): void => undefined;
  const seen = new Promise<void>((resolve) => (see = resolve));
  let left = times;
  const onSent = (bytes: Buffer): void => {
    if (bytes.includes(word) && (left -= 1) === 0) see();
  };
  return { proxy: await FaultProxy.open(target, { onSent }), seen };
}

/** Kills the store when the rebuild has sent some of its views, and starts it again when that is noticed. */
async function killedInTheMiddle(
  store: LaunchedEngine,
  urlAt: (host: string) => string,
  [word, times]: readonly [string, number],
): Promise<void> {
  const { name, url } = store.engine;
  const { proxy, seen } = await through(new URL(url).searchParams.get('endpoint') ?? url, word, times);
  try {
    await withShopping(async (folder) => {
      const rebuilding = new Rebuilding(folder, name, urlAt(`127.0.0.1:${proxy.port}`));
      await seen;
      await store.kill();
      await until(() => rebuilding.stderr.includes('rebuild: '));
      await store.start();
      expect(await rebuilding.ended()).toEqual([0, expect.objectContaining(whole)]);
    });
  } finally {
    await proxy.close();
  }
}

describeOn(dynamodb?.engine, 'dynamodb', ({ url }) => {
  const server = dynamodb as LaunchedEngine;
  const endpoint = new URL(url).searchParams.get('endpoint') ?? '';
  const at = (base: string, address = endpoint): string => `dynamodb://local/${base}?endpoint=${address}`;

  test(
    'a rebuild slows down while its target throttles, and ends with every view as the log has it',
    () =>
      withThrottle(endpoint, (throttle) =>
        withShopping(async (folder) => {
          throttle.refuseWhere((write) => write > 4);
          const rebuilding = new Rebuilding(folder, 'dynamodb', at('throttled', throttle.url));
          await until(() => rebuilding.lines.length > 0);
          expect(rebuilding.lines[0]).toMatchObject({ trouble: expect.stringContaining('no more requests') });
          // Halved at least once: without a measured rate 50,000 are presumed.
          expect(rebuilding.lines[0]?.['pace']).toBeLessThanOrEqual(25_000);
          throttle.refuseWhere((write) => write % 4 === 0);
          expect(await rebuilding.ended()).toEqual([0, expect.objectContaining(whole)]);
        }),
      ),
    slow,
  );

  test(
    'a rebuild waits for a target that is down, and then goes on',
    () =>
      withShopping(async (folder) => {
        await server.kill();
        const rebuilding = new Rebuilding(folder, 'dynamodb', at('late'));
        await until(() => rebuilding.stderr.includes('cannot be reached'));
        await server.start();
        expect(await rebuilding.ended()).toEqual([0, expect.objectContaining(whole)]);
      }),
    slow,
  );

  test(
    'a rebuild goes on when its target was killed in the middle and is back',
    () => killedInTheMiddle(server, (host) => at('killed', `http://${host}`), ['BatchWriteItem', 5]),
    slow,
  );

  test(
    'a rebuild into a table that is another one’s says so, and touches nothing',
    () =>
      inFolder(async (folder) => {
        await withLog(folder, (events) => shop(events, customers(1)));
        const TableName = 'taken.carts_v2';
        await dynamo(endpoint, 'CreateTable', {
          TableName,
          KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
          AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
          BillingMode: 'PAY_PER_REQUEST',
        });
        await dynamo(endpoint, 'PutItem', { TableName, Item: { id: { S: 'mine' } } });
        const before = await everythingOf(TableName);
        const { code, stdout, stderr } = await cartage(folder, rebuildOf('dynamodb'), {
          READ_STORES: at('taken'),
        });
        expect([code, stdout]).toEqual([1, '']);
        // The driver may warn of this Node.
        expect(stderr.match(/^cartage: .*$/gm)).toEqual([expect.stringMatching(/the key id.*Name another/)]);
        expect(stderr).not.toMatch(/^ +at /m);
        expect(await everythingOf(TableName)).toEqual(before);
        await withLog(folder, async (events) => {
          const { known } = await generationsOf(events, 'dynamodb');
          expect(known).not.toContain('v2');
        });
      }),
    slow,
  );

  const everythingOf = async (TableName: string): Promise<unknown> => [
    await dynamo(endpoint, 'DescribeTable', { TableName }),
    await dynamo(endpoint, 'DescribeTimeToLive', { TableName }),
    await dynamo(endpoint, 'Scan', { TableName }),
  ];
});

describeOn(mongodb?.engine, 'mongodb', () => {
  test(
    'a rebuild goes on when its target was killed in the middle and is back',
    () =>
      killedInTheMiddle(
        mongodb as LaunchedEngine,
        (host) => `mongodb://${host}/killed?directConnection=true`,
        ['lineCount', 1],
      ),
    slow,
  );
});

import { type AttributeValue, DynamoDB, type ReturnConsumedCapacity } from '@aws-sdk/client-dynamodb';
import { parseAddress } from '@cartage/read-store-dynamodb/address';
import { type Bare, type Cart, cartIn } from './bare.ts';
import { mixed } from './carts.ts';
import type { Work } from './work.ts';

type Item = Record<string, AttributeValue>;
/** `rest`: what the item holds beside the key, the cart and its revision. */
type Row = { readonly key: Item; readonly rest: Item; readonly cart: Cart };

const maxSockets = 256;
const tableOf = (base: string, generation: string): string => `${base}.${generation}`;

export async function bareDynamoDb(url: string, generation: string): Promise<Bare> {
  const { base } = parseAddress(url);
  const client = clientFor(url);
  const { put, overwrite, get } = requestsOf(client, tableOf(base, generation));
  let rows: readonly Row[] = [];
  const batches = (batch: number, lanes: number, run: (rows: readonly Row[]) => Promise<unknown>): Work => ({
    batch,
    lanes,
    run: (from, count) => run(rows.slice(from, from + count)),
  });
  const putAll = (some: readonly Row[], capacity?: ReturnConsumedCapacity) =>
    Promise.all(some.map((row) => put(row, capacity)));
  return {
    load: async (other) => {
      rows = mixed(await rowsOf(client, tableOf(base, other)), idOf);
      return rows.map(idOf);
    },
    write: batches(1, 32, (row) => putAll(row)),
    seed: batches(25, 8, overwrite),
    read: batches(100, 1, (some) => get(some)),
    units: async () => {
      const some = rows.slice(0, 50);
      const written = (await putAll(some, 'TOTAL')).map(({ ConsumedCapacity }) => ConsumedCapacity);
      const { ConsumedCapacity: read = [] } = await get(some, 'TOTAL');
      return { write: unitsIn(written) / some.length, read: unitsIn(read) / some.length };
    },
    close: async () => client.destroy(),
  };
}

const unitsIn = (capacities: readonly ({ CapacityUnits?: number | undefined } | undefined)[]): number =>
  capacities.reduce((sum, capacity) => sum + (capacity?.CapacityUnits ?? Number.NaN), 0);

const requestsOf = (client: DynamoDB, TableName: string) => ({
  put: (row: Row, ReturnConsumedCapacity?: ReturnConsumedCapacity) => {
    row.cart.revision += 1;
    const Item = itemOf(row);
    return client.putItem({
      TableName,
      Item,
      ConditionExpression: 'attribute_not_exists(pk) OR revision < :revision',
      ExpressionAttributeValues: { ':revision': Item.revision },
      ...(ReturnConsumedCapacity && { ReturnConsumedCapacity }),
    });
  },
  overwrite: async (rows: readonly Row[]) => {
    const puts = rows.map((row) => ({ PutRequest: { Item: itemOf(row) } }));
    const { UnprocessedItems } = await client.batchWriteItem({ RequestItems: { [TableName]: puts } });
    if (UnprocessedItems?.[TableName]?.length) throw new Error(`${TableName} throttles.`);
  },
  get: async (rows: readonly Row[], ReturnConsumedCapacity?: ReturnConsumedCapacity) => {
    const Keys = rows.map(({ key }) => key);
    const answer = await client.batchGetItem({
      RequestItems: { [TableName]: { Keys, ConsistentRead: true } },
      ...(ReturnConsumedCapacity && { ReturnConsumedCapacity }),
    });
    const carts = (answer.Responses?.[TableName] ?? []).map(({ cart }) => cartIn(cart?.S));
    if (carts.length !== rows.length) throw new Error(`Of ${rows.length} carts, ${carts.length} came.`);
    return { ...answer, carts };
  },
});

const itemOf = ({ key, rest, cart }: Row): Item & { readonly revision: AttributeValue } => ({
  ...key,
  ...rest,
  revision: { N: `${cart.revision}` },
  cart: { S: JSON.stringify(cart) },
});

const rowOf = ({ pk = { S: '' }, sk = { S: '' }, cart, ...rest }: Item): Row => ({
  key: { pk, sk },
  rest,
  cart: cartIn(cart?.S),
});

const idOf = ({ key: { pk, sk } }: Row): string =>
  `${pk?.S?.slice('OWNER#'.length)}~${sk?.S?.slice('CART#'.length)}`;

function clientFor(url: string): DynamoDB {
  const { region, endpoint } = parseAddress(url);
  const isLocal = endpoint !== undefined && !process.env['AWS_ACCESS_KEY_ID'];
  const client = new DynamoDB({
    region,
    ...(endpoint !== undefined && { endpoint }),
    ...(isLocal && { credentials: { accessKeyId: 'local', secretAccessKey: 'local' } }),
    maxAttempts: 1,
    cacheMiddleware: true,
    requestHandler: {
      httpAgent: { keepAlive: true, maxSockets },
      httpsAgent: { keepAlive: true, maxSockets },
    },
  });
  for (const name of ['loggerMiddleware', 'getUserAgentMiddleware', 'recursionDetectionMiddleware'])
    client.middlewareStack.remove(name);
  return client;
}

async function rowsOf(client: DynamoDB, TableName: string): Promise<readonly Row[]> {
  const rows: Row[] = [];
  let after: Item | undefined;
  do {
    const page = await client.scan({ TableName, ExclusiveStartKey: after });
    rows.push(...(page.Items ?? []).filter(({ cart }) => cart !== undefined).map(rowOf));
    after = page.LastEvaluatedKey;
  } while (after !== undefined);
  return rows;
}

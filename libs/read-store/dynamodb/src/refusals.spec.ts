import { devNull } from 'node:os';
import { inspect } from 'node:util';
import { findEngine, launchEngine, type LaunchedEngine } from '@cartage/engines';
import { describeOn } from '@cartage/engines/testing';
import type { ReadStore } from '@cartage/read-store';
import { add, lastOf, versionsOf, viewAfter } from '@cartage/read-store/testing';
import { DynamoDbReadStore } from './index.ts';
import { HttpProxy, type Misdeed, type Sent } from './testing/http-proxy.ts';
import { endpointOf } from './testing/server.ts';

import.meta.jest.setTimeout(20_000);

const view = viewAfter('u~42~main', [add('shirt')]);
const carts = Array.from({ length: 60 }, (_, cart) => viewAfter(`u~${cart}~main`, [add('shirt')]));
const ids = carts.map(({ id }) => id);
const throttled = { code: 'unavailable', throttled: true };
const saying = (what: RegExp) => ({
  code: 'unavailable',
  throttled: false,
  message: expect.stringMatching(what),
});

/** An environment that knows credentials, and one that knows none wherever they might come from. */
const known = { AWS_ACCESS_KEY_ID: 'AKIASESAME', AWS_SECRET_ACCESS_KEY: 'open/sesame' };
const unknown = {
  AWS_ACCESS_KEY_ID: '',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: devNull,
  AWS_SHARED_CREDENTIALS_FILE: devNull,
};

describeOn(await findEngine('dynamodb'), 'dynamodb', () => {
  let engine: LaunchedEngine;
  let proxy: HttpProxy;
  let store: ReadStore;
  beforeAll(async () => {
    engine = await launchEngine('dynamodb');
    proxy = await HttpProxy.open(endpointOf(engine.engine.url));
  });
  beforeEach(async () => {
    proxy.misdeed = () => undefined;
    store = await DynamoDbReadStore.open(`dynamodb://local/refusals?endpoint=${proxy.url}`);
    await store.provision();
  });
  afterEach(async () => {
    proxy.misdeed = () => undefined;
    await store.drop();
    await store.close();
  });
  afterAll(async () => {
    await proxy.close();
    await engine.stop();
  });

  /** From now on, the first requests are done so, and the others pass. */
  function misbehave(misdeed: Misdeed, times = Infinity): void {
    let left = times;
    proxy.misdeed = () => (left-- > 0 ? misdeed : undefined);
  }

  describe('a server that asks for less', () => {
    it.each(['ProvisionedThroughputExceededException', 'ThrottlingException', 'RequestLimitExceeded'])(
      'by %s is said to throttle, and loses nothing',
      async (error) => {
        misbehave({ kind: 'refuse', error });
        await expect(store.get(view.id)).rejects.toMatchObject(throttled);
        await expect(store.put(carts, 'fenced')).rejects.toMatchObject(throttled);
        await expect(store.put(carts, 'fresh')).rejects.toMatchObject(throttled);
        misbehave({ kind: 'refuse', error }, 2);
        expect(await store.put(carts, 'fenced')).toMatchObject({ written: 60 });
        expect(await store.getMany(ids)).toStrictEqual(carts);
      },
    );

    it('by leaving parts of batches undone is asked again for these', async () => {
      misbehave({ kind: 'leave', taken: 7 });
      expect(await store.put(carts, 'fresh')).toEqual({ written: 60, stale: 0, oversized: [] });
      expect(await store.getMany(ids)).toStrictEqual(carts);
      expect(await Promise.all(ids.map((id) => store.get(id)))).toStrictEqual(carts);
    });

    it('by leaving all undone for long is said to throttle', async () => {
      misbehave({ kind: 'leave', taken: 0 });
      await expect(store.put(carts, 'fresh')).rejects.toMatchObject(throttled);
      await expect(store.get(view.id)).rejects.toMatchObject(throttled);
      misbehave({ kind: 'leave', taken: 0 }, 3);
      expect(await store.put([view], 'fresh')).toMatchObject({ written: 1 });
    });
  });

  describe('a server that fails', () => {
    it('for a moment is asked again', async () => {
      misbehave({ kind: 'refuse', error: 'InternalServerError' }, 2);
      expect(await store.put([view], 'fenced')).toMatchObject({ written: 1 });
      misbehave({ kind: 'refuse', error: 'InternalServerError' });
      await expect(store.get(view.id)).rejects.toMatchObject(saying(/InternalServerError, status 500/));
    });

    it('in the middle of a batch begins no further request', async () => {
      proxy.sent = [];
      misbehave({ kind: 'answer', text: '<html>It works!</html>' });
      const many = Array.from({ length: 400 }, (_, cart) => ({ ...view, id: `u~${cart}~many` }));
      await expect(store.put(many, 'fenced')).rejects.toMatchObject(saying(/does not answer as DynamoDB/));
      expect(proxy.sent.length).toBeLessThan(100);
    });
  });

  describe('credentials', () => {
    it.each([
      ['UnrecognizedClientException', /refuses these credentials/],
      ['ExpiredTokenException', /refuses these credentials/],
      ['IncompleteSignatureException', /refuses these credentials/],
      ['AccessDeniedException', /does not let these credentials do dynamodb:BatchGetItem\./],
    ])('come from the environment, and are not named in what is said of %s', (error, what) =>
      withEnvironment(known, async () => {
        const own = await DynamoDbReadStore.open(`dynamodb://eu-west-1/refusals?endpoint=${proxy.url}`);
        const message = `User: arn:aws:iam::1:user/sesame is not authorized to perform: dynamodb:BatchGetItem; Credential=AKIASESAME/`;
        misbehave({ kind: 'refuse', error, message });
        const failure: unknown = await own.get(view.id).catch((reason: unknown) => reason);
        expect(failure).toMatchObject(saying(what));
        expect(inspect(failure, { depth: 9, showHidden: true })).not.toMatch(/sesame/i);
        expect(proxy.sent.at(-1)?.headers.authorization).toMatch(/Credential=AKIASESAME\/\d+\/eu-west-1\//);
        await own.close();
      }),
    );

    it.each([
      ['are missing', unknown, /needs credentials: set AWS_ACCESS_KEY_ID/],
      ['are there, but no such host', known, /cannot be reached: no such host/],
    ])('%s for a server elsewhere', (_, environment, what) =>
      withEnvironment(environment, async () => {
        const own = await DynamoDbReadStore.open('dynamodb://local/carts?endpoint=http://nowhere.invalid');
        await expect(own.get(view.id)).rejects.toMatchObject(saying(what));
        await own.close();
      }),
    );
  });

  it('may have another clock: its time is learned, and the fence knows no time', async () => {
    const ahead = 3_600_000;
    proxy.misdeed = ({ headers }: Sent) => {
      const server = Date.now() + ahead;
      const signed = String(headers['x-amz-date']).replace(
        /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/,
        '$1-$2-$3T$4:$5:$6Z',
      );
      if (Math.abs(Date.parse(signed) - server) < 300_000) return undefined;
      const date = new Date(server).toUTCString();
      return { kind: 'refuse', error: 'InvalidSignatureException', headers: { date } };
    };
    const versions = versionsOf(view.id, [add('shirt'), add('cap')]);
    expect(await store.put([lastOf(versions)], 'fenced')).toMatchObject({ written: 1 });
    expect(await store.put(versions.slice(0, -1), 'fenced')).toMatchObject({ written: 0 });
    expect(await store.get(view.id)).toStrictEqual(lastOf(versions));
  });
});

async function withEnvironment(
  variables: Readonly<Record<string, string>>,
  body: () => Promise<void>,
): Promise<void> {
  const before = { ...process.env };
  Object.assign(process.env, variables);
  try {
    await body();
  } finally {
    for (const name of Object.keys(variables)) delete process.env[name];
    Object.assign(process.env, before);
  }
}

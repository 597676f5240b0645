import { execFile } from 'node:child_process';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findEngine, launchEngine, type LaunchedEngine } from '@cartage/engines';
import { describeAtLength } from '@cartage/engines/testing';
import { add, using, viewAfter } from '@cartage/read-store/testing';
import { CassandraReadStore } from './index.ts';
import { inStore, OwnKeyspace } from './testing/own-keyspace.ts';

import.meta.jest.setTimeout(120_000);

const run = promisify(execFile);
const view = viewAfter('u~42~main', [add('shirt')]);
const unavailable = (message: RegExp) => ({ code: 'unavailable', message: expect.stringMatching(message) });

/** Runs the engine anew with other settings, empty: some cannot be changed once there is data. */
async function restarted(launched: LaunchedEngine, settings: object): Promise<void> {
  const home = join(launched.folder, 'node');
  await launched.kill();
  for (const entry of await readdir(home, { withFileTypes: true }))
    if (entry.isDirectory()) await rm(join(home, entry.name), { recursive: true });
  const file = join(home, 'cassandra.yaml');
  await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, 'utf8')), ...settings }));
  await launched.start();
}

/** A key and its own certificate for `localhost`, which is no address of a node. */
async function certified(folder: string): Promise<{ keystore: string; ca: string }> {
  const [keystore, ca] = [join(folder, 'node.p12'), join(folder, 'ca.pem')];
  const store = ['-keystore', keystore, '-storepass', 'cassandra', '-alias', 'node'];
  const names = ['-dname', 'CN=node', '-ext', 'SAN=DNS:localhost'];
  await run('keytool', ['-genkeypair', ...store, '-keyalg', 'RSA', '-storetype', 'PKCS12', ...names]);
  await run('keytool', ['-exportcert', '-rfc', ...store, '-file', ca]);
  return { keystore, ca };
}

describeAtLength(
  await findEngine('cassandra'),
  'cassandra',
  'a node that asks who is there, shows who it is, and stores as Cassandra 4 did',
  () => {
    let launched: LaunchedEngine;
    let ca = '';
    /** With settings besides. */
    const urlOf = (user: string, settings = ''): string =>
      `${launched.engine.url.replace('//127.0.0.1', `//${user}localhost`)}${settings}`;
    beforeAll(async () => {
      launched = await launchEngine('cassandra');
      const certificate = await certified(launched.folder);
      ({ ca } = certificate);
      await restarted(launched, {
        authenticator: 'PasswordAuthenticator',
        authorizer: 'CassandraAuthorizer',
        role_manager: 'CassandraRoleManager',
        storage_compatibility_mode: 'CASSANDRA_4',
        client_encryption_options: {
          enabled: true,
          optional: true,
          keystore: certificate.keystore,
          keystore_password: 'cassandra',
        },
      });
    });
    afterAll(() => launched.stop());

    const failing = (url: string, message: RegExp): Promise<void> =>
      using(CassandraReadStore.open(url), async (store) => {
        await expect(store.provision()).rejects.toMatchObject(unavailable(message));
        await expect(store.get(view.id)).rejects.not.toThrow(/sesame/);
      });

    it('refuses wrong credentials and none, and a user who may not', async () => {
      await failing(urlOf('cassandra:sesame@'), /refuses these credentials/);
      await failing(urlOf(''), /refuses these credentials, or wants some/);
      const admin = urlOf('cassandra:cassandra@');
      await inStore(admin, async (store) => {
        await store.put([view], 'fenced');
        const keyspace = new OwnKeyspace(admin, 'secured');
        await keyspace.execute("CREATE ROLE guest WITH LOGIN = true AND PASSWORD = 'sesame'");
        await using(CassandraReadStore.open(urlOf('guest:sesame@')), async (other) => {
          await expect(other.get(view.id)).rejects.toMatchObject(
            unavailable(/does not let this user do this/),
          );
        });
        await keyspace.remove();
      });
    });

    it('is trusted by its certificate alone, for a name that stands in the URL', async () => {
      const trusting = `&tls=true&ca=${ca}`;
      await inStore(urlOf('cassandra:cassandra@', trusting), async (store) => {
        await store.put([view], 'fenced');
        expect(await store.get(view.id)).toStrictEqual(view);
      });
      const untrusted = /shows a certificate that is not trusted.*ca=<PEM file>/;
      await failing(urlOf('cassandra:cassandra@', '&tls=true'), untrusted);
      const unnamed = urlOf('cassandra:cassandra@', trusting).replace('localhost', '127.0.0.1');
      await failing(unnamed, untrusted);
    });

    it('has no node in a data center of another name', () =>
      failing(
        urlOf('cassandra:cassandra@').replace('datacenter1', 'Mars'),
        /no node in the data center.*dc=.*datacenter1/,
      ));

    it('keeps for ever what it cannot keep beyond 2038: no view ends early', async () => {
      const admin = urlOf('cassandra:cassandra@');
      await inStore(admin, async (store) => {
        const far = { ...view, id: 'u~far~main', purgeAt: Date.UTC(2038, 5, 1) };
        const near = { ...view, id: 'u~near~main', purgeAt: Date.UTC(2037, 5, 1) };
        expect(await store.put([far, near, view], 'fenced')).toMatchObject({ written: 3 });
        expect(await store.getMany([far.id, near.id])).toStrictEqual([far, near]);
        const keyspace = new OwnKeyspace(admin, 'secured');
        const rows = await keyspace.execute('SELECT owner, TTL(cart) AS ttl FROM cartage.carts_v1');
        const ttls = Object.fromEntries(rows.map((row) => [row['owner'], row['ttl']]));
        expect(ttls).toEqual({ 'u~far': null, 'u~near': expect.any(Number), 'u~42': expect.any(Number) });
        await keyspace.remove();
      });
    });
  },
);

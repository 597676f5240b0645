import { chmod, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { EventStoreDbEngine } from './engine.ts';
import { event, revisionsIn, withClient, withFolder } from './testing/clients.ts';

it(
  'starts a facade once, keeps its events and ends it',
  withFolder(async (folder) => {
    const engine = new EventStoreDbEngine(folder, join(folder, 'docker-compose.yml'));
    expect(await engine.status()).toBeUndefined();
    const up = await engine.up({ port: 0 });
    expect(up).toMatchObject({ kind: 'facade', name: expect.stringContaining('not EventStoreDB') });
    expect(await engine.up({ port: 0 })).toEqual(up);
    await withClient(up.url, async (client) => void (await client.appendToStream('a', event())));
    expect(await engine.down()).toEqual(up);
    expect(await engine.down()).toBeUndefined();
    expect(await engine.status()).toBeUndefined();
    const again = await engine.up({ port: 0 });
    await withClient(again.url, async (client) =>
      expect(await revisionsIn(client.readStream('a'))).toEqual([0]),
    );
    await engine.down();
  }),
  30_000,
);

it(
  'takes no process for its own that merely has the pid it noted',
  withFolder(async (folder) => {
    const engine = new EventStoreDbEngine(folder, join(folder, 'docker-compose.yml'));
    const noted = {
      kind: 'facade',
      name: '',
      url: '',
      pid: process.pid,
      control: 'http://127.0.0.1:1',
      why: '',
    };
    await writeFile(join(folder, 'eventstoredb.json'), JSON.stringify(noted));
    expect(await engine.status()).toBeUndefined();
    expect(await engine.down()).toBeUndefined();
  }),
);

it(
  'says why the facade does not start',
  withFolder(async (folder) => {
    const file = join(folder, 'letter');
    await writeFile(file, 'a letter');
    const engine = new EventStoreDbEngine(folder, join(folder, 'docker-compose.yml'));
    await expect(engine.up({ port: 0, file })).rejects.toThrow(
      'is no log of the EventStoreDB protocol facade',
    );
  }),
);

it(
  'asks Docker for the real one where it answers',
  withFolder(async (folder) => {
    const compose = join(folder, 'docker-compose.yml');
    await writeFile(compose, 'services: { eventstoredb: {} }');
    // No Docker engine here: what would be asked of one is written down instead.
    const script = `#!/bin/sh\necho "$@" >> ${folder}/asked\ncase "$*" in *port*) echo 0.0.0.0:2113;; *ps*) echo 1f;; esac\n`;
    await writeFile(join(folder, 'docker'), script);
    await chmod(join(folder, 'docker'), 0o755);
    const path = process.env['PATH'];
    process.env['PATH'] = `${folder}${delimiter}${path}`;
    try {
      const engine = new EventStoreDbEngine(folder, compose);
      const up = await engine.up({});
      expect(up).toEqual({
        kind: 'docker',
        name: 'EventStoreDB in Docker',
        url: 'esdb://127.0.0.1:2113?tls=false',
      });
      expect(await engine.down()).toEqual(up);
    } finally {
      process.env['PATH'] = path;
    }
    expect((await readFile(join(folder, 'asked'), 'utf8')).replaceAll(`compose --file ${compose} `, '')).toBe(
      [
        'info',
        'up --detach --wait eventstoredb',
        'port eventstoredb 2113',
        'ps --status running --quiet eventstoredb',
        'stop eventstoredb',
        '',
      ].join('\n'),
    );
  }),
);

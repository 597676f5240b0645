import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { startEventStoreDbFacade } from './index.ts';
import { Engines } from './engines.ts';
import { event, revisionsIn, withClient, withFolder } from './testing/clients.ts';

const enginesIn = (folder: string): Engines => new Engines(folder, join(folder, 'docker-compose.yml'));

it(
  'starts a facade once, keeps its events and ends it',
  withFolder(async (folder) => {
    const engines = enginesIn(folder);
    expect(await engines.status('eventstoredb')).toBeUndefined();
    const up = await engines.up('eventstoredb', { port: 0 });
    expect(up).toMatchObject({
      kind: 'process',
      engine: { title: 'EventStoreDB protocol (facade)', real: false },
      notes: [expect.stringContaining('not EventStoreDB'), expect.stringContaining('CONTROL')],
    });
    expect(await engines.up('eventstoredb', { port: 0 })).toEqual(up);
    await withClient(up.engine.url, async (client) => void (await client.appendToStream('a', event())));
    expect(await engines.down('eventstoredb')).toEqual(up);
    expect(await engines.down('eventstoredb')).toBeUndefined();
    expect(await engines.status('eventstoredb')).toBeUndefined();
    const again = await engines.up('eventstoredb', { port: 0 });
    await withClient(again.engine.url, async (client) =>
      expect(await revisionsIn(client.readStream('a'))).toEqual([0]),
    );
    await engines.down('eventstoredb');
  }),
  30_000,
);

it(
  'starts an engine once when several ask for it at the same time',
  withFolder(async (folder) => {
    const up = await Promise.all([1, 2, 3].map(() => enginesIn(folder).up('dynamodb', { port: 0 })));
    expect(new Set(up.map((running) => JSON.stringify(running))).size).toBe(1);
    expect(await enginesIn(folder).down('dynamodb')).toEqual(up[0]);
    expect((await readdir(folder)).filter((name) => name.endsWith('.lock'))).toEqual([]);
  }),
  30_000,
);

it(
  'takes no process for its own that merely has the pid it noted',
  withFolder(async (folder) => {
    const engines = enginesIn(folder);
    const noted = {
      kind: 'process',
      engine: { name: 'eventstoredb', url: '', title: '' },
      nodes: [{ pid: process.pid, mark: join(folder, 'eventstoredb.log') }],
      notes: [],
      why: '',
    };
    await writeFile(join(folder, 'eventstoredb.json'), JSON.stringify(noted));
    expect(await engines.status('eventstoredb')).toBeUndefined();
    expect(await engines.down('eventstoredb')).toBeUndefined();
  }),
);

it(
  'takes over from one that was killed while it started an engine',
  withFolder(async (folder) => {
    const engines = enginesIn(folder);
    await writeFile(join(folder, 'dynamodb.lock'), String(2 ** 22 + 1)); // above the highest pid of Linux
    await engines.up('dynamodb', { port: 0 });
    expect(await engines.down('dynamodb')).toBeDefined();
  }),
  30_000,
);

it(
  'says why the facade does not start',
  withFolder(async (folder) => {
    const file = join(folder, 'letter');
    await writeFile(file, 'a letter');
    await expect(enginesIn(folder).up('eventstoredb', { port: 0, file })).rejects.toThrow(
      'is no log of the EventStoreDB protocol facade',
    );
  }),
  30_000,
);

it(
  'asks Docker for the real one where it answers',
  withFolder(async (folder) => {
    const compose = join(folder, 'docker-compose.yml');
    await writeFile(compose, 'services: { eventstoredb: {} }');
    // No Docker engine here: what would be asked of one is written down instead, and a facade stands where the server would.
    const facade = await startEventStoreDbFacade();
    const script = `#!/bin/sh\necho "$@" >> ${folder}/asked\ncase "$*" in *port*) echo 0.0.0.0:${facade.port};; *ps*) echo 1f;; esac\n`;
    await writeFile(join(folder, 'docker'), script);
    await chmod(join(folder, 'docker'), 0o755);
    const path = process.env['PATH'];
    process.env['PATH'] = `${folder}${delimiter}${path}`;
    try {
      const engines = new Engines(folder, compose);
      const up = await engines.up('eventstoredb');
      expect(up).toMatchObject({ kind: 'docker', engine: { url: facade.url } });
      expect(await engines.down('eventstoredb')).toEqual(up);
    } finally {
      process.env['PATH'] = path;
      await facade.close();
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

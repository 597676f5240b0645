import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { engineNames } from './index.ts';
import { recipes } from './recipes.ts';
import { root } from './toolchain.ts';

type Service = {
  readonly build?: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly depends_on?: Readonly<Record<string, object>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly read_only?: boolean;
  readonly volumes?: readonly string[];
};

const text = (file: string): string => readFileSync(join(root, file), 'utf8');
const file: { readonly services: Readonly<Record<string, Service>>; readonly volumes: object } = parse(
  text('docker-compose.yml'),
  { merge: true },
);
const services = Object.entries(file.services);
const own = services.filter(([, { build }]) => build !== undefined);
/** Of `libs/runtime/src/config.ts`: one line a variable. */
const known = new Set(
  [...text('libs/runtime/src/config.ts').matchAll(/^ {2}([A-Z][A-Z_]+): /gm)].map(([, name]) => name),
);
/** Read by AWS's SDK. */
const ofAws = new Set(['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']);

it('has the processes, one projector a store, and the engines', () => {
  expect(own.map(([name]) => name)).toEqual([
    'api',
    'control',
    'projector-cassandra',
    'projector-dynamodb',
    'projector-mongodb',
  ]);
  expect(Object.keys(file.services)).toEqual(expect.arrayContaining([...engineNames]));
});

it('finds the variables that are read from the environment', () => {
  expect([...known]).toEqual(
    expect.arrayContaining(['HOST', 'PORT', 'EVENT_STORE', 'READ_STORES', 'DEV_KEYS']),
  );
});

describe.each(own)('%s', (_, { environment = {}, command = [], healthcheck, read_only: isReadOnly }) => {
  it('sets only variables that are read', () => {
    expect(Object.keys(environment).filter((name) => !known.has(name) && !ofAws.has(name))).toEqual([]);
  });

  it('runs a program there is', () => {
    const [program = ''] = command;
    expect(program).toMatch(/^apps\/\w+\/dist\/main\.js$/);
    expect(existsSync(join(root, program.replace('/dist/', '/src/').replace('.js', '.ts')))).toBe(true);
  });

  it('reaches only hosts that are services', () => {
    const urls = `${environment['EVENT_STORE']},${environment['READ_STORES']}`;
    const hosts = [...urls.matchAll(/:\/\/([\w-]+):\d+/g)].map(([, host]) => host);
    expect(hosts.length).toBeGreaterThan(1);
    expect(hosts.filter((host) => !services.some(([name]) => name === host))).toEqual([]);
  });

  it('is asked for its health at a port it listens on, and writes nowhere else than it is given', () => {
    const port = /127\.0\.0\.1:(\d+)\/health\/ready/.exec(String(healthcheck?.test))?.[1];
    expect(Object.values(environment)).toContain(port);
    expect(isReadOnly).toBe(true);
  });
});

describe.each(services)(
  '%s',
  (_, { image, ports = [], depends_on: needs = {}, healthcheck, volumes = [] }) => {
    it('is of one version, open to this machine only, has a health check, and needs what there is', () => {
      expect(image).toMatch(/:\d+\.\d+\.\d+(?:-[\w.]+)?$/);
      for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
      expect(healthcheck?.test.length).toBeGreaterThan(1);
      expect(Object.keys(file.services)).toEqual(expect.arrayContaining(Object.keys(needs)));
      expect(Object.keys(file.volumes)).toEqual(
        expect.arrayContaining(volumes.map((each) => each.split(':')[0])),
      );
    });
  },
);

it('opens the port at which `engines up` looks for each engine that Docker gives', () => {
  const looked = Object.values(recipes).flatMap(({ name, docker }) =>
    docker ? [{ name, port: docker.port }] : [],
  );
  expect(looked).toHaveLength(3);
  for (const { name, port } of looked)
    expect(file.services[name]?.ports).toContain(`127.0.0.1:${port}:${port}`);
});

it('builds from pinned images, for a user who is not root', () => {
  const dockerfile = text('Dockerfile');
  for (const [, image] of dockerfile.matchAll(/^FROM (\S+)/gm))
    expect(image).toMatch(/:\d+\.\d+\.\d+-[\w-]+$/);
  expect(dockerfile).toMatch(/^USER node$/m);
  for (const [, workspace] of dockerfile.matchAll(/-w (\S+)/g))
    expect(existsSync(join(root, `${workspace}/package.json`))).toBe(true);
});

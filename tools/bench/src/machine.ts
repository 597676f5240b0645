import { closeSync, fdatasyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const packages = [
  '@nestjs/core',
  '@nestjs/cqrs',
  'fastify',
  'express',
  'class-validator',
  'lmdb',
  'cassandra-driver',
  '@aws-sdk/client-dynamodb',
  'mongodb',
  'event-storage',
  'hdr-histogram-js',
];

/** What the figures were measured on. `folder` is on the disk that is measured. */
export function machine(folder: string): Readonly<Record<string, string | number>> {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    'memory, GiB': Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    'fdatasync of 4 KiB, per s': Math.round(fdatasyncRate(folder)),
  };
}

export function versions(): Readonly<Record<string, string>> {
  const installed = packages.map(
    (name) => [name, versionOf(`${root}node_modules/${name}/package.json`)] as const,
  );
  return {
    cartage: versionOf(`${root}package.json`),
    node: process.versions.node,
    ...Object.fromEntries(installed),
  };
}

const versionOf = (manifest: string): string =>
  (JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string }).version;

/** Of 4 KiB appended to a file again and again, for half a second. */
function fdatasyncRate(folder: string): number {
  const file = openSync(join(folder, 'fdatasync'), 'w');
  const page = Buffer.alloc(4096, 1);
  const start = performance.now();
  let syncs = 0;
  while (performance.now() - start < 500) {
    writeSync(file, page, 0, page.length, syncs * page.length);
    fdatasyncSync(file);
    syncs++;
  }
  closeSync(file);
  return (syncs / (performance.now() - start)) * 1000;
}

import { fileURLToPath } from 'node:url';
import type { Server, ServerProgram } from './server.ts';

const opponent = (name: string, file: string): ServerProgram => ({
  name,
  script: fileURLToPath(new URL(`../opponents/${file}.js`, import.meta.url)),
});

export const bareHttp = opponent('bare node:http', 'node-http');
export const nestFastify = opponent('Nest + Fastify doing nothing', 'nest-fastify');
export const nestTextbook = opponent('textbook Nest', 'nest-textbook');
export const nestEventStoreDb = opponent(
  'Nest + Fastify reading the stream for each command',
  'nest-eventstoredb',
);

/** @throws {Error} the servers answer the same command with other bodies: they would not be comparable */
export async function checkSameAnswers(servers: readonly Server[]): Promise<void> {
  const bodies = await Promise.all(servers.map(({ port }) => addItem(port)));
  if (new Set(bodies).size > 1) throw new Error(`The opponents answer differently: ${bodies.join(' / ')}`);
}

async function addItem(port: number): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}/v1/carts/main/items`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ sku: '22752', quantity: 7 }),
  });
  const text = await answer.text();
  if (!text.includes('"quantity":7'))
    throw new Error(`An opponent does not answer what it was sent: ${text}`);
  return text;
}

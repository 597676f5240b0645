import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Identity } from '../engine.ts';
import type { Plan, Recipe } from '../recipe.ts';
import { MissingToolchain, onPath } from '../toolchain.ts';

const patience = 5_000; // ms

/** dynoxide, which speaks DynamoDB's protocol. DynamoDB Local is never started: its licence asks for an AWS account. */
export const dynamodb: Recipe = { name: 'dynamodb', port: 8000, plan, identify };

async function plan(folder: string, { port }: { readonly port: number }): Promise<Plan> {
  const command = await dynoxide();
  const file = join(folder, 'dynoxide.db');
  const endpoint = `http://127.0.0.1:${port}`;
  return {
    url: `dynamodb://local/cartage?endpoint=${endpoint}`,
    nodes: [
      {
        command,
        args: ['--host', '127.0.0.1', '--port', String(port), '--db-path', file],
        log: join(folder, 'output.log'),
        mark: file,
        answers: () => identifyEndpoint(endpoint).then(Boolean, () => false),
      },
    ],
  };
}

async function dynoxide(): Promise<string> {
  try {
    return createRequire(import.meta.url).resolve(`@dynoxide/${process.platform}-${process.arch}/dynoxide`);
  } catch {
    const found = await onPath('dynoxide');
    if (found !== undefined) return found;
    throw new MissingToolchain(
      `DynamoDB's stand-in cannot be started here: dynoxide is packaged for Linux on x64 only. Build it ` +
        '(cargo install dynoxide) onto the PATH, or let TEST_DYNAMODB name a DynamoDB Local or a region of AWS: ' +
        'dynamodb://eu-west-1/cartage-test.',
    );
  }
}

/** Asks whom a `dynamodb://` URL names what it is. @throws {Error} it does not answer */
function identify(url: string): Promise<Identity> {
  const { hostname, searchParams } = new URL(url);
  const endpoint = searchParams.get('endpoint');
  return identifyEndpoint(endpoint ?? `https://dynamodb.${hostname}.amazonaws.com`);
}

async function identifyEndpoint(endpoint: string): Promise<Identity> {
  const { headers } = await fetch(endpoint, { signal: AbortSignal.timeout(patience) });
  const { host, hostname } = new URL(endpoint);
  const real = hostname.endsWith('.amazonaws.com');
  return {
    title: real ? `DynamoDB (${host})` : `DynamoDB protocol (${productIn(headers) ?? host})`,
    real,
    // AWS removes expired items within days, dynoxide never.
    proves: { ttl: false, indexConflicts: true, durability: true },
  };
}

function productIn(headers: Headers): string | undefined {
  const dynoxideVersion = headers.get('x-dynoxide-version');
  if (dynoxideVersion !== null) return `dynoxide ${dynoxideVersion}`;
  return headers.get('server')?.startsWith('Jetty') ? 'DynamoDB Local' : undefined;
}

import { resolveSrv } from 'node:dns/promises';
import type { Identity } from '../engine.ts';
import { command, field, type MongoNode } from './wire.ts';

/** Asks whom a `mongodb://` URL names what it is. @throws {Error} it does not answer */
export async function identify(url: string): Promise<Identity> {
  const answer = await command(await nodeIn(url), { buildInfo: 1 });
  const version = field(answer, 'version');
  const isStandIn = field(answer, 'standIn') === true;
  return {
    title: isStandIn
      ? 'MongoDB protocol (stand-in)'
      : `MongoDB ${typeof version === 'string' ? version : '(version not told)'}`,
    real: !isStandIn,
    // A mongod looks for expired documents once a minute.
    proves: {
      ttl: !isStandIn || field(answer, 'ttl') === true,
      indexConflicts: !isStandIn,
      durability: true,
    },
  };
}

/** The first host; hosts without a port have 27017. */
async function nodeIn(url: string): Promise<MongoNode> {
  const [, scheme, host = '', port, query = ''] =
    /^(mongodb(?:\+srv)?):\/\/(?:[^@/]*@)?([^:,/?]+)(?::(\d+))?[^?]*(?:\?(.*))?$/.exec(url) ?? [];
  if (scheme === undefined) throw new Error(`${url} is no URL such as mongodb://127.0.0.1:27017/cartage.`);
  const options = new URLSearchParams(query);
  const isEncrypted = [options.get('tls'), options.get('ssl')].includes('true');
  if (scheme === 'mongodb') return { host, port: Number(port ?? 27_017), tls: isEncrypted };
  const [found] = await resolveSrv(`_mongodb._tcp.${host}`);
  if (found === undefined) throw new Error(`DNS knows no MongoDB at ${host}.`);
  return { host: found.name, port: found.port, tls: options.get('tls') !== 'false' };
}

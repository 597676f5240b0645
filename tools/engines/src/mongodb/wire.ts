import { once } from 'node:events';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';

const patience = 5_000; // ms
const opMsg = 2013;
const messageHead = 21; // bytes: header, flags, the kind of the section

export type MongoNode = { readonly host: string; readonly port: number; readonly tls?: boolean };

type Value = string | number | Fields | readonly Fields[];
type Fields = { readonly [name: string]: Value };

/**
 * Sends a server one command over a connection of its own (OP_MSG) and answers the reply's BSON: enough to
 * know whether and as what it serves, before any driver is there.
 *
 * @throws {Error} no answer within 5 s
 */
export async function command(
  { host, port, tls }: MongoNode,
  fields: Fields,
  database = 'admin',
): Promise<Buffer> {
  const socket = tls ? connectTls({ host, port, rejectUnauthorized: false }) : connect({ host, port });
  const late = setTimeout(() => socket.destroy(new Error(`no answer within ${patience / 1000} s`)), patience);
  try {
    await once(socket, tls ? 'secureConnect' : 'connect');
    socket.write(message(bson({ ...fields, $db: database })));
    let bytes = Buffer.alloc(0);
    for await (const chunk of socket) {
      bytes = Buffer.concat([bytes, chunk]);
      if (bytes.length >= 4 && bytes.length >= bytes.readInt32LE(0)) return bytes.subarray(messageHead);
    }
    throw new Error('it closed the connection');
  } finally {
    clearTimeout(late);
    socket.destroy();
  }
}

/** A text or a truth of this name in a reply. */
export function field(reply: Buffer, name: string): string | boolean | undefined {
  const text = reply.indexOf(`\x02${name}\0`, 0, 'latin1');
  if (text >= 0) {
    const at = text + name.length + 2;
    return reply.toString('utf8', at + 4, at + 3 + reply.readInt32LE(at));
  }
  const truth = reply.indexOf(`\x08${name}\0`, 0, 'latin1');
  return truth < 0 ? undefined : reply[truth + name.length + 2] === 1;
}

function message(body: Buffer): Buffer {
  const head = Buffer.alloc(messageHead);
  head.writeInt32LE(messageHead + body.length, 0);
  head.writeInt32LE(1, 4);
  head.writeInt32LE(opMsg, 12);
  return Buffer.concat([head, body]);
}

/** https://bsonspec.org, as far as the commands here need it. */
function bson(fields: Fields): Buffer {
  const elements = Buffer.concat(Object.entries(fields).map(([name, value]) => element(name, value)));
  return Buffer.concat([int32(elements.length + 5), elements, Buffer.from([0])]);
}

function element(name: string, value: Value): Buffer {
  const key = Buffer.from(`${name}\0`);
  if (typeof value === 'number') return Buffer.concat([Buffer.from([16]), key, int32(value)]);
  if (typeof value === 'string') {
    const text = Buffer.from(`${value}\0`);
    return Buffer.concat([Buffer.from([2]), key, int32(text.length), text]);
  }
  if (isList(value)) return Buffer.concat([Buffer.from([4]), key, bson(Object.fromEntries(value.entries()))]);
  return Buffer.concat([Buffer.from([3]), key, bson(value)]);
}

const isList = (value: Fields | readonly Fields[]): value is readonly Fields[] => Array.isArray(value);

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

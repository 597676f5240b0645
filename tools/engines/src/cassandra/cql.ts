import { once } from 'node:events';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';

const patience = 10_000; // ms: a node itself gives up on others after 5 s
const version = 4; // of the native protocol; every Cassandra since 2.2 speaks it
const opcodes = { error: 0, startup: 1, authenticate: 3, query: 7, authResponse: 15 };
const consistencies = { ONE: 1, QUORUM: 4, ALL: 5 };
const headerLength = 9; // bytes

/** A node, and how to get in. */
export type CqlNode = {
  readonly host: string;
  readonly port: number;
  readonly tls?: boolean;
  readonly user?: string;
  readonly password?: string;
};

/**
 * Asks a node one query over a connection of its own (native protocol v4, `doc/native_protocol_v4.spec` of Cassandra): enough to know
 * whether and as what it serves, before any driver is there. Answers the body of the result as bytes read as latin1.
 *
 * @throws {Error} no answer within 10 s, or an error for an answer
 */
export async function ask(
  node: CqlNode,
  query: string,
  level: keyof typeof consistencies = 'ONE',
): Promise<string> {
  const options = { host: node.host, port: node.port };
  const socket = node.tls ? connectTls({ ...options, rejectUnauthorized: false }) : connect(options);
  const late = setTimeout(() => socket.destroy(new Error(`no answer within ${patience / 1000} s`)), patience);
  try {
    await once(socket, node.tls ? 'secureConnect' : 'connect');
    const chunks: AsyncIterator<Buffer> = socket[Symbol.asyncIterator]();
    const exchange = async (opcode: number, body: Buffer): Promise<Frame> => {
      socket.write(frame(opcode, body));
      return frameFrom(chunks);
    };
    const welcome = await exchange(opcodes.startup, startup());
    if (welcome.opcode === opcodes.authenticate) await exchange(opcodes.authResponse, plain(node));
    return (await exchange(opcodes.query, queryBody(query, consistencies[level]))).body.toString('latin1');
  } finally {
    clearTimeout(late);
    socket.destroy();
  }
}

type Frame = { readonly opcode: number; readonly body: Buffer };

function frame(opcode: number, body: Buffer): Buffer {
  const header = Buffer.from([version, 0, 0, 0, opcode, 0, 0, 0, 0]);
  header.writeInt32BE(body.length, 5);
  return Buffer.concat([header, body]);
}

async function frameFrom(chunks: AsyncIterator<Buffer>): Promise<Frame> {
  let bytes = Buffer.alloc(0);
  while (bytes.length < headerLength || bytes.length < headerLength + bytes.readInt32BE(5)) {
    const { done, value } = await chunks.next();
    if (done) throw new Error('it closed the connection');
    bytes = Buffer.concat([bytes, value]);
  }
  const [opcode = opcodes.error, body] = [bytes[4], bytes.subarray(headerLength)];
  if (opcode === opcodes.error) throw new Error(body.toString('utf8', 6));
  return { opcode, body };
}

/** A string map of one entry. */
const startup = (): Buffer => Buffer.concat([Buffer.from([0, 1]), short('CQL_VERSION'), short('3.0.0')]);

function short(text: string): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(Buffer.byteLength(text));
  return Buffer.concat([length, Buffer.from(text)]);
}

function long(text: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(Buffer.byteLength(text));
  return Buffer.concat([length, Buffer.from(text)]);
}

/** The SASL mechanism PLAIN (RFC 4616), which PasswordAuthenticator expects. */
const plain = ({ user = 'cassandra', password = 'cassandra' }: CqlNode): Buffer =>
  long(`\0${user}\0${password}`);

const queryBody = (query: string, consistency: number): Buffer =>
  Buffer.concat([long(query), Buffer.from([0, consistency, 0])]);

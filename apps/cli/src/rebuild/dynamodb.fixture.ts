import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

type Refuses = (write: number) => boolean;

export type Throttle = {
  readonly url: string;
  /** Which writes it refuses from now on, by their number; the first is 1. At the beginning none. */
  refuseWhere(refuses: Refuses): void;
};

const json = { 'content-type': 'application/x-amz-json-1.0' };
const refusal = JSON.stringify({
  __type: 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException',
  message: 'The level of configured provisioned throughput for the table was exceeded.',
});

/** Stands before a DynamoDB, and refuses writes as a table does whose capacity is used up. */
export async function withThrottle(
  endpoint: string,
  use: (throttle: Throttle) => Promise<void>,
): Promise<void> {
  let writes = 0;
  let refuses: Refuses = () => false;
  const server = createServer((incoming, response) => {
    void buffer(incoming).then((body) => {
      const { headers } = incoming;
      const isWrite = /\.(PutItem|BatchWriteItem)$/.test(String(headers['x-amz-target']));
      if (isWrite && refuses((writes += 1))) return response.writeHead(400, json).end(refusal);
      return request(endpoint, { method: 'POST', headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      })
        .on('error', () => response.destroy())
        .end(body);
    });
  });
  await new Promise<void>((up) => server.listen(0, '127.0.0.1', up));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    await use({ url, refuseWhere: (which) => void (refuses = which) });
  } finally {
    server.closeAllConnections();
    await new Promise((down) => server.close(down));
  }
}

/** A request of the bare protocol. */
export async function dynamo(endpoint: string, operation: string, body: object): Promise<unknown> {
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDB_20120810.${operation}`,
      'x-amz-date': '20350601T120000Z',
      authorization:
        'AWS4-HMAC-SHA256 Credential=local/20350601/local/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
    },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
  return JSON.parse(text);
}

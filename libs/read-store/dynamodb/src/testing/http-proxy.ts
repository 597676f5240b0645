import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** A request to DynamoDB as it came over the wire. */
export type Sent = {
  /** `PutItem`, `BatchGetItem`, … */
  readonly operation: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readonly<Record<string, unknown>>;
};

/**
 * What becomes of a request. `refuse`: an error of this name, without asking the server. `leave`: of a batch, the server gets
 * this many; the others are answered as unprocessed. `answer`: this text, without asking the server. Undefined: it passes.
 */
export type Misdeed =
  | {
      readonly kind: 'refuse';
      readonly error: string;
      readonly message?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'leave'; readonly taken: number }
  | { readonly kind: 'answer'; readonly text: string };

/** An HTTP proxy before a DynamoDB: it records what the driver really sends, and may answer in the server's place. */
export class HttpProxy {
  sent: Sent[] = [];
  misdeed: (sent: Sent) => Misdeed | undefined = () => undefined;
  readonly #target: string;
  readonly #server: Server;

  private constructor(target: string) {
    this.#target = target;
    this.#server = createServer((request, response) => {
      void buffer(request).then(async (bytes) => {
        const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
        const body = JSON.parse(bytes.toString()) as Sent['body'];
        const sent = { operation, headers: request.headers, body };
        this.sent.push(sent);
        const { status = 200, headers = {}, text } = await this.#answer(sent);
        response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0', ...headers }).end(text);
      });
    });
  }

  static async open(target: string): Promise<HttpProxy> {
    const proxy = new HttpProxy(target);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  /** `http://127.0.0.1:<port>` */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The operations sent, in order. */
  get operations(): readonly string[] {
    return this.sent.map(({ operation }) => operation);
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(sent: Sent): Promise<Answer> {
    const misdeed = this.misdeed(sent);
    if (misdeed === undefined) return this.#forward(sent, sent.body);
    switch (misdeed.kind) {
      case 'refuse': {
        const { error, message = error, headers = {} } = misdeed;
        const text = JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${error}`, message });
        return { status: error === 'InternalServerError' ? 500 : 400, headers, text };
      }
      case 'leave':
        return this.#forwardPart(sent, misdeed.taken);
      case 'answer':
        return { text: misdeed.text };
    }
  }

  async #forward({ operation }: Sent, body: Sent['body']): Promise<Answer> {
    const answer = await fetch(this.#target, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `DynamoDB_20120810.${operation}`,
        authorization:
          'AWS4-HMAC-SHA256 Credential=local/20350601/local/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
        'x-amz-date': '20350601T120000Z',
      },
      body: JSON.stringify(body),
    });
    return { status: answer.status, text: await answer.text() };
  }

  async #forwardPart(sent: Sent, taken: number): Promise<Answer> {
    const [[table, wanted] = []] = Object.entries(sent.body['RequestItems'] as Batches);
    if (table === undefined || wanted === undefined)
      throw new Error('Only batches can be left over in part.');
    const isRead = 'Keys' in wanted;
    const all = isRead ? wanted.Keys : wanted;
    const only = (items: readonly unknown[]): object => ({
      [table]: isRead ? { ...wanted, Keys: items } : items,
    });
    const unprocessed = { [isRead ? 'UnprocessedKeys' : 'UnprocessedItems']: only(all.slice(taken)) };
    if (taken === 0) return { text: JSON.stringify(unprocessed) };
    const { text } = await this.#forward(sent, {
      ...sent.body,
      RequestItems: only(all.slice(0, taken)),
    });
    return { text: JSON.stringify({ ...(JSON.parse(text) as object), ...unprocessed }) };
  }
}

type Keys = { readonly Keys: readonly unknown[] };
type Batches = Readonly<Record<string, readonly unknown[] | Keys>>;
type Answer = {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly text: string;
};

/** The skus of every cart. Kept ones are put in before a run and never taken out, so that a change always finds its line. */
export const keptSkus = ['85123A', '71053', '84406B', '84029G'];
/** Falling, and far apart: however many adds of 1 come in between, a change is one. */
const quantities = [600, 400, 200];
/** Comes and goes in mixed traffic. */
export const passingSku = '22752';

/** The requests of one shopper, as bytes that are ready to be sent. */
export type ShopperRequests = {
  readonly read: Buffer;
  readonly adds: readonly Buffer[];
  /** To be sent in turn: each then changes its line, and has something to store. */
  readonly changes: readonly Buffer[];
  readonly addPassing: Buffer;
  readonly removePassing: Buffer;
};

const cart = '/v1/carts/main';

export function requestsOf(token: string): ShopperRequests {
  const add = (sku: string) => request('POST', `${cart}/items`, token, { sku, quantity: 1 });
  return {
    read: request('GET', cart, token),
    adds: keptSkus.map(add),
    changes: quantities.flatMap((quantity) =>
      keptSkus.map((sku) => request('PATCH', `${cart}/items/${sku}`, token, { quantity })),
    ),
    addPassing: add(passingSku),
    removePassing: request('DELETE', `${cart}/items/${passingSku}`, token),
  };
}

function request(method: string, path: string, token: string, body?: object): Buffer {
  const text = body ? JSON.stringify(body) : '';
  const lines = [
    `${method} ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    `Authorization: Bearer ${token}`,
    ...(body ? ['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(text)}`] : []),
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${text}`);
}

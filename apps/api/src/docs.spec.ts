import { openShop, type Shop } from './testing/shop.ts';

type Operation = {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, object>>;
  readonly requestBody?: object;
};
type Path = Readonly<Record<string, Operation>> & {
  readonly parameters: readonly { readonly name: string }[];
};
type Document = { readonly paths: Readonly<Record<string, Path>> };

describe('the documentation', () => {
  let shop: Shop;
  let document: Document;
  beforeAll(async () => {
    shop = await openShop({ projected: false });
    document = (await (await fetch(`${shop.api.url}/docs-json`)).json()) as Document;
  });
  afterAll(() => shop.close());

  const operations = () =>
    Object.entries(document.paths).flatMap(([path, { parameters: _, ...byMethod }]) =>
      Object.entries(byMethod).map(([method, operation]) => ({ path, method, ...operation })),
    );

  it('knows every route, each for its owner and for a service', () => {
    const routes = operations().map(({ method, path }) => `${method} ${path}`);
    const ofOneCart = [
      ['get', ''],
      ['delete', ''],
      ['post', '/items'],
      ['delete', '/items'],
      ['patch', '/items/{lineId}'],
      ['delete', '/items/{lineId}'],
      ['put', '/session'],
      ['put', '/freeze'],
      ['delete', '/freeze'],
      ['post', '/checkout'],
      ['post', '/merge'],
    ];
    const expected = ['/v1/carts/{name}', '/v1/owners/{owner}/carts/{name}'].flatMap((base) =>
      ofOneCart.map(([method, rest]) => `${method} ${base}${rest}`),
    );
    const others = ['/v1/carts', '/v1/owners/{owner}/carts', '/health/live', '/health/ready'];
    expect(routes.sort()).toEqual(
      [...expected, ...others.map((path) => `get ${path}`), 'post /v1/guests', 'post /dev/login'].sort(),
    );
  });

  it('names the parameters of each path, and each operation once', () => {
    for (const [path, { parameters }] of Object.entries(document.paths))
      expect(parameters.map(({ name }) => `{${name}}`)).toEqual(path.match(/\{\w+\}/g) ?? []);
    const ids = operations().map(({ operationId }) => operationId);
    expect(ids.filter((id) => !/^\w+$/.test(id))).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('tells the problems of each cart route, and the body of each that takes one', () => {
    const always = [200, 400, 401, 403, 429, 503];
    const ofCommands = [...always, 409, 412, 422];
    const ofBodies = [...ofCommands, 413, 415];
    const expected = { get: always, delete: ofCommands, post: ofBodies, put: ofBodies, patch: ofBodies };
    for (const { method, path, responses, requestBody } of operations()) {
      if (!path.includes('/carts')) continue;
      const statuses = Object.keys(responses).map(Number);
      expect(statuses).toEqual(expect.arrayContaining(expected[method as keyof typeof expected]));
      expect(requestBody !== undefined).toBe(['post', 'put', 'patch'].includes(method));
    }
  });

  it('refers to nothing that it does not hold', () => {
    const text = JSON.stringify(document);
    for (const [, name = ''] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g))
      expect(document).toHaveProperty(['components', 'schemas', name]);
  });

  it('can be tried out in a browser', async () => {
    const page = await fetch(`${shop.api.url}/docs`);
    const html = await page.text();
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html']);
    for (const [, file = ''] of html.matchAll(/(?:href|src)="\.(\/docs\/[^"]+)"/g)) {
      const asset = await fetch(shop.api.url + file);
      expect([asset.status, (await asset.text()).length > 10_000]).toEqual([200, true]);
    }
  });
});

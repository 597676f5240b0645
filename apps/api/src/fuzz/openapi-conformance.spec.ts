import { ApiDocument } from './document.fixture.ts';
import { closeWorld, openWorld, other, recipes, type World } from './recipes.fixture.ts';

describe('the OpenAPI document', () => {
  let world: World;
  let document: ApiDocument;
  beforeAll(async () => {
    world = await openWorld();
    document = await ApiDocument.of(world.shop.api.url);
  });
  afterAll(() => closeWorld(world));

  it('names no status but those that are reached below', () => {
    const documented = new Set(document.operations.flatMap(({ statuses }) => statuses));
    expect([...documented].toSorted((a, b) => a - b)).toEqual(Object.keys(recipes).map(Number));
  });

  it.each(Object.keys(recipes).map(Number))(
    'keeps its word about %i, of every operation that names it',
    async (status) => {
      const operations = document.operations.filter(({ statuses }) => statuses.includes(status));
      expect(operations).not.toEqual([]);
      const contradicted: Record<string, unknown> = {};
      for (const operation of operations) {
        const answer = await recipes[status]?.(world, operation);
        if (answer === undefined) throw new Error(`No recipe for ${status}.`);
        const faults = document.faults(operation, answer);
        if (answer.status !== status || faults.length > 0) contradicted[operation.name] = [answer, ...faults];
      }
      expect(contradicted).toEqual({});
    },
  );

  it('tells an answer that contradicts it', async () => {
    const [operation] = document.operations.filter(({ name }) => name === 'GET /v1/carts/{name}');
    if (operation === undefined) throw new Error('The document names no way to read a cart.');
    const answer = await other({})(world, operation);
    const cart = JSON.parse(answer.body) as Record<string, unknown>;
    const faults = (changed: object) =>
      document.faults(operation, { ...answer, body: JSON.stringify({ ...cart, ...changed }) });
    expect(faults({})).toEqual([]);
    expect(faults({ revision: 1.5 })).toEqual([expect.stringContaining('$.revision')]);
    expect(faults({ lines: [{ lineId: 'tea', sku: 'tea' }] })).toEqual(['$.lines[0].quantity: absent']);
    expect(faults({ expiresAt: 7 })).toEqual([expect.stringContaining('$.expiresAt')]);
    expect(faults({ price: 1 })).toEqual(['$.price: not documented']);
    expect(document.faults(operation, { ...answer, status: 404 })).toEqual(['404 is not documented']);
    expect(document.faults(operation, { ...answer, headers: {} })).toEqual([
      'no header ETag',
      expect.any(String),
    ]);
  });
});

import type { WireAnswer } from './wire.fixture.ts';

/** The part of OpenAPI 3.0 the document uses. */
type Schema = {
  readonly $ref?: string;
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'boolean';
  readonly nullable?: boolean;
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean;
};

type Response = {
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>;
  readonly headers?: Readonly<Record<string, object>>;
};

type DocumentBody = {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly responses?: Readonly<Record<string, Response>> }>>>
  >;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
};

/** `name` is method and path template, such as `GET /v1/carts/{name}`. */
export type Operation = {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly statuses: readonly number[];
};

const problemType = 'application/problem+json';

/** The OpenAPI document of an API, to hold its answers against. */
export class ApiDocument {
  readonly operations: readonly Operation[];
  readonly #body: DocumentBody;
  readonly #matchers: readonly (readonly [RegExp, Operation])[];

  constructor(body: DocumentBody) {
    this.#body = body;
    this.operations = Object.entries(body.paths).flatMap(([path, item]) =>
      Object.entries(item).flatMap(([method, { responses }]) =>
        responses === undefined ? [] : [operationOf(method, path, Object.keys(responses))],
      ),
    );
    this.#matchers = this.operations.map((operation) => {
      const path = operation.path.replaceAll(/\{\w+\}/g, '[^/?#]+');
      return [new RegExp(`^${operation.method} ${path}(?:[?#].*)?$`, 's'), operation];
    });
  }

  static async of(url: string): Promise<ApiDocument> {
    return new ApiDocument((await (await fetch(`${url}/docs-json`)).json()) as DocumentBody);
  }

  /** The operation a request line's method and target are for; undefined when none is, or the target spells it oddly. */
  find(method: string, target: string): Operation | undefined {
    return this.#matchers.find(([matcher]) => matcher.test(`${method} ${target}`))?.[1];
  }

  /** What of this answer contradicts the document; empty when nothing does. */
  faults(operation: Operation, { status, headers, body }: WireAnswer): readonly string[] {
    const response = this.#body.paths[operation.path]?.[operation.method.toLowerCase()]?.responses?.[status];
    if (response === undefined) return [`${status} is not documented`];
    const missing = Object.keys(response.headers ?? {}).filter((name) => !(name.toLowerCase() in headers));
    const [[type, { schema }] = ['', { schema: undefined }]] = Object.entries(response.content ?? {});
    const sent = (headers['content-type'] ?? '').split(';')[0];
    const faults = missing.map((name) => `no header ${name}`);
    if (sent !== type) faults.push(`content type ${sent}, not ${type}`);
    if (schema === undefined) return body === '' ? faults : [...faults, 'a body'];
    return [...faults, ...this.#mismatches(schema, JSON.parse(body), '$', type === problemType)];
  }

  /** A member that no schema names is a mismatch too, except of a problem (RFC 9457, 3.2). */
  #mismatches(schema: Schema, value: unknown, at: string, extensible: boolean): readonly string[] {
    if (schema.$ref !== undefined) return this.#mismatches(this.#schema(schema.$ref), value, at, extensible);
    if (value === null && schema.nullable) return [];
    if (schema.enum && !schema.enum.includes(value)) return [`${at}: ${JSON.stringify(value)}`];
    const { type } = schema;
    if (type === undefined) return [`${at}: a schema without a type`];
    switch (type) {
      case 'object':
        return this.#objectMismatches(schema, value, at, extensible);
      case 'array':
        if (!Array.isArray(value)) return [`${at}: no array`];
        return value.flatMap((element, index) =>
          schema.items ? this.#mismatches(schema.items, element, `${at}[${index}]`, extensible) : [],
        );
      case 'integer':
        return isInteger(value, schema) ? [] : [`${at}: ${JSON.stringify(value)} is no such integer`];
      case 'string':
        return isText(value, schema) ? [] : [`${at}: ${JSON.stringify(value)} is no such string`];
      case 'boolean':
        return typeof value === 'boolean' ? [] : [`${at}: no boolean`];
    }
  }

  #objectMismatches(schema: Schema, value: unknown, at: string, extensible: boolean): readonly string[] {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${at}: no object`];
    const members = value as Readonly<Record<string, unknown>>;
    const { properties = {}, required = [], additionalProperties = extensible } = schema;
    const absent = required.filter((name) => !Object.hasOwn(members, name));
    const unnamed = Object.keys(members).filter((name) => !Object.hasOwn(properties, name));
    return [
      ...absent.map((name) => `${at}.${name}: absent`),
      ...(additionalProperties ? [] : unnamed.map((name) => `${at}.${name}: not documented`)),
      ...Object.entries(properties).flatMap(([name, of]) =>
        Object.hasOwn(members, name) ? this.#mismatches(of, members[name], `${at}.${name}`, extensible) : [],
      ),
    ];
  }

  #schema(ref: string): Schema {
    const schema = this.#body.components.schemas[ref.replace('#/components/schemas/', '')];
    if (schema === undefined) throw new Error(`The document refers to ${ref}, which it does not hold.`);
    return schema;
  }
}

const operationOf = (method: string, path: string, statuses: readonly string[]): Operation => ({
  name: `${method.toUpperCase()} ${path}`,
  method: method.toUpperCase(),
  path,
  statuses: statuses.map(Number),
});

const isInteger = (value: unknown, { minimum = -Infinity, maximum = Infinity }: Schema): boolean =>
  Number.isInteger(value) && Number(value) >= minimum && Number(value) <= maximum;

const isText = (value: unknown, { pattern, format }: Schema): boolean =>
  typeof value === 'string' &&
  (pattern === undefined || new RegExp(pattern).test(value)) &&
  (format !== 'date-time' || (value.includes('T') && !Number.isNaN(Date.parse(value))));

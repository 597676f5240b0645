import { Trouble } from '../exit.ts';

// What the replay needs of the API's answers, checked: an API of another kind or version is told from one that is wrong.

/** A cart as a shopper sees it: units by line. */
export type ShownCart = {
  readonly id: string;
  readonly status: string;
  readonly revision: number;
  readonly lines: ReadonlyMap<string, number>;
  readonly orderId?: string;
};

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

/** @throws {Trouble} this is no cart */
export function shownCart(body: unknown): ShownCart {
  const { id, status, revision, lines, orderId } = isObject(body) ? body : {};
  if (
    typeof id !== 'string' ||
    typeof status !== 'string' ||
    typeof revision !== 'number' ||
    !Array.isArray(lines)
  )
    throw unexpected('a cart', body);
  return {
    id,
    status,
    revision,
    lines: new Map(lines.map((line: unknown) => shownLine(line))),
    ...(typeof orderId === 'string' && { orderId }),
  };
}

function shownLine(line: unknown): readonly [string, number] {
  const { lineId, quantity } = isObject(line) ? line : {};
  if (typeof lineId === 'string' && typeof quantity === 'number') return [lineId, quantity];
  throw unexpected('a line', line);
}

/** The text in a member of an answer. @throws {Trouble} there is none */
export function textIn(body: unknown, member: string): string {
  const value = isObject(body) ? body[member] : undefined;
  if (typeof value === 'string') return value;
  throw unexpected(`"${member}"`, body);
}

/** The code of a problem (RFC 9457), or the bare status where the answer has none. */
export function codeIn(body: unknown, status: number): string {
  const code = isObject(body) ? body['code'] : undefined;
  return typeof code === 'string' ? code : `status ${status}`;
}

const unexpected = (what: string, body: unknown): Trouble =>
  new Trouble(`The API did not answer with ${what} but with ${JSON.stringify(body)?.slice(0, 200)}.`);

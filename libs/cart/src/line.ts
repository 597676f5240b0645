import { hash32 } from './hash.ts';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type Attributes = { readonly [key: string]: Json };

/** Some units of one article in one make. The same sku with other attributes is another line. */
export type Line = {
  readonly lineId: string;
  readonly sku: string;
  readonly quantity: number;
  readonly attributes?: Attributes;
};

/** What makes a line the line it is. */
export type Article = Pick<Line, 'sku' | 'attributes'>;

/** JSON with the keys of every object sorted, so that equal values have equal texts. */
export function sortedJson(value: Json): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isList(value)) return `[${value.map(sortedJson).join(',')}]`;
  const fields = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${sortedJson(value[key] ?? null)}`);
  return `{${fields.join(',')}}`;
}

export const hasAttributes = (attributes: Attributes | undefined): attributes is Attributes =>
  attributes !== undefined && Object.keys(attributes).length > 0;

export const isSameArticle = (a: Article, b: Article): boolean =>
  a.sku === b.sku && attributesText(a) === attributesText(b);

export const findLine = (lines: readonly Line[], article: Article): Line | undefined =>
  lines.find((line) => isSameArticle(line, article));

/** A line of this article: the one the cart holds, with the new quantity, or a new one. */
export function lineOf(lines: readonly Line[], article: Article, quantity: number): Line {
  const held = findLine(lines, article);
  if (held) return { ...held, quantity };
  const lineId = freeLineId(lines, article);
  const { sku, attributes } = article;
  return hasAttributes(attributes) ? { lineId, sku, quantity, attributes } : { lineId, sku, quantity };
}

/** The lines with this one in the place of the line of the same id, or at the end. */
export function withLine(lines: readonly Line[], line: Line): readonly Line[] {
  const next = [...lines];
  putLine(next, line);
  return next;
}

/** The same, in place. */
export function putLine(lines: Line[], line: Line): void {
  const at = lines.findIndex(({ lineId }) => lineId === line.lineId);
  if (at < 0) lines.push(line);
  else lines[at] = line;
}

/** In place; the lines themselves are left as they are. */
export function setQuantity(lines: Line[], lineId: string, quantity: number): void {
  for (const [at, line] of lines.entries()) if (line.lineId === lineId) lines[at] = { ...line, quantity };
}

/**
 * The sku, or `sku.hash8` where there are attributes. A sku may look like that by itself and 32 bits may collide: an id
 * that another article of the cart holds is passed over.
 */
function freeLineId(lines: readonly Line[], { sku, attributes }: Article): string {
  const taken = (id: string): boolean => lines.some(({ lineId }) => lineId === id);
  if (!hasAttributes(attributes) && !taken(sku)) return sku;
  const text = attributesText({ sku, ...(attributes && { attributes }) });
  for (let salt = 0; ; salt += 1) {
    const hash = hash32(salt === 0 ? text : `${text}#${salt}`);
    const lineId = `${sku}.${hash.toString(16).padStart(8, '0')}`;
    if (!taken(lineId)) return lineId;
  }
}

const attributesText = ({ attributes }: Article): string =>
  hasAttributes(attributes) ? sortedJson(attributes) : '';

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

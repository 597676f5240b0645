import type { FastifyRequest } from 'fastify';
import { invalidField, Problem } from './problems.ts';

/** What `If-Match` or `If-None-Match` names (RFC 9110, 13.1): any revision at all, or these opaque tags, quotes included. */
export type EntityTags = '*' | readonly string[];

const tag = '(?:W/)?"[\\x21\\x23-\\x7e\\x80-\\xff]*"';
const tagList = new RegExp(`^${tag}(?:[ \\t]*,[ \\t]*${tag})*$`);
const eachTag = new RegExp(tag, 'g');
const visible = /^[\x21-\x7e]{1,64}$/;

/** The entity tag of a cart is its revision; −1 before the first event. */
export const etagOf = (revision: number): string => `"${revision}"`;

/** @throws {Problem} 400: the header is neither `*` nor a list of entity tags */
export function entityTags(
  request: FastifyRequest,
  name: 'if-match' | 'if-none-match',
): EntityTags | undefined {
  const header = request.headers[name];
  if (header === undefined || header === '*') return header;
  if (!tagList.test(header)) throw invalidField(name, 'expected * or revisions in quotes, such as "7"');
  return header.match(eachTag) ?? [];
}

/** The client's id of a command. @throws {Problem} 400: it is not 1 to 64 characters of visible ASCII */
export function commandIdOf(request: FastifyRequest): string | undefined {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key === 'string' && visible.test(key)) return key;
  throw invalidField('idempotency-key', 'expected 1 to 64 characters of visible ASCII');
}

/** Strong comparison, as RFC 9110 wants it for changes. @throws {Problem} 412 with the revision the cart is at */
export function requireMatch(ifMatch: EntityTags | undefined, revision: number): void {
  if (ifMatch === undefined || (ifMatch === '*' ? revision >= 0 : ifMatch.includes(etagOf(revision)))) return;
  throw new Problem(412, 'revision_mismatch', `The cart is at revision ${revision}.`, {
    members: { revision },
    headers: { etag: etagOf(revision) },
  });
}

/** Weak comparison, as RFC 9110 wants it for reading: whether the client holds this revision already. */
export function holdsAlready(ifNoneMatch: EntityTags | undefined, revision: number): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch === '*') return revision >= 0;
  const current = etagOf(revision);
  return ifNoneMatch.some((held) => held === current || held === `W/${current}`);
}

import { HttpException, Logger } from '@nestjs/common';
import { type RefusalCode, Refused } from '@cartage/cart';
import { hasCode } from '@cartage/event-store';
import type { FastifyReply } from 'fastify';

/** Every refusal the domain knows has a status; a new one does not compile until it has too. */
export const statusOf: Readonly<Record<RefusalCode, number>> = {
  cart_empty: 409,
  cart_frozen: 409,
  cart_merged: 409,
  freeze_out_of_range: 422,
  guest_sealed_elsewhere: 409,
  line_limit: 422,
  line_not_found: 404,
  not_for_customers: 409,
  not_for_guests: 409,
  quantity_out_of_range: 422,
  revision_mismatch: 409,
};

/** The codes of problems that HTTP itself knows, by status. */
const codeOf: Readonly<Record<number, string>> = {
  400: 'bad_request',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  413: 'body_too_large',
  414: 'uri_too_long',
  415: 'unsupported_media_type',
  429: 'too_many_requests',
  431: 'headers_too_large',
  503: 'unavailable',
};

export type FieldError = { readonly field: string; readonly message: string };

/** What goes with a problem beside its text: members of the body, headers of the answer. */
export type ProblemExtras = {
  readonly members?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
};

/** A request that is answered with an RFC 9457 problem. Thrown anywhere below a route; codes are part of the public API. */
export class Problem extends Error {
  override readonly name = 'Problem';

  /** `detail` says what to do about this occurrence; the title follows from the code alone. */
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly extras: ProblemExtras = {},
  ) {
    super(detail);
  }
}

/** A 400 that names each field and what is expected of it. */
export const invalidFields = (errors: readonly FieldError[]): Problem =>
  new Problem(400, 'invalid_request', errors.map(({ field, message }) => `${field}: ${message}`).join('; '), {
    members: { errors },
  });

export const invalidField = (field: string, message: string): Problem => invalidFields([{ field, message }]);

/** The work was not done, or nobody knows whether it was: repeat it with the same `Idempotency-Key`. */
export const unavailable = (detail: string): Problem =>
  new Problem(503, 'unavailable', detail, { headers: { 'retry-after': '1' } });

/** Any error of a request as a problem; undefined for one that nobody foresaw. */
export function problemOf(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error;
  if (error instanceof Refused)
    return new Problem(statusOf[error.code], error.code, error.message, { members: error.detail });
  if (hasCode(error, 'revision_conflict'))
    return new Problem(409, error.code, 'Others keep changing this cart: read it and try again.');
  if (hasCode(error, 'event_too_large')) return new Problem(413, error.code, error.message);
  if (hasCode(error, 'unavailable')) return unavailable('The store cannot be reached. Try again.');
  return foreignProblem(error);
}

const longestForeignText = 200;

/** Nest's own errors have a method, those of Fastify and of its plugins a property. Their messages may repeat what the client sent. */
function foreignProblem(error: unknown): Problem | undefined {
  if (typeof error !== 'object' || error === null || !('message' in error)) return undefined;
  const carried = 'statusCode' in error ? Number(error.statusCode) : 500;
  const status = error instanceof HttpException ? error.getStatus() : carried;
  const code = codeOf[status];
  if (code === undefined) return undefined;
  return new Problem(status, code, String(error.message).slice(0, longestForeignText));
}

/** What nobody foresaw is logged and answered with a 500 that tells nothing. */
export function sendProblem(reply: FastifyReply, error: unknown): Problem {
  const problem = problemOf(error) ?? new Problem(500, 'internal_error', 'Something went wrong on our side.');
  if (problem.status === 500) log.error(error);
  reply
    .status(problem.status)
    .headers(problem.extras.headers ?? {})
    .header('content-type', 'application/problem+json')
    .send(problemJson(problem));
  return problem;
}

export function problemJson({ status, code, detail, extras }: Problem): string {
  const body = { type: `urn:cartage:problem:${code}`, title: titleOf(code), status, code, detail };
  return JSON.stringify({ ...body, ...extras.members });
}

const log = new Logger('api');

function titleOf(code: string): string {
  const words = code.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

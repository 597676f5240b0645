import type { ApiDocument } from './document.fixture.ts';
import type { Framing } from './framing.fixture.ts';
import { words } from './nasty.fixture.ts';
import { ownerOf, secret } from './population.fixture.ts';
import type { FuzzRequest } from './requests.fixture.ts';
import type { WireAnswer } from './wire.fixture.ts';

/** Every code a client may meet here. One that is missing was renamed, which no client expects. */
const codes = new Set(
  words(`
    bad_request invalid_request unauthenticated forbidden insufficient_scope not_found method_not_allowed
    revision_mismatch revision_conflict body_too_large uri_too_long unsupported_media_type expectation_failed
    headers_too_large idempotency_key_reused cart_empty cart_frozen cart_merged freeze_out_of_range line_limit
    line_not_found not_for_guests quantity_out_of_range`),
);

/** A stack, or the place of a file. */
const inside = /\n\s+at |node_modules|file:\/\/|\/(?:src|dist|tmp|home|root)\/|\.[jt]s:\d/;

/** What HTTP itself turns away, whichever operation it was for. */
const ofHttp = new Set([417, 431]);
const ofBadHttp = new Set([...ofHttp, 400]);

/** All that no answer may be. Empty: this one is fine. */
export function faultsOf(
  document: ApiDocument,
  request: FuzzRequest,
  { sound }: Framing,
  answer: WireAnswer | 'closed' | 'hanging',
): readonly string[] {
  if (answer === 'closed') return sound ? ['no answer'] : [];
  if (answer === 'hanging') return ['neither an answer nor an end'];
  const { status, body } = answer;
  const faults: string[] = [];
  if (status >= 500) faults.push(`status ${status}`);
  if (inside.test(body)) faults.push('tells what is inside');
  if (body.includes(secret)) faults.push('shows the cart of a bystander');
  if (request.method === 'HEAD') return faults;
  faults.push(...strangers(request, answer));
  const operation = document.find(request.method, request.target);
  const isOfHttp = (sound ? ofHttp : ofBadHttp).has(status);
  if (operation && !isOfHttp) faults.push(...document.faults(operation, answer));
  return status < 400 ? faults : [...faults, ...problemFaults(answer)];
}

function problemFaults({ status, headers, body }: WireAnswer): readonly string[] {
  if (headers['content-type']?.split(';')[0] !== 'application/problem+json') return ['no problem+json'];
  const problem = JSON.parse(body) as Readonly<Record<string, unknown>>;
  const { code } = problem;
  if (typeof code !== 'string' || !codes.has(code)) return [`the code ${String(code)}`];
  const expected = { type: `urn:cartage:problem:${code}`, status };
  return Object.entries(expected).flatMap(([name, value]) =>
    problem[name] === value ? [] : [`${name} ${String(problem[name])}`],
  );
}

/** Carts in the answer that the caller may not see. */
function strangers({ caller }: FuzzRequest, { status, headers, body }: WireAnswer): readonly string[] {
  if (status !== 200 || !headers['content-type']?.startsWith('application/json')) return [];
  type Cart = { readonly id?: string };
  const answered = JSON.parse(body) as Cart & { readonly carts?: readonly Cart[] };
  const carts = answered.carts ?? [answered];
  return carts.flatMap(({ id }) =>
    id === undefined || caller.owners.includes(ownerOf(id)) ? [] : [`shows the cart ${id} to ${caller.role}`],
  );
}

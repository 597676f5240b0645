import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams, { type ReadReq } from '@eventstore/db-client/generated/streams_pb.js';

const { Options } = streams.ReadReq;

/** Every so many windows of 32 records looked at, matching or not, the server says how far it is. */
const checkpointInterval = 8;

/** Asks for the log after a position, −1n being its beginning, and for what happens from then on. */
export function followRequest(after: bigint, prefixes: readonly string[] | undefined): ReadReq {
  const options = new Options();
  options.setAll(startingAfter(after));
  options.setSubscription(new Options.SubscriptionOptions());
  options.setFilter(filterOf(prefixes));
  const uuids = new Options.UUIDOption();
  uuids.setString(new shared.Empty());
  options.setUuidOption(uuids);
  const request = new streams.ReadReq();
  request.setOptions(options);
  return request;
}

function startingAfter(after: bigint): ReadReq.Options.AllOptions {
  const all = new Options.AllOptions();
  if (after < 0n) all.setStart(new shared.Empty());
  else {
    const position = new Options.Position();
    position.setCommitPosition(String(after));
    position.setPreparePosition(String(after));
    all.setPosition(position);
  }
  return all;
}

/** What the server leaves out; its own streams are told by their first character. */
function filterOf(prefixes: readonly string[] | undefined): ReadReq.Options.FilterOptions {
  const expression = new Options.FilterOptions.Expression();
  if (!prefixes || prefixes.includes('')) expression.setRegex('^[^$]');
  else if (prefixes.length === 0) expression.setRegex('(?!)');
  else expression.setPrefixList([...prefixes]);
  const filter = new Options.FilterOptions();
  filter.setStreamIdentifier(expression);
  filter.setCount(new shared.Empty());
  filter.setCheckpointintervalmultiplier(checkpointInterval);
  return filter;
}

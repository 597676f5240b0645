import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import { invalid } from './failures.ts';
import type { LogRecord } from './record.ts';

type Filter = {
  readonly matches: (record: LogRecord) => boolean;
  readonly checkpointEvery: number;
};

const defaultWindow = 32;

/** Which records a subscription is sent, and how often it is told how far the server has looked. @throws {ServiceError} the expression is none */
export function filterOf(options: ReadReq.Options.FilterOptions | undefined): Filter {
  if (options === undefined) return { matches: () => true, checkpointEvery: Infinity };
  const window = options.hasMax() ? options.getMax() : defaultWindow;
  return {
    matches: matcher(options),
    checkpointEvery: Math.max(1, window * options.getCheckpointintervalmultiplier()),
  };
}

function matcher(options: ReadReq.Options.FilterOptions): (record: LogRecord) => boolean {
  const byStream = options.getStreamIdentifier();
  const expression = byStream ?? options.getEventType();
  if (expression === undefined) throw invalid('The filter names neither streams nor event types.');
  const subject = (record: LogRecord): string => (byStream === undefined ? record.type : record.stream);
  const prefixes = expression.getPrefixList();
  if (prefixes.length > 0) return (record) => prefixes.some((prefix) => subject(record).startsWith(prefix));
  const pattern = patternOf(expression.getRegex());
  return (record) => pattern.test(subject(record));
}

function patternOf(regex: string): RegExp {
  try {
    return new RegExp(regex);
  } catch {
    throw invalid(`${regex} is no regular expression.`);
  }
}

import { CsvError, parse } from 'csv-parse/sync';

export type CsvRecord = {
  /** The fields, trimmed, or what is wrong with the record. */
  readonly content: readonly string[] | { readonly problem: string };
  /** The index of the line after the record. */
  readonly next: number;
};

/** A quoted field may span lines; one that spans more than these was opened by mistake. */
const longestRecord = 10;

/**
 * The record of `width` fields that begins with this line of a CSV text (RFC 4180). Whatever is wrong with a record, it is wrong
 * with that line alone: the next line begins a record again.
 */
export function recordAt(lines: readonly string[], at: number, width?: number): CsvRecord {
  const first = lines[at] ?? '';
  if (first.trim() === '') return { content: { problem: 'the line is empty' }, next: at + 1 };
  const content = fieldsOf(first);
  if (!('problem' in content) || !content.open) return { content, next: at + 1 };
  for (let next = at + 2; next <= Math.min(lines.length, at + longestRecord); next += 1) {
    const fields = fieldsOf(lines.slice(at, next).join('\n'));
    if (!('problem' in fields) && fields.length === width) return { content: fields, next };
    if (!('problem' in fields) || !fields.open) break;
  }
  return { content, next: at + 1 };
}

function fieldsOf(text: string): readonly string[] | { readonly problem: string; readonly open: boolean } {
  try {
    const [fields = []] = parse(text, { record_delimiter: '\n' });
    return fields.map((field) => field.trim());
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const open = error.code === 'CSV_QUOTE_NOT_CLOSED';
    return { problem: open ? 'a quote is opened and not closed' : 'a quote stands where none may', open };
  }
}

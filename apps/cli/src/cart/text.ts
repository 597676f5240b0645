import { canonical, type CartView } from '@cartage/cart';
import type { Entry, Stored } from './history.ts';

const widest = 110;

/** The events and the cart after each, one event in two lines; `full` shows them as whole JSON. */
export function historyText(stream: string, history: readonly Entry[], full: boolean): string {
  const lines = history.flatMap((entry) => {
    const { revision, type, recordedAt, data, view, problem } = entry;
    const time = new Date(recordedAt).toISOString();
    const facts = full ? JSON.stringify(data, null, 2) : compactData(data);
    const after = view ? (full ? JSON.stringify(view, null, 2) : compactView(view)) : `UNREADABLE ${problem}`;
    return [`${String(revision).padStart(5)}  ${time}  ${type} ${facts}`, `       = ${after}`];
  });
  return [`${stream}: ${history.length} events`, ...lines, ''].join('\n');
}

/** What each store holds, and where it differs from the log at the same revision. */
export function storedText(stored: readonly Stored[], history: readonly Entry[]): string {
  const lines = stored.flatMap(({ store, state, behind, view, reason }) => {
    const place = `${store}: ${view ? `revision ${view.revision}` : 'no view'}`;
    const lag =
      behind === undefined ? '' : behind === 0 ? ', level with the log' : `, ${behind} behind the log`;
    const why = reason === undefined ? '' : ` (${reason})`;
    const folded = history.find(({ revision }) => revision === view?.revision)?.view;
    const line = `${place}${lag}, ${verdicts[state]}${why}`;
    if (state !== 'different' || !view || !folded) return [line];
    return [line, `  log    ${canonical(folded)}`, `  store  ${canonical(view)}`];
  });
  return `${lines.join('\n')}\n`;
}

const verdicts: Readonly<Record<Stored['state'], string>> = {
  equal: 'equal to the log at that revision',
  different: 'DIFFERENT from the log',
  uncertain: 'not comparable',
  missing: 'nothing to compare',
  unreachable: 'UNREACHABLE',
};

function compactData(data: unknown): string {
  if (typeof data !== 'object' || data === null) return cut(JSON.stringify(data));
  const { at: _, expiresAt: _e, ...facts } = data as Readonly<Record<string, unknown>>;
  return cut(JSON.stringify(facts));
}

function compactView({ status, lines, lineCount, itemCount }: CartView): string {
  const units = lines.map(({ lineId, quantity }) => `${quantity} ${lineId}`).join(', ');
  return cut(`${status}, ${lineCount} lines, ${itemCount} units${units && `: ${units}`}`);
}

const cut = (text: string): string => (text.length > widest ? `${text.slice(0, widest)} …` : text);

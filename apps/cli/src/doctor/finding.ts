/** What was looked at and found. `note`: worth knowing; `problem`: to be mended, `advice` says how. */
export type Finding = {
  readonly area: string;
  readonly level: 'ok' | 'note' | 'problem';
  readonly text: string;
  readonly advice?: string;
};

export const ok = (area: string, text: string): Finding => ({ area, level: 'ok', text });
export const note = (area: string, text: string, advice?: string): Finding => ({
  area,
  level: 'note',
  text,
  ...(advice !== undefined && { advice }),
});
export const problem = (area: string, text: string, advice: string): Finding => ({
  area,
  level: 'problem',
  text,
  advice,
});

const marks: Readonly<Record<Finding['level'], string>> = { ok: 'ok    ', note: 'note  ', problem: 'WRONG ' };

export function findingsText(findings: readonly Finding[]): string {
  const lines = findings.flatMap(({ area, level, text, advice }) => [
    `${marks[level]} ${area}: ${text}`,
    ...(advice === undefined ? [] : [`        → ${advice}`]),
  ]);
  const problems = findings.filter(({ level }) => level === 'problem').length;
  return [...lines, problems === 0 ? 'Nothing is wrong.' : `${problems} to mend.`, ''].join('\n');
}

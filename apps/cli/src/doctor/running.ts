import type { Config } from '@cartage/runtime';
import { type Health, healthOf, healthOriginOf, processNames } from '../processes.ts';
import { type Finding, note, ok, problem } from './finding.ts';

/** Whether the processes run and are ready. None at all is a system at rest; some missing is trouble. */
export async function checkProcesses(config: Config): Promise<readonly Finding[]> {
  const all = await Promise.all(
    processNames.map(async (name) => {
      const origin = healthOriginOf(name, config);
      return { name, origin, health: await healthOf(origin) };
    }),
  );
  if (all.every(({ health }) => health.state === 'down'))
    return [note('processes', 'none is running', 'npx cartage start')];
  return all.flatMap(({ name, origin, health }) => [
    finding(name, origin, health),
    ...unfinishedMerges(health).map((merge) =>
      problem(name, `a merge cannot be finished: ${merge}`, 'npx cartage cart <guestCartId> shows why.'),
    ),
  ]);
}

function finding(name: string, origin: string, { state, detail }: Health): Finding {
  switch (state) {
    case 'ready':
      return ok(name, `ready at ${origin}`);
    case 'degraded':
      return problem(
        name,
        `degraded at ${origin}: ${detail}`,
        'It does its work without what its answer says is out of order: mend that.',
      );
    case 'unready':
      return problem(
        name,
        `not ready at ${origin}: ${detail}`,
        'What it waits for stands in its answer and its log.',
      );
    case 'down':
      return problem(name, `not running at ${origin} (${detail})`, `npx cartage start --only ${name}`);
  }
}

/** The merges control has given up on, as it lists them in its answer. */
function unfinishedMerges({ detail }: Health): readonly string[] {
  const list = member(member(parsed(detail), 'merges'), 'unfinished');
  return Array.isArray(list) ? list.map((merge) => JSON.stringify(merge)) : [];
}

const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;

/** Something else may listen there: what is no JSON says nothing. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

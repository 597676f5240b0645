import { lackOfDatabases } from '../databases.ts';
import { runScenario } from '../faults.ts';
import { newSeed } from '../random.ts';
import { fixture } from './index.ts';
import type { Outcome, Scenario } from './scenario.ts';

/** Runs a scenario's short version with a new seed, which is printed, and answers its facts when it held. */
export async function holds(scenario: Scenario): Promise<Outcome['facts']> {
  const { seed, facts, differences } = await runScenario(scenario, {
    seed: newSeed(),
    rounds: scenario.rounds.short,
    file: fixture,
    isShort: true,
  });
  expect({ seed, differences }).toEqual({ seed, differences: [] });
  return facts;
}

/** The time a test of this scenario may take, ms: it ends by itself before. */
export const limitOf = ({ limit, rounds }: Scenario): number => limit(rounds.short) + 30_000;

const lack = await lackOfDatabases();

/** A suite that launches databases. Without them it is skipped, and the title says what is missing; with `CI` set it fails. */
export function describeOnDatabases(title: string, suite: () => void): void {
  const launchable = lack === undefined || process.env['CI'] ? describe : describe.skip;
  launchable(lack === undefined ? title : `${title} (NOT TESTED: ${lack})`, suite);
}

import { type Engine, type EngineName, type Proofs, variableOf } from './engine.ts';

const meaning: Readonly<Record<keyof Proofs, string>> = {
  ttl: 'that the engine removes what has expired',
  indexConflicts: 'that a conflicting index is refused',
  durability: 'that an acknowledged write survives SIGKILL',
};

/**
 * For specs: `describeOn(await findEngine('cassandra'), 'cassandra', (engine) => { … })` runs the suite on the engine, and prints
 * what the engine cannot prove. Without an engine there is one skipped test whose title says what to run; with `CI` set it fails.
 */
export function describeOn(
  engine: Engine | undefined,
  name: EngineName,
  suite: (engine: Engine) => void,
): void {
  if (engine !== undefined) {
    warnOfWhatIsNotChecked(engine);
    describe(`on ${engine.title}`, () => suite(engine));
    return;
  }
  const title = `NOT TESTED: there is no ${name}; run: npm run engines -- up ${name} (or set ${variableOf(name)})`;
  if (process.env['CI'])
    it(title, () => {
      throw new Error(title);
    });
  else it.skip(title, () => undefined);
}

function warnOfWhatIsNotChecked({ title, proves }: Engine): void {
  const gaps = (['ttl', 'indexConflicts', 'durability'] as const).filter((proof) => !proves[proof]);
  if (gaps.length > 0)
    process.stderr.write(`not checked: ${gaps.map((gap) => meaning[gap]).join('; ')} (${title})\n`);
}

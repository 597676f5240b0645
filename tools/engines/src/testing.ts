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

/**
 * {@link describeOn} for a suite that starts engines of its own to do them harm, and takes minutes with it. `npm test` sets
 * LONG_TESTS; without it there is one skipped test whose title says so.
 */
export function describeAtLength(
  engine: Engine | undefined,
  name: EngineName,
  about: string,
  suite: () => void,
): void {
  if (process.env['LONG_TESTS']) describeOn(engine, name, () => describe(about, suite));
  else
    it.skip(`NOT TESTED: ${about} (takes minutes; \`npm test\` does, or set LONG_TESTS=1)`, () => undefined);
}

function warnOfWhatIsNotChecked({ title, proves }: Engine): void {
  const gaps = (['ttl', 'indexConflicts', 'durability'] as const).filter((proof) => !proves[proof]);
  if (gaps.length > 0)
    process.stderr.write(`not checked: ${gaps.map((gap) => meaning[gap]).join('; ')} (${title})\n`);
}

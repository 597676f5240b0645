const { borrowEngine, engineNames, MissingToolchain, variableOf } = await import(
  new URL('../engines/dist/index.js', import.meta.url).href
);

/**
 * Starts each engine that can be had and is not there already; answers, for each, what it is (`title`, `real`), or why it is absent,
 * the variables that name them to suites, and how to end what was started.
 */
export async function borrowEngines() {
  const all = await Promise.all(engineNames.map(borrow));
  const present = all.filter(({ engine }) => engine);
  return {
    all,
    variables: Object.fromEntries(present.map(({ name, engine }) => [variableOf(name), engine.url])),
    release: () => Promise.all(present.map(({ release }) => release())),
  };
}

async function borrow(name) {
  try {
    const borrowed = await borrowEngine(name);
    return { name, why: 'EventStoreDB protocol (facades of the suites)', ...borrowed };
  } catch (error) {
    if (error instanceof MissingToolchain) return { name, why: error.message, isMissing: true };
    throw error;
  }
}

/** The table of engines that ends a run, as lines. */
export const tableOf = (all) => [
  'engine        is        used',
  'embedded      real      LMDB',
  ...all.map(({ name, engine, why, isMissing }) => {
    const kind = isMissing ? 'ABSENT' : engine?.real ? 'real' : 'stand-in';
    return `${name.padEnd(14)}${kind.padEnd(10)}${engine?.title ?? why}`;
  }),
];

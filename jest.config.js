import { fileURLToPath } from 'node:url';

/** One Jest configuration for every project: `nx test <project>` sets --rootDir. */
export default {
  testMatch: ['<rootDir>/src/**/*.spec.ts'],
  reporters: ['default', fileURLToPath(new URL('tools/test/reporter.mjs', import.meta.url))],
  // Long enough for a machine that does much else: how fast something is belongs in a benchmark.
  testTimeout: 30_000,
  extensionsToTreatAsEsm: ['.ts'],
  testEnvironmentOptions: { customExportConditions: ['@cartage/source', 'node', 'node-addons'] },
  transform: {
    '\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          experimental: { keepImportAttributes: true },
          target: 'es2023',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
};

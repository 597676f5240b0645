#!/usr/bin/env node
try {
  const { setUp } = await import(new URL('../../setup/index.mjs', import.meta.url).href);
  setUp();
  await import(new URL('../dist/main.js', import.meta.url).href);
} catch (error) {
  process.stderr.write(`engines: ${error.message}\n`);
  process.exitCode = 1;
}

import { parseArgs } from 'node:util';
import { serveControl } from './control.ts';
import { startEventStoreDbFacade } from './facade.ts';

/**
 * A facade as a process of its own: `process.ts --port <n> [--control <n>] [--file <f>] [--attached]`. It says `READY <url> <control url>` once
 * it answers. Attached, it ends when its standard input does, so that it does not outlive whoever started it.
 */
const { values } = parseArgs({
  options: {
    port: { type: 'string' },
    control: { type: 'string' },
    file: { type: 'string' },
    attached: { type: 'boolean' },
  },
});

try {
  const facade = await startEventStoreDbFacade({
    port: Number(values.port ?? 0),
    ...(values.file !== undefined && { file: values.file }),
  });
  const control = await serveControl(facade, Number(values.control ?? 0));
  const end = (): void => void facade.close().then(() => process.exit());
  process.on('SIGTERM', end).on('SIGINT', end);
  if (values.attached) process.stdin.on('end', end).resume();
  process.stdout.write(`READY ${facade.url} ${control}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

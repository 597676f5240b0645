import { readConfig, runProcess } from '@cartage/runtime';
import { startControl } from './control.ts';

await runProcess('control', async () => (await startControl(readConfig(process.env))).stop);

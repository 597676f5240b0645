import { readConfig, runProcess } from '@cartage/runtime';
import { startProjector } from './projector.ts';

await runProcess('projector', async () => {
  const projector = await startProjector(readConfig(process.env));
  // When it rejects, nothing is left to do: the process ends and says why.
  void projector.ended;
  return projector.stop;
});

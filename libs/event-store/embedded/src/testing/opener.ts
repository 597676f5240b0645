/** Opens a log and closes it again, until it is ended: `opener <folder>`. */
import { EmbeddedEventStore } from '../index.ts';

const [folder = ''] = process.argv.slice(2);
for (;;) {
  const log = await EmbeddedEventStore.open(folder);
  await log.head();
  await log.close();
}

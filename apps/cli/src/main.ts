import { Command } from 'commander';
import { addCart } from './cart/command.ts';
import { addCopyLog } from './copy-log/command.ts';
import { addDoctor } from './doctor/command.ts';
import { exitCode, report } from './exit.ts';
import { addGenerations } from './generations/command.ts';
import { addParked } from './parked/command.ts';
import { addRebuild } from './rebuild/command.ts';
import { addReplay } from './replay/command.ts';
import { addRetention } from './retention/command.ts';
import { addStart } from './start/command.ts';

const program = new Command('cartage')
  .description('Runs a Cartage system, shops in it, looks into its carts and says what is wrong with it.')
  .exitOverride()
  .showHelpAfterError('(--help shows how)')
  .addHelpText(
    'after',
    `
Settings come from the environment (PORT, EVENT_STORE, READ_STORES …): cartage doctor shows them.
Exit codes: 0 all is well, 1 trouble was found, 2 wrong usage.`,
  );
for (const add of [
  addStart,
  addReplay,
  addCart,
  addRetention,
  addCopyLog,
  addRebuild,
  addGenerations,
  addParked,
  addDoctor,
])
  add(program);

// `cartage … | head` closes the pipe: nobody wants the rest.
process.stdout.on('error', () => process.exit(exitCode.ok));
try {
  await program.parseAsync();
} catch (error) {
  // What else is under way is of no use any more.
  process.exit(report(error));
}

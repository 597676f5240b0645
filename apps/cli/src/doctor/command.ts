import type { Env } from '@cartage/runtime';
import type { Command } from 'commander';
import { exitCode } from '../exit.ts';
import { type Finding, findingsText } from './finding.ts';
import { checkProcesses } from './running.ts';
import { checkAccess, checkNode, readSettings } from './settings.ts';
import { checkStorage } from './storage.ts';

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('Says what is configured, reachable and behind, and what to do about it.')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Example:
  $ READ_STORES=embedded:./.data/views npx cartage doctor

Works while the processes run and while they do not. Exit code 1: something is to be mended.`,
    )
    .action(async ({ json }: { json?: true }) => {
      const findings = await examine(process.env);
      process.stdout.write(json ? `${JSON.stringify({ findings })}\n` : findingsText(findings));
      if (findings.some(({ level }) => level === 'problem')) process.exitCode = exitCode.trouble;
    });
}

async function examine(env: Env): Promise<readonly Finding[]> {
  const { config, findings } = readSettings(env);
  const first = [checkNode(process.versions.node), ...findings];
  if (!config) return first;
  const [access, storage, processes] = await Promise.all([
    checkAccess(config),
    checkStorage(config),
    checkProcesses(config),
  ]);
  return [...first, ...access, ...storage, ...processes];
}

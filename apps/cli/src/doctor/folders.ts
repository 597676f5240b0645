import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { messageOf } from '../exit.ts';
import { type Finding, note, ok, problem } from './finding.ts';

const gibibyte = 2 ** 30;

/** Whether the folder of an embedded store exists, may be written, and has room. */
export async function checkFolder(area: string, folder: string): Promise<Finding> {
  const path = resolve(folder);
  const existing = await nearestExisting(path);
  if (!(await stat(existing)).isDirectory())
    return problem(area, `${existing} is no folder`, 'Remove the file, or configure another folder.');
  try {
    await access(existing, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    return problem(
      area,
      `${existing} cannot be written (${messageOf(error)})`,
      'Change its owner or permissions.',
    );
  }
  const { bavail, bsize } = await statfs(existing);
  const free = bavail * bsize;
  const room = `${(free / gibibyte).toFixed(1)} GiB free`;
  if (free < gibibyte) return problem(area, `${path} has only ${room}`, 'Make room before the disk is full.');
  return existing === path
    ? ok(area, `${path} is writable, ${room}`)
    : note(
        area,
        `${path} does not exist yet, ${room}`,
        'The first start creates it. If there was one: wrong folder?',
      );
}

async function nearestExisting(path: string): Promise<string> {
  const exists = await access(path).then(
    () => true,
    () => false,
  );
  return exists || dirname(path) === path ? path : await nearestExisting(dirname(path));
}

// Lets a process or a thread that a test starts run the sources as they are:
// `node --conditions=@cartage/source --import <this file> program.ts`.
import { register } from 'node:module';

register('./typescript-hooks.mjs', import.meta.url);

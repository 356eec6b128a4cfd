import { writeSync } from 'node:fs';
import { peakMemory } from './processes.ts';

// `node --import` loads this before a program, so that its parent learns its peak memory on file descriptor 3.
process.once('exit', () => {
  writeSync(3, String(peakMemory()));
});

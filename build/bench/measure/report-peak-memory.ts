import { writeSync } from 'node:fs';
import { peakMemory } from './processes.ts';

// `node --import` loads this before a program, so that its parent reads its peak memory from file descriptor 3.
process.once('exit', () => {
  writeSync(3, String(peakMemory()));
});

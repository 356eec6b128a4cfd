import { writeSync } from 'node:fs';
import { ownUsage } from './processes.ts';

// `node --import` loads this before a program, so that its parent reads what it has used from file descriptor 3.
process.once('exit', () => {
  writeSync(3, JSON.stringify(ownUsage()));
});

import { writeSync } from 'node:fs';
import { peakMemory } from './peak-memory.ts';

// Goes before a program (`node --import`): tells its parent, on file descriptor 3, how much memory it came to need.
process.once('exit', () => {
  writeSync(3, String(peakMemory('self') ?? process.resourceUsage().maxRSS * 1024));
});

#!/usr/bin/env node
import { runProcess } from '../cli/cli.ts';
import { run } from './program.ts';

await runProcess(run);

#!/usr/bin/env node
import { topHelp } from './commandTable.js';

// A reader that has seen enough (| head) is no error.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? 0 : 1);
  });
}

const args = process.argv.slice(2);
if (args.length === 0 || (args.length === 1 && ['-h', '--help', 'help'].includes(args[0]!))) {
  process.stdout.write(topHelp());
} else {
  const { runProgram } = await import('./program.js');
  await runProgram(args);
}

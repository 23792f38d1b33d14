#!/usr/bin/env node
import { topHelp } from './commandTable.js';

// A reader that has seen enough (| head) is no error; results that cannot be written are one.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  void reportLostOutput(error);
});
// Talk that nobody can read stops no command and changes no exit code.
process.stderr.on('error', () => undefined);

// An empty variable is one that is not set.
for (const [name, value] of Object.entries(process.env)) {
  if (name.startsWith('GIGASIM_') && value === '') Reflect.deleteProperty(process.env, name);
}

async function reportLostOutput(error: Error): Promise<void> {
  const [{ reportFailure }, { ioError }] = await Promise.all([import('./failure.js'), import('../io/ioError.js')]);
  const advice = 'Send it elsewhere.';
  // Not as JSON even where that is asked for: it would go to the same place.
  reportFailure(ioError('io.write', 'standard output', 'a place to write results', error, advice), []);
  process.exit();
}

const args = process.argv.slice(2);
if (args.length === 0 || (args.length === 1 && ['-h', '--help', 'help'].includes(args[0]!))) {
  process.stdout.write(topHelp());
} else if (args[0] === 'help') {
  const { runProgram } = await import('./program.js');
  await runProgram([...args.slice(1), '--help']);
} else {
  const { runProgram } = await import('./program.js');
  await runProgram(args);
}

import { Command, CommanderError } from 'commander';
import { SimError } from '../base/errors.js';
import { packageVersion } from '../io/library.js';
import { COMMANDS, topHelp } from './commandTable.js';
import { reportFailure } from './failure.js';

/** Parses the arguments and does the command; sets the process's exit code and never throws. */
export async function runProgram(args: readonly string[]): Promise<void> {
  try {
    const program = await buildProgram(args);
    await program.parseAsync(args, { from: 'user' });
  } catch (thrown) {
    const failure = thrown instanceof CommanderError ? usageError(thrown) : thrown;
    if (failure !== undefined) reportFailure(failure, args);
  }
}

/** All commands by name, for suggestions; options and action only of the one that is called. */
async function buildProgram(args: readonly string[]): Promise<Command> {
  const program = new Command('gigasim')
    .exitOverride()
    .configureOutput({ outputError: () => undefined })
    .version(packageVersion(), '-V, --version')
    .helpCommand(false);
  program.helpInformation = topHelp;
  const called = args.find((arg) => !arg.startsWith('-'));
  for (const { name, summary, load } of COMMANDS) {
    const command = program.command(name).description(summary).summary(summary);
    if (name === called) (await load()).define(command);
  }
  return program;
}

/** The parser's complaint as one of ours; `undefined` for help and version, which it throws too. */
function usageError(error: CommanderError): SimError | undefined {
  if (error.exitCode === 0) return undefined;
  if (error.code === 'commander.help') return new SimError('usage', 'expected a command; see gigasim --help');
  const [first = '', ...suggestions] = error.message.replace(/^error: /, '').split('\n');
  const hint = suggestions.join(' ').replace(/^\((.*)\)$/, '$1');
  return new SimError('usage', first, hint === '' ? [] : [{ path: '', message: first, hint }]);
}

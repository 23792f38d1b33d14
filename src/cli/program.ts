import { Command, CommanderError } from 'commander';
import { SimError } from '../base/errors.js';
import { packageVersion } from '../io/package.js';
import { COMMANDS, topHelp } from './commandTable.js';
import { reportFailure } from './failure.js';

/** Parses the arguments and does the command; sets the process's exit code and never throws. */
export async function runProgram(args: readonly string[]): Promise<void> {
  try {
    const program = await buildProgram(args);
    await program.parseAsync(args, { from: 'user' });
  } catch (thrown) {
    const failure = thrown instanceof CommanderError ? usageError(thrown, calledCommand(args)) : thrown;
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
  const called = calledCommand(args);
  for (const { name, summary, load } of COMMANDS) {
    const command = program.command(name).description(summary).summary(summary);
    if (name === called) (await load()).define(command);
  }
  return program;
}

const calledCommand = (args: readonly string[]): string | undefined => args.find((arg) => !arg.startsWith('-'));

/** The parser's complaint as one of ours; `undefined` for help and version, which it throws too. */
function usageError(error: CommanderError, called: string | undefined): SimError | undefined {
  if (error.exitCode === 0) return undefined;
  const known = COMMANDS.some(({ name }) => name === called);
  const help = `See gigasim ${known ? `${String(called)} ` : ''}--help.`;
  if (error.code === 'commander.help') return new SimError('usage', `expected a command. ${help}`);
  const [first = '', ...suggestions] = error.message.replace(/^error: /, '').split('\n');
  const near = suggestions.join(' ').replace(/^\((.*)\)$/, '$1');
  const message = first.replace(
    /^command-argument value '(.*)' is invalid for argument '(.*)'\./,
    "expected another $2 than '$1'.",
  );
  return new SimError('usage', message, [{ path: '', message, hint: near === '' ? help : near }]);
}

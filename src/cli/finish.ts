import { shellWord } from './shellWord.js';
import type { Executed } from './execute.js';
import type { RunOptions } from './options.js';
import type { Talk } from './talk.js';

/** Exit code when some runs failed. */
const RUNS_FAILED = 4;

/** Says which runs failed or were stopped and how to go on; sets the exit code; ends with the next useful command. */
export function finishRuns({ failed, interruptedBy }: Executed, options: RunOptions, talk: Talk, next: string): void {
  for (const { run, error } of failed) talk.warn(`${talk.paint('red', error.code)}: ${run}: ${error.message}`);
  if (failed.length > 0) process.exitCode = Math.max(...failed.map(({ error }) => error.exitCode), RUNS_FAILED);
  if (interruptedBy !== undefined) {
    process.exitCode = interruptedBy;
    const again = ['gigasim', ...process.argv.slice(2).map(shellWord)].join(' ');
    talk.warn(
      options.out === undefined
        ? `Stopped before the end. To start again so that finished runs are kept: ${again} --out results`
        : `Stopped before the end. Finished runs are in ${options.out}; to go on from there: ${again}`,
    );
    return;
  }
  talk.say(`next: ${next}`);
}

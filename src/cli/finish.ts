import { shellWord } from './shellWord.js';
import { EXIT_CODE_OF } from '../base/errors.js';
import type { Command } from 'commander';
import type { Plan } from '../plan/plan.js';
import type { Executed, FailedRun } from './execute.js';
import { typedOptions, type RunOptions } from './options.js';
import type { Talk } from './talk.js';

/** 1 when any failure is a mistake of ours, such as a failed audit, whatever else failed beside it; else 4. */
function exitCodeOf(failed: readonly FailedRun[]): number {
  const isOurs = failed.some(({ error }) => error.exitCode === EXIT_CODE_OF['internal.invariant']);
  return isOurs ? EXIT_CODE_OF['internal.invariant'] : EXIT_CODE_OF['run.failed'];
}

/** Says which runs failed or were stopped and how to go on; sets the exit code; ends with the next useful command, if any. */
export function finishRuns(
  { failed, interruptedBy }: Executed,
  options: RunOptions,
  talk: Talk,
  next: string | undefined,
): void {
  for (const { run, error } of failed) talk.warn(`${talk.paint('red', error.code)}: ${run}: ${error.message}`);
  if (failed.length > 0) process.exitCode = exitCodeOf(failed);
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
  if (next !== undefined) talk.say(`next: ${next}`);
}

/**
 * The options typed, for the next command about the same scenario: only with policies of which no run failed.
 *
 * @returns undefined where every policy failed
 */
export function nextOptions(command: Command, { policies }: Plan, failed: readonly FailedRun[]): string | undefined {
  if (failed.length === 0) return typedOptions(command, ['set', 'seed', 'priceYear', 'policy', 'out']);
  const bad = new Set(failed.map(({ policy }) => policy));
  const left = policies.map(({ text }) => text).filter((text) => !bad.has(text));
  if (left.length === 0) return undefined;
  const policy = left.length === 1 ? left[0]! : JSON.stringify(left);
  return `${typedOptions(command, ['set', 'seed', 'priceYear'])} --policy ${shellWord(policy)}${typedOptions(command, ['out'])}`;
}

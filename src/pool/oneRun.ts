import { SimError } from '../base/errors.js';
import { inlinePool } from './inline.js';
import type { FinishedTask, RunTask } from './pool.js';
import { threadsPool, type ThreadsOptions } from './threads.js';

/**
 * One run, on this thread; with a user's own policy on another, which can be stopped when the policy never returns.
 *
 * @throws SimError what the run failed with
 */
export async function oneRun(task: RunTask, own: Omit<ThreadsOptions, 'threads'> = {}): Promise<FinishedTask> {
  const isOwn = Object.keys(task.inputs.policies ?? {}).length > 0;
  const [outcome] = await (isOwn ? threadsPool({ threads: 1, ...own }) : inlinePool()).run([task]);
  if (outcome!.ok) return outcome!;
  throw SimError.fromRecord(outcome!.error);
}

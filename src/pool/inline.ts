import { setImmediate } from 'node:timers/promises';
import { PlanProgress } from './planProgress.js';
import type { Pool } from './pool.js';
import { runTask } from './runTask.js';

/**
 * Runs one after the other on this thread: for tests, small plans and debugging.
 *
 * The thread is busy while a run lasts, so progress shows and a stop is heard between runs only.
 *
 * @param doRun - what does a run; replaced in tests
 */
export function inlinePool(doRun: typeof runTask = runTask): Pool {
  return {
    async run(tasks, hooks = {}) {
      const progress = new PlanProgress(tasks.length, hooks);
      try {
        progress.report();
        for (const [index, task] of tasks.entries()) {
          await setImmediate(); // lets a signal and the terminal in
          if (progress.stopped) break;
          progress.settle(index, doRun(task, progress.heartbeats.of(index)));
        }
      } finally {
        progress.finish();
      }
      return progress.finish();
    },
  };
}

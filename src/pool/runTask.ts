import { errorRecord } from '../base/errors.js';
import { simulate } from '../sim/simulate.js';
import type { RunOutcome, RunTask, TimedOutcome } from './pool.js';

/** Does one run on this thread: what every pool calls in the end. Never throws. */
export function runTask({ spec, inputs, keepJobs = false }: RunTask, heartbeat: Int32Array): TimedOutcome {
  const startedMs = performance.now();
  let outcome: RunOutcome;
  try {
    outcome = { ok: true, result: simulate(spec, inputs, { keepJobs, heartbeat }) };
  } catch (thrown) {
    outcome = { ok: false, error: errorRecord(thrown) };
  }
  return { outcome, wallMs: performance.now() - startedMs };
}

import { errorRecord } from '../base/errors.js';
import { simulate } from '../sim/simulate.js';
import { WaitProbe } from '../sim/waitProbe.js';
import type { RunOutcome, RunTask, TimedOutcome } from './pool.js';

/** Does one run on this thread: what every pool calls in the end. Never throws. */
export function runTask({ spec, inputs, keepJobs = false, explained }: RunTask, heartbeat: Int32Array): TimedOutcome {
  const startedMs = performance.now();
  let outcome: RunOutcome;
  try {
    if (explained === undefined) outcome = { ok: true, result: simulate(spec, inputs, { keepJobs, heartbeat }) };
    else {
      const probe = new WaitProbe(explained);
      const result = simulate(spec, inputs, { keepJobs, heartbeat, probe });
      outcome = { ok: true, result, waits: probe.records };
    }
  } catch (thrown) {
    outcome = { ok: false, error: errorRecord(thrown) };
  }
  return { outcome, wallMs: performance.now() - startedMs };
}

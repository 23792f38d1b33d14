import { SimError } from '../base/errors.js';
import type { RunSpec } from '../scenario/runSpec.js';
import { HEARTBEAT, policyCall } from '../sim/heartbeat.js';

/** How long one call into a user's policy may take, ms of wall time: a pass over 100,000 jobs takes well under one. */
export const POLICY_CALL_LIMIT_MS = 10_000;

interface Watched {
  readonly spec: RunSpec;
  readonly heartbeat: Int32Array;
  readonly stop: (error: SimError) => void;
  calls: number;
  sinceMs: number;
}

/**
 * Ends runs whose policy never returns: a thread in `while (true)` hears nothing, so it is stopped from outside.
 *
 * Only calls into users' own policies are timed, by the count of calls that a run leaves in its heartbeat. Wall time
 * decides nothing else, and no run that comes to an end.
 */
export class PolicyWatchdog {
  private readonly limitMs: number;
  private readonly watched = new Map<number, Watched>();

  constructor(limitMs: number) {
    this.limitMs = limitMs;
  }

  begin(run: number, spec: RunSpec, heartbeat: Int32Array, stop: (error: SimError) => void): void {
    this.watched.set(run, { spec, heartbeat, stop, calls: 0, sinceMs: performance.now() });
  }

  end(run: number): void {
    this.watched.delete(run);
  }

  /** To be called every now and then. */
  look(): void {
    const now = performance.now();
    for (const [run, one] of this.watched) {
      const calls = Atomics.load(one.heartbeat, HEARTBEAT.policyCalls);
      if (calls !== one.calls || calls % 2 === 0) {
        one.calls = calls;
        one.sinceMs = now;
      } else if (now - one.sinceMs > this.limitMs) {
        this.watched.delete(run);
        one.stop(this.stuck(one));
      }
    }
  }

  private stuck({ spec, heartbeat }: Watched): SimError {
    const { nowMs, job } = policyCall(heartbeat);
    const about = job >= 0 ? `, job ${job}` : '';
    return new SimError(
      'policy.contract',
      `policy ${spec.policy.text} was called at ${nowMs} ms${about} and did not return within ${this.limitMs / 1000} s; ` +
        `expected it to decide and return. Look for a loop that never ends, or that fills the memory.`,
    );
  }
}

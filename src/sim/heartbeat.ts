import type { PolicyWatch } from '../policy/own/guard.js';

/** What stands where in the Int32 that a run and those who wait for it share. */
export const HEARTBEAT = {
  /** ← Simulated time done, per mille. */
  perMilleDone: 0,
  /** → Not 0 asks the run to stop. */
  stop: 1,
  /** ← Odd while the code of a user's policy is at work; changes at each call into it. */
  policyCalls: 2,
  /** ← Job the call is about, or -1. */
  policyJob: 3,
  /** ← Time of the call, ms, as a Float64 over two Int32. */
  policyMs: 4,
  /** Int32 in all. */
  length: 6,
} as const;

/** Writes down each call into a user's policy; `undefined` where nobody looks. */
export function policyWatch(heartbeat: Int32Array | undefined): PolicyWatch | undefined {
  if (heartbeat === undefined || heartbeat.length < HEARTBEAT.length) return undefined;
  const clock = new Float64Array(heartbeat.buffer, heartbeat.byteOffset + 4 * HEARTBEAT.policyMs, 1);
  let depth = 0;
  return {
    enter(nowMs, job) {
      clock[0] = nowMs;
      Atomics.store(heartbeat, HEARTBEAT.policyJob, job);
      Atomics.add(heartbeat, HEARTBEAT.policyCalls, depth++ === 0 ? 1 : 2);
    },
    leave() {
      if (--depth === 0) Atomics.add(heartbeat, HEARTBEAT.policyCalls, 1);
    },
  };
}

/** Time and job of the call into a user's policy that is going on, for messages. */
export function policyCall(heartbeat: Int32Array): { readonly nowMs: number; readonly job: number } {
  const clock = new Float64Array(heartbeat.buffer, heartbeat.byteOffset + 4 * HEARTBEAT.policyMs, 1);
  return { nowMs: clock[0]!, job: Atomics.load(heartbeat, HEARTBEAT.policyJob) };
}

/**
 * When a job writes checkpoints, as closed forms over its clock: ms since it was first productive, checkpoints
 * included. A period is `intervalMs` of work and then `stallMs` in which it stands still for a checkpoint; that one
 * counts `writeMs` after its stall (0: at its end). All whole ms.
 *
 * A clock that begins anew (after a restart) begins with work. No checkpoint is written at the end of a job.
 */
export interface CheckpointPlan {
  /** > 0; {@link NEVER}: no checkpoints. */
  readonly intervalMs: number;
  readonly stallMs: number;
  readonly writeMs: number;
}

/** The interval of a job that writes no checkpoints. */
export const NEVER = 0;

/**
 * Work between checkpoints as it is really run, ms: a write that still goes on when the next checkpoint is due puts that
 * one off to its end.
 *
 * @param wantedMs - as given, or Daly's; Infinity: none
 */
export const intervalInForceMs = (wantedMs: number, stallMs: number, writeMs: number): number =>
  Math.max(1, Math.round(wantedMs), writeMs - stallMs);

/** Work done when the clock stands at `clockMs`. */
export function workAt(clockMs: number, intervalMs: number, stallMs: number): number {
  if (intervalMs === NEVER) return clockMs;
  const period = intervalMs + stallMs;
  const periods = Math.floor(clockMs / period);
  const into = clockMs - periods * period;
  return periods * intervalMs + (into < intervalMs ? into : intervalMs);
}

/** Of it, what a checkpoint holds by then. */
export function savedAt(clockMs: number, intervalMs: number, stallMs: number, writeMs: number): number {
  if (intervalMs === NEVER) return 0;
  const written = clockMs - writeMs;
  return written <= 0 ? 0 : Math.floor(written / (intervalMs + stallMs)) * intervalMs;
}

/** Where the clock stands when so much work is done: a checkpoint due at that very moment is not begun. */
export function clockAt(workMs: number, intervalMs: number, stallMs: number): number {
  if (intervalMs === NEVER || workMs <= 0) return workMs;
  return workMs + (Math.ceil(workMs / intervalMs) - 1) * stallMs;
}

/**
 * Daly's higher-order optimum of the work between checkpoints, ms: √(2CM)·[1 + ⅓·√(C/2M) + (C/2M)/9] − C for C < 2M,
 * else M. Infinity where nothing fails.
 *
 * @param stallMs - C: what a checkpoint costs the job, > 0
 * @param mttfMs - M: mean time to failure of the job
 *
 * Of checkpoints written in the background the stall is the cost, as the rest hides behind the work. Wrong where the
 * write then takes as long as the interval: what is being written is lost too.
 *
 * Source: Daly, A higher order estimate of the optimum checkpoint interval for restart dumps, FGCS 22(3), 2006.
 */
export function dalyIntervalMs(stallMs: number, mttfMs: number): number {
  if (mttfMs === Number.POSITIVE_INFINITY) return mttfMs;
  if (stallMs >= 2 * mttfMs) return mttfMs;
  const ratio = stallMs / (2 * mttfMs);
  return Math.sqrt(2 * stallMs * mttfMs) * (1 + Math.sqrt(ratio) / 3 + ratio / 9) - stallMs;
}

/**
 * Expected share of time in which a lone gang makes progress that lasts: τ / (M·e^(R/M)·(e^((τ+C)/M) − 1)), where
 * failures strike during checkpoints and restarts too.
 *
 * @param restartMs - R: from a failure to being productive again
 */
export function expectedEttr(intervalMs: number, stallMs: number, restartMs: number, mttfMs: number): number {
  return intervalMs / (mttfMs * Math.exp(restartMs / mttfMs) * Math.expm1((intervalMs + stallMs) / mttfMs));
}

/** Its first order, 1 − C/τ − (τ/2 + R)/M: good where the last term is small. */
export function firstOrderEttr(intervalMs: number, stallMs: number, restartMs: number, mttfMs: number): number {
  return 1 - stallMs / intervalMs - (intervalMs / 2 + restartMs) / mttfMs;
}

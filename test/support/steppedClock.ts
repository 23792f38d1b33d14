import { drawExponential, RandomStreams } from '../../src/base/random.js';
import type { CheckpointPlan } from '../../src/training/checkpointClock.js';

/** Work done, and of it saved, after so many whole ms, gone through one by one; a slow twin of the closed forms. */
export function steppedClock({ intervalMs, stallMs, writeMs }: CheckpointPlan, clockMs: number) {
  let work = 0;
  let saved = 0;
  let sinceCheckpoint = 0;
  let stalled = 0;
  const writes: { readonly holds: number; readonly doneAt: number }[] = [];
  for (let now = 0; ; now++) {
    if (sinceCheckpoint === intervalMs && stalled === stallMs) {
      writes.push({ holds: work, doneAt: now + writeMs });
      sinceCheckpoint = 0;
      stalled = 0;
    }
    for (const { holds, doneAt } of writes) if (doneAt <= now) saved = Math.max(saved, holds);
    if (now === clockMs) return { work, saved };
    if (sinceCheckpoint < intervalMs) {
      work++;
      sinceCheckpoint++;
    } else stalled++;
  }
}

/** Where a function with a single maximum is largest, by golden section; to 1e-7 of `scale`. */
export function bestInterval(value: (intervalMs: number) => number, scale: number): number {
  const golden = (Math.sqrt(5) - 1) / 2;
  let low = 0;
  let high = 4 * scale;
  while (high - low > 1e-7 * low && high - low > 1e-9 * scale) {
    const left = high - golden * (high - low);
    const right = low + golden * (high - low);
    if (value(left) < value(right)) low = left;
    else high = right;
  }
  return (low + high) / 2;
}

/** ETTR of a lone gang through so many failures, segment by segment: no formula but the exponential draws. */
export function meanEttrByFailures(
  of: { readonly intervalMs: number; readonly stallMs: number; readonly restartMs: number; readonly mttfMs: number },
  failures: number,
): number {
  const draw = new RandomStreams('lone gang').fork('failures');
  let elapsed = 0;
  let useful = 0;
  let restartLeft = 0;
  for (let failure = 0; failure < failures; failure++) {
    let left = drawExponential(draw, of.mttfMs);
    elapsed += left;
    if (left >= restartLeft) {
      left -= restartLeft;
      while (left >= of.intervalMs + of.stallMs) {
        useful += of.intervalMs;
        left -= of.intervalMs + of.stallMs;
      }
    }
    restartLeft = of.restartMs;
  }
  return useful / elapsed;
}

import { MS_PER_QUARTER_HOUR } from '../../base/units.js';
import type { CostCurve } from './costCurve.js';

/** A later start must cost less by this share of what the run would cost at the highest value: rounding is no reason to wait. */
const WORTH_WAITING = 1e-9;

/**
 * When to start in [nowMs, latestMs] so that a run of constant watts costs least; the earliest of equals.
 *
 * The cost of a start is piecewise linear in it, with kinks where the run begins or ends with a quarter hour: only these,
 * and the two ends, are looked at. Cost: O(quarter hours of slack).
 *
 * Worked: 50 EUR/MWh until 3:00, then 10 until 4:00, then 90; a run of 1 h that may start from 0:00 to 6:00 starts at
 * 3:00, one of 2 h at 2:00 (50 + 10), and one of 4 h at 0:00 (50 + 50 + 50 + 10).
 */
export function cheapestStart(curve: CostCurve, nowMs: number, latestMs: number, runMs: number): number {
  const costOf = (startMs: number): number => curve.between(startMs, startMs + runMs);
  const leastGain = WORTH_WAITING * curve.most * runMs;
  let bestMs = nowMs;
  let best = costOf(nowMs);
  const look = (startMs: number): void => {
    if (startMs <= nowMs || startMs > latestMs) return;
    const cost = costOf(startMs);
    if (cost < best - leastGain || (cost <= best + leastGain && startMs < bestMs)) {
      best = Math.min(best, cost);
      bestMs = startMs;
    }
  };
  const restMs = runMs % MS_PER_QUARTER_HOUR;
  const firstMs = (Math.floor(nowMs / MS_PER_QUARTER_HOUR) + 1) * MS_PER_QUARTER_HOUR;
  for (let atMs = firstMs; atMs - restMs <= latestMs; atMs += MS_PER_QUARTER_HOUR) {
    look(atMs - restMs);
    if (restMs > 0) look(atMs);
  }
  look(latestMs);
  return bestMs;
}

import type { JobDraws } from './audit.js';

/**
 * What the jobs drew in each bin of the horizon, W·ms, counted from the jobs alone: each adds its watts where it
 * begins and takes them away where it ends.
 *
 * Exact, as the meter is, where watts and times are whole and a bin stays below 2^53 W·ms. Cost: one pass over jobs and
 * bins, once for all sites of a schedule, so that settling a site does not go through its jobs again.
 *
 * Worked, bins of 10 ms: 5 W from 8 to 23 ms are 10, 50 and 15 W·ms.
 */
export function drawnByBin({ watts, fromMs, toMs, count }: JobDraws, binMs: number, bins: number): Float64Array {
  const drawn = new Float64Array(bins);
  /** Change of the watts that hold over whole bins, at the bin where it takes effect. */
  const steps = new Float64Array(bins + 1);
  for (let i = 0; i < count; i++) {
    const [w, from, to] = [watts[i]!, fromMs[i]!, toMs[i]!];
    const first = Math.floor(from / binMs);
    const last = Math.floor(to / binMs);
    if (first === last) {
      drawn[first]! += w * (to - from);
      continue;
    }
    drawn[first]! += w * ((first + 1) * binMs - from);
    if (last < bins) drawn[last]! += w * (to - last * binMs);
    steps[first + 1]! += w;
    steps[last]! -= w;
  }
  let held = 0;
  for (let bin = 0; bin < bins; bin++) {
    held += steps[bin]!;
    drawn[bin]! += held * binMs;
  }
  return drawn;
}

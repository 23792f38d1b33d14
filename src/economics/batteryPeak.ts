/** A battery as far as peaks go: energies above its reserve, by quarter hour. */
interface PeakBattery {
  readonly mwhPerW: number;
  /** Most that it takes or gives in a quarter hour, at the grid side. */
  readonly mostMWh: number;
  /** Stored from empty to full, and at the start; the end must not have less. */
  readonly usableMWh: number;
  readonly startMWh: number;
  readonly efficiency: number;
}

/** To a watt: below what a bill shows. */
const STEP_W = 1;

/**
 * The lowest level at which a battery can hold a load curve, knowing all of it: a bound on what peak shaving can do.
 *
 * A level holds if the battery, charging whenever the draw is below it, always has what the draw above it takes, and in
 * the end is no emptier than at the start. Higher levels ask less and leave more room to charge, so the lowest is found
 * by halving.
 *
 * @param limitsW - charging keeps below these; they do not lower the level
 * @returns W, at most a watt above the lowest; the curve's own peak where nothing can be done
 *
 * Worked: 100 MW flat with one hour of 130 MW, a battery of 20 MW and 40 MWh, efficiency 0.8, full: power allows
 * 130 − 20 = 110 MW, for which 20 / 0.8 = 25 MWh of the store are used.
 *
 * Cost: some thirty passes at most.
 */
export function lowestPeakW(facilityW: Float64Array, limitsW: Float64Array, battery: PeakBattery): number {
  const peakW = facilityW.reduce((high, watts) => Math.max(high, watts), 0);
  let low = Math.max(0, peakW - battery.mostMWh / battery.mwhPerW);
  if (holds(low, facilityW, limitsW, battery)) return low;
  let high = peakW;
  while (high - low > STEP_W) {
    const middle = (low + high) / 2;
    if (holds(middle, facilityW, limitsW, battery)) high = middle;
    else low = middle;
  }
  return high;
}

function holds(
  levelW: number,
  facilityW: Float64Array,
  limitsW: Float64Array,
  { mwhPerW, mostMWh, usableMWh, startMWh, efficiency }: PeakBattery,
): boolean {
  let storedMWh = startMWh;
  for (let bin = 0; bin < facilityW.length; bin++) {
    const overMWh = (facilityW[bin]! - levelW) * mwhPerW;
    if (overMWh > 0) {
      storedMWh -= overMWh / efficiency;
      if (storedMWh < 0) return false;
      continue;
    }
    const roomMWh = (Math.min(levelW, limitsW[bin]!) - facilityW[bin]!) * mwhPerW;
    if (roomMWh > 0) storedMWh = Math.min(usableMWh, storedMWh + Math.min(mostMWh, roomMWh));
  }
  return storedMWh >= startMWh;
}

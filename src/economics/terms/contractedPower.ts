import type { ContractedPeriodSpec, ContractedPowerSpec } from '../../scenario/tariffSpec.js';
import { yearStartEpochMs } from '../../energy/calendar.js';
import type { LocalBins } from '../../energy/localBins.js';
import type { Meter } from '../meter.js';
import { classOfBins } from '../timeOfUse.js';
import { yearly, type Charge } from './charge.js';

/**
 * Power contracted by period, EUR/kW·a pro rata, paid whether used or not; and what is drawn above it.
 *
 * Excess: for each local calendar month and period, the highest 15 minutes above the contracted power ×
 * `excessEurPerKw`. A month that the horizon cuts counts as a month. A period without an excess price is paid for up to
 * its highest 15 minutes, as if the contract had been for that.
 *
 * The year billed is that of UTC. Where the local clock is ahead, its last hours are January already; where it is behind,
 * its first ones are still December: they count with the month beside them, in its periods, so a year has 12 months.
 *
 * Worked: 10 MW contracted at 24 EUR/kW·a for a year: 240,000 EUR. One quarter hour in March at 12 MW and two in April
 * at 11 MW, excess 2 EUR/kW: 2,000 × 2 + 1,000 × 2 = 6,000 EUR more.
 *
 * Wrong where the excess counts every quarter hour of the month, not its highest alone (the square root of the sum of
 * squares in Spain's 6.4TD, hours of excess in France's TURPE): enter an equivalent price.
 */
export function contractedPower(spec: ContractedPowerSpec, meter: Meter, moreW = 0): Charge[] {
  const peaks = monthlyPeaks(spec, meter, moreW);
  return spec.periods.flatMap((period, index) => chargesOf(spec.name, period, peaks[index]!, meter.yearFraction));
}

/** Highest 15 minutes by period and calendar month, W. */
function monthlyPeaks({ periods }: ContractedPowerSpec, meter: Meter, moreW: number): Map<number, number>[] {
  const { drawW, peakBin } = meter;
  const local = insideYear(meter);
  const periodOf = classOfBins(periods, local);
  const peaks = periods.map(() => new Map<number, number>());
  // A month has one entry a period; bins of one month and period mostly follow each other.
  for (let bin = 0; bin < meter.bins;) {
    const period = periodOf[bin]!;
    const month = local.monthCount[bin]!;
    let highest = peaks[period]!.get(month) ?? 0;
    for (; bin < meter.bins && periodOf[bin] === period && local.monthCount[bin] === month; bin++) {
      const watts = drawW[bin]! + (bin === peakBin ? moreW : 0);
      if (watts > highest) highest = watts;
    }
    peaks[period]!.set(month, highest);
  }
  return peaks;
}

/** Local time with the hours outside the years of UTC put into the first and the last month of these. */
function insideYear({ local, calendarYear, bins, binMs }: Meter): LocalBins {
  const endMs = yearStartEpochMs(calendarYear) + bins * binMs;
  let lastYear = calendarYear;
  while (yearStartEpochMs(lastYear + 1) < endMs) lastYear++;
  const [first, last] = [calendarYear * 12, lastYear * 12 + 11];
  const monthCount = local.monthCount.map((month) => Math.min(Math.max(month, first), last));
  return { ...local, monthCount, month: Uint8Array.from(monthCount, (month) => month % 12) };
}

function chargesOf(
  term: string,
  { name: label, contractedW, eurPerKwYear, excessEurPerKw }: ContractedPeriodSpec,
  peaks: ReadonlyMap<number, number>,
  yearFraction: number,
): Charge[] {
  const line = { name: `${term}: ${label}`, term, group: 'capacity' } as const;
  const highest = Math.max(contractedW, ...peaks.values());
  const kw = (excessEurPerKw === undefined ? highest : contractedW) / 1000;
  const contracted = yearly({ ...line, eur: eurPerKwYear * kw * yearFraction, quantity: kw, unit: 'kW' });
  if (excessEurPerKw === undefined) return [contracted];
  let excessKw = 0;
  for (const watts of peaks.values()) excessKw += Math.max(0, watts - contractedW) / 1000;
  const eur = excessKw * excessEurPerKw;
  return [contracted, yearly({ ...line, name: `${line.name}, excess`, eur, quantity: excessKw, unit: 'kW·month' })];
}

import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import type { TariffSpec } from '../../src/scenario/tariffSpec.js';
import { QUARTER_MS, settled, tariffOf } from '../support/tariffs.js';

/** Quarter hours across the spring change in Berlin: 26 to 30 March 2027. */
const FROM = 84 * 96;
const BINS = 5 * 96;

const DAY_RATE = {
  name: 'day',
  eurPerMWh: 30,
  hours: [7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19],
  days: [0, 1, 2, 3, 4],
};
const TARIFF: TariffSpec = tariffOf({
  timeZone: 'Europe/Berlin',
  dayAheadAdderEurPerMWh: 1.25,
  supply: [
    { kind: 'fixed', name: 'F', share: 0.25, priceEurPerMWh: 70 },
    { kind: 'baseload', name: 'B', powerW: 3e6, priceEurPerMWh: 55, surplus: 'sold' },
    { kind: 'pay-as-produced', name: 'P', series: 'g', capacityW: 6e6, priceEurPerMWh: 45, surplus: 'lost' },
  ],
  charges: [
    { kind: 'energy', name: 'N', group: 'network', eurPerMWh: 4, classes: [DAY_RATE] },
    { kind: 'capacity', name: 'C', eurPerKwYear: 50 },
    { kind: 'percent', name: 'T', fraction: 0.1, of: ['network', 'C'] },
  ],
});

/** The same bill, quarter hour by quarter hour with a calendar that is asked each time. */
function naiveEur(mw: readonly number[], price: readonly number[], output: readonly number[]): number {
  let eur = 0;
  let peakMW = 0;
  mw.forEach((drawMW, bin) => {
    const mwh = drawMW / 4;
    const open = mwh * 0.75;
    const block = 3 / 4;
    const usedOfBlock = Math.min(open, block);
    const plant = (6 / 4) * output[Math.floor(bin / 4)]!;
    const bought = open - usedOfBlock - Math.min(open - usedOfBlock, plant);
    eur +=
      mwh * 0.25 * 70 + block * 55 - (block - usedOfBlock) * price[bin]! + plant * 45 + bought * (price[bin]! + 1.25);
    const at = Temporal.Instant.from('2027-01-01T00:00Z').add({ milliseconds: bin * QUARTER_MS });
    const local = at.toZonedDateTimeISO('Europe/Berlin');
    const isDay = local.dayOfWeek <= 5 && local.hour >= 7 && local.hour < 20;
    eur += mwh * (isDay ? 30 : 4) * 1.1;
    peakMW = Math.max(peakMW, drawMW);
  });
  const share = (mw.length * QUARTER_MS) / (8760 * 3_600_000);
  return eur + 50 * peakMW * 1000 * share * 1.1;
}

describe('a bill of many terms', () => {
  it('is what a plain loop over the quarter hours makes it, clock change included', () => {
    const column = (min: number, max: number) =>
      fc.array(fc.double({ min, max, noNaN: true }), { minLength: 24, maxLength: 24 });
    fc.assert(
      fc.property(column(0, 12), column(-80, 300), column(0, 1), (draws, prices, outputs) => {
        // Nothing is drawn before; afterwards the columns repeat out of step with the day.
        const bins = FROM + BINS;
        const mw = Array.from({ length: bins }, (_, bin) => (bin < FROM ? 0 : draws[bin % 23]!));
        const price = Array.from({ length: bins }, (_, bin) => prices[bin % 19]!);
        const output = Array.from({ length: bins / 4 }, (_, hour) => outputs[hour % 24]!);
        const g = { stepMs: 4 * QUARTER_MS, values: Float64Array.from(output) };
        const { bill, binEur, yearEur } = settled(TARIFF, { mw, price, series: { g } });
        const expected = naiveEur(mw, price, output);
        const size = bill.lines.reduce((sum, { eur }) => sum + Math.abs(eur), 1);
        expect(Math.abs(bill.totalEur - expected) / size).toBeLessThan(1e-12);
        const sum = binEur.reduce((total, eur) => total + eur, 0) + yearEur;
        expect(Math.abs(sum - bill.totalEur) / size).toBeLessThan(1e-12);
      }),
      { seed: 3, numRuns: 8 },
    );
  });
});

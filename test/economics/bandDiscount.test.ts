import { describe, expect, it } from 'vitest';
import type { BandDiscountSpec } from '../../src/scenario/tariffSpec.js';
import { eurOf, flatYear, ruling, settled } from '../support/tariffs.js';

/** §19(2) sentence 2 StromNEV. */
const BAND: BandDiscountSpec = {
  ...{ kind: 'band-discount', name: '§19', of: ['C', 'N'], aboveMWhPerYear: 10_000 },
  tiers: [
    { fromHours: 7000, payFraction: 0.2 },
    { fromHours: 7500, payFraction: 0.15 },
    { fromHours: 8000, payFraction: 0.1 },
  ],
};
const CAPACITY = { kind: 'capacity', name: 'C', eurPerKwYear: 53.06 } as const;
const NETWORK = { kind: 'energy', name: 'N', group: 'network', eurPerMWh: 6.9 } as const;
const LEVIES = { kind: 'energy', name: 'L', group: 'levies', eurPerMWh: 34.9 } as const;
const tariff = ruling(BAND, CAPACITY, NETWORK, LEVIES);

/** A peak in one quarter hour, and as much in all others as makes the hours of use. */
function drawing(peakMW: number, hoursOfUse: number) {
  const bins = 365 * 96;
  const otherMWh = peakMW * hoursOfUse - peakMW / 4;
  return { mw: flatYear((otherMWh * 4) / (bins - 1), { 100: peakMW }) };
}

describe('the band-load discount', () => {
  it('is a cliff at 7,000 hours: on 230 MW one hour of use is worth 80 % of 23.3 million EUR', () => {
    const above = settled(tariff, drawing(230, 7000.5));
    const below = settled(tariff, drawing(230, 6999.5));
    const chargedAt = (hours: number) => 53.06 * 230_000 + 6.9 * 230 * hours;
    expect(eurOf(above, '§19 on C')).toBeCloseTo(-0.8 * 53.06 * 230_000, 3);
    expect(eurOf(above, '§19 on N')).toBeCloseTo(-0.8 * 6.9 * 230 * 7000.5, 3);
    expect(above.bill.networkEur + above.bill.capacityEur).toBeCloseTo(0.2 * chargedAt(7000.5), 3);
    expect(below.bill.networkEur + below.bill.capacityEur).toBeCloseTo(chargedAt(6999.5), 3);
    expect(below.bill.bands![0]).toMatchObject({ payFraction: 1, enoughEnergy: true });
    expect(below.bill.bands![0]!.savedEur).toBeCloseTo(0, 9);
    expect(above.bill.bands![0]!.savedEur).toBeCloseTo(0.8 * chargedAt(7000.5), 3);
    expect(above.bill.leviesEur).toBeCloseTo(34.9 * 230 * 7000.5, 3);
  });

  it('holds at 7,000 hours to the second, as the law has it', () => {
    const mw = new Float64Array(365 * 96).fill(2, 0, 4 * 7000);
    const { bill } = settled(tariff, { mw });
    expect(bill.peak!.hoursOfUse).toBe(7000);
    expect(bill.bands![0]).toMatchObject({ payFraction: 0.2, spareHours: 0 });
    mw[0] = 1;
    expect(settled(tariff, { mw }).bill.bands![0]!.payFraction).toBe(1);
  });

  it('tells the hours of use, the next tier and the peak at which it would be reached', () => {
    const [below] = settled(tariff, drawing(230, 6900)).bill.bands!;
    expect(below!.spareHours).toBeUndefined();
    expect(below!.next).toMatchObject({ fromHours: 7000, payFraction: 0.2 });
    expect(below!.next!.lackingHours).toBeCloseTo(100, 6);
    expect(below!.next!.peakMW).toBeCloseTo((230 * 6900) / 7000, 6);
    const [between] = settled(tariff, drawing(230, 7600)).bill.bands!;
    expect(between!.payFraction).toBe(0.15);
    expect(between!.spareHours).toBeCloseTo(100, 6);
    expect(between!.next!.fromHours).toBe(8000);
    const [top] = settled(tariff, drawing(230, 8100)).bill.bands!;
    expect(top!.next).toBeUndefined();
  });

  it('makes one more MW of peak cost the cliff where it leads over it', () => {
    // 7,000.5 h fall to 6,970 with 231 MW: all of both charges, on the old energy and the new peak.
    const { bill } = settled(tariff, drawing(230, 7000.5));
    const network = 6.9 * 230 * 7000.5;
    expect(bill.peak!.eurPerMoreMW).toBeCloseTo(53.06 * 231_000 + network - 0.2 * (53.06 * 230_000 + network), 2);
    // Far from a cliff: a tenth of the charge is left to pay.
    expect(settled(tariff, drawing(230, 8500)).bill.peak!.eurPerMoreMW).toBeCloseTo(5306, 3);
  });

  it('is for sites above 10 GWh alone', () => {
    const [band] = settled(tariff, { mw: flatYear(1) }).bill.bands!;
    expect(band).toMatchObject({ enoughEnergy: false, payFraction: 1 });
    expect(settled(tariff, { mw: flatYear(1.2) }).bill.bands![0]!.payFraction).toBe(0.1);
  });

  it('scales a short horizon to the year: a flat week has 8,760 hours of use, and 10 GWh are a year of them', () => {
    const week = settled(tariff, { mw: flatYear(2, {}, 7 * 96) });
    expect(week.bill.peak!.hoursOfUse).toBeCloseTo(8760, 6);
    expect(week.bill.bands![0]).toMatchObject({ enoughEnergy: true, payFraction: 0.1 });
    expect(week.bill.capacityEur).toBeCloseTo((0.1 * 53.06 * 2000 * 7) / 365, 6);
  });

  it('lowers what a tax is taken of', () => {
    const tax = { kind: 'percent', name: 'T', fraction: 0.1, of: ['C'] } as const;
    const found = settled(ruling(BAND, CAPACITY, NETWORK, tax), { mw: flatYear(230) });
    expect(eurOf(found, 'T')).toBeCloseTo(0.1 * 0.1 * 53.06 * 230_000, 3);
  });
});

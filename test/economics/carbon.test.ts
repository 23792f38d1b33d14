import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { carbonAccount } from '../../src/economics/carbon.js';
import { carbonTotal, siteCarbon } from '../../src/metrics/siteCarbon.js';
import { carbonSchema } from '../../src/scenario/carbonSchema.js';
import type { CarbonSpec } from '../../src/scenario/facilitySpec.js';

const PLAIN: CarbonSpec = { guaranteesFraction: 0, contractKgPerMWh: 0, shadowEurPerT: 75 };
const ENERGY = { facilityMWh: 1000, gridMWh: 1000, locationKg: 300_000, ppaMWh: 0 };

describe('carbon account', () => {
  it('without contracts the market is the place: 1,000 MWh at 300 kg are 300 t both ways, EUR 22,500 in the shadow', () => {
    expect(carbonAccount(PLAIN, ENERGY)).toEqual({
      locationT: 300,
      locationKgPerMWh: 300,
      marketT: 300,
      marketKgPerMWh: 300,
      ppaMWh: 0,
      guaranteesMWh: 0,
      residualMWh: 1000,
      residualKgPerMWh: 300,
      residualGiven: false,
      shadowEur: 22_500,
    });
  });

  it('400 MWh of a PPA and guarantees for half of it all leave 100 MWh at the residual mix', () => {
    const spec = { ...PLAIN, guaranteesFraction: 0.5, residualKgPerMWh: 500 };
    const account = carbonAccount(spec, { ...ENERGY, ppaMWh: 400 });
    expect(account).toMatchObject({ guaranteesMWh: 500, residualMWh: 100, marketT: 50, locationT: 300 });
    expect(account.residualGiven).toBe(true);
  });

  it('what a battery lost counts both ways, as the draw from the grid: 50 MWh more at 300 kg, half of it guaranteed', () => {
    const drawn = { ...ENERGY, gridMWh: 1050, locationKg: 315_000 };
    const plain = carbonAccount(PLAIN, drawn);
    expect(plain).toMatchObject({ locationT: 315, marketT: 315, residualMWh: 1050, residualKgPerMWh: 300 });
    expect([plain.locationKgPerMWh, plain.marketKgPerMWh]).toEqual([315, 315]);
    const half = carbonAccount({ ...PLAIN, guaranteesFraction: 0.5, residualKgPerMWh: 500 }, drawn);
    expect(half).toMatchObject({ guaranteesMWh: 525, residualMWh: 525, marketT: 262.5 });
  });

  it('guarantees beyond what no PPA covers count for nothing', () => {
    const account = carbonAccount({ ...PLAIN, guaranteesFraction: 1 }, { ...ENERGY, ppaMWh: 400 });
    expect(account).toMatchObject({ ppaMWh: 400, guaranteesMWh: 600, residualMWh: 0, marketT: 0 });
  });

  it('what a contract emits itself is counted: 11 kg/MWh of wind over its life', () => {
    const spec = { ...PLAIN, guaranteesFraction: 1, contractKgPerMWh: 11 };
    expect(carbonAccount(spec, ENERGY).marketT).toBe(11);
  });

  it('a residual mix dirtier than the zone makes the market worse than the place', () => {
    expect(carbonAccount({ ...PLAIN, residualKgPerMWh: 720 }, ENERGY).marketT).toBe(720);
  });

  it('covers add up to the consumption, and the shadow cost never depends on contracts', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(share, fc.double({ min: 0, max: 2000, noNaN: true }), (guaranteesFraction, ppaMWh) => {
        const account = carbonAccount({ ...PLAIN, guaranteesFraction }, { ...ENERGY, ppaMWh });
        const { guaranteesMWh, residualMWh } = account;
        expect(account.ppaMWh + guaranteesMWh + residualMWh).toBeCloseTo(1000, 9);
        expect(Math.min(account.ppaMWh, guaranteesMWh, residualMWh)).toBeGreaterThanOrEqual(-1e-9);
        expect(account.shadowEur).toBe(22_500);
        expect(account.marketT).toBeLessThanOrEqual(account.locationT + 1e-9);
      }),
      { seed: 5, numRuns: 200 },
    );
  });
});

describe('carbon of work', () => {
  it('300 t over 1,000,000 GPU-hours are 300 g each, 400 g of the 750,000 useful ones; 2·10^12 tokens 0.15 mg', () => {
    const work = { gpuHoursUsed: 1e6, usefulGpuHours: 750_000, tokens: 2e12 };
    const carbon = siteCarbon(PLAIN, ENERGY, work);
    expect(carbon).toMatchObject({ gPerGpuHour: 300, gPerUsefulGpuHour: 400, gPerToken: 1.5e-4 });
  });

  it('is left out where nothing is known of useful hours or of tokens', () => {
    const carbon = siteCarbon(PLAIN, ENERGY, { gpuHoursUsed: 1e6 });
    expect(carbon).not.toHaveProperty('gPerUsefulGpuHour');
    expect(carbon).not.toHaveProperty('gPerToken');
  });

  it('two sites together are the sum of their tonnes over the sum of their energy and work', () => {
    const one = siteCarbon(PLAIN, ENERGY, { gpuHoursUsed: 1e6 });
    const other = siteCarbon(
      { ...PLAIN, guaranteesFraction: 1 },
      { ...ENERGY, locationKg: 100_000 },
      { gpuHoursUsed: 1e6 },
    );
    const both = carbonTotal([one, other], 2000, { gpuHoursUsed: 2e6 });
    expect(both).toMatchObject({ locationT: 400, marketT: 300, locationKgPerMWh: 200, marketKgPerMWh: 150 });
    expect(both).toMatchObject({ gPerGpuHour: 200, guaranteesMWh: 1000, residualKgPerMWh: 300, shadowEur: 30_000 });
  });
});

describe('carbon of a site document', () => {
  it('takes 75 EUR/t, the mean of 2025, where nothing is said, and no guarantees', () => {
    expect(carbonSchema.parse({})).toEqual({
      guaranteesFraction: { value: 0 },
      contractKgPerMWh: { value: 0 },
      shadowEurPerT: { value: 75, source: 'veyt-ets-2025', year: 2025 },
    });
  });

  it.each([
    ['guaranteesFraction', 1.2],
    ['residualKgPerMWh', -1],
    ['shadowEurPerT', -5],
  ])('refuses %s of %f', (key, value) => {
    expect(carbonSchema.safeParse({ [key]: value }).success).toBe(false);
  });
});

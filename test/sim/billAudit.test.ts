import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LoadCurve } from '../../src/metrics/runResult.js';
import type { SiteSpec } from '../../src/scenario/runSpec.js';
import type { ChargeSpec, HoursSpec, SupplySpec, TariffSpec } from '../../src/scenario/tariffSpec.js';
import { settle } from '../../src/sim/settle.js';
import { tariffOf } from '../support/tariffs.js';

const BIN_MS = 900_000;
const DAYS = 3;
const BINS = DAYS * 96;

const eur = fc.double({ min: 0, max: 200, noNaN: true });
const watts = fc.integer({ min: 0, max: 5_000_000 });
const surplus = fc.constantFrom('sold' as const, 'lost' as const);

const supplyTerm = (index: number): fc.Arbitrary<SupplySpec> =>
  fc.oneof(
    fc.record({
      kind: fc.constant('fixed' as const),
      name: fc.constant(`F${index}`),
      share: fc.double({ min: 0, max: 0.33, noNaN: true }),
      priceEurPerMWh: eur,
    }),
    fc.record({
      ...{ kind: fc.constant('pay-as-produced' as const), name: fc.constant(`P${index}`), series: fc.constant('g') },
      ...{ capacityW: watts, priceEurPerMWh: eur, surplus },
    }),
    fc.record({
      ...{ kind: fc.constant('baseload' as const), name: fc.constant(`B${index}`), powerW: watts },
      ...{ priceEurPerMWh: eur, surplus },
    }),
  );

/** Two parts of the day that divide all hours. */
const twoClasses = fc.integer({ min: 1, max: 23 }).map((split): [HoursSpec, HoursSpec] => {
  const hours = Array.from({ length: 24 }, (_, hour) => hour);
  return [{ hours: hours.slice(0, split) }, { hours: hours.slice(split) }];
});

const charge = (index: number): fc.Arbitrary<ChargeSpec> =>
  fc.oneof(
    fc.record({
      ...{ kind: fc.constant('energy' as const), name: fc.constant(`E${index}`), eurPerMWh: eur },
      group: fc.constantFrom('network' as const, 'levies' as const),
    }),
    fc.tuple(twoClasses, eur, eur).map(([[first, second], a, b]) => ({
      ...{ kind: 'energy' as const, name: `T${index}`, group: 'network' as const },
      classes: [
        { name: 'a', eurPerMWh: a, ...first },
        { name: 'b', eurPerMWh: b, ...second },
      ],
    })),
    fc.tuple(eur, eur, eur).map(([eurPerMWh, aboveMWhPerYear, rate]) => ({
      ...{ kind: 'energy' as const, name: `R${index}`, group: 'levies' as const, eurPerMWh },
      reduced: { aboveMWhPerYear, eurPerMWh: rate },
    })),
    fc.record({ kind: fc.constant('capacity' as const), name: fc.constant(`C${index}`), eurPerKwYear: eur }),
    fc.tuple(twoClasses, watts, eur, fc.option(eur, { nil: undefined })).map(([[first, second], w, price, excess]) => ({
      ...{ kind: 'contracted' as const, name: `K${index}` },
      periods: [
        { name: 'a', contractedW: w, eurPerKwYear: price, excessEurPerKw: excess, ...first },
        { name: 'b', contractedW: w, eurPerKwYear: price, ...second },
      ],
    })),
    fc.record({
      ...{ kind: fc.constant('percent' as const), name: fc.constant(`X${index}`) },
      fraction: fc.double({ min: 0, max: 1, noNaN: true }),
      of: fc.subarray(['supply', 'network', 'levies', 'capacity', 'X0', 'C0'], { minLength: 1 }),
    }),
    fc.record({
      ...{ kind: fc.constant('minimum-take' as const), name: fc.constant(`M${index}`) },
      mwhPerYear: fc.integer({ min: 0, max: 20_000 }),
      eurPerMWh: eur,
    }),
  );

const tariff: fc.Arbitrary<TariffSpec> = fc
  .record({
    supply: fc.tuple(supplyTerm(0), supplyTerm(1), supplyTerm(2)),
    charges: fc.tuple(charge(0), charge(1), charge(2), charge(3)),
    counts: fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 4 })),
    discounted: fc.boolean(),
    adder: fc.double({ min: -5, max: 5, noNaN: true }),
  })
  .map(({ supply, charges, counts, discounted, adder }) =>
    tariffOf({
      ...{ timeZone: 'Europe/Berlin', dayAheadAdderEurPerMWh: adder },
      ...{ supply: supply.slice(0, counts[0]), charges: charges.slice(0, counts[1]) },
      rules: discounted
        ? [
            {
              ...{ kind: 'band-discount', name: 'D', of: ['E0', 'C1', 'K2', 'T0'], aboveMWhPerYear: 0 },
              tiers: [{ fromHours: 4000, payFraction: 0.2 }],
            },
          ]
        : [],
    }),
  );

/** Jobs of whole quarter hours. */
const jobs = fc.array(
  fc.record({
    watts: fc.integer({ min: 1, max: 3_000_000 }),
    from: fc.integer({ min: 0, max: BINS - 1 }),
    bins: fc.integer({ min: 1, max: 60 }),
  }),
  { maxLength: 30 },
);

function run(
  spec: TariffSpec,
  drawn: { watts: number; from: number; bins: number }[],
  idleW: number,
  prices: number[],
) {
  const itWms = new Float64Array(BINS).fill(idleW * BIN_MS);
  const ends = drawn.map(({ from, bins }) => Math.min(BINS, from + bins));
  drawn.forEach((job, index) => {
    for (let bin = job.from; bin < ends[index]!; bin++) itWms[bin]! += job.watts * BIN_MS;
  });
  const none = {
    busyGpuMs: new Float64Array(BINS),
    queuedJobMs: new Float64Array(BINS),
    freeGpuMs: 0,
    partlyFreeGpuMs: 0,
  };
  const curve: LoadCurve = { binMs: BIN_MS, itWms, ...none };
  const series = (values: number[]) => ({
    stepMs: 4 * BIN_MS,
    values: Float64Array.from({ length: BINS / 4 }, (_, hour) => values[hour % values.length]!),
  });
  const site: SiteSpec = {
    ...{ id: 's', title: 'S', zone: 'Z', tariff: spec, reference: undefined },
    facility: {
      ...{ liquidFraction: 0.85, liquidCoolingFraction: 0.02, upsEfficiency: 0.98, distributionEfficiency: 0.99 },
      ...{ fixedFraction: 0, designItW: 0 },
    },
    series: { price: 'p', carbon: 'c', wetBulb: 'w' },
  };
  const inputs = {
    series: { p: series(prices), c: series([300]), w: series([5, 22, 15]), g: series([0, 0.3, 1, 0.6, 0.1]) },
    ...{ traces: {}, contentSha256: {} },
  };
  const draws = {
    ...{ count: drawn.length, idleW, horizonMs: BINS * BIN_MS },
    watts: Float64Array.from(drawn, (job) => job.watts),
    fromMs: Float64Array.from(drawn, ({ from }) => from * BIN_MS),
    toMs: Float64Array.from(ends, (end) => end * BIN_MS),
  };
  return settle(site, curve, inputs, draws, { gpuHoursUsed: 1, calendarYear: 2027 });
}

describe('the audit of a bill', () => {
  it('shares the EUR of any tariff on any load among jobs, idle nodes and overhead, to 1e-9', () => {
    const price = fc.array(fc.double({ min: -100, max: 500, noNaN: true }), { minLength: 1, maxLength: 24 });
    fc.assert(
      fc.property(tariff, jobs, fc.constantFrom(0, 500_000), price, (spec, drawn, idleW, prices) => {
        fc.pre(idleW > 0 || drawn.length > 0);
        const { bill, auditCostEur } = run(spec, drawn, idleW, prices);
        const { jobs: jobsEur, idle, overhead, siteTotal, relativeError } = auditCostEur;
        expect(relativeError).toBeLessThan(1e-9);
        expect(siteTotal).toBe(bill.totalEur);
        const scale = Math.abs(jobsEur) + Math.abs(idle) + Math.abs(overhead) + 1;
        expect(Math.abs(jobsEur + idle + overhead - siteTotal) / scale).toBeLessThan(1e-9);
        const linesEur = bill.lines.reduce((sum, line) => sum + line.eur, 0);
        const size = bill.lines.reduce((sum, line) => sum + Math.abs(line.eur), 1);
        expect(Math.abs(linesEur - bill.totalEur) / size).toBeLessThan(1e-12);
      }),
      { seed: 5, numRuns: 300 },
    );
  });

  it('gives each job the average price of its quarter hours, and what is due without a draw to overhead', () => {
    const block = { kind: 'baseload', name: 'B', powerW: 1e6, priceEurPerMWh: 40, surplus: 'lost' } as const;
    const capacity = { kind: 'capacity', name: 'C', eurPerKwYear: 36.5 } as const;
    // One MW of IT for an hour, nothing in the other 71 of three days.
    const found = run(tariffOf({ supply: [block], charges: [capacity] }), [{ watts: 1e6, from: 0, bins: 4 }], 0, [100]);
    const hourEur = 40 + (found.facilityMWh - 1) * 100;
    expect(found.auditCostEur.jobs).toBeCloseTo(hourEur, 6);
    expect(found.auditCostEur.overhead).toBeCloseTo(71 * 40 + (36.5 * found.peakFacilityMW * 1000 * DAYS) / 365, 6);
  });
});

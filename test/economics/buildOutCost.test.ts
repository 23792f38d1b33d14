import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildOutCost, type OperatedYear } from '../../src/economics/buildOutCost.js';
import { holdingsOf, type BuildOutSpec } from '../../src/economics/holdings.js';
import type { CapitalSpec, FinanceSpec } from '../../src/scenario/capitalSpec.js';
import { GB300_100K } from './capital.js';

const FINANCE: FinanceSpec = {
  wacc: 0.1,
  lifeYears: { it: 5, facility: 20, grid: 25, battery: 15 },
  grantFraction: 0,
  residualFraction: 0,
  insuranceFraction: 0,
  maintenanceFraction: { it: 0, facility: 0, battery: 0 },
  hardwarePriceDeclineFraction: 0.3,
};

/** Hardware alone, or with a building of 2 EUR a kW and a connection of 1. */
const capital = (finance: Partial<FinanceSpec> = {}, more: Partial<CapitalSpec> = {}): CapitalSpec => ({
  ...GB300_100K,
  designItKw: 100,
  facilityEurPerKwIt: 0,
  connectionKw: 100,
  gridEurPerKw: 0,
  finance: { ...FINANCE, ...finance },
  ...more,
});

const TWO_PHASES = [
  { atYears: 0, gpus: 10, hardwareEur: 100, itKw: 50 },
  { atYears: 1, gpus: 10, hardwareEur: 100, itKw: 50 },
];

const spec = (of: Partial<BuildOutSpec> = {}): BuildOutSpec => ({
  capital: capital(),
  phases: TWO_PHASES,
  windowYears: 2,
  facility: 'each-phase',
  grid: 'first-phase',
  ...of,
});

const year = (of: Partial<OperatedYear> = {}): OperatedYear => ({
  energyEur: 0,
  staffEurPerYear: 0,
  waterAndHeatEur: 0,
  soldGpuHours: 0,
  facilityMWh: 0,
  carbonKt: 0,
  ...of,
});

describe('what a build-out buys', () => {
  it('pays for each phase the price of its date; what is left is worth its book value, and no more than it costs new', () => {
    const bought = holdingsOf(spec()).filter(({ part }) => part === 'it');
    expect(bought.map(({ fromYears, toYears }) => [fromYears, toYears])).toEqual([
      [0, 2],
      [1, 2],
    ]);
    expect(bought[0]!.paidEur).toBe(100);
    expect(bought[1]!.paidEur).toBeCloseTo(70, 12);
    // 100 × 3/5 = 60 and 70 × 4/5 = 56, but new ones cost 49.
    for (const { soldEur } of bought) expect(soldEur).toBeCloseTo(49, 12);
    const steady = holdingsOf(spec({ capital: capital({ hardwarePriceDeclineFraction: 0, residualFraction: 0.1 }) }));
    // 100 × (1 − 0.9 × 2/5) and 100 × (1 − 0.9 × 1/5).
    expect(steady.slice(0, 2).map(({ soldEur }) => soldEur)).toEqual([64, 82]);
  });

  it('replaces hardware at the end of its life at the price of then, sells the old one and gets no second grant', () => {
    const phases = [{ atYears: 1, gpus: 10, hardwareEur: 100, itKw: 100 }];
    const terms = { lifeYears: { ...FINANCE.lifeYears, it: 2 }, residualFraction: 0.1, grantFraction: 0.35 };
    const [first, second, ...rest] = holdingsOf(spec({ capital: capital(terms), phases, windowYears: 5 })).filter(
      ({ part }) => part === 'it',
    );
    expect(rest).toEqual([]);
    expect(first).toMatchObject({ fromYears: 1, toYears: 3 });
    expect(second).toMatchObject({ fromYears: 3, toYears: 5, grantEur: 0 });
    expect(first!.paidEur).toBeCloseTo(70, 12);
    expect(first!.grantEur).toBeCloseTo(24.5, 12);
    expect(first!.soldEur).toBeCloseTo(7, 12);
    expect(second!.paidEur).toBeCloseTo(34.3, 12);
    expect(second!.soldEur).toBeCloseTo(3.43, 12);
  });

  it('builds the hall with each phase by its power and the connection with the first, or as told', () => {
    const built = (of: Partial<BuildOutSpec>, part: string) =>
      holdingsOf(spec({ capital: capital({}, { facilityEurPerKwIt: 2, gridEurPerKw: 1 }), ...of }))
        .filter((holding) => holding.part === part)
        .map(({ fromYears, paidEur }) => [fromYears, paidEur]);
    expect(built({}, 'facility')).toEqual([
      [0, 100],
      [1, 100],
    ]);
    expect(built({}, 'grid')).toEqual([[0, 100]]);
    expect(built({ facility: 'first-phase', grid: 'each-phase' }, 'facility')).toEqual([[0, 200]]);
    expect(built({ facility: 'first-phase', grid: 'each-phase' }, 'grid')).toEqual([
      [0, 50],
      [1, 50],
    ]);
  });
});

describe('what a build-out costs', () => {
  const operated = [year({ soldGpuHours: 10, usefulGpuHours: 10 }), year({ soldGpuHours: 20, usefulGpuHours: 20 })];

  it('is the example of its docstring: 82.64 EUR for 26.87 discounted hours, 3.08 EUR each', () => {
    const cost = buildOutCost(spec(), operated);
    expect(cost.npvOfCostEur).toBeCloseTo(100 + 70 / 1.1 - 98 / 1.21, 10);
    const hours = 10 / 1.1 ** 0.5 + 20 / 1.1 ** 1.5;
    expect(cost.levelisedEurPerUsefulGpuHour).toBeCloseTo(cost.npvOfCostEur / hours, 10);
    expect(cost.levelisedEurPerUsefulGpuHour).toBeCloseTo(3.08, 2);
    expect(cost.usefulGpuHours).toBe(30);
    expect(
      cost.years.map(({ gpusAtEnd, purchasesEur, residualEur }) => [gpusAtEnd, purchasesEur, residualEur]),
    ).toEqual([
      [10, 100, 0],
      [20, expect.closeTo(70, 10), expect.closeTo(98, 10)],
    ]);
  });

  it('is the sum of its years, and of its three kinds', () => {
    const terms = { maintenanceFraction: { it: 0.03, facility: 0.02, battery: 0 }, insuranceFraction: 0.01 };
    const energetic = operated.map((one) => ({ ...one, energyEur: 7, staffEurPerYear: 3, waterAndHeatEur: 1 }));
    const all = capital(terms, { facilityEurPerKwIt: 2, gridEurPerKw: 1 });
    const cost = buildOutCost(spec({ capital: all }), energetic);
    // Hardware, hall and connection of the first phase, and the second phase's for the second year.
    const first = 100 * 0.04 + 100 * 0.03 + 100 * 0.01;
    const second = first + 70 * 0.04 + 100 * 0.03;
    expect(cost.years.map(({ operationEur }) => operationEur)).toEqual([
      expect.closeTo(first + 4, 10),
      expect.closeTo(second + 4, 10),
    ]);
    expect(cost.npvOfEnergyEur).toBeCloseTo(7 / 1.1 ** 0.5 + 7 / 1.1 ** 1.5, 10);
    expect(cost.npvOfCapitalEur + cost.npvOfOperationEur + cost.npvOfEnergyEur).toBeCloseTo(cost.npvOfCostEur, 10);
    expect(cost.years.reduce((sum, { discountedEur }) => sum - discountedEur, 0)).toBeCloseTo(cost.npvOfCostEur, 10);
  });

  it('counts a first year by the time it serves: staff from the phase on, at the middle of it', () => {
    const phases = [{ atYears: 0.5, gpus: 10, hardwareEur: 0, itKw: 100 }];
    const half = spec({ phases, windowYears: 1 });
    const cost = buildOutCost(half, [year({ staffEurPerYear: 8, soldGpuHours: 4 })]);
    expect(cost.years[0]!.operationEur).toBe(4);
    expect(cost.npvOfCostEur).toBeCloseTo(4 / 1.1 ** 0.75, 12);
    expect(cost.levelisedEurPerSoldGpuHour).toBeCloseTo(1, 12);
  });

  it('costs nothing in a year before anything is in service', () => {
    const late = spec({ phases: [{ atYears: 1, gpus: 10, hardwareEur: 100, itKw: 100 }] });
    const [before] = buildOutCost(late, [undefined, operated[1]]).years;
    expect(before).toEqual({
      ...{ gpusAtEnd: 0, purchasesEur: 0, residualEur: 0, operationEur: 0, energyEur: 0, revenueEur: 0 },
      ...{ soldGpuHours: 0, usefulGpuHours: 0, cashFlowEur: 0, discountedEur: 0 },
    });
  });

  it('does not know useful hours where a year does not', () => {
    const cost = buildOutCost(spec(), [operated[0], year({ soldGpuHours: 20 })]);
    expect(cost.usefulGpuHours).toBeUndefined();
    expect(cost.levelisedEurPerUsefulGpuHour).toBeUndefined();
    expect(cost.soldGpuHours).toBe(30);
  });

  it('pays back when revenue has made up for it, with the rate at which it is worth nothing', () => {
    const phases = [{ atYears: 0, gpus: 10, hardwareEur: 100, itKw: 100 }];
    const steady = capital({ lifeYears: { ...FINANCE.lifeYears, it: 4 } });
    const sold = Array.from({ length: 4 }, () => year({ soldGpuHours: 40 }));
    const of = (revenueEurPerGpuHour: number) =>
      buildOutCost(spec({ capital: steady, phases, windowYears: 4, revenueEurPerGpuHour }), sold).returns!;
    expect(of(1).paybackYears).toBeCloseTo(2.5, 12);
    expect(of(0.5).paybackYears).toBeUndefined();
    const { irrFraction, npvEur } = of(1);
    const worth = (rate: number) => [0.5, 1.5, 2.5, 3.5].reduce((sum, at) => sum + 40 * (1 + rate) ** -at, -100);
    expect(worth(irrFraction!)).toBeCloseTo(0, 9);
    expect(npvEur).toBeCloseTo(worth(0.1), 10);
    expect(buildOutCost(spec(), operated).returns).toBeUndefined();
  });
});

describe('waiting', () => {
  /** Hardware that serves its whole life inside the window, 100 hours a year; nothing else costs. */
  const levelised = (atYears: number, declineFraction: number, wacc: number): number => {
    const phases = [{ atYears, gpus: 10, hardwareEur: 1000, itKw: 100 }];
    const terms = { wacc, hardwarePriceDeclineFraction: declineFraction, residualFraction: 0.1 };
    const windowYears = atYears + FINANCE.lifeYears.it;
    const runs = Array.from({ length: windowYears }, (_, index) =>
      index < atYears ? undefined : year({ soldGpuHours: 100 }),
    );
    return buildOutCost(spec({ capital: capital(terms), phases, windowYears }), runs).levelisedEurPerSoldGpuHour;
  };

  it('neither gains nor loses on an hour where prices stand still, and gains what they fall otherwise', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.double({ min: 0, max: 0.6, noNaN: true }),
        fc.double({ min: 0, max: 0.2, noNaN: true }),
        (atYears, decline, wacc) => {
          // Beyond it new hardware costs less than the residual value.
          fc.pre((1 - decline) ** FINANCE.lifeYears.it >= 0.1);
          const now = levelised(0, decline, wacc);
          expect(levelised(atYears, decline, wacc) / now).toBeCloseTo((1 - decline) ** atYears, 9);
        },
      ),
    );
  });

  it('costs more where the window ends before the hardware does and prices stand still', () => {
    const runs = Array.from({ length: 5 }, () => year({ soldGpuHours: 100 }));
    const at = (atYears: number): number =>
      buildOutCost(
        spec({
          capital: capital({ hardwarePriceDeclineFraction: 0 }),
          phases: [{ atYears, gpus: 10, hardwareEur: 1000, itKw: 100 }],
          windowYears: 5,
        }),
        runs.map((run, index) => (index < atYears ? undefined : run)),
      ).levelisedEurPerSoldGpuHour;
    // A straight line writes off more in the first years than an annuity does.
    expect(at(2)).toBeGreaterThan(at(0));
  });
});

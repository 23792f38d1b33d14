import { describe, expect, it } from 'vitest';
import { siteCost, type CostedHorizon } from '../../src/economics/siteCost.js';
import { capexEur, capexLines, COST_LINES, withFinance, yearlyCostLines } from '../../src/economics/tco.js';
import type { CapitalSpec } from '../../src/scenario/capitalSpec.js';
import { GB300_100K, H100_100K } from './capital.js';

const M = 1e6;
/** Of 100,000 GPUs over a year of 8,760 h. */
const soldHours = (utilisation: number): number => 100_000 * 8760 * utilisation;

const cost = (spec: CapitalSpec, energyEurM: number, utilisation = 0.85, more: Partial<CostedHorizon> = {}) =>
  siteCost(spec, {
    soldGpuHours: soldHours(utilisation),
    allocatedGpuHours: soldHours(utilisation),
    energyEur: energyEurM * M,
    years: 1,
    ...more,
  });

/** Within 1 % of the published figure. */
function expectWithin1Percent(value: number, expected: number): void {
  expect(Math.abs(value / expected - 1), `${value} against ${expected}`).toBeLessThan(0.01);
}

const FRANCE_EUR_M = 133;

describe('published results of the cost model, with the inputs they state', () => {
  it('GB300-class in France: 7.2 bn EUR, 1.87 bn a year, 2.52 EUR per sold GPU-hour, 7 % of it energy', () => {
    const { totalEur, eurPerSoldGpuHour, energyEur } = cost(GB300_100K, FRANCE_EUR_M);
    // The published capex leaves the grid connection out.
    expectWithin1Percent(capexEur({ ...GB300_100K, gridEurPerKw: 0 }), 7.2e9);
    expectWithin1Percent(totalEur, 1.87e9);
    expectWithin1Percent(eurPerSoldGpuHour, 2.52);
    expect(energyEur / totalEur).toBeCloseTo(0.07, 2);
  });

  it('H100-class: 4.45 bn EUR and 1.57 EUR, 8 % of it energy', () => {
    const { totalEur, eurPerSoldGpuHour, energyEur } = cost(H100_100K, FRANCE_EUR_M * 0.7);
    expectWithin1Percent(capexEur({ ...H100_100K, gridEurPerKw: 0 }), 4.45e9);
    expectWithin1Percent(eurPerSoldGpuHour, 1.57);
    expect(energyEur / totalEur).toBeCloseTo(0.08, 2);
  });

  it.each([
    ['Finland', 105, 220, 2.48],
    ['Portugal', 131, 230, 2.51],
    ['Spain', 130, 236, 2.51],
    ['France', 133, 230, 2.52],
    ['Germany with the band discount', 205, 230, 2.61],
    ['Germany', 224, 230, 2.64],
    ['Italy', 223, 236, 2.64],
    ['Poland', 271, 230, 2.7],
  ])('%s with energy of %f M EUR a year and %f MW: %f EUR', (_, energyEurM, connectionMW, expected) => {
    const { eurPerSoldGpuHour } = cost({ ...GB300_100K, connectionKw: 1000 * connectionMW }, energyEurM);
    expectWithin1Percent(eurPerSoldGpuHour, expected);
  });

  it('the sites keep their order from Finland to Poland, 0.22 EUR apart', () => {
    const of = (energyEurM: number): number => cost(GB300_100K, energyEurM).eurPerSoldGpuHour;
    expect(of(271) - of(105)).toBeCloseTo(0.22, 2);
  });

  it.each([
    [0, 2.52],
    [0.17, 2.17],
    [0.35, 1.81],
  ])('a grant of %f: %f EUR', (grantFraction, expected) => {
    const { eurPerSoldGpuHour } = cost(withFinance(GB300_100K, { grantFraction }), FRANCE_EUR_M);
    expectWithin1Percent(eurPerSoldGpuHour, expected);
  });

  it.each([
    [0.6, 3.56],
    [0.7, 3.06],
    [0.85, 2.52],
    [0.95, 2.25],
  ])('a utilisation of %f: %f EUR', (utilisation, expected) => {
    expectWithin1Percent(cost(GB300_100K, FRANCE_EUR_M, utilisation).eurPerSoldGpuHour, expected);
  });

  it.each([
    [0.05, 2.32],
    [0.08, 2.52],
    [0.12, 2.79],
  ])('capital at %f: %f EUR', (wacc, expected) => {
    expectWithin1Percent(cost(withFinance(GB300_100K, { wacc }), FRANCE_EUR_M).eurPerSoldGpuHour, expected);
  });

  it('a residual of 10 % and insurance of 0.5 % make it 2.45', () => {
    const change = { residualFraction: 0.1, insuranceFraction: 0.005 };
    expectWithin1Percent(cost(withFinance(GB300_100K, change), FRANCE_EUR_M).eurPerSoldGpuHour, 2.45);
  });

  it('a battery of 400 MWh at 125 USD per kWh: 43 M EUR and 5.9 M a year', () => {
    const spec = { ...GB300_100K, battery: { energyKWh: 400_000, eurPerKWh: 125 / 1.16 } };
    const bought = capexLines(spec).find(({ name }) => name === COST_LINES.battery)!;
    expectWithin1Percent(bought.eur, 43 * M);
    const yearly = yearlyCostLines(spec)
      .filter(({ name }) => name === COST_LINES.battery || name === COST_LINES.maintenanceBattery)
      .reduce((sum, { eur }) => sum + eur, 0);
    expectWithin1Percent(yearly, 5.9 * M);
  });
});

describe('lines of a cost', () => {
  it('are as the docstring works them out, and add up', () => {
    const { lines, totalEur } = cost(GB300_100K, FRANCE_EUR_M, 0.85, { waterM3: 100_000, heatRevenueEur: 1.5 * M });
    expect(lines.map(({ name, group, eur }) => [name, group, Math.round(eur / 1e5) / 10])).toEqual([
      ['servers', 'capital', 1026.9],
      ['network and storage', 'capital', 225.4],
      ['facility', 'capital', 257],
      ['grid connection', 'capital', 2.2],
      ['maintenance, IT', 'operation', 150],
      ['maintenance, facility', 'operation', 66],
      ['staff', 'operation', 15],
      ['insurance, property tax, land', 'operation', 0],
      ['water', 'operation', 0.2],
      ['heat sold', 'operation', -1.5],
      ['energy', 'energy', 133],
    ]);
    expect(lines.reduce((sum, { eur }) => sum + eur, 0)).toBeCloseTo(totalEur, 2);
  });

  it('of half a year are half of all but energy and water, which are metered', () => {
    const whole = cost(GB300_100K, 133, 0.85, { waterM3: 7 });
    const half = cost(GB300_100K, 133, 0.85, { waterM3: 7, years: 0.5 });
    for (const [index, { name, eur }] of half.lines.entries()) {
      const share = name === COST_LINES.energy || name === COST_LINES.water ? 1 : 0.5;
      expect(eur, name).toBeCloseTo(share * whole.lines[index]!.eur, 3);
    }
    expect(half.capexEur).toBe(whole.capexEur);
  });

  it('a grant moves money from the owner to the public and changes nothing else', () => {
    const hours = { usefulGpuHours: 6e8 };
    const none = cost(GB300_100K, 133, 0.85, hours);
    const granted = cost(withFinance(GB300_100K, { grantFraction: 0.35 }), 133, 0.85, hours);
    expect(none.publicEur).toBe(0);
    expect(granted.grossEur).toBeCloseTo(none.totalEur, 2);
    // 35 % of 1,252.28 + 257.02 + 2.15 M EUR.
    expect(granted.publicEur / M).toBeCloseTo(529.0, 1);
    expect(granted.publicEurPerUsefulGpuHour).toBeCloseTo(0.8817, 4);
    expect(granted.eurPerUsefulGpuHour! + granted.publicEurPerUsefulGpuHour!).toBeCloseTo(
      granted.grossEurPerUsefulGpuHour!,
      9,
    );
  });

  it('useful hours that nobody knows are absent, not the used ones', () => {
    const unknown = cost(GB300_100K, 133);
    expect(unknown).not.toHaveProperty('eurPerUsefulGpuHour');
    expect(unknown).not.toHaveProperty('publicEurPerUsefulGpuHour');
    expect(unknown).not.toHaveProperty('eurPerExaFlopDay');
  });

  it('hardware bought later is cheaper by the rate at which prices fall, the building is not', () => {
    const [of] = GB300_100K.hardware;
    const later = {
      ...GB300_100K,
      hardware: [
        { ...of!, gpus: 40_000 },
        { ...of!, gpus: 60_000, boughtAfterYears: 2 },
      ],
    };
    // 40 % at full price, 60 % at 0.7² = 0.49 of it.
    expect(capexLines(later).map(({ eur }, at) => eur / capexLines(GB300_100K)[at]!.eur)).toEqual([
      ...[expect.closeTo(0.694, 12) as number, expect.closeTo(0.694, 12) as number],
      ...[1, 1],
    ]);
  });

  it('hardware that comes into service later is paid for from then on, the building from the start', () => {
    const [of] = GB300_100K.hardware;
    const terms = { grantFraction: 0.35, residualFraction: 0.1, insuranceFraction: 0.005 };
    const whole = withFinance(GB300_100K, terms);
    const grown = {
      ...whole,
      hardware: [
        { ...of!, gpus: 40_000 },
        { ...of!, gpus: 60_000, inServiceAfterYears: 0.5 },
      ],
    };
    const [now, later] = [cost(whole, 133), cost(grown, 133)];
    const shares = Object.fromEntries(now.lines.map(({ name, eur }, at) => [name, later.lines[at]!.eur / eur]));
    const held = 0.4 + 0.6 * 0.5;
    for (const name of [COST_LINES.servers, COST_LINES.network, COST_LINES.maintenanceIt]) {
      expect(shares[name], name).toBeCloseTo(held, 12);
    }
    for (const name of [COST_LINES.facility, COST_LINES.grid, COST_LINES.maintenanceFacility, COST_LINES.staff]) {
      expect(shares[name], name).toBeCloseTo(1, 12);
    }
    // Of 7,223 M EUR insured 5,000 are hardware.
    expect(shares[COST_LINES.insurance]).toBeCloseTo((2223 + held * 5000) / 7223, 12);
    expect(later.grossEur).toBeCloseTo(cost(withFinance(grown, { grantFraction: 0 }), 133).totalEur, 2);
    expect(later.capexEur).toBe(now.capexEur);
    // Not before the horizon ends: not at all.
    const never = { ...whole, hardware: [{ ...of!, inServiceAfterYears: 2 }] };
    expect(cost(never, 133).lines[0]!.eur).toBe(0);
  });

  it('sold hours cost more than allocated ones where nodes are held in part', () => {
    const { eurPerSoldGpuHour, eurPerAllocatedGpuHour } = cost(GB300_100K, 133, 0.85, {
      allocatedGpuHours: soldHours(0.9),
    });
    expect(eurPerSoldGpuHour / eurPerAllocatedGpuHour).toBeCloseTo(0.9 / 0.85, 12);
  });

  it('work done is priced where it is known', () => {
    const { eurPerExaFlopDay, eurPerTrillionTokens, totalEur } = cost(GB300_100K, 133, 0.85, {
      exaFlopDays: 50_000,
      tokens: 4e15,
    });
    expect(eurPerExaFlopDay).toBe(totalEur / 50_000);
    expect(eurPerTrillionTokens).toBe(totalEur / 4000);
  });
});

import { describe, expect, it } from 'vitest';
import type { BatteryResult } from '../../src/economics/batteryResult.js';
import type { GridOrderResult, GridResult } from '../../src/energy/gridOrders.js';
import { compareJson } from '../../src/report/compareJson.js';
import { comparePlain, compareText, type CompareContext } from '../../src/report/compareText.js';
import { batteryTable, gridTable, gridTexts, orderTable, ordersOf } from '../../src/report/gridTables.js';
import { rowsOf } from '../../src/report/indicatorTables.js';
import { tablePlain } from '../../src/report/table.js';
import { candidatesWith } from './candidate.js';

const HOUR = 3_600_000;
const ORDER: GridOrderResult = {
  ...{ name: 'phoenix', fromMs: 100.5 * 24 * HOUR, toMs: 100.5 * 24 * HOUR + 3 * HOUR },
  ...{ baselineMW: 200, targetMW: 150, deliveredMW: [50, 40], met: false, quarterHoursMet: 11 },
  ...{ shortfallMWh: 2.5, worst: { fromMs: 100.5 * 24 * HOUR, shortfallMW: 10 }, deliveredMWh: 147.5 },
};
const GRID: GridResult = {
  ramps: { highestRiseMW: 30, highestFallMW: 40, p99MW: 5 },
  excess: { quarterHours: 4, mwh: 12, highestMW: 20 },
  orders: [ORDER],
};
const BATTERY: BatteryResult = {
  ...{ chargedMWh: 500, dischargedMWh: 440, lossesMWh: 60, cycles: 1.25, startMWh: 0, endMWh: 0, peakMW: 190 },
  ...{ eur: -4000, peakEur: -1000, arbitrageEur: -6000, lossesEur: 3000, carbonT: 18 },
};
const CONTEXT: CompareContext = {
  ...{ questions: ['Which?'], baseYears: {}, flagged: { assumptions: 0, unverified: 0 } },
  ...{ resampled: false, assumptionsCommand: 'gigasim' },
};

/** In the second of three replications the order is met. */
const found = candidatesWith((_, replication, position) =>
  position === 1
    ? {}
    : {
        grid: {
          ...GRID,
          orders: [replication === 1 ? { ...ORDER, met: true, quarterHoursMet: 12, worst: undefined } : ORDER],
        },
        battery: BATTERY,
      },
);
const rows = rowsOf(found.candidates);

describe('tables of the grid', () => {
  it('have a line for each site that is asked something, without columns that none knows', () => {
    expect(tablePlain(gridTable(rows, 'fixed')!).split('\n')).toEqual([
      'site\thighest rise [MW]\thighest fall [MW]\t99 % within [MW]\tquarter hours [above limit]\tabove limit [GWh]\tat most [MW]',
      'north\t30\t40\t5\t4\t0.012\t20',
    ]);
  });

  it('say of an order in how many replications it was met', () => {
    const lines = tablePlain(orderTable(rows.flatMap(ordersOf), 'fixed')!).split('\n');
    expect(lines[1]!.split('\t').slice(0, 5)).toEqual(['north', 'phoenix', '100 d 12 h', '3 h', '1 of 3']);
  });

  it('break the line of a battery up', () => {
    const [heading, line] = tablePlain(batteryTable(rows, 'fixed')!)
      .split('\n')
      .map((text) => text.split('\t'));
    const cell = (title: string) => Number(line![heading!.findIndex((name) => name.startsWith(title))]);
    expect(cell('on the bill')).toBeCloseTo(-0.004, 12); // EUR million
    expect(cell('of it peak') + cell('arbitrage') + cell('losses [EUR')).toBeCloseTo(-0.004, 12);
  });

  it('show the orders missed by most where there are many, and say so', () => {
    const orders = Array.from({ length: 30 }, (_, index) => ({
      ...{ ...ORDER, name: `order-${String(index + 1)}`, shortfallMWh: index },
    }));
    const many = candidatesWith((_, __, position) => (position === 1 ? {} : { grid: { ...GRID, orders } }));
    const text = gridTexts(rowsOf(many.candidates)).join('\n');
    expect(text).toContain('of 30 orders the 20 that were missed by most');
    expect(text).toContain('order-30 ');
    expect(text).not.toContain('order-10 ');
  });

  it('stand in the comparison, its tables and its JSON; nothing of sites without', () => {
    const text = compareText(found, CONTEXT);
    expect(text).toContain('Orders of the grid operator');
    expect(text).toContain('Batteries');
    expect(comparePlain(found)).toContain('phoenix');
    const [first, second] = compareJson(found, CONTEXT)['candidates'] as Record<string, unknown>[];
    expect(first!['orders']).toMatchObject([{ name: 'phoenix', met: [false, true, false] }]);
    expect(first!['battery']).toMatchObject({ cycles: { mean: 1.25 } });
    expect('grid' in second! || 'battery' in second!).toBe(false);
    expect(gridTexts(rowsOf(candidatesWith().candidates))).toEqual([]);
  });
});

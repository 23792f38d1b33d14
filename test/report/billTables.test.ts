import { describe, expect, it } from 'vitest';
import { billTable, billTexts, contractTable, peakTable } from '../../src/report/billTables.js';
import { billTotal } from '../../src/economics/energyBill.js';
import { flatYear, ruling, settled, supplying, tariffOf, charging } from '../support/tariffs.js';

const CAPACITY = { kind: 'capacity', name: 'Capacity', eurPerKwYear: 20 } as const;
const flat = { site: settled(charging(CAPACITY), { mw: flatYear(1), price: 50 }), facilityMWh: 8760 };
const rowOf = (label: string, { bill }: typeof flat.site) => ({ label, site: { bill, facilityMWh: 8760 } });

describe('the bill of a site for a reader', () => {
  it('has every line with its quantity, EUR and EUR per MWh, then the total', () => {
    const cell = (value: number, decimals: number) => ({ value, decimals });
    expect(billTable([rowOf('a', flat.site)]).rows).toEqual([
      ['a', 'supply', 'Day-ahead', cell(8760, 1), 'MWh', cell(438_000, 2), cell(50, 2)],
      ['a', 'capacity', 'Capacity', cell(1000, 1), 'kW', cell(20_000, 2), cell(20_000 / 8760, 2)],
      ['a', '', 'total', '', '', cell(458_000, 2), cell(458_000 / 8760, 2)],
    ]);
  });

  it('tells hours of use and the price of one more MW; discounts only where some site has a rule', () => {
    expect(peakTable([rowOf('a', flat.site)]).columns).toHaveLength(4);
    const band = settled(
      ruling(
        {
          ...{ kind: 'band-discount', name: 'Band', of: ['Capacity'], aboveMWhPerYear: 0 },
          tiers: [
            { fromHours: 8000, payFraction: 0.2 },
            { fromHours: 8784, payFraction: 0.1 },
          ],
        },
        CAPACITY,
      ),
      { mw: flatYear(1) },
    );
    const { rows } = peakTable([rowOf('a', flat.site), rowOf('b', band)]);
    expect(rows.map((cells) => cells[4])).toEqual(['', 'Band']);
    expect(rows[1]!.slice(5, 10).map((cell) => (typeof cell === 'object' ? Math.round(cell.value) : cell))).toEqual([
      ...[20, 16_000, 760, 8784, 24],
    ]);
  });

  it('shows contracts where there are any', () => {
    const block = { kind: 'baseload', name: 'Block', powerW: 2e6, priceEurPerMWh: 60, surplus: 'sold' } as const;
    const found = settled(supplying(block), { mw: flatYear(1), price: 50 });
    expect(contractTable([rowOf('a', flat.site)])).toBeUndefined();
    expect(billTexts([rowOf('a', found)]).join('\n')).toMatch(
      /^a +Block +baseload +17.520\.0 +8.760\.0 +100\.0 +8.760\.0 +sold +50\.00 +613.200\.00$/m,
    );
  });

  it('of several sites together has their lines added up and no peak of its own', () => {
    const other = settled(tariffOf({ charges: [CAPACITY] }), { mw: flatYear(2), price: 50 });
    const total = billTotal([flat.site.bill, other.bill]);
    expect(total.totalEur).toBe(3 * 458_000);
    expect(total.lines.map(({ name, quantity }) => [name, quantity])).toEqual([
      ['Day-ahead', 26_280],
      ['Capacity', 3000],
    ]);
    expect(billTexts([{ label: 'all', site: { bill: total, facilityMWh: 26_280 } }])).toHaveLength(1);
  });
});

import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import { localBins } from '../../src/energy/localBins.js';

const QUARTER_MS = 900_000;

describe('local time of quarter hours', () => {
  it.each([
    ['Europe/Berlin', 2027],
    ['Europe/Lisbon', 2028],
    ['America/New_York', 2027],
    ['Asia/Kathmandu', 2027],
    ['UTC', 2028],
  ])('in %s in %i is that of the zone database, over the end of the year too', (zone, year) => {
    const bins = 368 * 96;
    const local = localBins(zone, year, QUARTER_MS, bins);
    const start = Temporal.Instant.from(`${year}-01-01T00:00Z`);
    const found: number[][] = [];
    const expected: number[][] = [];
    // Every 7 h 15 min passes every hour and quarter; around the changes and New Year all of them.
    for (let bin = 0; bin < bins; bin += bin > 364 * 96 || (bin > 80 * 96 && bin < 90 * 96) ? 1 : 29) {
      const at = start.add({ milliseconds: bin * QUARTER_MS }).toZonedDateTimeISO(zone);
      expected.push([at.year * 12 + at.month - 1, at.month - 1, at.dayOfWeek - 1, at.hour]);
      found.push([local.monthCount[bin]!, local.month[bin]!, local.weekday[bin]!, local.hour[bin]!]);
    }
    expect(found).toEqual(expected);
  });
});

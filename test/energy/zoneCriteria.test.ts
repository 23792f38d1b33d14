import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { criteriaTable, levelTable } from '../../bench/generatorsMarkdown.js';
import { localClock } from '../../src/energy/calendar.js';
import { cellTable } from '../../src/energy/cells.js';
import { CRITERIA, targetsOf, zoneCriteria } from '../../src/energy/zoneCriteria.js';
import type { ZoneTargets } from '../../src/energy/zoneCriteria.js';
import type { PriceCalibration, ZoneCalibration } from '../../src/scenario/zoneSchema.js';
import { ROOT, ZONES, ZONE_FILES, representativeShape } from './zones.js';

const REFERENCE = join(ROOT, '../shared/reference/zones.json');

interface ReferenceSeries {
  readonly mean: number;
  readonly sd: number;
  readonly min: number;
  readonly max: number;
  readonly p1: number;
  readonly p99: number;
  readonly hours: number;
  readonly negativeHours: number;
  readonly autocorrelation: Readonly<Record<string, number>>;
  readonly hourlyMeanBySeason: PriceCalibration['cellMean'];
}
interface ReferenceZone {
  readonly timeZone: string;
  readonly price: ReferenceSeries;
  readonly carbon?: ReferenceSeries;
  readonly carbon2024?: ReferenceSeries;
  readonly weather: { readonly wetBulbC: { readonly monthlyMean: readonly number[] } };
}

function missed(zone: ZoneCalibration, targets: ZoneTargets): string[] {
  const year = representativeShape(zone);
  return zoneCriteria(targets, year, zone.timeZone, 2027)
    .filter(({ ok }) => !ok)
    .map(({ name, target, generated }) => `${zone.id} ${name}: ${target}, got ${generated}`);
}

function referenceTargets({ price, carbon, carbon2024, weather }: ReferenceZone): ZoneTargets {
  return {
    price: {
      ...price,
      lag1: price.autocorrelation['1h']!,
      lag24: price.autocorrelation['24h']!,
      cellMean: cellTable(price.hourlyMeanBySeason),
    },
    carbon: carbon2024 ?? carbon,
    wetBulbMonthlyMeanC: weather.wetBulbC.monthlyMean,
  };
}

function* numbersIn(value: unknown): Generator<number> {
  if (typeof value === 'number') yield value;
  else if (typeof value === 'object' && value !== null)
    for (const child of Object.values(value)) yield* numbersIn(child);
}

describe('zones', () => {
  it('are seventeen, each under its own name, with at most 400 numbers', () => {
    expect(ZONE_FILES).toHaveLength(17);
    for (const { name, raw, zone } of ZONE_FILES) {
      expect(zone.id).toBe(name);
      expect([...numbersIn(raw)].length).toBeLessThanOrEqual(400);
    }
  });

  it('meet every criterion in their representative year', () => {
    expect(ZONES.flatMap((zone) => missed(zone, targetsOf(zone)))).toEqual([]);
  });

  it('are held against all twelve criteria, ten without hourly carbon', () => {
    for (const zone of ZONES) {
      const lines = zoneCriteria(targetsOf(zone), representativeShape(zone), zone.timeZone, 2027);
      const expected = CRITERIA.filter(({ name }) => zone.carbon.kind === 'series' || !name.startsWith('carbon'));
      expect(lines.map(({ name }) => name)).toEqual(expected.map(({ name }) => name));
    }
  });

  it('fail the criteria with another zone’s year', () => {
    const [austria, , , , , , , finland] = ZONES;
    const year = representativeShape(finland!);
    const bad = zoneCriteria(targetsOf(austria!), year, austria!.timeZone, 2027).filter(({ ok }) => !ok);
    expect(bad.map(({ name }) => name)).toEqual(expect.arrayContaining(['price mean', 'lag-24', 'carbon mean']));
  });

  it('are in docs/generators.md as they are now (npm run docs:generators)', () => {
    const docs = readFileSync(join(ROOT, 'docs/generators.md'), 'utf8');
    const lines = [...criteriaTable(ZONES).split('\n'), ...levelTable(ZONES).split('\n')];
    expect(lines.filter((line) => !docs.includes(line))).toEqual([]);
  });
});

describe.skipIf(!existsSync(REFERENCE))('zones against ../shared/reference/zones.json (skipped where absent)', () => {
  const reference = existsSync(REFERENCE)
    ? (JSON.parse(readFileSync(REFERENCE, 'utf8')) as { zones: Record<string, ReferenceZone> }).zones
    : {};

  it('are the same seventeen in the same time zones', () => {
    expect(ZONES.map(({ id }) => id)).toEqual(Object.keys(reference).sort());
    for (const zone of ZONES) expect(zone.timeZone).toBe(reference[zone.id]!.timeZone);
  });

  it('meet every criterion there too', () => {
    expect(ZONES.flatMap((zone) => missed(zone, referenceTargets(reference[zone.id]!)))).toEqual([]);
  });

  it('have no negative hour where the reference has none', () => {
    for (const zone of ZONES.filter(({ id }) => reference[id]!.price.negativeHours === 0)) {
      expect(representativeShape(zone).priceEurPerMWh.every((eur) => eur >= 0)).toBe(true);
    }
  });

  it('carry no highest or lowest hour of their source', () => {
    for (const { name, raw } of ZONE_FILES) {
      const { price, carbon, carbon2024 } = reference[name]!;
      const extremes = [price, carbon, carbon2024].flatMap((series) => (series ? [series.min, series.max] : []));
      const rounded = extremes.filter((value) => Math.abs(value) > 150 && !Number.isInteger(value));
      expect([...numbersIn(raw)].filter((value) => rounded.includes(value))).toEqual([]);
    }
  });

  it('count negative hours over the hours of the source’s own year', () => {
    for (const zone of ZONES) {
      expect(localClock(zone.timeZone, zone.price.year).hours).toBe(reference[zone.id]!.price.hours);
    }
  });
});

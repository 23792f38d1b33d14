import { describe, expect, it } from 'vitest';
import { localClock } from '../../src/energy/calendar.js';
import { correlation, meanOf } from '../../src/energy/seriesStatistics.js';
import { targetsOf, zoneCriteria } from '../../src/energy/zoneCriteria.js';
import { generateZoneYear, representativeYear, resampledYear, toBaseYear } from '../../src/energy/zoneYear.js';
import { ZONES, representativeShape, zoneNamed } from './zones.js';

describe('zone year', () => {
  it('is the same for the same zone, year and seed, and another for another seed', () => {
    const zone = zoneNamed('FR');
    const sum = (seed: string): string => generateZoneYear(zone, 2027, seed).priceEurPerMWh.join();
    expect(sum('a')).toBe(sum('a'));
    expect(sum('a')).not.toBe(sum('b'));
  });

  it('has one canonical year, at the base year’s levels', () => {
    const finland = zoneNamed('FI');
    const asSeed = resampledYear(finland, 2027, finland.representativeSeed);
    expect(representativeYear(finland, 2027).wetBulbC.join()).toBe(asSeed.wetBulbC.join());
    expect(representativeYear(finland, 2027).priceEurPerMWh.join()).toBe(asSeed.priceEurPerMWh.join());
    for (const zone of ZONES) {
      const year = toBaseYear(zone, representativeShape(zone));
      expect(meanOf(year.priceEurPerMWh) / zone.baseYear.priceEurPerMWh.value).toBeCloseTo(1, 2);
      expect(meanOf(year.carbonKgPerMWh) / zone.baseYear.carbonKgPerMWh.value).toBeCloseTo(1, 2);
    }
  });

  it('scales deviations like the level, so negative hours stay', () => {
    const zone = zoneNamed('FI');
    const shape = representativeShape(zone).priceEurPerMWh;
    const scaled = representativeYear(zone, 2027).priceEurPerMWh;
    const factor = zone.baseYear.priceEurPerMWh.value / zone.price.mean;
    expect(factor).toBeCloseTo(46 / 56.47, 10);
    expect(scaled.every((eur, hour) => Math.abs(eur - shape[hour]! * factor) < 1e-9)).toBe(true);
    expect(scaled.filter((eur) => eur < 0)).toHaveLength(shape.filter((eur) => eur < 0).length);
  });

  it.each([2024, 2026, 2028])('covers all of %i with finite numbers that make sense', (calendarYear) => {
    for (const id of ['DE-LU', 'CH', 'NO2', 'PT']) {
      const zone = zoneNamed(id);
      const year = representativeYear(zone, calendarYear);
      const { hours } = localClock(zone.timeZone, calendarYear);
      for (const series of Object.values(year) as Float64Array[]) {
        expect(series).toHaveLength(hours);
        expect(series.every((value) => Number.isFinite(value))).toBe(true);
      }
      expect(year.carbonKgPerMWh.every((kg) => kg >= 0)).toBe(true);
      expect(year.wetBulbC.every((wet, hour) => wet <= year.dryBulbC[hour]!)).toBe(true);
    }
  });

  it('gives a zone without hourly carbon its annual mean in every hour', () => {
    const zone = zoneNamed('CH');
    expect(new Set(representativeYear(zone, 2027).carbonKgPerMWh)).toEqual(
      new Set([zone.baseYear.carbonKgPerMWh.value]),
    );
  });

  it('moves price and carbon together as in the source: 0.67 in Germany, within 0.05 in every zone', () => {
    for (const zone of ZONES) {
      if (zone.carbon.kind === 'constant') continue;
      const year = representativeShape(zone);
      const off = correlation(year.priceEurPerMWh, year.carbonKgPerMWh) - zone.carbon.withPrice.correlation;
      expect({ zone: zone.id, near: Math.abs(off) <= 0.05 }).toEqual({ zone: zone.id, near: true });
    }
    const germany = zoneNamed('DE-LU').carbon;
    expect(germany.kind === 'series' ? germany.withPrice.correlation : NaN).toBeCloseTo(0.67, 2);
  });

  it('meets what does not hang on the draw on any seed: distribution, cells, weather', () => {
    const drawn = new Set(['lag-1', 'lag-24']);
    for (const id of ['DE-LU', 'FR', 'ES', 'FI', 'PL', 'HU', 'NO2']) {
      const zone = zoneNamed(id);
      for (const seed of ['any', 'other', '42']) {
        const lines = zoneCriteria(targetsOf(zone), generateZoneYear(zone, 2027, seed), zone.timeZone, 2027);
        expect(lines.filter(({ name, ok }) => !ok && !drawn.has(name)).map(({ name }) => `${id} ${name}`)).toEqual([]);
      }
    }
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { localClock } from '../../src/energy/calendar.js';
import { generationProfile, technologiesOf } from '../../src/energy/generationProfile.js';
import { clearSkyLight } from '../../src/energy/sunlight.js';
import { representativeYear } from '../../src/energy/zoneYear.js';
import type { Technology } from '../../src/scenario/technology.js';
import { ZONES, zoneNamed } from './zones.js';

const germany = zoneNamed('DE-LU');
const made = new Map<string, Float64Array>();

/** The profile beside the zone's representative prices of 2027; made once. */
function profileOf(id: string, technology: Technology): Float64Array {
  const key = `${id}/${technology}`;
  const zone = zoneNamed(id);
  const profile = made.get(key) ?? generationProfile(zone, technology, 2027, zone.representativeSeed)!;
  made.set(key, profile);
  return profile;
}

const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((total, value) => total + value, 0);
const mean = (values: ArrayLike<number>): number => sum(values) / values.length;
const inMonths = (profile: Float64Array, months: readonly number[]): number => {
  const { month } = localClock('UTC', 2027);
  return mean(Array.from(profile).filter((_, hour) => months.includes(month[hour]!)));
};
const [WINTER, SUMMER] = [
  [11, 0, 1],
  [5, 6, 7],
];

/** What a plant earns a MWh over the mean price. */
function captureRate(id: string, technology: Technology): number {
  const prices = representativeYear(zoneNamed(id), 2027).priceEurPerMWh;
  const profile = profileOf(id, technology);
  return sum(profile.map((mw, hour) => mw * prices[hour]!)) / sum(profile) / mean(prices);
}

describe('a generation profile', () => {
  it.each(ZONES.map(({ id }) => id))('of %s meets its capacity factors exactly, between 0 and rated power', (id) => {
    const zone = zoneNamed(id);
    expect(technologiesOf(zone)).toContain('solar');
    for (const technology of technologiesOf(zone)) {
      const profile = profileOf(id, technology);
      expect(mean(profile) / zone.generation!.capacityFactor[technology]!.value).toBeCloseTo(1, 9);
      expect(Math.min(...profile)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...profile)).toBeLessThanOrEqual(1);
    }
  });

  it('meets any capacity factor that a zone may state', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<Technology>('solar', 'onshore-wind'),
        fc.double({ min: 0.01, max: 0.7, noNaN: true }),
        fc.integer({ min: -66, max: 66 }),
        (technology, value, latitudeDeg) => {
          // Nowhere does the sun stand high enough for more than half the hours of a year.
          fc.pre(technology !== 'solar' || value <= 0.35);
          const generation = { latitudeDeg, longitudeDeg: 10, capacityFactor: { [technology]: { value } } };
          const profile = generationProfile({ ...germany, generation }, technology, 2027, 'a')!;
          expect(mean(profile) / value).toBeCloseTo(1, 9);
        },
      ),
      { numRuns: 12 },
    );
  });

  it('of the sun is 0 at night, highest around noon, and two to seven times as high in summer as in winter', () => {
    const { hourOfDay } = localClock('UTC', 2027);
    for (const { id, generation } of ZONES) {
      const profile = profileOf(id, 'solar');
      const noon = 12 - generation!.longitudeDeg / 15;
      const atHour = (of: number): number => mean(Array.from(profile).filter((_, h) => hourOfDay[h] === of));
      const hours = Array.from({ length: 24 }, (_, hour) => atHour(hour));
      expect(Math.abs(hours.indexOf(Math.max(...hours)) + 0.5 - noon)).toBeLessThan(1.6);
      expect(profile.filter((_, h) => Math.abs(hourOfDay[h]! + 0.5 - noon) > 10).every((mw) => mw === 0)).toBe(true);
      const ratio = inMonths(profile, SUMMER) / inMonths(profile, WINTER);
      expect(ratio).toBeGreaterThan(2);
      expect(ratio).toBeLessThan(7);
    }
  });

  it('of the wind is higher in winter than in summer, and lasts for hours', () => {
    for (const { id } of ZONES) {
      const profile = profileOf(id, 'onshore-wind');
      expect(inMonths(profile, WINTER)).toBeGreaterThan(1.05 * inMonths(profile, SUMMER));
      const level = mean(profile);
      const centred = profile.map((mw) => mw - level);
      const lag1 = sum(centred.slice(1).map((mw, h) => mw * centred[h]!)) / sum(centred.map((mw) => mw * mw));
      expect(lag1).toBeGreaterThan(0.9);
    }
  });

  it('has plants of DE-LU earn what they did in 2024, within 6 %', () => {
    // Annual market values of the transmission operators over the mean price, ct/kWh.
    expect(Math.abs(captureRate('DE-LU', 'onshore-wind') / (6.293 / 7.946) - 1)).toBeLessThan(0.06);
    expect(Math.abs(captureRate('DE-LU', 'offshore-wind') / (6.777 / 7.946) - 1)).toBeLessThan(0.06);
    expect(Math.abs(captureRate('DE-LU', 'solar') / (4.624 / 7.946) - 1)).toBeLessThan(0.06);
  });

  it('is the same for the same seed, another for another, and as long as the year', () => {
    const again = generationProfile(germany, 'solar', 2027, germany.representativeSeed);
    expect(again).toEqual(profileOf('DE-LU', 'solar'));
    expect(generationProfile(germany, 'onshore-wind', 2027, 'b')).not.toEqual(profileOf('DE-LU', 'onshore-wind'));
    expect(generationProfile(germany, 'solar', 2028, 'b')).toHaveLength(8784);
  });

  it('is not there where a zone has no such plants', () => {
    expect(generationProfile(zoneNamed('ES'), 'offshore-wind', 2027, 'a')).toBeUndefined();
    const { generation, ...bare } = germany;
    expect(generation).toBeDefined();
    expect(generationProfile(bare, 'solar', 2027, 'a')).toBeUndefined();
  });
});

describe('clear-sky light', () => {
  it('is what the sun gives at midsummer noon', () => {
    // 21 June is day 172; the docstring's numbers, worked by hand.
    const light = clearSkyLight({ latitudeDeg: 50, longitudeDeg: 0 }, 2027);
    expect(light[171 * 24 + 12]).toBeCloseTo(0.99, 2);
  });

  it('lasts half of a year, and all of a polar day', () => {
    const hoursOfLight = (latitudeDeg: number): number =>
      clearSkyLight({ latitudeDeg, longitudeDeg: 0 }, 2027).filter((light) => light > 0).length;
    // Hours in which it is light for a part of the hour count whole.
    expect(hoursOfLight(0) / 8760).toBeCloseTo(0.52, 1);
    expect(hoursOfLight(50) / 8760).toBeCloseTo(0.53, 1);
    const north = clearSkyLight({ latitudeDeg: 66, longitudeDeg: 0 }, 2027);
    expect(north.slice(171 * 24, 172 * 24).filter((light) => light > 0).length).toBeGreaterThanOrEqual(22);
  });
});

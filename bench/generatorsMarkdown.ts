import { correlation } from '../src/energy/seriesStatistics.js';
import type { Criterion } from '../src/energy/zoneCriteria.js';
import { CRITERIA, targetsOf, zoneCriteria } from '../src/energy/zoneCriteria.js';
import type { ZoneYear } from '../src/energy/zoneYear.js';
import { generateZoneYear } from '../src/energy/zoneYear.js';
import type { ZoneCalibration } from '../src/scenario/zoneSchema.js';

/** Calendar year of the tables: the default of a scenario. */
export const TABLE_YEAR = 2027;

/** Every zone against its source, criterion by criterion: `source / generated`, ✓ or ✗. */
export function criteriaTable(zones: readonly ZoneCalibration[]): string {
  const head = CRITERIA.map(({ name, limit }) => `${name} (${limit})`);
  const rows = zones.map((zone) => {
    const lines = criteriaOf(zone, zone.representativeSeed);
    return [zone.id, ...CRITERIA.map(({ name, digits }) => cell(lines, name, digits))];
  });
  return table(['zone', ...head], rows);
}

/** Base years, levels, and how price and carbon move together. */
export function levelTable(zones: readonly ZoneCalibration[]): string {
  const head = ['zone', 'price shape', 'price level', 'carbon shape', 'carbon level', 'price–carbon r'];
  const rows = zones.map((zone) => {
    const { baseYear, price, carbon } = zone;
    const priceLevel = `${price.mean} → ${baseYear.priceEurPerMWh.value} (${baseYear.year})`;
    const level = `${baseYear.carbonKgPerMWh.value} (${baseYear.year})`;
    if (carbon.kind === 'constant') return [zone.id, price.year, priceLevel, 'none: constant', level, '–'];
    const year = yearOf(zone, zone.representativeSeed);
    const together = correlation(year.priceEurPerMWh, year.carbonKgPerMWh);
    const wanted = `${carbon.withPrice.correlation}${carbon.withPrice.assumption ? ' (assumed)' : ''}`;
    return [
      zone.id,
      price.year,
      priceLevel,
      carbon.year,
      `${carbon.mean} → ${level}`,
      `${wanted} / ${together.toFixed(2)}`,
    ];
  });
  return table(head, rows);
}

/** How many of the given seeds' years meet every criterion, and which criteria the others miss. */
export function seedTable(zones: readonly ZoneCalibration[], seeds: readonly string[]): string {
  const rows = zones.map((zone) => {
    const missed = new Map<string, number>();
    let good = 0;
    for (const seed of seeds) {
      const bad = criteriaOf(zone, seed).filter(({ ok }) => !ok);
      if (bad.length === 0) good++;
      for (const { name } of bad) missed.set(name, (missed.get(name) ?? 0) + 1);
    }
    const misses = [...missed].map(([name, count]) => `${name} ${count}×`).join(', ');
    return [zone.id, `${good} of ${seeds.length}`, misses === '' ? '–' : misses];
  });
  return table(['zone', 'all criteria met', 'missed'], rows);
}

function criteriaOf(zone: ZoneCalibration, seed: string): readonly Criterion[] {
  return zoneCriteria(targetsOf(zone), yearOf(zone, seed), zone.timeZone, TABLE_YEAR);
}

function yearOf(zone: ZoneCalibration, seed: string): ZoneYear {
  return generateZoneYear(zone, TABLE_YEAR, seed);
}

function cell(lines: readonly Criterion[], name: string, digits: number): string {
  const line = lines.find((candidate) => candidate.name === name);
  if (!line) return '–';
  const mark = line.ok ? '✓' : '✗';
  const generated = line.generated.toFixed(digits);
  // A correlation has a limit, not a target.
  return name.endsWith(' r') ? `${generated} ${mark}` : `${line.target.toFixed(digits)} / ${generated} ${mark}`;
}

export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import type { ZoneYear } from '../../src/energy/zoneYear.js';
import { generateZoneYear } from '../../src/energy/zoneYear.js';
import type { ZoneCalibration } from '../../src/scenario/zoneSchema.js';
import { zoneSchema } from '../../src/scenario/zoneSchema.js';

export const ROOT = resolve(import.meta.dirname, '../..');
const FOLDER = join(ROOT, 'scenarios/zones');

/** The shipped zone files, as written and as validated, by name. */
export const ZONE_FILES = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.yaml'))
  .sort()
  .map((name) => {
    const raw: unknown = parse(readFileSync(join(FOLDER, name), 'utf8'));
    return { name: name.replace('.yaml', ''), raw, zone: zoneSchema.parse(raw) };
  });

export const ZONES: readonly ZoneCalibration[] = ZONE_FILES.map(({ zone }) => zone);

export function zoneNamed(id: string): ZoneCalibration {
  const zone = ZONES.find((candidate) => candidate.id === id);
  if (!zone) throw new Error(`no zone ${id}`);
  return zone;
}

const years = new Map<string, ZoneYear>();

/** The zone's representative year 2027 before scaling; made once a test file. */
export function representativeShape(zone: ZoneCalibration): ZoneYear {
  let year = years.get(zone.id);
  if (!year) {
    year = generateZoneYear(zone, 2027, zone.representativeSeed);
    years.set(zone.id, year);
  }
  return year;
}

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { coolingDegreeDays } from '../../src/energy/degreeDays.js';
import { representativeYear } from '../../src/energy/zoneYear.js';
import { facilityHours, facilitySpec } from '../../src/power/facility.js';
import { litresPerKwh } from '../../src/power/waterUse.js';
import { parseYaml } from '../../src/io/yaml.js';
import { carbonSchema } from '../../src/scenario/carbonSchema.js';
import { facilitySchema } from '../../src/scenario/facilitySchema.js';
import type { WaterSpec } from '../../src/scenario/facilitySpec.js';
import { zoneSchema } from '../../src/scenario/zoneSchema.js';
import { planText, shipped } from '../plan/planning.js';

const text = readFileSync('docs/cooling.md', 'utf8');
const HOUR = 3_600_000;
const HYBRID = {
  liquidFraction: 0.85,
  liquidCoolingFraction: 0.025,
  upsEfficiency: 0.98,
  distributionEfficiency: 0.9944,
  fixedFraction: 0.01,
};
const WATER: WaterSpec = {
  liquid: 'tower',
  air: 'tower',
  cyclesOfConcentration: 4,
  adiabaticFromWetBulbC: 16,
  adiabaticLitresPerKwh: 1,
};
const rows = [...text.matchAll(/^\| ([A-Z]{2}(?:-[A-Z]+)?) \| (.+) \|$/gm)].map(
  ([, zone, cells]) => [zone!, cells!.split(' | ')] as const,
);

describe('docs/cooling.md', () => {
  it.each(rows)('its line of %s is that of the representative year', (id, cells) => {
    const zone = zoneSchema.parse(shipped.find('zone', id)!.value);
    const { wetBulbC, dryBulbC } = representativeYear(zone, 2027);
    const hourly = (values: Float64Array) => ({ stepMs: HOUR, values });
    const pue = (change: object, decimals: number): string => {
      const { aW, b } = facilityHours(
        facilitySpec(facilitySchema.parse({ ...HYBRID, ...change }), 1e8),
        hourly(wetBulbC),
      );
      return (b.reduce((sum, factor, hour) => sum + factor + aW[hour]! / 0.8e8, 0) / b.length).toFixed(decimals);
    };
    const above = (celsius: number): string => String(wetBulbC.filter((value) => value > celsius).length);
    const litres = wetBulbC.reduce((sum, value) => sum + litresPerKwh('tower', WATER, value), 0) / wetBulbC.length;
    expect(cells).toEqual([
      Math.max(...wetBulbC).toFixed(1),
      above(21),
      above(26),
      coolingDegreeDays(hourly(dryBulbC), 365 * 24 * HOUR).toFixed(0),
      pue({ cooling: 'air' }, 3),
      pue({}, 3),
      pue({ cooling: 'warm-water', supplyC: 32 }, 4),
      pue({ cooling: 'warm-water', supplyC: 25 }, 4),
      litres.toFixed(2),
    ]);
  });

  it('has eight zones, and an example that can be planned', () => {
    expect(rows).toHaveLength(8);
    const [, example] = /```yaml\n(facility:[^]*?)```/.exec(text)!;
    const site = example!.replaceAll(/^/gm, '    ');
    const plan = planText(
      `version: 1\nkind: scenario\nquestion: q?\nhorizon: 1 d\nwarmup: 0 s\npolicy: fcfs+none@first-fit\n` +
        `workload: { kind: workload, name: w, title: W, jobs: [{ submit: 0 h, gpus: 8, run: 1 h }] }\nsites:\n` +
        `  - name: mine\n    zone: DE-LU\n    partitions: [{ name: main, hardware: h100-sxm, gpus: 16 }]\n` +
        `    tariff: { capacityEurPerKwYear: 0, networkEurPerMWh: 0, leviesEurPerMWh: 0 }\n${site}`,
    );
    expect(plan.specs[0]!.sites[0]!.indicators!.wasteHeatC).toBe(55);
  });
});

describe('docs/carbon.md', () => {
  it('shows keys that a site takes', () => {
    const [, example] = /```yaml\n([^]*?)```/.exec(readFileSync('docs/carbon.md', 'utf8'))!;
    const { carbon } = parseYaml(example!, 'carbon.md').value as { carbon: unknown };
    expect(carbonSchema.parse(carbon).residualKgPerMWh).toEqual({ value: 500 });
  });
});

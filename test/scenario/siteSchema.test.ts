import { describe, expect, it } from 'vitest';
import { siteSchema } from '../../src/scenario/siteSchema.js';
import { namesIn, shippedHardware, shippedSite } from '../power/catalogue.js';

const SITE = {
  version: 1,
  kind: 'site',
  name: 'mine',
  title: 'Mine',
  zone: 'DE-LU',
  partitions: [{ name: 'main', hardware: 'h100-sxm', gpus: 1024 }],
  facility: {
    liquidFraction: 0.85,
    liquidCoolingFraction: 0.025,
    upsEfficiency: 0.98,
    distributionEfficiency: 0.9944,
    fixedFraction: 0.01,
  },
  tariff: { capacityEurPerKwYear: 20, networkEurPerMWh: 5, leviesEurPerMWh: 10 },
};
const partition = (change: object) => ({ partitions: [{ name: 'main', hardware: 'h100-sxm', ...change }] });

function issuesOf(change: object) {
  const result = siteSchema.safeParse({ ...SITE, ...change });
  return result.success ? [] : result.error.issues;
}

describe('shipped sites', () => {
  it('are seven gigafactories of 100,008 GPUs and an AI Factory of 24,000', () => {
    const gpus = namesIn('sites').map((name) => {
      const site = shippedSite(name);
      expect(site.name).toBe(name);
      const { hardware: id, racks, nodes } = site.partitions[0]!;
      const { gpusPerNode, nodesPerRack } = shippedHardware(id);
      return [name, site.zone, (nodes?.value ?? racks!.value * nodesPerRack.value) * gpusPerNode.value];
    });
    expect(gpus).toEqual([
      ['aif-de-24k', 'DE-LU', 24_000],
      ['gf-de-jul', 'DE-LU', 100_008],
      ['gf-es-mora', 'ES', 100_008],
      ['gf-fi-kaj', 'FI', 100_008],
      ['gf-fr-hdf', 'FR', 100_008],
      ['gf-it-bo', 'IT-NORD', 100_008],
      ['gf-pl-balt', 'PL', 100_008],
      ['gf-pt-sines', 'PT', 100_008],
    ]);
  });
});

describe('site schema', () => {
  it('takes a minimal site of bare numbers; without an adder the day-ahead price is paid as it is', () => {
    const site = siteSchema.parse(SITE);
    expect(site.partitions[0]!.gpus).toEqual({ value: 1024 });
    expect(site.tariff.dayAheadAdderEurPerMWh).toEqual({ value: 0 });
  });

  it('lets the adder be negative and takes any subset of a user\u2019s series', () => {
    const tariff = { ...SITE.tariff, dayAheadAdderEurPerMWh: -3 };
    expect(issuesOf({ tariff, series: { price: 'prices.csv', timeZone: 'Europe/Berlin' } })).toEqual([]);
    expect(issuesOf({ series: {} })).toEqual([]);
  });

  it.each([
    ['no size', {}, 'got none'],
    ['two sizes', { racks: 1, gpus: 8 }, 'got racks and gpus'],
    ['three sizes', { racks: 1, nodes: 1, gpus: 8 }, 'got racks and nodes and gpus'],
  ])('refuses a partition with %s', (_, size, got) => {
    const issues = issuesOf(partition(size));
    expect(issues.map((issue) => issue.path)).toEqual([['partitions', 0]]);
    expect(issues[0]!.message).toBe(`expected exactly one of racks, nodes, gpus, phases, buildOut; ${got}`);
  });

  it('reports a missing size beside the other faults of the same partition', () => {
    const issues = issuesOf({ partitions: [{ name: '', hardware: 7 }] });
    expect(issues.map((issue) => issue.path.join('.')).sort()).toEqual([
      'partitions.0',
      'partitions.0.hardware',
      'partitions.0.name',
    ]);
  });

  it.each([
    ['zero GPUs', partition({ gpus: 0 }), 'partitions.0.gpus'],
    ['half a rack', partition({ racks: 0.5 }), 'partitions.0.racks'],
    ['a cap of 0 W', partition({ gpus: 8, gpuCapW: 0 }), 'partitions.0.gpuCapW'],
    ['no partition', { partitions: [] }, 'partitions'],
    ['an efficiency of 0', { facility: { ...SITE.facility, upsEfficiency: 0 } }, 'facility.upsEfficiency'],
    ['a fraction in percent', { facility: { ...SITE.facility, liquidFraction: 85 } }, 'facility.liquidFraction'],
    ['a NaN charge', { tariff: { ...SITE.tariff, leviesEurPerMWh: NaN } }, 'tariff.leviesEurPerMWh'],
    ['a negative charge', { tariff: { ...SITE.tariff, networkEurPerMWh: -1 } }, 'tariff.networkEurPerMWh'],
    ['a missing charge', { tariff: { networkEurPerMWh: 1, leviesEurPerMWh: 1 } }, 'tariff.capacityEurPerKwYear'],
    ['a misspelt key', { weather: 'mild' }, ''],
    ['another version', { version: 2 }, 'version'],
  ])('refuses %s', (_, change, path) => {
    expect(issuesOf(change).map((issue) => issue.path.join('.'))).toEqual([path]);
  });
});

import { describe, expect, it } from 'vitest';
import { policyNames } from '../../src/policy/registry.js';
import { faultsOf, inShort, libraryWith } from './planning.js';

const TEN = `version: 1
kind: scenario
question: Does one report hold them all?
sites:
  - gf-fr-hdff
  - name: mine
    zone: DE_LU
    partitions:
      - { name: main, hardware: h100, gpus: 0 }
    facility: { liquidFraction: 1.5, liquidCoolingFraction: 0, upsEfficiency: 1, distributionEfficiency: 1, fixedFraction: 0 }
    tariff: { capacityEurPerKwYear: 1, networkEurPerMWh: 4O.5, leviesEurPerMWh: .nan }
workload: frontier-mix
policy: fcsf+easy@pack
horizon: 20 min
seeds: 1
`;

describe('a scenario with ten faults of mixed kind', () => {
  it('is reported with all ten, in document order, each where it stands', () => {
    expect(faultsOf(TEN).map(inShort)).toEqual([
      's.yaml:5:5 sites[0]: unknown site: expected one of aif-de-24k, gf-de-jul, gf-es-mora, gf-fi-kaj, gf-fr-hdf, gf-it-bo, gf-pl-balt, gf-pt-sines; got "gf-fr-hdff"',
      's.yaml:7:11 sites[1].zone: unknown zone: expected one of AT, BE, CH, CZ, DE-LU, DK1, ES, FI, FR, HU, IT-NORD, NL and 5 more; got "DE_LU"',
      's.yaml:9:33 sites[1].partitions[0].hardware: unknown hardware: expected one of a100-sxm, b200-sxm, b300-sxm, gb200-nvl72, gb300-nvl72, gh200, h100-sxm, h200-sxm, mi300x, mi355x; got "h100"',
      's.yaml:9:45 sites[1].partitions[0].gpus: expected a whole number of at least 1, got 0',
      's.yaml:10:33 sites[1].facility.liquidFraction: expected a number from 0 to 1, got 1.5',
      's.yaml:11:58 sites[1].tariff.networkEurPerMWh: expected a number of at least 0 or { value, source, year, … }, got "4O.5" (letter O?)',
      's.yaml:11:81 sites[1].tariff.leviesEurPerMWh: expected a number of at least 0 or { value, source, year, … }, got NaN, which is not a number',
      `s.yaml:13:9 policy: expected the order to be one of ${policyNames('order').join(', ')}, got "fcsf"`,
      's.yaml:14:10 horizon: expected whole quarter hours (energy is metered by them), at least one; got 20 min',
      's.yaml:15:1 seeds: unknown key: expected one of version, kind, question, sites, workload, policy, horizon, warmup, seed, replications, calendarYear, prices and 11 more',
    ]);
  });

  it('says what was probably meant', () => {
    const hints = Object.fromEntries(faultsOf(TEN).map(({ path, hint }) => [path, hint]));
    expect(hints['sites[0]']).toBe('Did you mean gf-fr-hdf?');
    expect(hints['sites[1].zone']).toBe('Did you mean DE-LU?');
    expect(hints['sites[1].partitions[0].hardware']).toBe('Did you mean h100-sxm?');
    expect(hints['policy']).toBe('Did you mean fcfs?');
    expect(hints['seeds']).toBe('Did you mean seed?');
  });
});

const using = (lines: string): string => `version: 1
kind: scenario
question: Is the fault shown where it is?
policy: fcfs+easy@pack
horizon: 1 d
${lines}
`;
const SITE = `version: 1
kind: site
name: bad
title: Bad
zone: FR
partitions:
  - { name: main, hardware: h100-sxm, gpus: 12 }
facility: { liquidFraction: 1, liquidCoolingFraction: 0, upsEfficiency: 1, distributionEfficiency: 1, fixedFraction: 0 }
tariff: { capacityEurPerKwYear: 1, networkEurPerMWh: 1, leviesEurPerMWh: 1 }
`;
const JOBS = `version: 1
kind: workload
name: large
title: Large
oversize: refuse
jobs:
  - { submit: 0 h, gpus: 200000, run: 1 h }
  - { submit: 9 h, gpus: 2, run: 1 h, partition: mian }
`;

describe('faults of documents that a scenario refers to', () => {
  it('point into those documents, after the scenario’s own', () => {
    const library = libraryWith({ 'site/bad': SITE });
    const faults = faultsOf(using('sites: [bad]\nworkload: mmcc'), { library }).map(inShort);
    expect(faults).toEqual([
      's.yaml:7:11 workload: unknown workload: expected one of frontier-mix, frontier-mix-full, frontier-models, million-jobs, mmc; got "mmcc"',
      'sites/bad.yaml:7:45 partitions[0].gpus: expected whole nodes of 8 GPUs (h100-sxm), got 12',
    ]);
  });

  it('are told once for a document that several sites share', () => {
    const zone = 'version: 1\nkind: zone\nid: ZZ\n';
    const library = libraryWith({ 'zone/ZZ': zone });
    const faults = faultsOf(
      using('sites: [{ use: gf-fr-hdf, zone: ZZ }, { use: gf-de-jul, zone: ZZ }]\nworkload: mmc'),
      {
        library,
      },
    );
    expect(faults.length).toBeGreaterThan(3);
    expect(new Set(faults.map(({ file }) => file))).toEqual(new Set(['zones/ZZ.yaml']));
    expect(new Set(faults.map(inShort)).size).toBe(faults.length);
  });

  it('name the site whose machine a job does not fit', () => {
    const library = libraryWith({ 'workload/large': JOBS });
    const faults = faultsOf(using('sites: [gf-fr-hdf, gf-de-jul]\nworkload: large'), { library });
    expect(faults.map(inShort)).toEqual([
      'workloads/large.yaml:7:26 jobs[0].gpus: the job asks for 200000 GPUs, the largest partition has 100008 (site gf-fr-hdf)',
      "workloads/large.yaml:8:50 jobs[1].partition: expected one of the site's partitions main; got mian (site gf-fr-hdf)",
    ]);
    expect(faults[1]!.hint).toBe('Did you mean main?');
  });

  it('that are refined point at the line that refined them', () => {
    const faults = faultsOf(using('sites: [{ use: gf-fr-hdf, facility: { liquidFraction: -1 } }]\nworkload: mmc'));
    expect(faults.map(inShort)).toEqual([
      's.yaml:6:55 sites[0].facility.liquidFraction: expected a number from 0 to 1, got -1',
    ]);
  });
});

const MIXED_JOBS = `version: 1
kind: workload
name: mixed
title: Mixed
jobClasses:
  - { name: train, gpuPowerFraction: 2 }
jobs:
  - { submit: 0 h, gpus: none, run: 1 h }
  - { submit: 0 h, gpus: 200000, run: 1 h }
  - { submit: 3 d, gpus: 8, run: 1 h, class: tarin, partition: mian }
  - { submit: 0 h, gpus: 8, run: 2 h, estimate: 1 h, class: train, minGpus: 9 }
`;
const MIXED_CLASSES = `version: 1
kind: workload
name: mixed
title: Mixed
oversize: refuse
classes:
  - { name: half }
  - &whole
    name: whole
    gpuTimeShare: 1
    sizes: { values: [{ gpus: 200000, weight: 1 }] }
    duration: { shape: exponential, meanH: 2 }
    arrivals: { process: poisson }
    estimate: { factor: { shape: constant, value: 2 } }
    users: { count: 3, exponent: 1 }
    gpuPowerFraction: 0.95
  - *whole
`;

describe('a structural fault', () => {
  const places = (lines: string, options = {}): string[] =>
    faultsOf(using(lines), options).map(({ file, line, path, message }) => `${file}:${line} ${path}: ${message}`);

  it('of one job hides no cross-check of another', () => {
    const library = libraryWith({ 'workload/mixed': MIXED_JOBS });
    expect(places('sites: [gf-fr-hdf]\nworkload: mixed', { library })).toEqual([
      'workloads/mixed.yaml:6 jobClasses[0].gpuPowerFraction: expected a number from 0 to 1, got 2',
      'workloads/mixed.yaml:8 jobs[0].gpus: expected a whole number of at least 1, got "none"',
      'workloads/mixed.yaml:9 jobs[1].gpus: the job asks for 200000 GPUs, the largest partition has 100008 (site gf-fr-hdf)',
      'workloads/mixed.yaml:10 jobs[2].submit: expected a submit time before the horizon of 1 d; got 3 d',
      'workloads/mixed.yaml:10 jobs[2].class: expected one of train; got tarin',
      "workloads/mixed.yaml:10 jobs[2].partition: expected one of the site's partitions main; got mian (site gf-fr-hdf)",
      'workloads/mixed.yaml:11 jobs[3].minGpus: expected at most the 8 GPUs it asks for; got 9',
    ]);
  });

  it('of one class hides no cross-check of another', () => {
    const library = libraryWith({ 'workload/mixed': MIXED_CLASSES });
    const found = places('sites: [gf-fr-hdf]\nworkload: mixed', { library });
    expect(found).toContain(
      'workloads/mixed.yaml:11 classes[1].sizes: class whole asks for 200000 GPUs, the largest partition has 100008 (site gf-fr-hdf)',
    );
    expect(found.some((text) => text.includes('classes[2].name: expected a name of its own'))).toBe(true);
    expect(found.some((text) => text.includes('classes[0].sizes: is missing'))).toBe(true);
  });

  it('of the site or the horizon hides no misfit of the workload, nor the site’s own series', () => {
    const library = libraryWith({ 'workload/large': JOBS });
    const site = '{ use: gf-fr-hdf, facility: { liquidFraction: -1 }, series: { price: own.csv } }';
    const readFile = () => new TextEncoder().encode('time,value\n2027-01-01T00:00,x\n');
    const found = places(`sites: [${site}]\nworkload: large\nseeds: 1`, { library, readFile });
    expect(found.filter((text) => text.startsWith('s.yaml'))).toHaveLength(2);
    expect(found.filter((text) => text.startsWith('workloads/large.yaml'))).toHaveLength(2);
    expect(found.find((text) => text.startsWith('own.csv:2'))).toMatch(/expected a number/);
  });

  it('of one partition hides no fault of the next', () => {
    const partitions = '[{ name: a, hardware: gh200, nodes: 0 }, { name: b, hardware: gb300-nvl72, gpus: 71 }]';
    expect(places(`sites: [{ use: gf-fr-hdf, partitions: ${partitions} }]\nworkload: mmc`)).toEqual([
      's.yaml:6 sites[0].partitions[0].nodes: expected a whole number of at least 1, got 0',
      's.yaml:6 sites[0].partitions[1].gpus: expected whole nodes of 4 GPUs (gb300-nvl72), got 71',
    ]);
  });

  it('of a trace’s options hides neither its jobs’ size nor an unknown partition', () => {
    const job = '7 0 -1 60 200000 -1 -1 200000 60 -1 1 1 1 1 1 -1 -1 -1\n';
    const trace = (more: string) =>
      places(`sites: [gf-fr-hdf]\nworkload: { trace: big.swf, gpuPowerFraction: 7${more} }`, {
        readFile: () => new TextEncoder().encode(job),
      });
    expect(trace('')).toEqual([
      expect.stringContaining('workload.trace: expected jobs of at most 100008 GPUs'),
      's.yaml:7 workload.gpuPowerFraction: expected a number more than 0 and at most 1, got 7',
    ]);
    expect(trace(', partition: mian')[1]).toMatch(/workload\.partition: expected one of the site's partitions main/);
    expect(trace(', partition: 1')).toHaveLength(2);
  });
});

describe('cross-checks', () => {
  const one = (lines: string, options = {}): string[] => faultsOf(using(lines), options).map(({ message }) => message);

  it('refuse one site twice', () => {
    expect(one('sites: [gf-fr-hdf, { use: gf-fr-hdf }]\nworkload: mmc')).toEqual([
      'expected each site once; gf-fr-hdf is sites[0] already',
    ]);
    expect(one('sites: [gf-fr-hdf, { use: gf-fr-hdf, name: other }]\nworkload: mmc')).toEqual([]);
  });

  it('refuse a horizon longer than the zones’ series', () => {
    expect(one('sites: [gf-fr-hdf]\nworkload: mmc', { set: ['horizon=366 d'] })).toEqual([
      'expected at most 365 d, for which zones have price, carbon and weather series (the year 2027); got 366 d',
    ]);
    expect(one('sites: [gf-fr-hdf]\nworkload: mmc', { set: ['horizon=366 d', 'calendarYear=2028'] })).toEqual([]);
  });

  it('refuse a horizon and a warm-up that no memory holds, with the limit', () => {
    const written = 'series: { price: { constant: 1 }, carbon: { constant: 1 }, wetBulb: { constant: 1 } }';
    const set = ['horizon=400000000 d', 'warmup=99999999 d'];
    expect(one(`sites: [{ use: gf-fr-hdf, ${written} }]\nworkload: mmc`, { set })).toEqual([
      'expected at most 3653 d (ten years: every quarter hour of them is held in memory), got "400000000 d"',
      'expected at most 366 d (a year: it only fills the machine, and its jobs are held in memory), got "99999999 d"',
    ]);
    expect(
      one(`sites: [{ use: gf-fr-hdf, ${written} }]\nworkload: mmc`, { set: ['horizon=3653 d', 'warmup=366 d'] }),
    ).toEqual([]);
  });

  it('refuse a time zone where it stands, with or without a file that needs it', () => {
    for (const price of ['{ constant: 1 }', 'prices.csv']) {
      const [fault, ...others] = faultsOf(
        using(`sites: [{ use: gf-fr-hdf, series: { price: ${price}, timeZone: Europe/Pari } }]\nworkload: mmc`),
      );
      expect(others).toEqual([]);
      expect(fault).toMatchObject({
        file: 's.yaml',
        line: 6,
        path: 'sites[0].series.timeZone',
        message: 'expected UTC or a time zone such as Europe/Berlin, got "Europe/Pari"',
        hint: 'Did you mean Europe/Paris?',
      });
    }
  });

  it('refuse steps that begin at the horizon or later', () => {
    const steps =
      '[{ from: 0 h, value: 1 }, { from: 23 h, value: 2 }, { from: 24 h, value: 3 }, { from: 9 d, value: 4 }]';
    expect(
      faultsOf(using(`sites: [{ use: gf-fr-hdf, series: { price: { steps: ${steps} } } }]\nworkload: mmc`)).map(
        ({ path, message }) => `${path}: ${message}`,
      ),
    ).toEqual([
      'sites[0].series.price.steps[2].from: expected a time before the horizon of 1 d, got 24 h',
      'sites[0].series.price.steps[3].from: expected a time before the horizon of 1 d, got 9 d',
    ]);
  });

  it('refuse a partition name twice and a machine beyond memory', () => {
    const [first, second] = one(
      'sites: [{ use: gf-fr-hdf, partitions: [{ name: a, hardware: gh200, nodes: 9000000 }, { name: a, hardware: gh200, nodes: 1 }] }]\nworkload: mmc',
    );
    expect(first).toMatch(/expected at most 10000000 GPUs at a site, got 36000004/);
    expect(second).toBe('expected a name of its own; a is partitions[0] already');
  });

  it('report an unreadable trace at the line that names it', () => {
    const faults = faultsOf(using('sites: [gf-fr-hdf]\nworkload: { trace: no/such.swf }'), {
      readFile: (path) => {
        expect(path).toBe('no/such.swf');
        return new TextEncoder().encode('1 0 x 10\n');
      },
    });
    expect(faults[0]!.file).toBe('no/such.swf');
    expect(faults[0]!.line).toBe(1);
  });

  it('refuse a trace with jobs larger than the machine', () => {
    const job = '7 0 -1 60 200000 -1 -1 200000 60 -1 1 1 1 1 1 -1 -1 -1\n';
    const faults = faultsOf(using('sites: [gf-fr-hdf]\nworkload: { trace: big.swf }'), {
      readFile: () => new TextEncoder().encode(job),
    });
    expect(faults.map(({ message }) => message)).toEqual([
      'expected jobs of at most 100008 GPUs in partition main; 1 job needs more, the first is job 7 with 200000 (site gf-fr-hdf)',
    ]);
  });
});

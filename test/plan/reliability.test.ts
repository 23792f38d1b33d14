import { describe, expect, it } from 'vitest';
import { MS_PER_DAY, MS_PER_HOUR } from '../../src/base/units.js';
import { catalogueTable } from '../../src/report/catalogueText.js';
import { faultsOf, inShort, libraryWith, planText, shipped } from './planning.js';

const JOBS = '{ jobs: [{ submit: 0 h, gpus: 8, run: 1 h }] }';
const scenario = (more = '', { sites = '[gf-fr-hdf]', workload = JOBS, policy = 'fcfs+easy@pack' } = {}) =>
  `version: 1
kind: scenario
question: What fails?
sites: ${sites}
workload: ${workload}
policy: ${policy}
horizon: 1 d
${more}`;
const specOf = (more: string, options = {}, set: readonly string[] = []) =>
  planText(scenario(more, options), { set }).specs[0]!;
const OWN = `{
  failuresPer1000NodeDays: 4, referenceGpusPerNode: 4,
  causes: [{ name: chip, share: 0.75, scope: node, repair: swap }, { name: bug, share: 0.25, scope: job }],
  repairs: { swap: { median: 12 h, sigma: 0.5 } },
}`;
const place = (text: string) => faultsOf(scenario(text)).map(inShort);

describe('a scenario without reliability', () => {
  it('has no failures, no checkpoints that cost anything and no figure of them', () => {
    const plan = planText(scenario());
    const [spec] = plan.specs;
    for (const key of ['reliability', 'checkpoints', 'initialisation']) expect(spec).not.toHaveProperty(key);
    expect(plan.config.filter(({ key }) => key.includes('storage') || key.startsWith('checkpoints.'))).toEqual([]);
    expect(plan.assumptions.filter(({ path }) => path.includes('storage'))).toEqual([]);
    expect(plan.deterministic).toBe(true);
  });

  it('is the same run as one with `reliability: none`', () => {
    const keys = ['', 'reliability: none'].map((text) => planText(scenario(text)).runs[0]!.key);
    expect(keys[0]).toBe(keys[1]);
  });
});

describe('reliability: llama3', () => {
  const spec = specOf('reliability: llama3');

  it('fails as often as 419 times in 54 days on 2,048 nodes of 8 GPUs', () => {
    const { failuresPerGpuDay, rateFactor } = spec.reliability!;
    expect(failuresPerGpuDay * 16_384 * 54).toBeCloseTo(419, 0);
    expect(rateFactor).toBe(1);
  });

  it('has the causes of the published table, the switches split by what goes down', () => {
    const { causes, repairs } = spec.reliability!;
    const counts = Object.fromEntries(causes.map(({ name, share }) => [name, Math.round(share * 419)]));
    expect(counts['faulty GPU']).toBe(148);
    expect(counts['network switch or cable']! + counts['rack switch']!).toBe(35);
    expect(causes.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);
    expect(causes.find(({ name }) => name === 'rack switch')).toMatchObject({ scope: 'rack' });
    expect(causes.filter(({ scope }) => scope === 'job').every(({ repair }) => repair === undefined)).toBe(true);
    expect(repairs[causes[0]!.repair!]).toEqual({ name: 'swap', medianMs: MS_PER_DAY, sigma: 1 });
  });

  it.each(shipped.names('reliability'))('has more spares in %s than nodes that wait for repair on average', (name) => {
    const { failuresPerGpuDay, causes, repairs, spareNodes } = specOf(`reliability: ${name}`, {
      sites: '[{ use: gf-fr-hdf, partitions: [{ name: main, hardware: h100-sxm, nodes: 10000 }] }]',
    }).reliability!;
    const daysAway = causes.reduce((sum, { share, repair }) => {
      if (repair === undefined) return sum;
      const { medianMs, sigma } = repairs[repair]!;
      return sum + (share * medianMs * Math.exp(sigma ** 2 / 2)) / MS_PER_DAY;
    }, 0);
    expect(spareNodes[0]).toBeGreaterThan(1.2 * failuresPerGpuDay * 80_000 * daysAway);
  });

  it('keeps 4 of 1,024 nodes as spares and starts 512 to 8,192 GPUs in 250 to 590 s', () => {
    expect(spec.partitions[0]!.nodes).toBe(25_002);
    expect(spec.reliability!.spareNodes).toEqual([98]);
    const { baseMs, perDoublingMs, mostMs } = spec.initialisation!;
    for (const gpus of [512, 8192, 131_072]) {
      const seconds = Math.min(mostMs, baseMs + perDoublingMs * Math.log2(gpus)) / 1000;
      expect(seconds).toBeGreaterThanOrEqual(250);
      expect(seconds).toBeLessThanOrEqual(590);
    }
  });

  it('writes checkpoints in the background, at the best interval of each job, to the storage of the site', () => {
    expect(spec.checkpoints).toEqual({
      mode: 'background',
      storageShare: 0.5,
      storage: [{ writeBytesPerMs: 1.73e9, readBytesPerMs: 2.88e9 }],
      nodeBytesPerMs: 2.5e7,
      copyBytesPerMsPerGpu: 2e7,
      stateBytesPerGpu: 4e9,
    });
  });

  it('makes a list of jobs random: its failures differ by replication', () => {
    const plan = planText(scenario('reliability: llama3'));
    expect(plan.deterministic).toBe(false);
    expect(plan.specs).toHaveLength(5);
  });
});

describe('every shipped reliability document', () => {
  it.each(shipped.names('reliability'))('%s can be run', (name) => {
    const { reliability } = specOf(`reliability: ${name}`);
    expect(reliability!.name).toBe(name);
    expect(reliability!.failuresPerGpuDay).toBeGreaterThan(0);
  });

  it('of RSC has lemons, which can be turned off', () => {
    expect(specOf('reliability: rsc-1').reliability!.lemons).toEqual({ fraction: 0.0145, rateFactor: 30 });
    const off = specOf('reliability: rsc-1', {}, ['reliability.lemons.fraction=0']).reliability!;
    expect(off).not.toHaveProperty('lemons');
  });
});

describe('what a scenario says of reliability', () => {
  it('refines a document, also from the command line', () => {
    const refined = specOf('reliability: { use: llama3, burnIn: {}, stragglers: { repair: reset }, swap: 30 s }', {}, [
      'reliability.rateFactor=2',
      'reliability.spares.nodes=8',
    ]).reliability!;
    expect(refined).toMatchObject({ rateFactor: 2, spareNodes: [8], swapMs: 30_000 });
    expect(refined.burnIn).toEqual({ shape: 0.7, untilMs: 28 * MS_PER_DAY });
    expect(refined.stragglers).toEqual({
      onsetsPerGpuDay: 0.17 / 8000,
      speed: 0.75,
      detectionMs: 72 * 60_000,
      repair: refined.repairs.findIndex(({ name }) => name === 'reset'),
    });
    expect(specOf('reliability: llama3', {}, ['reliability.rateFactor=3']).reliability!.rateFactor).toBe(3);
  });

  it('may be a document in full, with defaults for what it leaves out', () => {
    const { reliability } = specOf(`reliability: ${OWN}`);
    expect(reliability).toEqual({
      name: 'inline',
      failuresPerGpuDay: 0.001,
      rateFactor: 1,
      causes: [
        { name: 'chip', share: 0.75, scope: 'node', repair: 0 },
        { name: 'bug', share: 0.25, scope: 'job' },
      ],
      repairs: [{ name: 'swap', medianMs: 12 * MS_PER_HOUR, sigma: 0.5 }],
      detectionMs: 300_000,
      swapMs: 60_000,
      spareNodes: [98],
    });
  });

  it('takes a number of spares over the fraction of a document that is refined, never both of one hand', () => {
    const spareFaults = (text: string) => place(text).map((fault) => fault.replace(/^.*? /, ''));
    const both = 'reliability.spares.fraction: expected exactly one of fraction and nodes, got both';
    expect(spareFaults('reliability: { use: llama3, spares: { nodes: 3 } }')).toEqual([]);
    expect(spareFaults('reliability: { use: llama3, spares: { nodes: 3, fraction: 0.1 } }')).toEqual([both]);
    expect(
      spareFaults('reliability: { use: llama3, spares: { nodes: 3, fraction: 0.1 }, rateFactor: -1 }'),
    ).toHaveLength(2);
    expect(spareFaults(`reliability: ${OWN.replace('causes', 'spares: { fraction: 0.1, nodes: 3 }, causes')}`)).toEqual(
      [both],
    );
  });

  it('gives spares by partition where they are named', () => {
    const sites =
      '[{ use: gf-fr-hdf, partitions: [{ name: a, hardware: h100-sxm, nodes: 100 }, { name: b, hardware: h100-sxm, nodes: 50 }] }]';
    const spares = (text: string) =>
      specOf(`reliability: { use: llama3, spares: ${text} }`, { sites }).reliability!.spareNodes;
    expect(spares('{ partitions: { b: 7 } }')).toEqual([0, 7]);
    expect(spares('{ nodes: 3, partitions: { b: 7 } }')).toEqual([3, 7]);
    expect(spares('{ fraction: 0.1 }')).toEqual([10, 5]);
  });

  it('says which figures are flagged, defaults too, and who said what is in force', () => {
    const { assumptions, config } = planText(scenario('reliability: { use: llama3, burnIn: {} }'), {
      set: ['checkpoints.interval=10 min'],
    });
    const flagged = assumptions.map(({ document, path }) => `${document}: ${path}`);
    for (const figure of [
      'reliability llama3: causes[0]',
      'reliability llama3: repairs.swap.median',
      'reliability llama3: burnIn.shape',
      'scenario: checkpoints.hostCopyGBPerS',
      'site gf-fr-hdf: storage.writeGBPerS',
    ]) {
      expect(flagged).toContain(figure);
    }
    const shown = Object.fromEntries(config.map(({ key, value, from }) => [key, `${String(value)} (${from})`]));
    expect(shown['checkpoints.interval']).toBe('10 min (--set)');
    expect(shown['checkpoints.mode']).toBe('background (default)');
    expect(shown['reliability.burnIn.until']).toBe('28 d (default)');
    expect(shown['reliability.detection']).toMatch(/^5 min \(scenarios\/reliability\/llama3.yaml:\d+\)$/);
    expect(shown['sites[0].storage.writeGBPerS']).toMatch(/^1730 \(scenarios\/sites/);
    for (const { from, reason } of config) expect(reason !== undefined).toBe(from === 'default');
  });
});

describe('checkpoints', () => {
  it('may be given without failures, and then cost their time', () => {
    const { checkpoints, reliability, initialisation } = specOf(
      'checkpoints: { mode: blocking, interval: 30 min, nodeGBPerS: 10, stateGBPerGpu: 2, hostCopyGBPerS: 40 }',
    );
    expect(checkpoints).toEqual({
      mode: 'blocking',
      intervalMs: 1_800_000,
      storage: [{ writeBytesPerMs: 1.73e9, readBytesPerMs: 2.88e9 }],
      nodeBytesPerMs: 1e7,
      copyBytesPerMsPerGpu: 4e7,
      stateBytesPerGpu: 2e9,
    });
    expect([reliability, initialisation]).toEqual([undefined, undefined]);
  });

  it('leave their interval to a class that has its own, and to no other', () => {
    const workload =
      '{ jobs: [{ submit: 0 h, gpus: 8, run: 1 h }], jobClasses: [{ name: job, gpuPowerFraction: 1, priority: 1KEY }] }';
    const own = (key: string, more = 'checkpoints: {}') =>
      specOf(more, { workload: workload.replace('KEY', key) }).traits![0]!.checkpointMs;
    expect(own(', checkpoint: 20 min')).toBe(1_200_000);
    expect(own('')).toBe(0);
    expect(own('', '')).toBe(MS_PER_HOUR);
  });

  it('go to a storage in proportion to the GPUs of a site that says nothing of it', () => {
    const site = { ...(shipped.find('site', 'gf-fr-hdf')!.value as object), name: 'bare', storage: undefined };
    const library = libraryWith({ 'site/bare': JSON.stringify(site) });
    const plan = planText(scenario('checkpoints: {}', { sites: '[bare]' }), { library });
    const { writeBytesPerMs, readBytesPerMs } = plan.specs[0]!.checkpoints!.storage[0]!;
    expect(writeBytesPerMs).toBeCloseTo(100_008 * 17.3e3, 3);
    expect(readBytesPerMs).toBeCloseTo(100_008 * 28.8e3, 3);
    expect(plan.assumptions.map(({ document, path }) => `${document} ${path}`)).toContain(
      'site bare storage.writeGBPerS',
    );
  });

  it('keep sites of different storage apart that would share a schedule, where checkpoints cost anything', () => {
    const sites = '[gf-fr-hdf, gf-fi-kaj, { use: gf-de-jul, storage: { writeGBPerS: 100 } }]';
    const groups = (more: string) => planText(scenario(more, { sites })).groups.map((group) => group.sites);
    expect(groups('')).toEqual([['gf-fr-hdf', 'gf-fi-kaj', 'gf-de-jul']]);
    expect(groups('reliability: llama3')).toEqual([['gf-fr-hdf', 'gf-fi-kaj'], ['gf-de-jul']]);
  });

  it('go to the storage of each site under one broker', () => {
    const options = {
      sites: '[gf-fr-hdf, { use: gf-de-jul, storage: { writeGBPerS: 100 } }]',
      policy: 'fcfs+easy@pack^least-queued',
    };
    const spec = specOf('reliability: llama3', options);
    expect(spec.checkpoints!.storage.map(({ writeBytesPerMs }) => writeBytesPerMs)).toEqual([1.73e9, 1e8]);
    expect(spec.reliability!.spareNodes).toEqual([98, 98]);
  });
});

describe('the costs of an interruption by class', () => {
  it("leave a class's own restart in force, and else the initialisation", () => {
    const traits = (keys: string, more: string) =>
      specOf(more, {
        workload: `{ jobs: [{ submit: 0 h, gpus: 8, run: 1 h }], jobClasses: [{ name: job, gpuPowerFraction: 1, priority: 1${keys} }] }`,
      }).traits![0]!.restartMs;
    expect(traits(', restart: 3 min', 'reliability: llama3')).toBe(180_000);
    expect(traits('', 'reliability: llama3')).toBe(0);
    expect(traits('', 'checkpoints: {}')).toBe(600_000);
  });

  it('are those of the scenario where it speaks of them and the class does not', () => {
    const policy = 'priority+easy/priority@pack';
    const workload =
      '{ jobs: [{ submit: 0 h, gpus: 8, run: 1 h }], jobClasses: [{ name: job, gpuPowerFraction: 1, restart: 3 min }] }';
    const costs = (more: string) =>
      planText(scenario(more, { policy, workload }))
        .config.filter(({ key }) => key.startsWith('workload.jobClasses'))
        .map(({ key }) => key.split('.').at(-1));
    expect(costs('')).toEqual(['checkpoint', 'restart', 'resize']);
    expect(costs('reliability: llama3')).toEqual(['restart', 'resize']);
    const flagged = planText(scenario('reliability: llama3', { policy })).assumptions;
    expect(flagged.filter(({ document }) => document === 'workload inline').map(({ path }) => path)).toEqual([
      'gpuPowerFraction',
      'resize',
    ]);
  });
});

describe('faults of reliability and checkpoints', () => {
  it('are all reported at once, each where it stands', () => {
    expect(
      place(`reliability:
  failuresPer1000NodeDays: -1
  causes:
    - { name: chip, share: 0.5, scope: node, repair: swop }
    - { name: chip, share: 0.1, scope: job }
  repairs: { swap: { median: 12 h, sigma: 9 } }
  stragglers: { speed: 1.5, repair: rest }
  rateFactor: 0.0001
  burnIn: { until: 0 h }
  detecting: 1 min
  spares: { partitions: { main: 25002, mane: 1 } }
checkpoints: { mode: async, interval: 0 s, stateGBPerGpu: 0 }
`),
    ).toEqual([
      's.yaml:9:28 reliability.failuresPer1000NodeDays: expected a number from 0 to 1000000, got -1',
      's.yaml:11:5 reliability.causes: expected shares that sum to 1 (within 0.005), got 0.6',
      's.yaml:11:54 reliability.causes[0].repair: unknown repair: expected one of swap; got "swop"',
      's.yaml:12:15 reliability.causes[1].name: expected a name of its own; chip is causes[0] already',
      's.yaml:13:43 reliability.repairs.swap.sigma: expected a number from 0 to 5, got 9',
      's.yaml:14:24 reliability.stragglers.speed: expected a number more than 0 and at most 0.999, got 1.5',
      's.yaml:14:37 reliability.stragglers.repair: unknown repair: expected one of swap; got "rest"',
      's.yaml:15:15 reliability.rateFactor: expected 0 or a number from 0.001 to 100, got 0.0001',
      's.yaml:16:20 reliability.burnIn.until: expected a duration above 0, got "0 h"',
      's.yaml:17:3 reliability.detecting: unknown key: expected one of version, kind, name, title, note, failuresPer1000NodeDays, referenceGpusPerNode, rateFactor, causes, repairs, lemons, burnIn and 5 more',
      's.yaml:18:33 reliability.spares.partitions.main: expected fewer spares than the 25002 nodes of partition main (site gf-fr-hdf), got 25002',
      's.yaml:18:46 reliability.spares.partitions.mane: unknown partition: expected one of main; got "mane"',
      's.yaml:19:22 checkpoints.mode: expected one of background, blocking, got "async"',
      's.yaml:19:39 checkpoints.interval: expected daly or a duration of at least 1 s, got "0 s"',
      's.yaml:19:59 checkpoints.stateGBPerGpu: expected a number more than 0 and at most 10000, got 0',
    ]);
  });

  const own = (causes: string, more = '') =>
    place(
      `reliability: { failuresPer1000NodeDays: 4, repairs: { swap: { median: 1 h, sigma: 0 } }, causes: ${causes}${more} }`,
    );

  it.each([
    ['[{ name: a, count: 1, scope: job }, { name: b, share: 0.5, scope: job }]', 'got 1 counts and 1 shares'],
    ['[{ name: a, count: 0, scope: job }]', 'expected a count above 0 of some cause, got 0 of all'],
    ['[{ name: a, count: 1, scope: rack }]', 'causes[0].repair: is missing: expected the name of one of repairs'],
    ['[{ name: a, count: 1, scope: job, repair: swap }]', 'causes[0].repair: expected none, for with the scope job'],
    ['[{ name: a, scope: job }]', 'causes[0]: expected exactly one of count and share'],
    ['[{ name: a, count: -1, scope: job }]', 'causes[0].count: expected a number of at least 0'],
    ['[]', 'reliability.causes'],
  ])('say what is wrong with the causes %s', (causes, message) => {
    const found = own(causes);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(message);
  });

  it('take counts as they are and shares that miss 1 by rounding', () => {
    expect(own('[{ name: a, share: 0.333, scope: job }, { name: b, share: 0.666, scope: job }]')).toEqual([]);
    expect(own('[{ name: a, count: 3, scope: node, repair: swap }, { name: b, count: 1, scope: job }]')).toEqual([]);
  });

  it('name the documents there are, and the storage key that is missing', () => {
    expect(place('reliability: lama3')).toEqual([
      's.yaml:8:14 reliability: unknown reliability: expected one of llama3, rsc-1, rsc-2; got "lama3"',
    ]);
    const sites = '[{ use: gf-fr-hdf, storage: { writeGBPerS: 0 } }]';
    expect(faultsOf(scenario('', { sites })).map(({ path }) => path)).toEqual(['sites[0].storage.writeGBPerS']);
  });

  it('refuse spares that leave no node, of the share too', () => {
    const spares = (value: string) => own('[{ name: a, count: 1, scope: job }]', `, spares: ${value}`);
    expect(spares('{ fraction: 1 }')[0]).toContain('spares.fraction: expected fewer spares than the 25002 nodes');
    expect(spares('{ nodes: 30000 }')[0]).toContain('spares.nodes: expected fewer spares than the 25002 nodes');
    expect(spares('{ nodes: 25000 }')).toEqual([]);
  });

  it('refuse a job that needs the spares', () => {
    const site = '[{ use: gf-fr-hdf, partitions: [{ name: main, hardware: h100-sxm, nodes: 4 }] }]';
    const workload = '{ jobs: [{ submit: 0 h, gpus: 32, run: 1 h }] }';
    const faults = (spares: number) =>
      faultsOf(scenario(`reliability: { use: llama3, spares: { nodes: ${spares} } }`, { sites: site, workload }));
    expect(faults(0)).toEqual([]);
    expect(faults(1).map(({ path, message }) => `${path}: ${message}`)).toEqual([
      'workload.jobs[0].gpus: the job asks for 32 GPUs, the largest partition has 24 (site gf-fr-hdf, less its spares)',
    ]);
  });
});

describe('the catalogue', () => {
  it('lists reliability documents with their rates', () => {
    const { rows } = catalogueTable('reliability', shipped);
    expect(rows.map(([name, , rate]) => [name, rate])).toEqual([
      ['llama3', '3.79'],
      ['rsc-1', '6.5'],
      ['rsc-2', '2.34'],
    ]);
  });
});

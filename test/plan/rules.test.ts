import { describe, expect, it } from 'vitest';
import { MS_PER_HOUR } from '../../src/base/units.js';
import { rulesSpec } from '../../src/plan/rules.js';
import { PLAIN_TRAITS } from '../../src/scenario/classTraits.js';
import type { RunSpec } from '../../src/scenario/runSpec.js';
import { jobsOf } from '../../src/sim/simulate.js';
import { faultsOf, libraryWith, planText } from './planning.js';

const BUILDING =
  'facility: { liquidFraction: 1, liquidCoolingFraction: 0, upsEfficiency: 1, distributionEfficiency: 1, fixedFraction: 0 }, ' +
  'tariff: { capacityEurPerKwYear: 0, networkEurPerMWh: 0, leviesEurPerMWh: 0 }';
const TWO_TYPES = '[{ name: new, hardware: b200-sxm, nodes: 4 }, { name: old, hardware: a100-sxm, nodes: 8 }]';
const SITE = `{ name: a, zone: FR, ${BUILDING}, partitions: ${TWO_TYPES} }`;
const OTHER = `{ name: b, zone: FI, ${BUILDING}, partitions: ${TWO_TYPES} }`;

const JOBS = '{ jobs: [{ submit: 0 h, gpus: 8, run: 1 h }] }';
const scenario = (lines: string, { workload = JOBS, sites = SITE, policy = 'fcfs+easy@pack' } = {}): string =>
  [
    'version: 1',
    'kind: scenario',
    'question: Which rules hold?',
    `sites: [${sites}]`,
    `workload: ${workload}`,
    `policy: ${policy}`,
    'horizon: 1 d',
    lines,
    '',
  ].join('\n');
const specOf = (lines: string, parts = {}): RunSpec => planText(scenario(lines, parts)).specs[0]!;
const messages = (lines: string, parts = {}): string[] =>
  faultsOf(scenario(lines, parts)).map(({ path, message, hint }) =>
    [`${path}: ${message}`, ...(hint === undefined ? [] : [hint])].join(' | '),
  );
const KEYS = ['traits', 'overrun', 'guaranteedRunMs', 'limits', 'windows', 'transferMsPerTB'];

describe('the rules of a scenario', () => {
  it('leave no trace in a run where nothing is said', () => {
    expect(Object.keys(specOf('')).filter((key) => KEYS.includes(key))).toEqual([]);
    expect(jobsOf(specOf(''), planText(scenario('')).inputs).table).not.toHaveProperty('extra');
  });

  it('reach the run in base units', () => {
    const spec = specOf(`limits:
  maxWall: 2 d
  perUser: { maxJobs: 3, maxGpus: 64 }
  perAccount: { maxGpus: 128 }
  qos: [{ name: high, priority: 100, maxWall: 4 h, maxJobs: 2, perUser: { maxJobs: 1 } }, { name: low }]
overrun: extend
preemption: { guaranteed: 2 h }
transfer: { hoursPerTB: { value: 0.25, note: measured } }`);
    expect(spec.limits).toEqual({
      maxWallMs: 48 * MS_PER_HOUR,
      perUser: { maxJobs: 3, maxGpus: 64 },
      perAccount: { maxGpus: 128 },
      qos: [
        { name: 'high', priority: 100, maxWallMs: 4 * MS_PER_HOUR, maxJobs: 2, perUser: { maxJobs: 1 } },
        { name: 'low', priority: 0 },
      ],
    });
    expect([spec.overrun, spec.guaranteedRunMs, spec.transferMsPerTB]).toEqual(['extend', 2 * MS_PER_HOUR, 900_000]);
  });

  it('are part of the run key', () => {
    const keys = ['', 'overrun: extend', 'preemption: { guaranteed: 2 h }', 'transfer: { hoursPerTB: 1 }'].map(
      (lines) => planText(scenario(lines)).runs[0]!.key,
    );
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('stand in the configuration, with the reason of those left out', () => {
    const { config } = planText(scenario('overrun: extend'));
    const entry = (name: string) => config.find(({ key }) => key === name);
    expect(entry('overrun')).toMatchObject({ value: 'extend', from: 's.yaml:8' });
    expect(entry('preemption')).toMatchObject({ value: { guaranteed: '0 s' }, from: 'default' });
    for (const key of ['limits', 'windows', 'transfer']) expect(entry(key)?.reason).toMatch(/\w+/);
  });
});

describe('windows', () => {
  it('become one for each partition they cover, all its nodes where all is said', () => {
    const spec = specOf(`windows:
  - { name: patch, kind: maintenance, all: true, from: 2 h, for: 1 h, drain: 30 min }
  - { name: course, kind: reservation, partition: old, nodes: 2, from: 6 h, to: 8 h }`);
    const patch = {
      name: 'patch',
      kind: 'maintenance',
      fromMs: 2 * MS_PER_HOUR,
      toMs: 3 * MS_PER_HOUR,
      drainMs: 1_800_000,
    };
    expect(spec.windows).toEqual([
      { ...patch, partition: 0, nodes: 4 },
      { ...patch, partition: 1, nodes: 8 },
      {
        name: 'course',
        kind: 'reservation',
        partition: 1,
        nodes: 2,
        fromMs: 6 * MS_PER_HOUR,
        toMs: 8 * MS_PER_HOUR,
        drainMs: 0,
      },
    ]);
  });

  it('of one site leave the others as they are, and equal machines no longer share a schedule', () => {
    const sites = `${SITE}, ${OTHER}`;
    const window = 'windows: [{ name: patch, kind: maintenance, site: b, all: true, from: 2 h, for: 1 h }]';
    expect(planText(scenario('', { sites })).groups).toHaveLength(1);
    const { groups, specs } = planText(scenario(window, { sites }));
    expect(groups.map((group) => group.sites)).toEqual([['a'], ['b']]);
    expect(specs.map(({ windows }) => windows?.length ?? 0)).toEqual([0, 2]);
  });

  it('under a broker belong to the partitions of their site', () => {
    const sites = `${SITE}, ${OTHER}`;
    const window =
      'windows: [{ name: patch, kind: maintenance, site: b, partition: old, nodes: 3, from: 2 h, for: 1 h }]';
    const spec = specOf(window, { sites, policy: 'fcfs+easy@pack^round-robin' });
    expect(spec.windows).toMatchObject([{ partition: 3, nodes: 3 }]);
  });

  it('are refused with all their faults at once', () => {
    const lines = `windows:
  - { name: a, kind: maintenance, site: aa, all: true, from: 1 h, for: 1 h }
  - { name: a, kind: maintenence, all: true, from: 1 h, for: 1 h }
  - { name: c, kind: reservation, partition: odl, nodes: 1, from: 1 h, for: 1 h }
  - { name: d, kind: reservation, nodes: 1, from: 1 h, for: 1 h }
  - { name: e, kind: maintenance, partition: old, nodes: 9, from: 1 h, for: 1 h }
  - { name: f, kind: maintenance, partition: old, nodes: 1, from: 24 h, for: 1 h }
  - { name: g, kind: maintenance, partition: old, nodes: 1, from: 23 h, to: 25 h }
  - { name: h, kind: maintenance, partition: old, from: 1 h, for: 1 h }
  - { name: i, kind: maintenance, partition: old, nodes: 1, from: 2 h, to: 1 h }
  - { name: j, kind: maintenance, partition: old, nodes: 1, from: 2 h }`;
    expect(messages(lines)).toEqual([
      'windows[0].site: unknown site of the scenario: expected one of a; got "aa" | Did you mean a?',
      'windows[1].name: expected a name of its own; a is windows[0] already',
      'windows[1].kind: expected one of maintenance, reservation, got "maintenence" | Did you mean maintenance?',
      'windows[2].partition: unknown partition: expected one of new, old; got "odl" | Did you mean old?',
      'windows[3]: expected the partition that the nodes are in, one of new, old (site a), or all: true',
      'windows[4].nodes: expected at most the 8 nodes of partition old (site a), got 9',
      'windows[5].from: expected a time before the horizon of 1 d, got 1 d',
      'windows[6].to: expected a window that ends by the horizon of 1 d, got one to 25 h',
      'windows[7]: expected exactly one of nodes and all, got { name, kind, partition, … }',
      'windows[8].to: expected a time after from, got "1 h"',
      'windows[9]: expected exactly one of for and to, got { name, kind, partition, … }',
    ]);
  });

  it('may follow each other but not hold more nodes together than there are', () => {
    const at = (name: string, nodes: number, from: string): string =>
      `  - { name: ${name}, kind: maintenance, partition: old, nodes: ${nodes}, from: ${from}, for: 2 h }`;
    expect(
      messages(['windows:', at('first', 5, '1 h'), at('next', 5, '3 h'), at('beside', 3, '2 h')].join('\n')),
    ).toEqual([]);
    expect(messages(['windows:', at('first', 5, '1 h'), at('next', 4, '2 h')].join('\n'))).toEqual([
      'windows[1]: expected windows of at most the 8 nodes of partition old at a time (site a); with first it makes 9',
    ]);
  });
});

describe('traits of classes', () => {
  const listed = (traits: string): string =>
    `{ jobs: [{ submit: 0 h, gpus: 8, run: 1 h }], jobClasses: [{ name: plain, gpuPowerFraction: 0.9 }, { name: said, gpuPowerFraction: 0.9, ${traits} }] }`;

  it('reach the run as they are said, with the documented defaults for the rest', () => {
    const workload = listed(
      'priority: 7, preemptible: false, checkpoint: 20 min, restart: 5 min, resize: 90 s, ' +
        'elastic: { min: 0.5, max: 2, exponent: 0.8 }, qos: high, dataTB: 1.5, speeds: { new: 3, a100-sxm: 0.5 }',
    );
    const { traits } = specOf('limits: { qos: [{ name: low }, { name: high }] }', { workload });
    expect(traits).toEqual([
      { ...PLAIN_TRAITS, checkpointMs: MS_PER_HOUR, restartMs: 600_000, resizeMs: 600_000, speedupExponent: 0.9 },
      {
        priority: 7,
        preemptible: false,
        checkpointMs: 1_200_000,
        restartMs: 300_000,
        resizeMs: 90_000,
        speedupExponent: 0.8,
        speedByPartition: [3, 0.5],
        qos: 1,
        sites: undefined,
        dataTB: 1.5,
      },
    ]);
  });

  it('are written wherever a policy interrupts jobs, since what that costs them then matters', () => {
    const workload = listed('deadline: 3');
    expect(specOf('', { workload }).traits).toBeUndefined();
    const context = { partitions: [], sites: [], interrupts: true };
    const { traits } = rulesSpec({}, { traits: [{}, {}], sizesOfJobs: false }, context);
    expect(traits!.map(({ checkpointMs, restartMs }) => [checkpointMs, restartMs])).toEqual([
      [MS_PER_HOUR, 600_000],
      [MS_PER_HOUR, 600_000],
    ]);
  });

  it('name a speed by partition before one by hardware, and leave out speeds that change nothing', () => {
    const speedsOf = (speeds: string) =>
      specOf('', { workload: listed(`speeds: ${speeds}`) }).traits![1]!.speedByPartition;
    expect(speedsOf('{ b200-sxm: 2, new: 4 }')).toEqual([4, 1]);
    expect(speedsOf('{ h100-sxm: 2 }')).toBeUndefined();
  });

  it('allow sites by index under a broker alone', () => {
    const sites = `${SITE}, ${OTHER}`;
    const workload = listed('sites: [b]');
    expect(specOf('', { sites, workload }).traits![1]!.sites).toBeUndefined();
    expect(specOf('', { sites, workload, policy: 'fcfs+easy@pack^home' }).traits![1]!.sites).toEqual([1]);
  });

  it('may be said of a trace too', () => {
    const job = '1 0 -1 600 4 -1 -1 4 900 -1 1 1 1 1 1 -1 -1 -1\n';
    const { specs } = planText(scenario('', { workload: '{ trace: t.swf, checkpoint: 7 min, preemptible: false }' }), {
      readFile: () => new TextEncoder().encode(job),
    });
    expect(specs[0]!.traits).toMatchObject([{ checkpointMs: 420_000, preemptible: false }]);
  });

  it('are refused by unknown names, beside any other fault', () => {
    const workload = listed('qos: hihg, sites: [a, bb], speeds: { nwe: 2 }, checkpoint: 5');
    expect(messages('limits: { qos: [{ name: high }, { name: high, priority: x }] }', { workload })).toEqual([
      'workload.jobClasses[1].qos: unknown quality of service of limits.qos: expected one of high; got "hihg" | Did you mean high?',
      'workload.jobClasses[1].sites[1]: unknown site of the scenario: expected one of a; got "bb"',
      expect.stringMatching(
        /^workload\.jobClasses\[1\]\.speeds\.nwe: unknown partition or hardware: .*\| Did you mean new\?$/,
      ),
      'workload.jobClasses[1].checkpoint: expected a duration with a unit, such as 365 d, 12 h or 90 s, got 5',
      'limits.qos[1].priority: expected a number from -1000000000 to 1000000000, got "x"',
    ]);
    expect(messages('', { workload: listed('qos: high') })).toEqual([
      'workload.jobClasses[1].qos: unknown quality of service of limits.qos: expected the name of a quality of service of limits.qos (there are none); got "high"',
    ]);
  });
});

describe('listed jobs in a reservation', () => {
  const course = 'windows: [{ name: course, kind: reservation, partition: old, nodes: 2, from: 6 h, to: 8 h }]';
  const jobs = (...more: string[]): string =>
    `{ jobs: [${more.map((text) => `{ submit: 0 h, gpus: 8, run: 1 h, ${text} }`).join(', ')}] }`;

  it('go to its partition, and know it by its place among the windows', () => {
    const plan = planText(scenario(course, { workload: jobs('user: 1', 'reservation: course') }));
    const { table } = jobsOf(plan.specs[0]!, plan.inputs);
    expect([...table.extra!.reservationOf!]).toEqual([-1, 0]);
    expect([...table.partitionOf]).toEqual([1, 1]);
    expect(messages(course, { workload: jobs('reservation: course, partition: new') })).toEqual([
      "workload.jobs[0].reservation: expected a reservation in the job's partition new; course is in old",
    ]);
  });

  it('need one of that name, of their size, that is no maintenance', () => {
    const lines = `${course.slice(0, -1)}, { name: patch, kind: maintenance, all: true, from: 1 h, for: 1 h }]`;
    const workload = jobs('reservation: cuorse', 'reservation: patch').replace(
      ']',
      ', { submit: 0 h, gpus: 17, run: 1 h, reservation: course }]',
    );
    expect(messages(lines, { workload })).toEqual([
      'workload.jobs[0].reservation: unknown reservation among windows: expected one of course; got "cuorse" | Did you mean course?',
      'workload.jobs[1].reservation: unknown reservation among windows: expected one of course; got "patch"',
      'workload.jobs[2].gpus: expected at most the 16 GPUs of reservation course (site a), got 17',
    ]);
  });
});

describe('a policy in full', () => {
  it('is what its parts say in the text form', () => {
    const parts = '{ order: sjf, backfill: easy(2), placement: first-fit, partition: fastest, siting: round-robin }';
    expect(specOf('', { policy: parts }).policy).toEqual(
      specOf('', { policy: 'sjf+easy(2)@first-fit:fastest^round-robin' }).policy,
    );
    const { policies } = planText(scenario('', { policy: `[{ order: fcfs, placement: pack }, fcfs+easy@pack]` }));
    expect(policies.map(({ text }) => text)).toEqual(['fcfs+none@pack', 'fcfs+easy@pack']);
  });

  it('shows a fault at the part that has it', () => {
    expect(messages('', { policy: '[fcfs+easy@pack, { order: fcfs, backfil: easy, placement: pack }]' })).toEqual([
      expect.stringMatching(/^policy\[1\]\.backfil: unknown key: .*\| Did you mean backfill\?$/),
    ]);
    expect(messages('', { policy: '{ order: fsfc, preempt: nobody, placement: packed }' })).toEqual([
      expect.stringMatching(/^policy\.order: expected the order to be one of .*\| Did you mean fcfs\?$/),
      expect.stringMatching(/^policy\.preempt: expected the preempt to be one of/),
      expect.stringMatching(/^policy\.placement: expected the placement to be one of .*\| Did you mean pack\?$/),
    ]);
  });
});

describe('what the environment sets', () => {
  it('hides no fault of the scenario, and none of its own', () => {
    const faults = faultsOf(scenario('seeds: 1'), {
      environment: [{ text: 'seed="', from: 'GIGASIM_SEED' }],
      set: ['replications=0'],
    });
    expect(faults.map(({ file, path }) => [file, path])).toEqual([
      ['s.yaml', 'seeds'],
      ['GIGASIM_SEED', 'seed'],
      ['--set', 'replications'],
    ]);
  });

  it('stands behind options and before the scenario', () => {
    const environment = [{ text: 'seed=7', from: 'GIGASIM_SEED' }];
    expect(planText(scenario('seed: 3'), { environment }).specs[0]!.seed).toBe('7');
    expect(planText(scenario('seed: 3'), { environment, set: ['seed=8'] }).specs[0]!.seed).toBe('8');
  });
});

describe('replications of listed jobs', () => {
  it('differ under a policy that draws at random, and are one under any other', () => {
    expect(planText(scenario('replications: 3')).specs).toHaveLength(1);
    expect(planText(scenario('replications: 3', { policy: 'fcfs+easy@random' })).specs).toHaveLength(3);
  });
});

describe('rules of a library workload', () => {
  it('are checked against the scenario, and shown where they stand', () => {
    const library = libraryWith({
      'workload/own': `version: 1
kind: workload
name: own
title: Own
jobs: [{ submit: 0 h, gpus: 8, run: 1 h }]
jobClasses:
  - { name: job, gpuPowerFraction: 1, qos: gold }
`,
    });
    const [fault, ...others] = faultsOf(scenario('', { workload: 'own' }), { library });
    expect(others).toEqual([]);
    expect(fault).toMatchObject({ file: 'workloads/own.yaml', line: 7, path: 'jobClasses[0].qos' });
  });
});

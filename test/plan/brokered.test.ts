import { describe, expect, it } from 'vitest';
import { baselinesOf, collectBench } from '../../src/report/bench.js';
import { collectCandidates } from '../../src/report/candidates.js';
import { comparePlain } from '../../src/report/compareText.js';
import { runText, siteTable } from '../../src/report/runText.js';
import { tablePlain } from '../../src/report/table.js';
import { partitionNames } from '../../src/metrics/jobColumns.js';
import { compareJson } from '../../src/report/compareJson.js';
import { simulate } from '../../src/sim/simulate.js';
import { jobsOf } from '../../src/sim/simulate.js';
import { faultsOf, planText } from './planning.js';

const scenario = (policy: string, rest = 'workload: { use: mmc, load: 0.5 }'): string => `version: 1
kind: scenario
question: Who runs what where?
sites:
  - name: a
    zone: FR
    partitions: [{ name: main, hardware: h100-sxm, nodes: 4 }]
    facility: &building { liquidFraction: 1, liquidCoolingFraction: 0, upsEfficiency: 1, distributionEfficiency: 1, fixedFraction: 0 }
    tariff: &tariff { capacityEurPerKwYear: 1, networkEurPerMWh: 1, leviesEurPerMWh: 1 }
    series: { price: { constant: 40 }, carbon: { constant: 50 }, wetBulb: { constant: 10 } }
  - name: b
    zone: DE-LU
    partitions: [{ name: main, hardware: h100-sxm, nodes: 4 }, { name: side, hardware: h100-sxm, nodes: 8 }]
    facility: *building
    tariff: *tariff
    series: { price: { constant: 80 }, carbon: { constant: 400 }, wetBulb: { constant: 10 } }
${rest}
policy: ${policy}
horizon: 1 d
warmup: 0 h
replications: 2
`;

describe('a policy with a siting part', () => {
  const plan = planText(scenario('fcfs+easy@pack^cheapest-energy'));

  it('makes one run over all sites, whose partitions say where they stand', () => {
    expect(plan.specs).toHaveLength(2);
    expect(plan.groups).toEqual([{ sites: ['a', 'b'], gpus: 128, brokered: true }]);
    const [spec] = plan.specs;
    expect(spec!.brokered).toBe(true);
    expect(spec!.sites.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(spec!.partitions.map(({ name, nodes, site }) => [name, nodes, site])).toEqual([
      ['main', 4, 0],
      ['main', 4, 1],
      ['side', 8, 1],
    ]);
  });

  it('calls partitions by site and name in tables', () => {
    expect(partitionNames(plan.specs[0]!)).toEqual(['a/main', 'b/main', 'b/side']);
  });

  it('offers the load of all sites together', () => {
    const { table, offeredLoadTarget } = jobsOf(plan.specs[0]!, plan.inputs);
    expect(offeredLoadTarget).toBeCloseTo(0.5, 12);
    let gpuMs = 0;
    for (let job = 0; job < table.count; job++) gpuMs += table.gpus[job]! * table.runMs[job]!;
    expect(gpuMs / (128 * 86_400_000)).toBeGreaterThan(0.3);
    expect(new Set(table.partitionOf.subarray(0, table.count))).toEqual(new Set([0, 1, 2]));
  });

  it('has keys of its own, and the same for the same plan', () => {
    const keys = (policy: string): string[] => planText(scenario(policy)).runs.map(({ key }) => key);
    expect(keys('fcfs+easy@pack^cheapest-energy')).toEqual(plan.runs.map(({ key }) => key));
    expect(new Set([...keys('fcfs+easy@pack^home'), ...keys('fcfs+easy@pack^greenest')]).size).toBe(4);
  });
});

describe('policies with and without a siting part', () => {
  const plan = planText(scenario('[fcfs+easy@pack, fcfs+easy@pack^home, fcfs+easy@pack:fastest^greenest]'));
  const results = plan.specs.map((spec) => simulate(spec, plan.inputs));

  it('have the sites alone and under a broker', () => {
    expect(plan.groups.map(({ sites, brokered }) => [sites.join(' '), brokered])).toEqual([
      ['a', undefined],
      ['b', undefined],
      ['a b', true],
    ]);
    expect(plan.runs.map(({ policy, group, replication }) => `${policy} ${group} ${replication}`)).toEqual([
      ...['0 0 0', '0 0 1', '0 1 0', '0 1 1'],
      ...['1 2 0', '1 2 1'],
      ...['2 2 0', '2 2 1'],
    ]);
  });

  it('are compared: each site alone, and a broker by its total with its sites below', () => {
    const found = collectCandidates([{ scenario: 's', specs: plan.specs, results }]);
    expect(found.candidates.map(({ label }) => label)).toEqual([
      'a fcfs+easy@pack',
      'b fcfs+easy@pack',
      'all sites fcfs+easy@pack^home',
      'all sites fcfs+easy@pack:fastest^greenest',
    ]);
    const [, , home] = found.candidates;
    const [total, first, second] = [home!.runs[0]!, ...home!.parts!.map(({ runs }) => runs[0]!)].map(
      ({ site }) => site,
    );
    expect(total!.bill.totalEur).toBe(first!.bill.totalEur + second!.bill.totalEur);
    expect(total!.eurPerGpuHour).toBeCloseTo(
      (first!.bill.totalEur + second!.bill.totalEur) / (first!.gpuHoursUsed + second!.gpuHoursUsed),
      12,
    );
    const brokers = comparePlain(found)
      .split('\n\n')
      .filter((table) => table.includes('\tall sites\t'));
    expect(brokers).toHaveLength(1);
    const rows = brokers[0]!.trim().split('\n');
    expect(rows).toHaveLength(1 + 2 * 3);
    expect(rows.filter((row) => row.includes('\tall sites\t'))).toHaveLength(2);
  });

  it('are shown run by run, a row for each site and one for all under a broker', () => {
    const finished = plan.specs.map((spec, index) => ({ spec, inputs: plan.inputs, result: results[index]!, key: '' }));
    const rows = tablePlain(siteTable(finished, 'fixed')).split('\n').slice(1);
    expect(rows.filter((row) => row.startsWith('fcfs+easy@pack^home\t')).map((row) => row.split('\t')[2])).toEqual([
      ...['a', 'b', 'all sites'],
      ...['a', 'b', 'all sites'],
    ]);
    expect(rows.filter((row) => row.startsWith('fcfs+easy@pack\t'))).toHaveLength(4);
    const text = runText(finished[4]!);
    expect(text).toMatch(/from elsewhere/);
    expect(text).toMatch(/b power/);
    expect(runText(finished[0]!)).not.toMatch(/from elsewhere|all sites/);
  });

  it('are benchmarked among those on the same machines', () => {
    const baselines = baselinesOf(plan.policies, 'fcfs+easy@pack');
    const groups = plan.groups.map(({ sites, gpus, brokered }) => {
      return { sites, gpus, baseline: brokered === true ? baselines.brokered : baselines.alone };
    });
    const cases = collectBench({
      policies: plan.policies.map(({ text }) => ({ text, clairvoyant: false, starves: false })),
      ...{ specs: plan.specs, runs: plan.runs, groups, results },
      ...{ deterministic: false, failed: [] },
    });
    const alone = ['fcfs+easy@pack'];
    expect(cases.map(({ policies, replications }) => [policies.map(({ text }) => text), replications])).toEqual([
      [alone, [0, 1]],
      [alone, [0, 1]],
      [
        ['fcfs+easy@pack^home', 'fcfs+easy@pack:fastest^greenest'],
        [0, 1],
      ],
    ]);
    expect(cases.map(({ baseline, baselineAsked }) => [baseline!.text, baselineAsked])).toEqual([
      ['fcfs+easy@pack', 'fcfs+easy@pack'],
      ['fcfs+easy@pack', 'fcfs+easy@pack'],
      ['fcfs+easy@pack^home', 'fcfs+easy@pack^home'],
    ]);
  });

  it('say the same in JSON', () => {
    const context = {
      questions: [],
      baseYears: {},
      flagged: { assumptions: 0, unverified: 0 },
      resampled: false,
      assumptionsCommand: '',
    };
    const found = collectCandidates([{ scenario: 's', specs: plan.specs, results }]);
    const { candidates } = compareJson(found, context) as { candidates: { sites?: { site: string }[] }[] };
    expect(candidates.map(({ sites }) => sites?.map(({ site }) => site))).toEqual([
      undefined,
      undefined,
      ['a', 'b'],
      ['a', 'b'],
    ]);
  });
});

describe('a job that names a partition', () => {
  const named = 'workload: { jobs: [{ submit: 0 h, gpus: 8, run: 1 h, partition: side }] }';

  it('of one site alone is sound where every policy is a broker over all of them, and not else', () => {
    expect(faultsOf(scenario('fcfs@pack^home', named))).toEqual([]);
    expect(faultsOf(scenario('[fcfs@pack, fcfs@pack^home]', named)).map(({ message }) => message)).toEqual([
      "expected one of the site's partitions main; got side (site a)",
    ]);
  });

  it('of no site is refused with all that there are', () => {
    const nowhere = named.replace('side', 'sade');
    expect(faultsOf(scenario('fcfs@pack^home', nowhere)).map(({ message, hint }) => [message, hint])).toEqual([
      ["expected one of the site's partitions main, main, side; got sade (all sites)", 'Did you mean side?'],
    ]);
  });
});

describe('a class that is allowed at some sites', () => {
  const allowed = (sites: string, gpus: number, partition: string): string =>
    `workload: { jobClasses: [{ name: any, gpuPowerFraction: 0.9, sites: ${sites} }], ` +
    `jobs: [{ submit: 0 h, gpus: ${gpus}, run: 1 h, partition: ${partition} }] }`;
  const faults = (sites: string, gpus: number, partition: string): string[] =>
    faultsOf(scenario('fcfs@pack^home', allowed(sites, gpus, partition))).map(
      ({ path, message }) => `${path}: ${message}`,
    );

  it('must be held by a partition there', () => {
    expect(faults('[a]', 33, 'side')).toEqual([
      'workload.jobClasses[0].sites: expected sites with a partition that holds its jobs of up to 33 GPUs; the largest there has 32',
    ]);
    expect(faults('[a]', 32, 'side')).toEqual([]);
    expect(faults('[a, b]', 64, 'side')).toEqual([]);
  });

  it('runs there, wherever it was submitted', () => {
    const { specs, inputs } = planText(scenario('fcfs@pack^home', allowed('[a]', 32, 'side')));
    const { jobs, sites } = simulate(specs[0]!, inputs, { keepJobs: true });
    expect([...jobs!.partitionOf!]).toEqual([0]);
    expect(sites.map(({ gpuHoursUsed }) => gpuHoursUsed)).toEqual([32, 0]);
  });

  it('counts a job that is shrunk to the partition it is drawn in with what is left of it', () => {
    const mix = (partition: string): string => `workload:
  load: 0.5
  classes:
    - name: large
      gpuTimeShare: 1
      sizes: { values: [{ gpus: 1000, weight: 1 }] }
      duration: { shape: exponential, meanH: 1 }
      arrivals: { process: poisson }
      estimate: { factor: { shape: constant, value: 1 } }
      users: { count: 1, exponent: 1 }
      gpuPowerFraction: 0.9
      sites: [a]
      partition: ${partition}`;
    expect(faultsOf(scenario('fcfs@pack^home', mix('main')))).toEqual([]);
    expect(faultsOf(scenario('fcfs@pack^home', mix('side'))).map(({ message }) => message)).toEqual([
      'expected sites with a partition that holds its jobs of up to 64 GPUs; the largest there has 32',
    ]);
  });
});

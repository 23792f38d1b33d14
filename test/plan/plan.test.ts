import { describe, expect, it } from 'vitest';
import { simulate } from '../../src/sim/simulate.js';
import { planText, shipped } from './planning.js';

const TINY = `version: 1
kind: scenario
question: What does a plan of it hold?
sites:
  - name: a
    zone: FR
    partitions: &machine [{ name: main, hardware: h100-sxm, nodes: 4 }]
    facility: &building { liquidFraction: 1, liquidCoolingFraction: 0, upsEfficiency: 1, distributionEfficiency: 1, fixedFraction: 0 }
    tariff: &tariff { capacityEurPerKwYear: 1, networkEurPerMWh: 1, leviesEurPerMWh: 1 }
  - { name: b, zone: FI, partitions: *machine, facility: *building, tariff: *tariff }
  - { name: c, zone: FR, partitions: [{ name: main, hardware: h100-sxm, nodes: 5 }], facility: *building, tariff: *tariff }
workload:
  classes:
    - name: train
      gpuTimeShare: 1
      sizes: { values: [{ gpus: 4, weight: 1 }] }
      duration: { shape: exponential, meanH: 2 }
      arrivals: { process: poisson }
      estimate: { factor: { shape: constant, value: 2 } }
      users: { count: 3, exponent: 1 }
      gpuPowerFraction: 0.95
policy: [fcfs+none@first-fit, fcfs+easy@pack]
horizon: 2 d
warmup: 1 d
replications: 2
`;

describe('planScenario', () => {
  const plan = planText(TINY);

  it('expands policy × machine × replication and lets equal machines share a schedule', () => {
    expect(plan.groups).toEqual([
      { sites: ['a', 'b'], gpus: 32 },
      { sites: ['c'], gpus: 40 },
    ]);
    expect(plan.runs.map(({ policy, group, replication }) => [policy, group, replication])).toEqual([
      [0, 0, 0],
      [0, 0, 1],
      [0, 1, 0],
      [0, 1, 1],
      [1, 0, 0],
      [1, 0, 1],
      [1, 1, 0],
      [1, 1, 1],
    ]);
    expect(plan.specs.map(({ sites }) => sites.map(({ id }) => id).join())).toEqual(
      ['a,b', 'a,b', 'c', 'c'].flatMap((ids) => [ids]).concat(['a,b', 'a,b', 'c', 'c']),
    );
  });

  it('gives every site the same result in a schedule of its own as in a shared one', () => {
    const alone = planText(TINY, { shareSchedules: false });
    expect(alone.groups).toHaveLength(3);
    const resultsOf = (which: typeof plan) =>
      which.specs.flatMap((spec, i) => {
        const result = simulate(spec, which.inputs);
        const { policy, replication } = which.runs[i]!;
        return result.sites.map((site) => ({ policy, replication, site, schedule: result.schedule }));
      });
    const order = (results: ReturnType<typeof resultsOf>) =>
      results.toSorted(
        (x, y) => x.policy - y.policy || x.replication - y.replication || (x.site.id < y.site.id ? -1 : 1),
      );
    expect(order(resultsOf(alone))).toEqual(order(resultsOf(plan)));
  });

  it('puts one series of a zone into shared memory for all its sites and replications', () => {
    expect(Object.keys(plan.inputs.series).sort()).toEqual([
      'carbon/FI/representative',
      'carbon/FR/representative',
      'price/FI/representative',
      'price/FR/representative',
      'wetBulb/FI/representative',
      'wetBulb/FR/representative',
    ]);
    const price = plan.inputs.series['price/FR/representative']!;
    expect(price.values.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(price.values).toHaveLength(8760);
    expect(plan.baseYears['FI']).toBe('levels of 2024; price shape 2023, carbon shape 2022');
  });

  it('draws prices anew for each replication when asked to, alike for all policies', () => {
    const resampled = planText(TINY, { set: ['prices=resample', 'seed=x'] });
    const names = resampled.specs.map(({ sites }) => sites[0]!.series.price);
    expect(names).toEqual([...names.slice(0, 2), ...names.slice(0, 2), ...names.slice(0, 2), ...names.slice(0, 2)]);
    const [first, second] = names.map((name) => resampled.inputs.series[name]!.values);
    expect(first).not.toEqual(second);
  });

  it('gives equal plans equal keys, and another key to whatever changes a result', () => {
    const keys = (options = {}, text = TINY) => planText(text, options).runs.map(({ key }) => key);
    const base = keys();
    expect(new Set(base).size).toBe(8);
    expect(base[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(keys()).toEqual(base);
    expect(keys({}, TINY.replace('question: What', 'question: Which'))).toEqual(base);
    const changes = [
      { seed: '2' },
      { buildVersion: 'next' },
      { set: ['horizon=1 d'] },
      { set: ['calendarYear=2026'] },
      { set: ['prices=resample'] },
      { set: ['sites[0].tariff.leviesEurPerMWh=2'] },
      { set: ['workload.load=0.5'] },
    ];
    for (const change of changes) expect(keys(change)[0], JSON.stringify(change)).not.toBe(base[0]);
  });

  it('keeps the keys of the first replications when more are added', () => {
    const more = planText(TINY, { replications: '3' });
    const firstTwo = more.runs.filter(({ replication }) => replication < 2).map(({ key }) => key);
    expect(firstTwo).toEqual(plan.runs.map(({ key }) => key));
  });

  it('tells for every key of the scenario its value and who set it', () => {
    const { config } = planText(TINY, { set: ['warmup=2 d'], seed: '7' });
    const entry = (key: string) => config.find((item) => item.key === key);
    expect(entry('horizon')).toEqual({ key: 'horizon', value: '2 d', from: 's.yaml:23', reason: undefined });
    expect(entry('warmup')).toMatchObject({ value: '2 d', from: '--set' });
    expect(entry('seed')).toMatchObject({ value: 7, from: '--seed' });
    expect(entry('calendarYear')).toMatchObject({ value: 2027, from: 'default' });
    expect(entry('calendarYear')!.reason).toMatch(/365/);
  });

  it('lists the flagged figures behind the results, and none that no run uses', () => {
    const documents = new Set(plan.assumptions.map(({ document }) => document));
    expect(documents).toContain('hardware h100-sxm');
    expect(documents).toContain('workload inline');
    const idle = plan.assumptions.find(({ path }) => path === 'nonGpuIdleFraction');
    expect(idle).toMatchObject({ value: 0.35, source: 'power-defaults', flag: 'assumption' });
    expect(plan.assumptions.some(({ path }) => path.startsWith('peakTflops'))).toBe(false);
  });

  it('refines a named workload and site without touching the library', () => {
    const before = JSON.stringify(shipped.find('workload', 'frontier-mix')!.value);
    const refined = planText(
      'version: 1\nkind: scenario\nquestion: q\nsites: [gf-fr-hdf]\nworkload: frontier-mix\npolicy: fcfs+easy@pack\nhorizon: 1 d\n',
      { set: ['workload.load=0.5', 'sites[0].partitions[0].racks=2'] },
    );
    expect(refined.specs[0]!.workload).toMatchObject({ name: 'frontier-mix', generator: { load: 0.5 } });
    expect(refined.groups).toEqual([{ sites: ['gf-fr-hdf'], gpus: 144 }]);
    expect(JSON.stringify(shipped.find('workload', 'frontier-mix')!.value)).toBe(before);
  });
});

describe('series a site brings itself', () => {
  const site = (series: string): string => TINY.replace('zone: FR\n', `zone: FR\n    series: ${series}\n`);

  it('may be steps, written out in quarter hours', () => {
    const plan = planText(site('{ price: { steps: [{ from: 0 h, value: 40 }, { from: 90 min, value: -5 }] } }'));
    const { stepMs, values } = plan.inputs.series['price/a/own']!;
    expect(stepMs).toBe(900_000);
    expect(values).toHaveLength(2 * 96);
    expect([values[5], values[6], values[191]]).toEqual([40, -5, -5]);
    expect(plan.specs[0]!.sites[0]!.series).toEqual({
      price: 'price/a/own',
      carbon: 'carbon/FR/representative',
      wetBulb: 'wetBulb/FR/representative',
    });
  });

  it('may be a CSV file beside the scenario', () => {
    const rows = Array.from({ length: 48 }, (_, hour) => {
      const time = `2027-01-0${1 + Math.floor(hour / 24)}T${String(hour % 24).padStart(2, '0')}:00:00Z`;
      return `${time},${hour}`;
    });
    const plan = planText(site('{ price: prices.csv }'), {
      readFile: (path) => {
        expect(path).toBe('prices.csv');
        return new TextEncoder().encode(`time,value\n${rows.join('\n')}\n`);
      },
    });
    expect(plan.inputs.series['price/a/own']!.values[47]).toBe(47);
  });
});

describe('a trace as workload', () => {
  const line = (id: number, submitS: number): string => `${id} ${submitS} -1 600 4 -1 -1 4 900 -1 1 1 1 1 1 -1 -1 -1\n`;
  const bytes = new TextEncoder().encode(line(1, 5000) + line(2, 8600) + line(3, 95_000));
  const plan = (options: string) =>
    planText(TINY.replace(/workload:[^]*policy/, `workload: { trace: t.swf${options} }\npolicy`), {
      readFile: () => bytes,
    });

  it('begins with its first job, or at the trace time given', () => {
    expect([...plan('').inputs.traces['trace/0']!.submitMs]).toEqual([0, 3_600_000, 90_000_000]);
    expect([...plan(', start: 8600 s').inputs.traces['trace/0']!.submitMs]).toEqual([-3_600_000, 0, 86_400_000]);
    expect(() => plan(', start: 9 d')).toThrow('1 problem');
  });

  it('keys runs by its content and by how it was read', () => {
    const keys = ['', ', start: 5000 s', ', start: 8600 s', ', timeUnit: ms', ', lenient: true'].map(
      (options) => plan(options).runs[0]!.key,
    );
    expect(keys[1]).toBe(keys[0]);
    expect(new Set(keys).size).toBe(4);
  });

  it('is simulated in memory that all threads see', () => {
    const { specs, inputs } = plan('');
    expect(inputs.traces['trace/0']!.submitMs.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(simulate(specs[0]!, inputs).schedule.completed).toBe(3);
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseYaml } from '../../src/io/yaml.js';
import { planScenario, type Plan } from '../../src/plan/plan.js';
import { hardwareSchema } from '../../src/scenario/hardwareSchema.js';
import { modelSchema } from '../../src/scenario/modelSchema.js';
import type { RunSpec } from '../../src/scenario/runSpec.js';
import { jobsOf, simulate } from '../../src/sim/simulate.js';
import { acceleratorOf } from '../../src/training/accelerator.js';
import type { ExecutionSpec } from '../../src/training/execution.js';
import { modelSpec } from '../../src/training/modelSpec.js';
import { bestExecution } from '../../src/training/search.js';
import { stackOf } from '../../src/training/stacks.js';
import { stepTime } from '../../src/training/stepTime.js';
import { trainingW } from '../../src/power/nodePower.js';
import { faultsOf, planText, shipped } from './planning.js';

const BUILDING =
  'facility: { liquidFraction: 1, liquidCoolingFraction: 0, upsEfficiency: 1, distributionEfficiency: 1, fixedFraction: 0 }, ' +
  'tariff: { capacityEurPerKwYear: 0, networkEurPerMWh: 0, leviesEurPerMWh: 0 }';
/** 512 H100 in pods of 64, a seventh of whose bandwidth leaves them. */
const PODS = '[{ name: main, hardware: h100-sxm, nodes: 64, racksPerPod: 2, oversubscription: 7 }]';
const site = (partitions = PODS, name = 'a'): string =>
  `{ name: ${name}, zone: FR, ${BUILDING}, partitions: ${partitions} }`;

interface Parts {
  readonly model?: string;
  readonly jobs?: string;
  readonly partitions?: string;
  readonly keys?: string;
  readonly policy?: string;
}
const scenario = ({ model = 'llama-3-8b', jobs, partitions, keys = '', policy }: Parts = {}): string =>
  [
    'version: 1',
    'kind: scenario',
    'question: How fast does it train?',
    `sites: [${site(partitions)}]`,
    'workload:',
    `  jobClasses: [{ name: train, gpuPowerFraction: 0.95, model: ${model}${keys} }]`,
    `  jobs: ${jobs ?? '[{ submit: 0 h, gpus: 128, run: 1 h }, { submit: 0 h, gpus: 32, run: 1 h }]'}`,
    `policy: ${policy ?? 'fcfs+easy@pack'}`,
    'horizon: 1 d',
    'warmup: 0 h',
    '',
  ].join('\n');
const specOf = (parts: Parts = {}): RunSpec => planText(scenario(parts)).specs[0]!;
const rowsOf = (parts: Parts = {}) => specOf(parts).traits![0]!.training!.rows[0]!;
const messages = (parts: Parts): string[] =>
  faultsOf(scenario(parts)).map(({ line, path, message, hint }) =>
    [`${line!} ${path}: ${message}`, ...(hint === undefined ? [] : [hint])].join(' | '),
  );

const shippedModel = (name: string) => modelSpec(modelSchema.parse(shipped.find('model', name)!.value));
const h100 = hardwareSchema.parse(shipped.find('hardware', 'h100-sxm')!.value);

describe('rows of a class with a model', () => {
  it('are a step of the best execution in as few pods as hold the job, for every size', () => {
    const rows = rowsOf();
    expect(rows.map(({ gpus }) => gpus)).toEqual([32, 128]);
    for (const row of rows) {
      const found = bestExecution(
        shippedModel('llama-3-8b'),
        acceleratorOf(h100),
        stackOf(shipped, 'h100-sxm', 'bf16'),
        {
          gpus: row.gpus,
          span: { pods: row.gpus === 32 ? 1 : 2, oversubscription: 7 },
          precision: 'bf16',
          // 16 Mi tokens of 8,192.
          globalBatch: 2048,
          exactBatch: false,
        },
      );
      if (!found.ok) throw new Error('expected an execution');
      expect(row.tokensPerS).toBe(found.best.estimate.tokensPerS);
      expect(row.mfu).toBe(found.best.estimate.mfu);
    }
  });

  const GIVEN =
    '{ name: llama-3-8b, globalBatch: 512, sequence: 4096, precision: fp8, parallelism: { tensor: 2, pipeline: 2, context: 1, microBatch: 1, interleave: 1, recompute: full, zero: 1 } }';
  const execution: ExecutionSpec = {
    ...{ gpus: 128, tensor: 2, pipeline: 2, context: 1, expert: 1, data: 32, microBatch: 1, globalBatch: 512 },
    ...{ interleave: 1, precision: 'fp8', recompute: 'full', sequenceParallel: true, zero: 1 },
  };
  const stepOver = (pods: number, oversubscription = 7) =>
    stepTime(
      { ...shippedModel('llama-3-8b'), sequence: 4096 },
      execution,
      acceleratorOf(h100),
      stackOf(shipped, 'h100-sxm', 'fp8'),
      { pods, oversubscription },
    );

  it('of a parallelism that is given are that one, slower and of fewer watts in more pods', () => {
    const row = rowsOf({ model: GIVEN }).at(-1)!;
    expect(row.parallelism).toBe('TP2 PP2 DP32');
    const inTwo = stepOver(2);
    expect(row.tokensPerS).toBe(inTwo.tokensPerS);
    // 128 GPUs never lie in one pod of 64; two nodes a pod would be all 8.
    const beyond = [3, 4, 5, 6, 7, 8].map((pods) => stepOver(pods).tokensPerS / inTwo.tokensPerS);
    expect(row.speedByPods).toEqual([1, 1, ...beyond]);
    expect(row.speedByPods.at(-1)).toBeLessThan(0.99);
    expect(row.activeWByPods.at(-1)).toBe(trainingW(h100, 0.95, stepOver(8).exposedFraction));
    expect(row.activeWByPods.at(-1)).toBeLessThan(row.activeWByPods[1]!);
  });

  it('follow the oversubscription that a partition has in place of its hardware’s', () => {
    const open = rowsOf({ model: GIVEN, partitions: PODS.replace('oversubscription: 7', 'oversubscription: 1') }).at(
      -1,
    )!;
    expect(open.tokensPerS).toBe(stepOver(2, 1).tokensPerS);
    expect(open.tokensPerS).toBeGreaterThan(rowsOf({ model: GIVEN }).at(-1)!.tokensPerS);
  });

  it('cover all sizes of elastic jobs, and every partition that jobs can go to', () => {
    const elastic = rowsOf({ keys: ', elastic: { min: 0.25, max: 2 }', jobs: '[{ submit: 0 h, gpus: 64, run: 1 h }]' });
    expect(elastic.map(({ gpus }) => gpus)).toEqual([16, 32, 64, 128]);
    const two = `[{ name: big, hardware: h100-sxm, nodes: 64 }, { name: small, hardware: b200-sxm, nodes: 8 }]`;
    const rows = specOf({ partitions: two }).traits![0]!.training!.rows;
    expect(rows.map((of) => of?.map(({ gpus }) => gpus))).toEqual([[32, 128], [32]]);
    expect(rows[1]![0]!.tokensPerS).toBeGreaterThan(1.5 * rows[0]![0]!.tokensPerS);
  });

  it('are none where the model does not run, and no policy sends jobs there', () => {
    const two = '[{ name: big, hardware: h200-sxm, nodes: 64 }, { name: small, hardware: a100-sxm, nodes: 8 }]';
    const parts = {
      partitions: two,
      model: 'llama-3-70b',
      jobs: '[{ submit: 0 h, gpus: 16, run: 1 h }, { submit: 0 h, gpus: 16, run: 1 h }]',
      policy: 'fcfs+easy@pack:fastest',
    };
    const spec = specOf(parts);
    expect(spec.traits![0]!.training!.rows.map((rows) => rows?.length ?? 0)).toEqual([1, 0]);
    const { jobs } = simulate(spec, planText(scenario(parts)).inputs, { keepJobs: true });
    expect([...jobs!.partitionOf!.subarray(0, 2)]).toEqual([0, 0]);
  });

  it('use most GPUs of a size that little divides', () => {
    const [row] = rowsOf({ jobs: '[{ submit: 0 h, gpus: 488, run: 1 h }]' });
    const [even] = rowsOf({ jobs: '[{ submit: 0 h, gpus: 480, run: 1 h }]' });
    expect(row!.tokensPerS).toBeGreaterThan(0.9 * even!.tokensPerS);
    expect(row!.mfu).toBeGreaterThan(0.3);
  });
});

describe('jobs with a model', () => {
  it('run as long as their tokens take', () => {
    const parts = { jobs: '[{ submit: 0 h, gpus: 32, tokens: 0.001 }]' };
    const { inputs } = planText(scenario(parts));
    const { table } = jobsOf(specOf(parts), inputs);
    expect(table.runMs[0]).toBe(Math.ceil(1e9 / (rowsOf(parts)[0]!.tokensPerS / 1000)));
    expect(simulate(specOf(parts), inputs).schedule.classes[0]!.training!.tokens / 1e9).toBeCloseTo(1, 6);
  });

  it('are slowed by a power cap as others are', () => {
    const ends = (keys: string): number => {
      const parts = { keys, jobs: '[{ submit: 0 h, gpus: 32, run: 1 h, estimate: 9 h }]' };
      const { jobs } = simulate(specOf(parts), planText(scenario(parts)).inputs, { keepJobs: true });
      return jobs!.endMs[0]! - 600_000;
    };
    expect(ends('')).toBe(3_600_000);
    // docs/power.md: 0.906 at 0.7 of TDP.
    expect(3_600_000 / ends(', powerCap: 0.7')).toBeCloseTo(0.906, 3);
  });

  it('leave the runs of classes without one as they were', () => {
    const plain = planText(scenario().replace(', model: llama-3-8b', '')).specs[0]!;
    expect(plain.traits).toBeUndefined();
    expect(JSON.stringify(plain)).not.toContain('training');
  });

  it('part equal sites that differ in oversubscription', () => {
    const text = (model: string): string =>
      scenario()
        .replace(', model: llama-3-8b', model)
        .replace(
          /^sites: .*$/m,
          `sites: [${site()}, ${site(PODS.replace('oversubscription: 7', 'oversubscription: 1'), 'b')}]`,
        );
    expect(planText(text(', model: llama-3-8b')).groups.map(({ sites }) => sites)).toEqual([['a'], ['b']]);
    expect(planText(text('')).groups.map(({ sites }) => sites)).toEqual([['a', 'b']]);
  });
});

describe('a model that cannot run is refused', () => {
  it('with the memory it would take, where the size stands', () => {
    expect(messages({ model: 'llama-3.1-405b' })).toEqual([
      expect.stringMatching(
        /^7 workload\.jobs\[1\]\.gpus: llama-3\.1-405b needs at least \d+ GB on each of 32 GPUs \(.*, full recomputation\); h100-sxm has 80 GB \(partition main\) \(site a\) \| Take more GPUs/,
      ),
    ]);
  });

  it.each([
    [
      'an unknown name, with the one that was meant',
      'lama-3-8b',
      /model: unknown model: expected one of .*"lama-3-8b" \| Did you mean llama-3-8b\?/,
    ],
    ['an unknown name in the long form', '{ name: gpt9 }', /model\.name: unknown model/],
    ['an unknown key', '{ name: llama-3-8b, batch: 4 }', /model\.batch: unknown key/],
    [
      'a precision that the hardware lacks',
      '{ name: llama-3-8b, precision: fp4 }',
      /model\.precision: expected a precision that h100-sxm has, one of fp16, bf16, fp8, got fp4/,
    ],
    [
      'a TP that does not divide the heads',
      '{ name: llama-3-8b, parallelism: { tensor: 5 } }',
      /model\.parallelism\.tensor: TP 5 does not divide the 32 heads/,
    ],
    ['a PP that does not divide the layers', '{ name: llama-3-8b, parallelism: { pipeline: 9, tensor: 1 } }', /PP 9/],
    [
      'a batch that data ranks cannot share',
      '{ name: llama-3-8b, globalBatch: 7, parallelism: { tensor: 1, pipeline: 1, context: 1 } }',
      /model\.globalBatch: .*got 7/,
    ],
    ['a TP of 0', '{ name: llama-3-8b, parallelism: { tensor: 0 } }', /parallelism\.tensor: expected a whole number/],
    ['a batch of −1', '{ name: llama-3-8b, globalBatch: -1 }', /globalBatch: expected a whole number/],
    ['half a token', '{ name: llama-3-8b, sequence: 0.5 }', /sequence: expected a whole number/],
  ])('for %s', (_, model, expected) => {
    expect(messages({ model }).join('\n')).toMatch(expected);
  });

  it.each([
    ['tokens below 0', '{ submit: 0 h, gpus: 32, tokens: -1 }', /jobs\[0\]\.tokens: expected at least 1e-9/],
    [
      'both tokens and run',
      '{ submit: 0 h, gpus: 32, tokens: 1, run: 1 h }',
      /jobs\[0\]\.tokens: expected exactly one of run and tokens, got both/,
    ],
    [
      'neither tokens nor run',
      '{ submit: 0 h, gpus: 32 }',
      /jobs\[0\]: expected run, or tokens where the class names a model/,
    ],
    ['tokens without a number', '{ submit: 0 h, gpus: 32, tokens: many }', /jobs\[0\]\.tokens: expected a number/],
  ])('and a job with %s', (_, job, expected) => {
    expect(messages({ jobs: `[${job}]` }).join('\n')).toMatch(expected);
  });

  it('beside every other fault of the document, in one pass', () => {
    const found = messages({
      model: 'llama-3.1-405b',
      keys: ', speeds: { main: 2 }',
      jobs: '[{ submit: 0 h, gpus: 32, tokens: 1 }, { submit: 0 h, gpus: 512, run: 1 hour }]',
    });
    expect(found).toEqual([
      expect.stringContaining('jobClasses[0].speeds: expected no speeds where the class names a model'),
      expect.stringMatching(/jobs\[0\]\.gpus: llama-3\.1-405b needs at least \d+ GB/),
      expect.stringContaining('jobs[1].run: expected a duration'),
    ]);
  });

  it('also where another job of the list has a fault', () => {
    const found = messages({
      model: 'llama-3.1-405b',
      jobs: '[{ submit: 0 h, gpus: 512, run: 1 hour }, { submit: 0 h, gpus: 32, tokens: 1 }]',
    });
    expect(found).toEqual([
      expect.stringContaining('workload.jobs[0].run: expected a duration'),
      expect.stringMatching(/workload\.jobs\[1\]\.gpus: llama-3\.1-405b needs at least \d+ GB/),
    ]);
  });

  it('and tokens where the class has none', () => {
    const text = scenario({ jobs: '[{ submit: 0 h, gpus: 32, tokens: 1 }]' }).replace(', model: llama-3-8b', '');
    expect(faultsOf(text).map(({ path, message }) => `${path}: ${message}`)).toEqual([
      'workload.jobs[0].tokens: expected tokens only where the class names a model, got 1',
    ]);
  });
});

describe('what a class leaves to defaults', () => {
  const figures = ({ assumptions }: Plan): string[] => assumptions.map(({ document, path }) => `${document} ${path}`);

  it('is flagged and printed, and what it says is not flagged', () => {
    const plan = planText(scenario());
    expect(figures(plan)).toContain('workload inline jobClasses[0].model.precision');
    expect(figures(plan)).toContain('workload inline jobClasses[0].model.globalBatch');
    const config = new Map(plan.config.map(({ key, value, from }) => [key, `${String(value)} ${from}`]));
    expect(config.get('workload.jobClasses[0].model.precision')).toBe('bf16 default');
    expect(config.get('workload.jobClasses[0].model.sequence')).toBe('8192 default');
    expect(config.get('workload.jobClasses[0].model.globalBatch')).toBe('2048 default');
    const said = planText(scenario({ model: '{ name: llama-3-8b, precision: fp8, globalBatch: 512 }' }));
    expect(figures(said).filter((path) => path.includes('.model.'))).toEqual([]);
    expect(said.config.find(({ key }) => key.endsWith('precision'))).toMatchObject({ value: 'fp8', from: 's.yaml:6' });
  });

  it('has where its model goes beyond the rows of its software flagged, with the error to expect', () => {
    const beyond = (gpus: number) =>
      planText(scenario({ jobs: `[{ submit: 0 h, gpus: ${gpus}, run: 1 h }]` })).assumptions.filter(
        ({ path }) => path === 'calibration',
      );
    expect(beyond(64)).toEqual([]);
    expect(beyond(32)).toMatchObject([{ document: 'stack megatron-2024-h100-bf16', value: 0.17, flag: 'assumption' }]);
    expect(beyond(32)[0]!.note).toContain('32 GPUs, its rows have 48 to 4608');
  });

  it('makes the bandwidths and peaks of the hardware figures that results rest on', () => {
    const oversubscription = 'hardware h100-sxm oversubscription';
    expect(figures(planText(scenario()))).toContain(oversubscription);
    expect(figures(planText(scenario().replace(', model: llama-3-8b', '')))).not.toContain(oversubscription);
  });
});

it('shipped: a site trains as many tokens less as its jobs lie scattered', () => {
  const plan = planScenario(parseYaml(readFileSync('scenarios/tiny-model.yaml', 'utf8'), 'tiny-model.yaml'), {
    library: shipped,
    readFile: (path) => readFileSync(path),
    buildVersion: 'test',
  });
  const [pack, firstFit] = plan.specs.map((spec) => {
    const { jobs, schedule, sites } = simulate(spec, plan.inputs, { keepJobs: true });
    return { endMs: [...jobs!.endMs], training: schedule.classes[0]!.training!, site: sites[0]! };
  });
  const { rows } = plan.specs[0]!.traits![0]!.training!;
  const [row] = rows[0]!;
  expect(pack!.endMs[1]).toBe(71 * 60_000);
  expect(firstFit!.endMs[1]).toBe(Math.ceil(11 * 60_000 + 3_600_000 / row!.speedByPods[1]!));
  expect(firstFit!.endMs[2]).toBe(pack!.endMs[2]);
  expect(firstFit!.training.tokens / pack!.training.tokens).toBeCloseTo(1, 6);
  expect(pack!.training.mfuFraction).toBeCloseTo(row!.mfu, 9);
  for (const { site, training } of [pack!, firstFit!]) {
    expect(site.training!.exaFlopDays).toBe(training.exaFlopDays);
    expect(site.training!.tokens).toBe(training.tokens);
    expect(site.training!.eurPerExaFlopDay).toBe(site.bill.totalEur / training.exaFlopDays);
    expect(site.training!.energyMWhPerExaFlopDay).toBe(site.facilityMWh / training.exaFlopDays);
    expect(site.training!.eurPerTrillionTokens).toBeCloseTo(site.bill.totalEur / (training.tokens / 1e12), 6);
  }
  expect(firstFit!.training.mfuFraction).toBeLessThan(0.97 * row!.mfu);
  // How they ran is told with what they did.
  const sizes = pack!.training.sizes;
  expect(sizes).toMatchObject([{ gpus: row!.gpus, parallelism: row!.parallelism, mfuFraction: row!.mfu }]);
  expect(sizes[0]!.usefulGpuHours).toBeCloseTo(pack!.training.usefulGpuHours, 9);
});

import type { StepSeries } from '../../src/base/stepSeries.js';
import { MS_PER_DAY, MS_PER_HOUR } from '../../src/base/units.js';
import { parsePolicy } from '../../src/policy/parse.js';
import type { RunTask } from '../../src/pool/pool.js';
import { PLAIN_TRAITS } from '../../src/scenario/classTraits.js';
import type { PolicySpec, RunSpec, SiteSpec } from '../../src/scenario/runSpec.js';
import type { ResolvedClass, ResolvedMix } from '../../src/workload/resolved.js';
import type { RunInputs } from '../../src/workload/runInputs.js';
import { jobTable, machine } from './jobs.js';
import { flatTariff } from './tariffs.js';

const HOURS = 14 * 24;
const hourly = (value: (hour: number) => number): StepSeries => ({
  stepMs: MS_PER_HOUR,
  values: Float64Array.from({ length: HOURS }, (_, hour) => value(hour)),
});

const trace = jobTable(
  Array.from({ length: 500 }, (_, i) => ({
    submitMs: 1_000_000 * i,
    gpus: 1 + ((7 * i) % 40),
    runMs: 1_000_000 * (1 + ((13 * i) % 9)),
    estimateMs: 12_000_000,
  })),
);

/** Plain memory on purpose: sharing it is the pool's business. */
const inputs: RunInputs = {
  series: {
    price: hourly((hour) => 60 + 40 * Math.sign((hour % 24) - 11.5)),
    southPrice: hourly((hour) => 60 + 35 * Math.sign(11.5 - (hour % 24))),
    carbon: hourly((hour) => 300 + (hour % 24)),
    wetBulb: hourly((hour) => 10 + (hour % 7)),
  },
  traces: { log: trace },
  contentSha256: { price: 'a', southPrice: 'e', carbon: 'b', wetBulb: 'c', log: 'd' },
};

const jobClass = (name: string, gpus: number, medianMs: number, share: number): ResolvedClass => ({
  name,
  gpuTimeShare: share,
  jobsPerHour: null,
  thinnable: false,
  sizes: [
    { gpus, weight: 1 },
    { gpus: 2 * gpus, weight: 1 },
  ],
  duration: { shape: 'lognormal', median: medianMs, sigma: 0.7, min: 60_000, max: 2 * MS_PER_DAY },
  arrivals: {
    process: 'poisson',
    hourOfDay: Array<number>(24).fill(1),
    weekday: Array<number>(7).fill(1),
    burstSigma: 0,
  },
  estimate: { factor: { shape: 'constant', value: 1.5 }, limitMs: null },
  users: { count: 10, exponent: 1 },
  failedFraction: 0.1,
  cancelledFraction: 0.1,
  gpuPowerFraction: 0.9,
  partition: null,
});

const generator: ResolvedMix = {
  kind: 'mix',
  load: 0.8,
  thinning: 1,
  oversize: 'rescale',
  budget: 'expected',
  classes: [jobClass('large', 16, 4 * MS_PER_HOUR, 0.7), jobClass('small', 1, MS_PER_HOUR, 0.3)],
};

const site = (id: string, capacityEurPerKwYear: number): SiteSpec => ({
  id,
  title: id,
  zone: 'Z',
  facility: {
    liquidFraction: 0.8,
    liquidCoolingFraction: 0.02,
    upsEfficiency: 0.97,
    distributionEfficiency: 0.98,
    fixedFraction: 0.01,
    designItW: 20_000,
  },
  tariff: flatTariff({ capacityEurPerKwYear, networkEurPerMWh: 10, leviesEurPerMWh: 5 }),
  reference: undefined,
  series: { price: 'price', carbon: 'carbon', wetBulb: 'wetBulb' },
});

const power = { idleW: 200, activeWByClass: [700, 650], networkWPerGpu: 20 };

/** A generated week on 64 GPUs at two sites, some hundred jobs. */
export function generatedTask(replication: number, change: Partial<RunSpec> = {}): RunTask {
  const spec: RunSpec = {
    schemaVersion: 1,
    partitions: [{ ...machine(16, 4), power }],
    workload: { kind: 'generated', name: 'two-classes', generator, classNames: ['large', 'small'] },
    policy: policy('fcfs+easy@pack'),
    calendarYear: 2023,
    horizonMs: 7 * MS_PER_DAY,
    warmupMs: MS_PER_DAY,
    seed: 'pool',
    replication,
    sites: [site('north', 20), site('south', 60)],
    ...change,
  };
  return { spec, inputs, keepJobs: true };
}

/** The same week on two machines of 32 GPUs under one broker that reads prices, the southern one faster. */
export function brokeredTask(replication: number, text = 'fcfs+easy@pack:fair^cheapest-energy(2 h)'): RunTask {
  const traits = { ...PLAIN_TRAITS, speedByPartition: [1, 1.5], dataTB: 2 };
  const south = site('south', 60);
  return generatedTask(replication, {
    partitions: [0, 1].map((at) => ({ ...machine(8, 4), power, site: at })),
    policy: policy(text),
    brokered: true,
    traits: [traits, traits],
    transferMsPerTB: 60_000,
    sites: [site('north', 20), { ...south, series: { ...south.series, price: 'southPrice' } }],
  });
}

/** Five hundred traced jobs on 64 GPUs until the last one ends. */
export function tracedTask(): RunTask {
  return generatedTask(0, {
    workload: { kind: 'trace', name: 'log', input: 'log', classNames: ['any'] },
    policy: policy('fcfs+none@first-fit'),
    horizonMs: undefined,
    warmupMs: 0,
    sites: [],
  });
}

/** A site whose price series is not among the inputs: our own mistake, found in the middle of a run. */
export function failingTask(): RunTask {
  const broken = { ...site('nowhere', 0), series: { price: 'absent', carbon: 'carbon', wetBulb: 'wetBulb' } };
  return generatedTask(0, { sites: [broken] });
}

export function mixedTasks(): RunTask[] {
  return [
    generatedTask(0),
    tracedTask(),
    generatedTask(1),
    failingTask(),
    generatedTask(2, { horizonMs: 9 * MS_PER_DAY }),
  ];
}

function policy(text: string): PolicySpec {
  const parsed = parsePolicy(text);
  if (!parsed.ok) throw new Error(`no policy: ${text}`);
  return parsed.policy;
}

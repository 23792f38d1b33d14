import type { PartitionSpec, RunSpec } from '../src/scenario/runSpec.js';
import { estimate, type Estimate } from '../src/metrics/statistics.js';
import { parsePolicy } from '../src/policy/parse.js';
import { simulate } from '../src/sim/simulate.js';
import type { ResolvedMix } from '../src/workload/resolved.js';
import { erlangCMeanWait } from './erlangC.js';

/** Mean service time; so long that whole milliseconds do not show. */
const SERVICE_MS = 10_000_000;

/** An M/M/c queue as a machine of c single-GPU nodes under `fcfs+none`, in replications of about `jobs` jobs. */
export function queueSpec(servers: number, load: number, seed: number, replication: number, jobs: number): RunSpec {
  const parsed = parsePolicy('fcfs+none@first-fit');
  if (!parsed.ok) throw new Error('fcfs+none@first-fit is not registered');
  const jobsPerHour = (servers * load * 3_600_000) / SERVICE_MS;
  const machine: PartitionSpec = {
    name: 'servers',
    hardware: 'plain',
    nodes: servers,
    gpusPerNode: 1,
    nodesPerRack: 32,
    racksPerPod: 32,
    power: { idleW: 0, activeWByClass: [0], networkWPerGpu: 0 },
  };
  const binMs = 900_000;
  return {
    schemaVersion: 1,
    partitions: [machine],
    workload: { kind: 'generated', name: 'mmc', generator: mmc(jobsPerHour), classNames: ['customer'] },
    policy: parsed.policy,
    calendarYear: 2027,
    horizonMs: Math.ceil(((jobs / jobsPerHour) * 3_600_000) / binMs) * binMs,
    // Long against the relaxation time, 1 / (c μ (1 − √ρ)²): starts from an empty queue are forgotten.
    warmupMs: Math.ceil((20 * SERVICE_MS) / (servers * (1 - Math.sqrt(load)) ** 2) / binMs + 50) * binMs,
    seed: String(seed),
    replication,
    sites: [],
  };
}

function mmc(jobsPerHour: number): ResolvedMix {
  return {
    kind: 'mix',
    load: null,
    thinning: 1,
    oversize: 'refuse',
    budget: 'expected',
    classes: [
      {
        name: 'customer',
        gpuTimeShare: null,
        jobsPerHour,
        thinnable: false,
        sizes: [{ gpus: 1, weight: 1 }],
        duration: { shape: 'exponential', mean: SERVICE_MS },
        arrivals: {
          process: 'poisson',
          hourOfDay: Array<number>(24).fill(1),
          weekday: Array<number>(7).fill(1),
          burstSigma: 0,
        },
        estimate: { factor: { shape: 'constant', value: 1 }, limitMs: null },
        users: { count: 1, exponent: 0 },
        failedFraction: 0,
        cancelledFraction: 0,
        gpuPowerFraction: 0,
        partition: null,
      },
    ],
  };
}

/** Mean wait in mean service times over replications, with its 95 % interval. */
export function simulatedWait(
  servers: number,
  load: number,
  seed: number,
  replications: number,
  jobs: number,
): Estimate {
  const inputs = { series: {}, traces: {}, contentSha256: {} };
  const waits = Array.from({ length: replications }, (_, replication) => {
    const { schedule } = simulate(queueSpec(servers, load, seed, replication, jobs), inputs);
    return schedule.wait.meanMs / SERVICE_MS;
  });
  return estimate(waits);
}

/**
 * Jobs a seed, for half-widths below 2 % (by a pilot run). c = 64 at load 0.5 is left out: one job in 2.3
 * million waits there, so 2 % would take 10^10 jobs a seed.
 */
const CASES: readonly { servers: number; load: number; jobs: number }[] = [
  { servers: 8, load: 0.5, jobs: 7.2e6 },
  { servers: 8, load: 0.8, jobs: 6e6 },
  { servers: 8, load: 0.95, jobs: 36e6 },
  { servers: 64, load: 0.8, jobs: 72e6 },
  { servers: 64, load: 0.95, jobs: 67.2e6 },
];
const SEEDS = 20;
const REPLICATIONS = 48;

/** `npm run validate:queueing [-- case]`: Erlang C beside the simulation, seeds 1–20. */
function main(only: string | undefined): void {
  const cases = only === undefined ? CASES : [CASES[Number(only)]!];
  process.stdout.write(
    '| c | load | Erlang C | mean of seeds | widest half-width | covered | jobs a seed |\n|---|---|---|---|---|---|---|\n',
  );
  for (const { servers, load, jobs } of cases) {
    const expected = erlangCMeanWait(servers, load);
    const bySeed = Array.from({ length: SEEDS }, (_, i) => {
      const found = simulatedWait(servers, load, i + 1, REPLICATIONS, jobs / REPLICATIONS);
      process.stderr.write(
        `c=${servers} load=${load} seed=${i + 1}: ${found.mean} ± ${found.halfWidth}, Erlang C ${expected}\n`,
      );
      return found;
    });
    const covered = bySeed.filter(({ mean, halfWidth }) => Math.abs(mean - expected) <= halfWidth).length;
    const widest = Math.max(...bySeed.map(({ mean, halfWidth }) => halfWidth / mean));
    const mean = bySeed.reduce((sum, found) => sum + found.mean, 0) / SEEDS;
    const cells = [
      servers,
      load,
      expected.toPrecision(5),
      mean.toPrecision(5),
      `${(100 * widest).toFixed(2)} %`,
      `${covered} of ${SEEDS}`,
      jobs,
    ];
    process.stdout.write(`| ${cells.join(' | ')} |\n`);
  }
}

if (process.argv[1]?.endsWith('queueing.js')) main(process.argv[2]);

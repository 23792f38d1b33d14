import { MS_PER_DAY, MS_PER_HOUR } from '../src/base/units.js';
import { estimate, type Estimate } from '../src/metrics/statistics.js';
import type { GoodputSummary } from '../src/metrics/goodputResult.js';
import { parsePolicy } from '../src/policy/parse.js';
import type { ReliabilitySpec } from '../src/scenario/reliabilitySpec.js';
import type { RunSpec } from '../src/scenario/runSpec.js';
import { simulate } from '../src/sim/simulate.js';
import { expectedEttr } from '../src/training/checkpointClock.js';
import { allocateJobColumns, type JobTable } from '../src/workload/jobTable.js';

/** One job that has a machine to itself, never ends, and always finds a spare node. */
export interface LoneGang {
  readonly gpus: number;
  readonly gpusPerNode?: number;
  readonly per1000NodeDays: number;
  /** Work between checkpoints, ms; `undefined`: Daly's, as the simulator computes it. */
  readonly intervalMs: number | undefined;
  /** C: the checkpoint blocks so long, whole ms. */
  readonly stallMs: number;
  /** R: from a failure to being productive again, whole ms. */
  readonly restartMs: number;
}

export const NODE_GPUS = 8;
const BIN_MS = 900_000;
/** No bound: the bandwidth under test is the only one. */
const UNLIMITED = 1e30;
/** Nodes are back so long after their failure was found. */
const REPAIR_MS = MS_PER_HOUR;
/** Reading a checkpoint takes whole ms, so at least one. */
const READ_MS = 1;

/** M: mean time between failures of the gang's nodes, ms. */
export function mttfMs({ gpus, gpusPerNode = NODE_GPUS, per1000NodeDays }: LoneGang): number {
  return (MS_PER_DAY * 1000 * gpusPerNode) / (gpus * per1000NodeDays);
}

/**
 * The gang as a run: R is a fifth detection, a fifth swap and the rest initialisation; C is what its state takes at the
 * storage's bandwidth. Spares are so many that eight standard deviations more than the mean under repair find one.
 */
export function gangSpec(gang: LoneGang, cycles: number, seed: string, replication: number): RunSpec {
  const { gpus, gpusPerNode = NODE_GPUS, per1000NodeDays, intervalMs, stallMs, restartMs } = gang;
  const parsed = parsePolicy('fcfs+none@first-fit');
  if (!parsed.ok) throw new Error('fcfs+none@first-fit is not registered');
  const nodes = gpus / gpusPerNode;
  const fifthMs = Math.floor(restartMs / 5);
  const down = (REPAIR_MS + restartMs) / mttfMs(gang);
  const spares = Math.ceil(down + 8 * Math.sqrt(down) + 8);
  const reliability: ReliabilitySpec = {
    name: 'lone gang',
    failuresPerGpuDay: per1000NodeDays / (1000 * gpusPerNode),
    rateFactor: 1,
    causes: [{ name: 'node', share: 1, scope: 'node', repair: 0 }],
    repairs: [{ name: 'reset', medianMs: REPAIR_MS, sigma: 0 }],
    detectionMs: fifthMs,
    swapMs: fifthMs,
    spareNodes: [spares],
  };
  const initialiseMs = restartMs - 2 * fifthMs - READ_MS;
  return {
    schemaVersion: 1,
    partitions: [
      {
        ...{ name: 'main', hardware: 'plain', nodes: nodes + spares, gpusPerNode, nodesPerRack: 32, racksPerPod: 32 },
        power: { idleW: 0, activeWByClass: [0], networkWPerGpu: 0 },
      },
    ],
    workload: { kind: 'trace', name: 'gang', input: 'gang', classNames: ['gang'] },
    policy: parsed.policy,
    calendarYear: 2027,
    horizonMs: wholeBins(cycles * cycleMs(gang)),
    // The job is under way when the horizon begins: where in a cycle, a few cycles have forgotten.
    warmupMs: wholeBins(5 * cycleMs(gang)),
    seed,
    replication,
    reliability,
    checkpoints: {
      mode: 'blocking',
      ...(intervalMs === undefined ? {} : { intervalMs }),
      storage: [{ writeBytesPerMs: gpus, readBytesPerMs: UNLIMITED }],
      nodeBytesPerMs: UNLIMITED,
      copyBytesPerMsPerGpu: UNLIMITED,
      stateBytesPerGpu: stallMs,
    },
    initialisation: { baseMs: initialiseMs, perDoublingMs: 0, mostMs: initialiseMs },
    sites: [],
  };
}

const wholeBins = (ms: number): number => Math.ceil(ms / BIN_MS) * BIN_MS;

/** From a job's being productive again to the next time it is, on average. */
function cycleMs(gang: LoneGang): number {
  const meanMs = mttfMs(gang);
  return meanMs * Math.exp(gang.restartMs / meanMs);
}

/** A trace of the one job, submitted with the warm-up. */
function gangTrace(gpus: number, submitMs: number, horizonMs: number): JobTable {
  const columns = allocateJobColumns(1);
  columns.submitMs[0] = submitMs;
  columns.gpus[0] = gpus;
  columns.runMs[0] = 2 * (horizonMs - submitMs);
  columns.estimateMs[0] = columns.runMs[0];
  return { ...columns, count: 1, classNames: ['gang'] };
}

export function runGang(gang: LoneGang, spec: RunSpec): GoodputSummary {
  const { horizonMs, warmupMs } = spec;
  const traces = { gang: gangTrace(gang.gpus, -warmupMs, horizonMs!) };
  const { schedule } = simulate(spec, { series: {}, traces, contentSha256: {} });
  return schedule.goodput!;
}

/** Simulated ETTR over replications: useful time of the whole horizon. */
export function simulatedEttr(gang: LoneGang, cycles: number, seed: string, replications: number): Estimate {
  return estimate(
    Array.from({ length: replications }, (_, replication) => {
      const spec = gangSpec(gang, cycles, seed, replication);
      const { usefulGpuHours } = runGang(gang, spec);
      return usefulGpuHours / ((gang.gpus * spec.horizonMs!) / MS_PER_HOUR);
    }),
  );
}

/**
 * Cycles in all for a 95 % interval of about `halfWidth` of the ETTR, at least 4,000, by the variance of a renewal
 * reward: a cycle is X ~ exponential until a failure, of which ⌊X / (τ + C)⌋ τ is saved, and then the restart.
 */
export function cyclesFor(gang: LoneGang & { readonly intervalMs: number }, halfWidth: number): number {
  const { intervalMs, stallMs, restartMs } = gang;
  const mean = mttfMs(gang);
  const tau = intervalMs / mean;
  const width = tau + stallMs / mean;
  const ettr = expectedEttr(intervalMs, stallMs, restartMs, mean);
  const fails = -Math.expm1(-width);
  const segments = (1 - fails) / fails ** 2;
  // Of the time in the segment that fails, X − ⌊X / width⌋ width.
  const partial = 1 - (width ** 2 * (1 - fails)) / fails ** 2;
  // Of a restart that failures begin anew: e^r − 1 on average.
  const r = restartMs / mean;
  const restart = Math.exp(2 * r) - 1 - 2 * r * Math.exp(r);
  const variance = (tau - ettr * width) ** 2 * segments + ettr ** 2 * (partial + restart);
  const cycle = Math.exp(r);
  return Math.max(4000, Math.ceil((1.96 / (halfWidth * ettr * cycle)) ** 2 * variance));
}

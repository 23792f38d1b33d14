import { SimError } from '../base/errors.js';
import { RandomStreams } from '../base/random.js';
import { MS_PER_HOUR } from '../base/units.js';
import {
  curveOf,
  type JobOutcomes,
  type LoadCurve,
  type RunResult,
  type ScheduleSummary,
} from '../metrics/runResult.js';
import { summariseSchedule } from '../metrics/scheduleSummary.js';
import { usefulGpuHoursBySite } from '../metrics/siteGoodput.js';
import { siteShares } from '../metrics/siteShares.js';
import { soldGpuHoursBySite } from '../metrics/soldHours.js';
import { trainedBySite } from '../metrics/siteTraining.js';
import type { ReliabilitySpec } from '../scenario/reliabilitySpec.js';
import type { PartitionSpec, RunSpec } from '../scenario/runSpec.js';
import { generateJobs } from '../workload/generate.js';
import type { JobTable } from '../workload/jobTable.js';
import type { ResolvedGenerator } from '../workload/resolved.js';
import type { RunInputs } from '../workload/runInputs.js';
import { serviceGpusByPartition, serviceShares, withServices } from '../workload/services.js';
import { shakeTrace } from '../workload/shake.js';
import { schedule, type Schedule } from './schedule.js';
import { jobDraws } from './jobDraws.js';
import { siteSignals } from './marketView.js';
import { killedAtEstimate } from './overrun.js';
import { settle, SettleMemos } from './settle.js';
import type { WaitProbe } from './waitProbe.js';
import { AUDIT_TOLERANCE, type JobDraws } from './audit.js';
import { evaluatePolicies } from '../policy/own/evaluate.js';
import { readsMarket } from '../policy/registry.js';

export interface SimulateOptions {
  /** Hand back the jobs with their starts and ends. */
  readonly keepJobs?: boolean;
  /** Shared memory, see `HEARTBEAT`; asked to stop, the run throws `run.interrupted`. */
  readonly heartbeat?: Int32Array;
  /** Notes why some of the jobs wait; what they become is read from it afterwards. */
  readonly probe?: WaitProbe;
}

/**
 * One run: jobs through the partitions under the policy, then the load curve paid for at each site.
 *
 * A pure function of its arguments: same spec and inputs, same result to the last bit, on any thread.
 * Cost: about 1 µs an event; memory about 60 B a job beyond the table.
 *
 * @throws SimError `policy.contract`, `run.deadlock`, `run.interrupted`, `audit.failed`
 */
export function simulate(spec: RunSpec, inputs: RunInputs, options: SimulateOptions = {}): RunResult {
  const streams = streamsOf(spec);
  const workload = jobsOf(spec, inputs, streams);
  const table = spec.overrun === 'extend' ? workload.table : killedAtEstimate(workload.table);
  const { partitions, policy, horizonMs } = spec;
  const firstMs = table.count > 0 ? table.submitMs[0]! : 0;
  const startMs = horizonMs === undefined ? firstMs : Math.min(-spec.warmupMs, firstMs);
  const { traits, guaranteedRunMs, limits, windows, transferMsPerTB, reliability, checkpoints, initialisation } = spec;
  const { heartbeat, probe } = options;
  const modules = evaluatePolicies(inputs.policies);
  const signals = readsMarket(policy, modules)
    ? spec.sites.slice(0, scheduledSites(spec)).map((site) => siteSignals(site, inputs, spec.calendarYear))
    : undefined;
  const ran = schedule({
    ...{ partitions, policy, jobs: table, startMs, horizonMs, streams, signals },
    ...{ traits, guaranteedRunMs, limits, windows, transferMsPerTB, heartbeat, modules, probe },
    ...{ reliability, checkpoints, initialisation, powerControl: spec.powerControl },
    ...{ services: spec.services, calendarYear: spec.calendarYear },
  });
  const endMs = horizonMs ?? lastEnd(ran);
  const jobs = outcomesOf(table, ran);
  const summary = summariseSchedule(jobs, {
    partitions,
    fromMs: horizonMs === undefined ? firstMs : 0,
    toMs: endMs,
    drained: horizonMs === undefined,
    curves: ran.curves,
    queueMax: ran.queueMax,
    events: ran.events,
    offeredLoadTarget: workload.offeredLoadTarget,
    rescaledJobs: workload.rescaledJobs,
    services: serviceShares(spec.services),
    power: ran.power,
    ...(ran.phases === undefined ? {} : { phases: { ...ran.phases, traits, causes: causesOf(reliability) } }),
  });
  requireAllAccounted(summary, spec);
  const { curves } = ran;
  const shares = spec.brokered === true ? siteShares(jobs, { partitions, curves, horizonMs: endMs }) : undefined;
  const useful = usefulGpuHoursBySite(jobs, partitions, curves.length);
  const costed = spec.sites.some(({ capital }) => capital !== undefined);
  const sold = costed ? soldGpuHoursBySite(jobs, partitions, curves.length, endMs) : undefined;
  const trained = trainedBySite(ran.phases?.tokens, traits);
  const memos = curves.map(() => new SettleMemos());
  const usedGpuHours = curves.map(gpuHoursOf);
  const memosOf = (site: number): SettleMemos => memos[site % curves.length]!;
  const drawsOf = drawsBySite(partitions, jobs, endMs, ran);
  return {
    fingerprint: ran.fingerprint,
    schedule: summary,
    sites: spec.sites.map((site, index) => ({
      ...settle(
        site,
        curveOf(curves, index),
        inputs,
        drawsOf(index),
        {
          gpuHoursUsed: usedGpuHours[index % curves.length]!,
          gpuHoursSold: sold?.[index % sold.length],
          usefulGpuHours: useful?.[index % useful.length],
          trained: trained?.[index % trained.length],
          calendarYear: spec.calendarYear,
        },
        memosOf(index),
      ),
      ...(shares === undefined ? {} : { share: shares[index % shares.length]! }),
    })),
    loadCurves: ran.curves,
    jobs: options.keepJobs === true ? jobs : undefined,
  };
}

/** How many of its sites the schedule knows: what comes after them is only paid for. */
const scheduledSites = ({ partitions }: RunSpec): number => 1 + Math.max(...partitions.map(({ site = 0 }) => site));

const streamsOf = ({ seed, replication }: RunSpec): RandomStreams =>
  new RandomStreams(`${seed}/${String(replication)}`);

interface Submitted {
  readonly table: JobTable;
  readonly offeredLoadTarget: number | undefined;
  readonly rescaledJobs: number;
}

/**
 * The jobs a run begins with: its trace, or the generator's draw for its seed and replication; before them the replicas
 * of its services.
 */
export function jobsOf(spec: RunSpec, inputs: RunInputs, streams = streamsOf(spec)): Submitted {
  const submitted = submittedJobs(spec, inputs, streams);
  const { services, warmupMs, horizonMs } = spec;
  if (services === undefined) return submitted;
  if (horizonMs === undefined) throw new SimError('internal.invariant', 'services need a horizon');
  return { ...submitted, table: withServices(submitted.table, services, { warmupMs, horizonMs }) };
}

function submittedJobs(spec: RunSpec, inputs: RunInputs, streams: RandomStreams): Submitted {
  const { workload, horizonMs } = spec;
  if (workload.kind === 'trace') {
    const table = inputs.traces[workload.input];
    if (!table) throw new SimError('internal.invariant', `trace ${workload.input} is missing from the inputs`);
    // The first replication is the log as it is.
    const shakes = workload.shakeMs !== undefined && spec.replication > 0;
    const jobs = shakes ? shakeTrace(table, workload.shakeMs, streams.fork('shake')) : table;
    return { table: jobs, offeredLoadTarget: undefined, rescaledJobs: 0 };
  }
  if (horizonMs === undefined) throw new SimError('internal.invariant', 'a generated workload needs a horizon');
  const serviceGpus = serviceGpusByPartition(spec.services, spec.partitions);
  return generateJobs(workload.generator as ResolvedGenerator, {
    partitions: spec.partitions.map(({ name, nodes, gpusPerNode, inService }, index) => ({
      name,
      inService,
      gpus: nodes * gpusPerNode,
      gpusPerNode,
      spareNodes: spec.reliability?.spareNodes[index],
      serviceGpus: serviceGpus[index]!,
    })),
    horizonMs,
    warmupMs: spec.warmupMs,
    calendarYear: spec.calendarYear,
    streams,
    reservations: spec.windows,
    training: spec.traits?.map(({ training }) => training),
  });
}

function lastEnd(ran: Schedule): number {
  return ran.endMs.reduce((last, end) => (end > last ? end : last), 0);
}

const gpuHoursOf = ({ busyGpuMs }: LoadCurve): number => busyGpuMs.reduce((sum, ms) => sum + ms, 0) / MS_PER_HOUR;

function outcomesOf(table: JobTable, ran: Schedule): JobOutcomes {
  const { startMs, endMs, progress, segments } = ran;
  const { interruptions, partitionOf, endState, rejectedFor } = progress;
  const fates = { table, startMs, endMs, partitionOf, endState, rejectedFor };
  if (interruptions === undefined || segments === undefined) return fates;
  const { preemptions, resizes, lostGpuMs, attainedGpuMs, ranMs, slots, queuedMs, phases } = interruptions;
  const running = new Uint8Array(table.count);
  for (let job = 0; job < table.count; job++) if (slots.of[job]! >= 0) running[job] = 1;
  return {
    ...fates,
    interruptions: { preemptions, resizes, lostGpuMs, attainedGpuMs, ranMs, running, queuedMs, segments, phases },
  };
}

/**
 * Without windows nothing but failures and spares keeps a node from jobs: a rest would be time counted twice or not at all.
 * With them what is left must not be negative.
 * Exact while sums of GPU·ms are, below 2^53: a year of 285,000 GPUs.
 */
function requireAllAccounted({ goodput }: ScheduleSummary, { windows = [] }: RunSpec): void {
  if (goodput === undefined) return;
  const { totalGpuHours, withdrawnGpuHours } = goodput;
  const exact = totalGpuHours * MS_PER_HOUR < Number.MAX_SAFE_INTEGER;
  const tolerance = exact ? 0 : AUDIT_TOLERANCE * totalGpuHours;
  if (withdrawnGpuHours >= -tolerance && (windows.length > 0 || withdrawnGpuHours <= tolerance)) return;
  throw new SimError(
    'audit.failed',
    `GPU time: expected useful + stall + lost + restart + idle + spare + down = ${String(totalGpuHours)} GPU-hours, ` +
      `got ${String(withdrawnGpuHours)} less. This is a fault of the simulator; please report it with the scenario and the seed.`,
  );
}

/** Names of what interrupts jobs, in the order in which the run counts them. */
const causesOf = (reliability: ReliabilitySpec | undefined): readonly string[] => [
  ...(reliability?.causes ?? []).map(({ name }) => name),
  'straggler',
  'pre-emption',
];

/** The draws behind each site's curve, counted once for sites that share one. */
function drawsBySite(
  partitions: readonly PartitionSpec[],
  jobs: JobOutcomes,
  horizonMs: number,
  { curves, served, slept }: Pick<Schedule, 'curves' | 'served' | 'slept'>,
) {
  const known: JobDraws[] = [];
  return (site: number): JobDraws => {
    const curve = site % curves.length;
    return (known[curve] ??= jobDraws(partitions, jobs, horizonMs, curve, served, slept));
  };
}

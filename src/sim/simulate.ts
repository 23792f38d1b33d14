import { SimError } from '../base/errors.js';
import { RandomStreams } from '../base/random.js';
import { yearStartEpochMs } from '../energy/calendar.js';
import type { JobOutcomes, RunResult } from '../metrics/runResult.js';
import { summariseSchedule } from '../metrics/scheduleSummary.js';
import type { PartitionSpec, RunSpec } from '../scenario/runSpec.js';
import { generateJobs } from '../workload/generate.js';
import type { JobTable } from '../workload/jobTable.js';
import type { ResolvedGenerator } from '../workload/resolved.js';
import type { RunInputs } from '../workload/runInputs.js';
import type { JobDraws } from './audit.js';
import { activeW, idleItW, schedule, type Schedule } from './schedule.js';
import { settle } from './settle.js';

export interface SimulateOptions {
  /** Hand back the jobs with their starts and ends. */
  readonly keepJobs?: boolean;
  /** Shared memory: [0] ← per mille done, [1] → not 0 asks to stop (then throws `run.interrupted`). */
  readonly heartbeat?: Int32Array;
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
  const { table } = workload;
  const { partitions, policy, horizonMs } = spec;
  const firstMs = table.count > 0 ? table.submitMs[0]! : 0;
  const startMs = horizonMs === undefined ? firstMs : Math.min(-spec.warmupMs, firstMs);
  const ran = schedule({ partitions, policy, jobs: table, startMs, horizonMs, streams, heartbeat: options.heartbeat });
  const endMs = horizonMs ?? lastEnd(ran);
  const jobs: JobOutcomes = { table, startMs: ran.startMs, endMs: ran.endMs };
  const summary = summariseSchedule(jobs, {
    partitions,
    fromMs: horizonMs === undefined ? firstMs : 0,
    toMs: endMs,
    drained: horizonMs === undefined,
    curve: ran.curve,
    queueMax: ran.queueMax,
    events: ran.events,
    offeredLoadTarget: workload.offeredLoadTarget,
    rescaledJobs: workload.rescaledJobs,
  });
  const draws = spec.sites.length === 0 ? undefined : jobDraws(partitions, jobs, endMs);
  return {
    fingerprint: ran.fingerprint,
    schedule: summary,
    sites: spec.sites.map((site) =>
      settle(site, ran.curve, inputs, draws!, {
        gpuHoursUsed: summary.gpuHoursUsed,
        calendarYearMs: yearStartEpochMs(spec.calendarYear + 1) - yearStartEpochMs(spec.calendarYear),
      }),
    ),
    loadCurve: ran.curve,
    jobs: options.keepJobs === true ? jobs : undefined,
  };
}

const streamsOf = ({ seed, replication }: RunSpec): RandomStreams =>
  new RandomStreams(`${seed}/${String(replication)}`);

/** The jobs a run begins with: its trace, or the generator's draw for its seed and replication. */
export function jobsOf(
  spec: RunSpec,
  inputs: RunInputs,
  streams = streamsOf(spec),
): { table: JobTable; offeredLoadTarget: number | undefined; rescaledJobs: number } {
  const { workload, horizonMs } = spec;
  if (workload.kind === 'trace') {
    const table = inputs.traces[workload.input];
    if (!table) throw new SimError('internal.invariant', `trace ${workload.input} is missing from the inputs`);
    return { table, offeredLoadTarget: undefined, rescaledJobs: 0 };
  }
  if (horizonMs === undefined) throw new SimError('internal.invariant', 'a generated workload needs a horizon');
  return generateJobs(workload.generator as ResolvedGenerator, {
    partitions: spec.partitions.map(({ name, nodes, gpusPerNode }) => ({
      name,
      gpus: nodes * gpusPerNode,
      gpusPerNode,
    })),
    horizonMs,
    warmupMs: spec.warmupMs,
    calendarYear: spec.calendarYear,
    streams,
  });
}

function lastEnd(ran: Schedule): number {
  return ran.endMs.reduce((last, end) => (end > last ? end : last), 0);
}

/** What each job drew inside the horizon, for the audit. */
function jobDraws(partitions: readonly PartitionSpec[], jobs: JobOutcomes, horizonMs: number): JobDraws {
  const { table, startMs, endMs } = jobs;
  const watts = new Float64Array(table.count);
  const fromMs = new Float64Array(table.count);
  const toMs = new Float64Array(table.count);
  let count = 0;
  for (let job = 0; job < table.count; job++) {
    const start = startMs[job]!;
    const from = start > 0 ? start : 0;
    const end = endMs[job]!;
    const to = end < horizonMs ? end : horizonMs; // still running (NaN): to the horizon
    if (!(start < horizonMs) || to <= from) continue;
    watts[count] = activeW(partitions, table, job);
    fromMs[count] = from;
    toMs[count++] = to;
  }
  return { count, watts, fromMs, toMs, idleW: idleItW(partitions), horizonMs };
}

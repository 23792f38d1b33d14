import type { RunSpec } from '../scenario/runSpec.js';
import { END_STATES } from '../workload/jobTable.js';
import type { Column } from './columns.js';
import type { JobPhases } from './goodputResult.js';
import { runsAtEnd, type JobOutcomes } from './runResult.js';

/** A job's state when the run stopped: how it ended, or that it had not, or that its time had not come. */
export const JOB_STATES = [...END_STATES, 'running', 'waiting', 'not submitted', 'rejected'] as const;

const RUNNING = JOB_STATES.indexOf('running');
const WAITING = JOB_STATES.indexOf('waiting');
const NOT_SUBMITTED = JOB_STATES.indexOf('not submitted');
const REJECTED = JOB_STATES.indexOf('rejected');

/**
 * The jobs of a run as a table: `job, submit_ms, start_ms, end_ms, gpus, class, user, state`; where there are several
 * partitions `partition`, the one it ran in or waits for; where jobs can be interrupted `preemptions` and `lost_gpu_ms`;
 * where they fail, write checkpoints or train a model {@link PHASE_COLUMNS}.
 *
 * One row a job in order of submission; times in ms from the start of the horizon, negative in the warm-up.
 * A start or end that did not happen is missing. `job` is the trace's own number where there is one. Jobs of a
 * trace or a list that submit at or after the end of the horizon keep their rows, as `not submitted`: no count
 * of the summary holds them. No copy but that of the states.
 *
 * @param horizonMs - `undefined`: the run ended with its last job
 * @param partitions - names of all
 */
export function jobColumns(
  jobs: JobOutcomes,
  horizonMs = Number.POSITIVE_INFINITY,
  partitions: readonly string[] = [],
): Column[] {
  const { table, startMs, endMs, rejectedFor, endState = table.endState, partitionOf = table.partitionOf } = jobs;
  const { count } = table;
  const states = new Uint8Array(count);
  for (let job = 0; job < count; job++) {
    if (rejectedFor !== undefined && rejectedFor[job] !== 0) states[job] = REJECTED;
    else if (Number.isNaN(startMs[job]!)) states[job] = table.submitMs[job]! < horizonMs ? WAITING : NOT_SUBMITTED;
    else if (!Number.isNaN(endMs[job]!)) states[job] = endState[job]!;
    else states[job] = runsAtEnd(jobs, job) ? RUNNING : WAITING;
  }
  return [
    table.originalId === undefined
      ? { name: 'job', kind: 'int32', values: Int32Array.from({ length: count }, (_, job) => job) }
      : { name: 'job', kind: 'double', values: table.originalId.subarray(0, count) },
    { name: 'submit_ms', kind: 'double', values: table.submitMs.subarray(0, count) },
    { name: 'start_ms', kind: 'optionalDouble', values: startMs.subarray(0, count) },
    { name: 'end_ms', kind: 'optionalDouble', values: endMs.subarray(0, count) },
    { name: 'gpus', kind: 'int32', values: table.gpus.subarray(0, count) },
    { name: 'class', kind: 'label', codes: table.classOf.subarray(0, count), labels: table.classNames },
    { name: 'user', kind: 'int32', values: table.userOf.subarray(0, count) },
    { name: 'state', kind: 'label', codes: states, labels: JOB_STATES },
    ...(partitions.length > 1
      ? [{ name: 'partition', kind: 'label', codes: partitionOf.subarray(0, count), labels: partitions } as const]
      : []),
    ...interruptionColumns(jobs),
  ];
}

/** What the partitions of a run are called in tables; under a broker with their site, `gf-fr-hdf/main`. */
export function partitionNames({ partitions, sites, brokered }: RunSpec): string[] {
  return partitions.map(({ name, site }) => (brokered === true ? `${sites[site ?? 0]!.id}/${name}` : name));
}

function interruptionColumns({ table, interruptions }: JobOutcomes): Column[] {
  if (interruptions === undefined) return [];
  return [
    { name: 'preemptions', kind: 'int32', values: interruptions.preemptions.subarray(0, table.count) },
    { name: 'lost_gpu_ms', kind: 'double', values: interruptions.lostGpuMs.subarray(0, table.count) },
    ...(interruptions.phases === undefined ? [] : phaseColumns(interruptions.phases, table.count)),
  ];
}

/**
 * What the GPU time a job held inside the horizon went to, in GPU·ms (useful, standing still for checkpoints, lost work,
 * restarts); the same for its waits after failures; and how often it failed. Of lost work and restarts
 * `lost_gpu_ms` is the sum over the whole run, in GPUs asked for.
 */
const PHASE_COLUMNS = [
  ['useful_gpu_ms', 'usefulGpuMs'],
  ['stall_gpu_ms', 'stallGpuMs'],
  ['lost_work_gpu_ms', 'lostGpuMs'],
  ['restart_gpu_ms', 'restartGpuMs'],
  ['repair_wait_gpu_ms', 'repairWaitGpuMs'],
] as const;

const phaseColumns = (phases: JobPhases, count: number): Column[] => [
  ...PHASE_COLUMNS.map(([name, key]): Column => ({ name, kind: 'double', values: phases[key].subarray(0, count) })),
  { name: 'failures', kind: 'int32', values: phases.failures.subarray(0, count) },
];

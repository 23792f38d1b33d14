import { MS_PER_HOUR } from '../base/units.js';
import type { RunTask } from './pool.js';

/**
 * A guess at how long a run takes beside others of its plan: jobs of a trace, GPU-hours on offer otherwise.
 *
 * Only the order in which runs begin depends on it, so a bad guess costs time at the end, never a result.
 */
export function expectedWork({ spec, inputs }: RunTask): number {
  if (spec.workload.kind === 'trace') return inputs.traces[spec.workload.input]?.count ?? 0;
  const gpus = spec.partitions.reduce((sum, { nodes, gpusPerNode }) => sum + nodes * gpusPerNode, 0);
  return (gpus * ((spec.horizonMs ?? 0) + spec.warmupMs)) / MS_PER_HOUR;
}

/** Indices of the tasks, the longest-expected first, then by index: no long run is left over for the end. */
export function longestFirst(tasks: readonly RunTask[]): number[] {
  const work = tasks.map(expectedWork);
  return tasks.map((_, index) => index).sort((a, b) => work[b]! - work[a]! || a - b);
}

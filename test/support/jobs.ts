import { allocateJobColumns, type JobExtras, type JobTable } from '../../src/workload/jobTable.js';
import type { PartitionSpec } from '../../src/scenario/runSpec.js';

export interface PlainJob {
  readonly submitMs: number;
  readonly gpus: number;
  readonly runMs: number;
  readonly estimateMs?: number;
  readonly partition?: number;
  readonly jobClass?: number;
  readonly user?: number;
  /** Added to that of the class. */
  readonly priority?: number;
  /** Of an elastic job. */
  readonly minGpus?: number;
  readonly maxGpus?: number;
}

/** A job table from plain rows, sorted by submission; classes are `any`, `class-1`, … */
export function jobTable(rows: readonly PlainJob[]): JobTable {
  const columns = allocateJobColumns(rows.length);
  const sorted = rows.map((row, i) => ({ ...row, i })).sort((x, y) => x.submitMs - y.submitMs || x.i - y.i);
  sorted.forEach((row, job) => {
    columns.submitMs[job] = row.submitMs;
    columns.gpus[job] = row.gpus;
    columns.runMs[job] = row.runMs;
    columns.estimateMs[job] = row.estimateMs ?? row.runMs;
    columns.partitionOf[job] = row.partition ?? 0;
    columns.classOf[job] = row.jobClass ?? 0;
    columns.userOf[job] = row.user ?? 0;
  });
  const classes = 1 + Math.max(0, ...rows.map(({ jobClass = 0 }) => jobClass));
  const classNames = Array.from({ length: classes }, (_, index) => (index === 0 ? 'any' : `class-${index}`));
  return { ...columns, count: rows.length, classNames, extra: extrasOf(sorted) };
}

/** The optional columns, where some row has them. */
function extrasOf(rows: readonly PlainJob[]): JobExtras | undefined {
  const plain = rows.every(
    ({ priority, minGpus, maxGpus }) => priority === undefined && minGpus === undefined && maxGpus === undefined,
  );
  if (plain) return undefined;
  return {
    priority: Float64Array.from(rows, ({ priority = 0 }) => priority),
    minGpus: Int32Array.from(rows, ({ gpus, minGpus = gpus }) => minGpus),
    maxGpus: Int32Array.from(rows, ({ gpus, maxGpus = gpus }) => maxGpus),
  };
}

/** A partition whose nodes idle at 100 W and whose GPUs add 50 W each. */
export function machine(nodes: number, gpusPerNode: number, nodesPerRack = 4, racksPerPod = 4): PartitionSpec {
  const power = { idleW: 100, activeWByClass: [50], networkWPerGpu: 10 };
  return { name: 'main', hardware: 'test', nodes, gpusPerNode, nodesPerRack, racksPerPod, power };
}

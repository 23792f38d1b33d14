import type { Draw } from '../base/random.js';
import { heldGpus } from '../cluster/layout.js';
import { gpusAt, growthTimes } from './capacity.js';
import { Distribution } from './distribution.js';
import { eligiblePartitions, largestGang, type PartitionSize } from './fitting.js';
import { END_STATES, type JobColumns } from './jobTable.js';
import type { ResolvedClass } from './resolved.js';
import type { MsPerToken } from './tokenTime.js';
import { WeightedIndex } from './weightedIndex.js';

const COMPLETED = END_STATES.indexOf('completed');
const FAILED = END_STATES.indexOf('failed');
const CANCELLED = END_STATES.indexOf('cancelled');

/** What was drawn for a class in a block. */
export interface ClassTotals {
  readonly name: string;
  readonly jobs: number;
  /** Σ GPUs × run time, GPU·ms. */
  readonly gpuMs: number;
  /** Factor on all run times that met the budget; 1 where there is none. Near 1 for classes of many jobs. */
  readonly durationFactor: number;
  readonly rescaledJobs: number;
}

interface ClassSetup {
  readonly entry: ResolvedClass;
  readonly partitions: readonly PartitionSize[];
  /** Where run times follow from tokens. */
  readonly msPerToken: MsPerToken | undefined;
  /** GPU·ms to meet exactly; `undefined` leaves the draws as they are. */
  readonly gpuMs: number | undefined;
  /** By row of all classes; the rows of this one are filled where it has deadlines. */
  readonly deadlineMs: Float64Array | undefined;
  /** Stream of this class for a purpose: `sizes`, `durations` … */
  readonly fork: (purpose: string) => Draw;
}

/** Fills all columns but submitMs and classOf of the class's rows, one column after another. */
export function drawClass(columns: JobColumns, rows: Int32Array, setup: ClassSetup): ClassTotals {
  const uniforms = new Uniforms(rows.length, setup.entry.arrivals.process === 'stratified', setup.fork);
  drawPartitions(columns, rows, setup, uniforms);
  // Until they are scaled below, estimateMs holds the planned and runMs the real run time, not rounded.
  const rescaledJobs = drawPlans(columns, rows, setup, uniforms);
  drawEndStates(columns, rows, setup.entry, uniforms);
  drawUsers(columns, rows, setup.entry, uniforms);
  const drawn = workOf(columns, rows);
  const durationFactor = setup.gpuMs === undefined || drawn === 0 ? 1 : setup.gpuMs / drawn;
  setDeadlines(columns, rows, setup, durationFactor);
  finishTimes(columns, rows, setup.entry, uniforms, durationFactor);
  return { name: setup.entry.name, jobs: rows.length, gpuMs: workOf(columns, rows), durationFactor, rescaledJobs };
}

function drawPartitions(columns: JobColumns, rows: Int32Array, setup: ClassSetup, uniforms: Uniforms): void {
  const eligible = eligiblePartitions(setup.entry.partition, setup.partitions);
  const { partitionOf, submitMs } = columns;
  if (eligible.length === 1) {
    for (const row of rows) partitionOf[row] = eligible[0]!;
    return;
  }
  const own = eligible.map((partition) => setup.partitions[partition]!);
  // The GPUs that each has at the time; rows ascend in time.
  const changes = growthTimes(own, -Infinity, Infinity);
  let next = 0;
  let index = weightsAt(own, 0);
  const u = uniforms.of('partitions');
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    for (; next < changes.length && changes[next]! <= submitMs[row]!; next++) index = weightsAt(own, changes[next]!);
    partitionOf[row] = eligible[index.at(u[i]!)]!;
  }
}

/** Partitions by the GPUs that they have at a time; where none has any, by those that they are to have. */
function weightsAt(partitions: readonly PartitionSize[], atMs: number): WeightedIndex {
  const there = partitions.map((partition) => gpusAt(partition, atMs));
  return new WeightedIndex(there.some((gpus) => gpus > 0) ? there : partitions.map(({ gpus }) => gpus));
}

/**
 * Sizes, rounded up to whole nodes as they are drawn, and planned run times. A gang above its partition takes all of
 * it, longer by as much, or as long as its tokens take there.
 */
function drawPlans(columns: JobColumns, rows: Int32Array, setup: ClassSetup, uniforms: Uniforms): number {
  const { sizes, duration } = setup.entry;
  const { gpus, estimateMs, partitionOf } = columns;
  const asked = setup.partitions.flatMap((partition) =>
    sizes.map((size) => heldGpus(size.gpus, partition.gpusPerNode)),
  );
  const given = setup.partitions.flatMap((partition) =>
    sizes.map((size) => Math.min(largestGang(partition), heldGpus(size.gpus, partition.gpusPerNode))),
  );
  // Per unit of what `duration` is drawn in: of a run time as asked for, or of a token.
  const perUnitMs = perUnit(setup, given) ?? asked.map((gpus, which) => gpus / given[which]!);
  const sizeIndex = new WeightedIndex(sizes.map((size) => size.weight));
  const u = uniforms.of('sizes');
  let rescaledJobs = 0;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    const which = partitionOf[row]! * sizes.length + sizeIndex.at(u[i]!);
    gpus[row] = given[which]!;
    estimateMs[row] = perUnitMs[which]!;
    if (asked[which] !== given[which]) rescaledJobs++;
  }
  const planned = new Distribution(duration);
  const v = uniforms.of('durations');
  for (let i = 0; i < rows.length; i++) estimateMs[rows[i]!]! *= planned.quantile(v[i]!);
  return rescaledJobs;
}

/** Milliseconds a token takes, by partition and size; those of partitions the class does not go to are not read. */
function perUnit({ msPerToken, partitions, entry }: ClassSetup, given: readonly number[]): number[] | undefined {
  if (msPerToken === undefined) return undefined;
  const eligible = new Set(eligiblePartitions(entry.partition, partitions));
  return given.map((gpus, which) => {
    const partition = Math.floor(which / entry.sizes.length);
    return eligible.has(partition) ? msPerToken(partition, gpus) : NaN;
  });
}

/** End states; a failed or cancelled job stops after a uniform share of its plan. */
function drawEndStates(columns: JobColumns, rows: Int32Array, entry: ResolvedClass, uniforms: Uniforms): void {
  const { failedFraction, cancelledFraction } = entry;
  const { endState, runMs, estimateMs } = columns;
  const interrupted = failedFraction + cancelledFraction;
  if (interrupted === 0) {
    for (const row of rows) {
      endState[row] = COMPLETED;
      runMs[row] = estimateMs[row]!;
    }
    return;
  }
  const u = uniforms.of('endStates');
  for (let i = 0; i < rows.length; i++) {
    endState[rows[i]!] = u[i]! < failedFraction ? FAILED : u[i]! < interrupted ? CANCELLED : COMPLETED;
  }
  const v = uniforms.of('progress');
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    runMs[row] = endState[row] === COMPLETED ? estimateMs[row]! : estimateMs[row]! * v[i]!;
  }
}

/** Users are numbered by activity in a population that all classes share: user 0 is the busiest in each. */
function drawUsers(columns: JobColumns, rows: Int32Array, entry: ResolvedClass, uniforms: Uniforms): void {
  const { count, exponent } = entry.users;
  const index = new WeightedIndex(Float64Array.from({ length: count }, (_, rank) => (rank + 1) ** -exponent));
  const u = uniforms.of('users');
  for (let i = 0; i < rows.length; i++) columns.userOf[rows[i]!] = index.at(u[i]!);
}

/** A multiple of the planned run time after submission, whatever becomes of the job. */
function setDeadlines(columns: JobColumns, rows: Int32Array, setup: ClassSetup, durationFactor: number): void {
  const { deadlineMs, entry } = setup;
  if (deadlineMs === undefined || entry.deadlineSlack === undefined) return;
  const { submitMs, estimateMs } = columns;
  const factor = entry.deadlineSlack * durationFactor;
  for (const row of rows) deadlineMs[row] = submitMs[row]! + Math.max(1, Math.round(factor * estimateMs[row]!));
}

function finishTimes(
  columns: JobColumns,
  rows: Int32Array,
  entry: ResolvedClass,
  uniforms: Uniforms,
  durationFactor: number,
): void {
  const { runMs, estimateMs } = columns;
  const factor = new Distribution(entry.estimate.factor);
  const limitMs = entry.estimate.limitMs ?? Infinity;
  const u = uniforms.of('estimates');
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    const run = Math.max(1, Math.round(runMs[row]! * durationFactor));
    const asked = Math.round(estimateMs[row]! * durationFactor * Math.max(1, factor.quantile(u[i]!)));
    runMs[row] = run;
    estimateMs[row] = Math.max(run, Math.min(asked, limitMs));
  }
}

function workOf(columns: JobColumns, rows: Int32Array): number {
  let sum = 0;
  for (const row of rows) sum += columns.gpus[row]! * columns.runMs[row]!;
  return sum;
}

/** Uniform draws of one class, one buffer refilled for each purpose. */
class Uniforms {
  readonly #values: Float64Array;
  readonly #stratified: boolean;
  readonly #fork: (purpose: string) => Draw;

  constructor(count: number, stratified: boolean, fork: (purpose: string) => Draw) {
    this.#values = new Float64Array(count);
    this.#stratified = stratified;
    this.#fork = fork;
  }

  /** Valid until the next call. Stratified: one value in each of `count` equal parts of [0, 1), in random order. */
  of(purpose: string): Float64Array {
    const values = this.#values;
    const draw = this.#fork(purpose);
    const count = values.length;
    if (!this.#stratified) {
      for (let i = 0; i < count; i++) values[i] = draw();
      return values;
    }
    for (let i = 0; i < count; i++) {
      const j = Math.floor(draw() * (i + 1));
      values[i] = values[j]!;
      values[j] = (i + draw()) / count;
    }
    return values;
  }
}

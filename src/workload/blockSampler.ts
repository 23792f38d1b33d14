import type { Draw, RandomStreams } from '../base/random.js';
import { arrivalTimes, poissonCount, type Block } from './arrivals.js';
import { classBudgets, exactQuotas, type ClassQuota } from './budget.js';
import { capacityGpuMs, growthTimes } from './capacity.js';
import { drawClass, type ClassTotals } from './classSampler.js';
import { eligiblePartitions, type PartitionSize } from './fitting.js';
import type { JobColumns } from './jobTable.js';
import type { ResolvedMix } from './resolved.js';
import { tokenTime, type ClassTraining } from './tokenTime.js';

export interface BlockSetup {
  readonly partitions: readonly PartitionSize[];
  /** By class, where run times follow from tokens. */
  readonly training?: ClassTraining | undefined;
  readonly block: Block;
  /** Weekday of time 0, 0 = Monday. */
  readonly mondayOffsetDays: number;
  readonly streams: RandomStreams;
  /** Appended to every stream's name. */
  readonly suffix: string;
}

/** Draws the jobs of a mix in one block of time: first how many, then, into columns of that room, which. */
export class BlockSampler {
  /** Rows that {@link fill} will write. */
  readonly jobs: number;
  readonly #mix: ResolvedMix;
  readonly #setup: BlockSetup;
  readonly #quotas: readonly ClassQuota[];

  constructor(mix: ResolvedMix, setup: BlockSetup) {
    this.#mix = mix;
    this.#setup = setup;
    const blockMs = setup.block.toMs - setup.block.fromMs;
    const budgets = blockMs > 0 ? classBudgets(mix, setup.partitions, setup.block, setup.training) : [];
    this.#quotas =
      mix.budget === 'exact'
        ? exactQuotas(budgets)
        : budgets.map(({ meanJobs, gpuMs }, index) => {
            const draw = this.#fork(`counts/${mix.classes[index]!.name}`);
            return { jobs: poissonCount(meanJobs, draw), gpuMs };
          });
    this.jobs = this.#quotas.reduce((sum, quota) => sum + quota.jobs, 0);
  }

  /**
   * Appends the block's rows, ascending by (submitMs, class), and moves `columns.count` on.
   *
   * @param deadlineMs - filled for classes that have deadlines
   */
  fill(columns: JobColumns, deadlineMs?: Float64Array): ClassTotals[] {
    const { block, mondayOffsetDays, partitions, training } = this.#setup;
    const submits = this.#quotas.map(({ jobs }, index) => {
      const { name, arrivals } = this.#mix.classes[index]!;
      const draw = this.#fork(`arrivals/${name}`);
      const bursts = this.#fork(`bursts/${name}`);
      return arrivalTimes(arrivals, block, jobs, mondayOffsetDays, draw, bursts, this.#capacityOf(index));
    });
    const rows = mergeSubmits(columns, submits);
    return this.#quotas.map((quota, index) =>
      drawClass(columns, rows[index]!, {
        entry: this.#mix.classes[index]!,
        partitions,
        msPerToken: tokenTime(this.#mix.classes[index]!, index, training),
        deadlineMs,
        gpuMs: this.#mix.budget === 'exact' ? quota.gpuMs : undefined,
        fork: (purpose) => this.#fork(`${purpose}/${this.#mix.classes[index]!.name}`),
      }),
    );
  }

  /** GPU·ms of the partitions that a class goes to, where these grow in the block and its arrivals follow. */
  #capacityOf(index: number): ((fromMs: number, toMs: number) => number) | undefined {
    const { partitions, block } = this.#setup;
    const own = eligiblePartitions(this.#mix.classes[index]!.partition, partitions).map((at) => partitions[at]!);
    if (this.#mix.load === null || growthTimes(own, block.fromMs, block.toMs).length === 0) return undefined;
    return (fromMs, toMs) => own.reduce((sum, one) => sum + capacityGpuMs(one, fromMs, toMs), 0);
  }

  #fork(name: string): Draw {
    return this.#setup.streams.fork(name + this.#setup.suffix);
  }
}

/**
 * Merges the classes' ascending submit times into the columns after `columns.count`; ties in class order.
 *
 * @returns for each class the rows its jobs went to
 *
 * Cost: O(jobs × classes), with few classes.
 */
function mergeSubmits(columns: JobColumns, submits: readonly Float64Array[]): Int32Array[] {
  const rows = submits.map(({ length }) => new Int32Array(length));
  const next = new Int32Array(submits.length);
  const head = Float64Array.from(submits, (times) => times[0] ?? Infinity);
  const total = submits.reduce((sum, { length }) => sum + length, 0);
  const { submitMs, classOf, count } = columns;
  for (let row = count; row < count + total; row++) {
    let best = 0;
    for (let i = 1; i < head.length; i++) if (head[i]! < head[best]!) best = i;
    submitMs[row] = head[best]!;
    classOf[row] = best;
    rows[best]![next[best]!++] = row;
    head[best] = submits[best]![next[best]!] ?? Infinity;
  }
  columns.count = count + total;
  return rows;
}

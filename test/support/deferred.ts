import type { StepSeries } from '../../src/base/stepSeries.js';
import { RandomStreams } from '../../src/base/random.js';
import { MS_PER_HOUR } from '../../src/base/units.js';
import { PLAIN_TRAITS, type ClassTraits } from '../../src/scenario/classTraits.js';
import { schedule, type Schedule, type ScheduleInput } from '../../src/sim/schedule.js';
import { policyOf } from './brokered.js';
import { jobTable, machine, type PlainJob } from './jobs.js';

export const HOUR = MS_PER_HOUR;

/** A job that may wait; by which its deadline is told, where it has one. */
export interface WaitingJob extends PlainJob {
  readonly deadlineMs?: number;
}

/** How a site's hours are, and what the classes of jobs say of waiting; the rest of a run. */
export interface Deferred extends Partial<ScheduleInput> {
  readonly nodes?: number;
  /** By hour from time 0 on; two weeks of them, the last value to the end. */
  readonly prices: readonly number[];
  readonly carbon?: readonly number[];
  readonly overheadFactor?: readonly number[];
  readonly stepMs?: number;
  readonly steps?: number;
  /** By class, ms; undefined: not deferrable. */
  readonly deferMs?: readonly (number | undefined)[];
}

const STEPS = 14 * 24;

/** Runs rows on nodes of 4 GPUs to the last end unless told otherwise. */
export function runDeferred(text: string, rows: readonly WaitingJob[], of: Deferred): Schedule {
  const {
    prices,
    carbon = [300],
    overheadFactor = [1],
    stepMs = MS_PER_HOUR,
    steps = STEPS,
    deferMs = [],
    ...more
  } = of;
  const series = (values: readonly number[]): StepSeries => ({
    stepMs,
    values: Float64Array.from({ length: steps }, (_, step) => values[Math.min(step, values.length - 1)]!),
  });
  const plain = jobTable(rows);
  const sorted = rows.map((row, i) => ({ ...row, i })).sort((x, y) => x.submitMs - y.submitMs || x.i - y.i);
  const deadlineMs = Float64Array.from(sorted, (row) => row.deadlineMs ?? Number.POSITIVE_INFINITY);
  const partition = machine(of.nodes ?? 8, 4);
  return schedule({
    partitions: [
      { ...partition, power: { ...partition.power, activeWByClass: plain.classNames.map((_, index) => 50 + index) } },
    ],
    policy: policyOf(text),
    jobs: { ...plain, extra: { ...plain.extra, deadlineMs } },
    startMs: Math.min(0, ...rows.map(({ submitMs }) => submitMs)),
    horizonMs: undefined,
    streams: new RandomStreams('deferred'),
    signals: [
      {
        priceEurPerMWh: series(prices),
        carbonKgPerMWh: series(carbon),
        overheadW: series([0]),
        overheadFactor: series(overheadFactor),
      },
    ],
    traits: plain.classNames.map((_, index): ClassTraits => ({ ...PLAIN_TRAITS, deferMs: deferMs[index] })),
    ...more,
  });
}

/** Hours at which the jobs started. */
export const startsH = ({ startMs }: Schedule): number[] => [...startMs].map((ms) => ms / MS_PER_HOUR);

/** ∫ of hourly values over a run, value · hours; the last value holds beyond the end. */
export function costOfRun(values: readonly number[], startMs: number, runMs: number): number {
  let sum = 0;
  for (let at = startMs; at < startMs + runMs;) {
    const hour = Math.floor(at / MS_PER_HOUR);
    const to = Math.min(startMs + runMs, (hour + 1) * MS_PER_HOUR);
    sum += (values[Math.min(hour, values.length - 1)]! * (to - at)) / MS_PER_HOUR;
    at = to;
  }
  return sum;
}

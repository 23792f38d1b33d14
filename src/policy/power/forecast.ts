import { drawNormal, type Draw } from '../../base/random.js';
import { MS_PER_DAY, MS_PER_HOUR, MS_PER_QUARTER_HOUR } from '../../base/units.js';
import { CostCurve } from './costCurve.js';

/** Central European Time is an hour ahead of UTC; the hour of summer time is left out. */
const CET_MS = MS_PER_HOUR;
/** Results of the day-ahead auction are out by then (its gate closes at 12:00 CET). */
const PUBLISHED_MS = 13 * MS_PER_HOUR;
/** From so many days ahead on a forecast gets no worse. */
const MOST_LEAD_DAYS = 7;
const HOURS_PER_DAY = 24;
const BINS_PER_HOUR = MS_PER_HOUR / MS_PER_QUARTER_HOUR;

/** The CET day a time lies in, counted from 1 January. */
const dayOf = (atMs: number): number => Math.floor((atMs + CET_MS) / MS_PER_DAY);

/** Which CET days are known; a day more at one hour of each day. */
export interface Announcements {
  /** The last day whose values are known. */
  knownDay(nowMs: number): number;
  /** When the next will be. */
  nextMs(nowMs: number): number;
}

/** Each day's values become known `aheadMs` before it begins. */
const announced = (aheadMs: number): Announcements => {
  const knownDay = (nowMs: number): number => dayOf(nowMs + aheadMs);
  return { knownDay, nextMs: (nowMs) => (knownDay(nowMs) + 1) * MS_PER_DAY - CET_MS - aheadMs };
};

/** Day-ahead prices: today, and from 13:00 CET on tomorrow. */
export const DAY_AHEAD = announced(MS_PER_DAY - PUBLISHED_MS);
/** What nobody announces: yesterday. */
export const UNANNOUNCED = announced(-MS_PER_DAY);

/**
 * What is expected at a time of the times to come: the truth, and beyond what is known an error.
 *
 * The error of an hour is a share `error` of the mean magnitude of the series × √(days since the last known one, 7 at
 * most) in standard deviation, half of its variance common to all hours of the day and half each hour's own. It is
 * persistent: each day that passes takes one day's term off the error of every hour to come and changes nothing else, so
 * that a forecast converges on the truth. A relative error would know where a price is near 0; this one does not.
 *
 * Wrong, because real errors are larger when prices are, are skewed, and run on from one day to the next.
 *
 * Cost: 7 normal draws for each day and each hour in the beginning; a pass over what is to come once a day.
 */
export class Forecast {
  private readonly truth: CostCurve;
  private readonly announcements: Announcements;
  private readonly firstDay: number;
  /** Sums of the first 1…7 terms, by day, and by hour of each day; undefined: there is no error. */
  private readonly ofDay: Float64Array | undefined;
  private readonly ofHour: Float64Array | undefined;
  private curve: CostCurve;
  private issued = Number.NaN;

  constructor(truth: CostCurve, error: number, announcements: Announcements, draw: Draw) {
    this.truth = truth;
    this.announcements = announcements;
    this.curve = truth;
    this.firstDay = dayOf(truth.fromMs);
    if (error === 0) return;
    const days = dayOf(truth.fromMs + truth.values.length * MS_PER_QUARTER_HOUR) - this.firstDay + 1;
    const meanMagnitude = truth.values.reduce((sum, value) => sum + Math.abs(value), 0) / truth.values.length;
    const sd = error * meanMagnitude * Math.SQRT1_2;
    this.ofDay = errorSums(days, sd, draw);
    this.ofHour = errorSums(days * HOURS_PER_DAY, sd, draw);
  }

  /** The forecast in force; of what has passed and of what is known it is the truth. */
  at(nowMs: number): CostCurve {
    const known = this.announcements.knownDay(nowMs);
    if (this.ofDay === undefined || known === this.issued) return this.curve;
    this.issued = known;
    const { truth } = this;
    const values = truth.values.slice();
    const fromMs = (known + 1) * MS_PER_DAY - CET_MS;
    const first = Math.max(0, Math.ceil((fromMs - truth.fromMs) / MS_PER_QUARTER_HOUR));
    const last = values.length;
    for (let bin = first; bin < last; bin++) values[bin]! += this.errorOf(bin, known);
    this.curve = new CostCurve(truth.fromMs, values);
    return this.curve;
  }

  /** When it changes next; Infinity: never. */
  nextMs(nowMs: number): number {
    return this.ofDay === undefined ? Number.POSITIVE_INFINITY : this.announcements.nextMs(nowMs);
  }

  private errorOf(bin: number, known: number): number {
    const sinceFirstDayMs = this.truth.fromMs + bin * MS_PER_QUARTER_HOUR + CET_MS - this.firstDay * MS_PER_DAY;
    const hour = Math.floor(sinceFirstDayMs / (BINS_PER_HOUR * MS_PER_QUARTER_HOUR));
    const day = Math.floor(hour / HOURS_PER_DAY);
    const lead = Math.min(MOST_LEAD_DAYS, day + this.firstDay - known);
    return this.ofDay![day * MOST_LEAD_DAYS + lead - 1]! + this.ofHour![hour * MOST_LEAD_DAYS + lead - 1]!;
  }
}

/** By row, sums of the first 1…7 of as many independent normal terms. */
function errorSums(rows: number, sd: number, draw: Draw): Float64Array {
  const sums = new Float64Array(rows * MOST_LEAD_DAYS);
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let lead = 0; lead < MOST_LEAD_DAYS; lead++) {
      sum += sd * drawNormal(draw);
      sums[row * MOST_LEAD_DAYS + lead] = sum;
    }
  }
  return sums;
}

import { drawExponential, drawNormal, type Draw } from '../base/random.js';
import { MS_PER_HOUR } from '../base/units.js';
import type { ResolvedClass } from './resolved.js';

/** Arrivals happen in [fromMs, toMs). */
export interface Block {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The arrival shapes' clock is UTC+1 all year: Central European winter time, without summer time. */
const CLOCK_OFFSET_HOURS = 1;

/**
 * Submit times of `count` arrivals in a block, ascending, whole ms.
 *
 * Poisson: given its count, a Poisson process is `count` independent draws from its intensity; they are
 * drawn in order, as partial sums of exponentials, so nothing is sorted. Stratified: one in each of
 * `count` equal parts of the block.
 *
 * @param mondayOffsetDays - weekday of time 0, 0 = Monday
 * @param bursts - stream of the hourly burst factors; read only where burstSigma > 0
 * @param capacity - ∫ over a span of what arrivals are in proportion to at any time; absent: it is constant
 */
export function arrivalTimes(
  arrivals: ResolvedClass['arrivals'],
  block: Block,
  count: number,
  mondayOffsetDays: number,
  draw: Draw,
  bursts: Draw,
  capacity?: (fromMs: number, toMs: number) => number,
): Float64Array {
  const at = new Float64Array(count);
  if (arrivals.process === 'stratified' && capacity !== undefined) {
    const total = capacity(block.fromMs, block.toMs);
    for (let i = 0; i < count; i++)
      at[i] = wholeMsWithin(block, whenUsed(capacity, block, (total * (i + draw())) / count));
    return at;
  }
  if (arrivals.process === 'stratified') {
    const widthMs = (block.toMs - block.fromMs) / count;
    for (let i = 0; i < count; i++) at[i] = wholeMsWithin(block, block.fromMs + (i + draw()) * widthMs);
    return at;
  }
  let sum = 0;
  for (let i = 0; i < count; i++) {
    sum += drawExponential(draw, 1);
    at[i] = sum;
  }
  sum += drawExponential(draw, 1);

  const firstHour = Math.floor(block.fromMs / MS_PER_HOUR);
  const intensity = hourlyIntensity(arrivals, block, firstHour, mondayOffsetDays, bursts, capacity);
  let total = 0;
  for (const weight of intensity) total += weight;
  let hour = 0;
  let before = 0;
  for (let i = 0; i < count; i++) {
    const target = (at[i]! / sum) * total;
    while (hour < intensity.length - 1 && before + intensity[hour]! <= target) before += intensity[hour++]!;
    const startMs = Math.max(block.fromMs, (firstHour + hour) * MS_PER_HOUR);
    const endMs = Math.min(block.toMs, (firstHour + hour + 1) * MS_PER_HOUR);
    const within = intensity[hour]! > 0 ? Math.min(1, (target - before) / intensity[hour]!) : 0;
    at[i] = wholeMsWithin(block, startMs + within * (endMs - startMs));
  }
  return at;
}

/** Number of arrivals of a Poisson process with the given mean, by counting exponential gaps. O(mean). */
export function poissonCount(mean: number, draw: Draw): number {
  let count = 0;
  for (let sum = drawExponential(draw, 1); sum < mean; sum += drawExponential(draw, 1)) count++;
  return count;
}

/** Relative expected arrivals in each clock hour that the block touches. */
function hourlyIntensity(
  arrivals: Extract<ResolvedClass['arrivals'], { process: 'poisson' }>,
  block: Block,
  firstHour: number,
  mondayOffsetDays: number,
  bursts: Draw,
  capacity: ((fromMs: number, toMs: number) => number) | undefined,
): Float64Array {
  const hours = Math.ceil(block.toMs / MS_PER_HOUR) - firstHour;
  const intensity = new Float64Array(hours);
  const { hourOfDay, weekday, burstSigma } = arrivals;
  for (let i = 0; i < hours; i++) {
    const startMs = Math.max(block.fromMs, (firstHour + i) * MS_PER_HOUR);
    const endMs = Math.min(block.toMs, (firstHour + i + 1) * MS_PER_HOUR);
    const clock = firstHour + i + CLOCK_OFFSET_HOURS + mondayOffsetDays * 24;
    const hourOfWeek = ((clock % 168) + 168) % 168;
    const rate = hourOfDay[hourOfWeek % 24]! * weekday[Math.floor(hourOfWeek / 24)]!;
    const burst = burstSigma > 0 ? Math.exp(burstSigma * drawNormal(bursts) - burstSigma ** 2 / 2) : 1;
    intensity[i] = rate * burst * (capacity === undefined ? endMs - startMs : capacity(startMs, endMs));
  }
  // A block inside hours of rate 0 still has its budget of jobs: spread them evenly.
  return intensity.some((weight) => weight > 0) ? intensity : intensity.fill(1);
}

/** The ms up to which so much of the capacity from the block's start has passed; by bisection. */
function whenUsed(capacity: (fromMs: number, toMs: number) => number, { fromMs, toMs }: Block, used: number): number {
  let low = fromMs;
  let high = toMs;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (capacity(fromMs, middle) <= used) low = middle;
    else high = middle;
  }
  return low;
}

function wholeMsWithin(block: Block, atMs: number): number {
  return Math.max(Math.ceil(block.fromMs), Math.min(Math.floor(atMs), Math.ceil(block.toMs) - 1));
}

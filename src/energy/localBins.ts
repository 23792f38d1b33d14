import { Temporal } from 'temporal-polyfill';
import { MS_PER_DAY, MS_PER_HOUR } from '../base/units.js';
import { dateEpochMs, daysInMonth, weekdayOf, yearStartEpochMs } from './calendar.js';

/** What the clock on the wall shows at the start of each interval from 1 January 00:00 UTC on. */
export interface LocalBins {
  /** 0 = January … 11 = December. */
  readonly month: Uint8Array;
  /** Whole months since year 0: tells a January from the next. */
  readonly monthCount: Int32Array;
  /** 0 = Monday … 6 = Sunday. */
  readonly weekday: Uint8Array;
  /** 0…23; the autumn change repeats one, the spring change skips one. */
  readonly hour: Uint8Array;
}

/**
 * Local time of intervals of any length that divides an hour, over any number of years. Zone changes are looked up
 * once each; a year of quarter hours takes about a millisecond.
 *
 * Worked: Europe/Berlin 2027, quarter hours. 28 March 00:45 UTC is 01:45; the next, 01:00 UTC, is 03:00 local: the day
 * has 92. On 31 October 00:00 and 01:00 UTC are both 02:00: 100.
 */
export function localBins(timeZone: string, calendarYear: number, binMs: number, bins: number): LocalBins {
  const startMs = yearStartEpochMs(calendarYear);
  const local: LocalBins = {
    month: new Uint8Array(bins),
    monthCount: new Int32Array(bins),
    weekday: new Uint8Array(bins),
    hour: new Uint8Array(bins),
  };
  const stretches = stretchesOf(timeZone, startMs, startMs + bins * binMs);
  let next = 0;
  let offsetMs = 0;
  let dayStartMs = NaN;
  let weekday = 0;
  // New Year's Eve where the zone is behind UTC.
  let year = calendarYear - 1;
  let month = 0;
  for (let bin = 0; bin < bins; bin++) {
    const atMs = startMs + bin * binMs;
    while (next < stretches.length && atMs >= stretches[next]!.fromMs) offsetMs = stretches[next++]!.offsetMs;
    const localMs = atMs + offsetMs;
    if (!(localMs >= dayStartMs && localMs < dayStartMs + MS_PER_DAY)) {
      dayStartMs = Math.floor(localMs / MS_PER_DAY) * MS_PER_DAY;
      weekday = weekdayOf(dayStartMs);
      [year, month] = monthAt(dayStartMs, year);
    }
    local.month[bin] = month - 1;
    local.monthCount[bin] = year * 12 + month - 1;
    local.weekday[bin] = weekday;
    local.hour[bin] = Math.floor((localMs - dayStartMs) / MS_PER_HOUR);
  }
  return local;
}

/** From an instant on, the clock is so far ahead of UTC. */
interface Stretch {
  readonly fromMs: number;
  readonly offsetMs: number;
}

/** The stretches of one offset that make up [fromMs, toMs), the first from `fromMs` on. */
function stretchesOf(timeZone: string, fromMs: number, toMs: number): readonly Stretch[] {
  const stretches: Stretch[] = [];
  for (let atMs = fromMs; atMs < toMs;) {
    const zoned = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(timeZone);
    stretches.push({ fromMs: atMs, offsetMs: zoned.offsetNanoseconds / 1e6 });
    atMs = zoned.getTimeZoneTransition('next')?.epochMilliseconds ?? Infinity;
  }
  return stretches;
}

/** Year and month (1 = January) of a day not before the given year. */
function monthAt(dayMs: number, fromYear: number): [year: number, month: number] {
  let year = fromYear;
  while (dateEpochMs(year + 1, 1, 1) <= dayMs) year++;
  let month = 1;
  while (dateEpochMs(year, month, 1) + daysInMonth(year, month) * MS_PER_DAY <= dayMs) month++;
  return [year, month];
}

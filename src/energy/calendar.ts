import { Temporal } from 'temporal-polyfill';
import { MS_PER_DAY, MS_PER_HOUR } from '../base/units.js';

/** What the clock on the wall shows at the start of each UTC hour of a calendar year. */
export interface LocalClock {
  /** 8,760, or 8,784 in a leap year: the calendar year has whole UTC days whatever the zone does. */
  readonly hours: number;
  /** 0…23. A DST change skips or repeats one of them. */
  readonly hourOfDay: Uint8Array;
  /** 0 = Monday … 6 = Sunday. */
  readonly weekday: Uint8Array;
  /** 0 = January … 11 = December. */
  readonly month: Uint8Array;
}

/**
 * Epoch milliseconds of a date's start in UTC by the proleptic Gregorian calendar; days outside the month count on
 * from it. Arithmetic, for the tens of thousands of rows of a file.
 */
export function dateEpochMs(year: number, month: number, day: number): number {
  // Years from March, so that the leap day is the last of its year.
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return (era * 146_097 + dayOfEra - 719_468) * MS_PER_DAY;
}

/** Days of a month, 1 = January. */
export function daysInMonth(year: number, month: number): number {
  const next = month === 12 ? dateEpochMs(year + 1, 1, 1) : dateEpochMs(year, month + 1, 1);
  return (next - dateEpochMs(year, month, 1)) / MS_PER_DAY;
}

/** Epoch milliseconds of 1 January 00:00 UTC: time 0 of every simulation of that calendar year. */
export const yearStartEpochMs = (calendarYear: number): number => dateEpochMs(calendarYear, 1, 1);

/** 8,760, or 8,784 in a leap year. */
export const hoursOfYear = (calendarYear: number): number =>
  (yearStartEpochMs(calendarYear + 1) - yearStartEpochMs(calendarYear)) / MS_PER_HOUR;

/** Weekday of the UTC day of an instant, 0 = Monday … 6 = Sunday. */
export function weekdayOf(epochMs: number): number {
  const day = Math.floor(epochMs / MS_PER_DAY);
  return (((day + 3) % 7) + 7) % 7; // 1 January 1970 was a Thursday
}

/**
 * Local hour, weekday and month of every UTC hour of the calendar year, DST included.
 *
 * @param timeZone - IANA name, e.g. `Europe/Berlin`; `UTC` is one
 * @throws RangeError for a name the zone database does not know
 *
 * Zones off by half an hour get the hour in which the UTC hour starts. Cost: about 0.2 ms; each zone change
 * is looked up once, the hours between are arithmetic.
 *
 * Worked: Europe/Berlin 2027, index 2089 (29 March 01:00 UTC, a Monday): hourOfDay 3, since DST began on the 28th.
 */
export function localClock(timeZone: string, calendarYear: number): LocalClock {
  const startMs = yearStartEpochMs(calendarYear);
  const hours = hoursOfYear(calendarYear);
  const clock = {
    hours,
    hourOfDay: new Uint8Array(hours),
    weekday: new Uint8Array(hours),
    month: new Uint8Array(hours),
  };

  const monthStartDay = monthStartDays(calendarYear);
  const startDay = startMs / MS_PER_DAY;
  let nextChangeMs = -Infinity;
  let offsetMs = 0;
  for (let hour = 0; hour < hours; hour++) {
    const atMs = startMs + hour * MS_PER_HOUR;
    if (atMs >= nextChangeMs) {
      const zoned = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(timeZone);
      offsetMs = zoned.offsetNanoseconds / 1e6;
      nextChangeMs = zoned.getTimeZoneTransition('next')?.epochMilliseconds ?? Infinity;
    }
    const localMs = atMs + offsetMs;
    const day = Math.floor(localMs / MS_PER_DAY);
    clock.hourOfDay[hour] = Math.floor((localMs - day * MS_PER_DAY) / MS_PER_HOUR);
    clock.weekday[hour] = weekdayOf(localMs);
    clock.month[hour] = monthOf(day - startDay, monthStartDay);
  }
  return clock;
}

/** Days from 1 January to the first of each month. */
function monthStartDays(calendarYear: number): number[] {
  const startMs = yearStartEpochMs(calendarYear);
  return Array.from({ length: 12 }, (_, month) => (dateEpochMs(calendarYear, month + 1, 1) - startMs) / MS_PER_DAY);
}

/** Month of a day of the year; the local day may be the last before the year or the first after it. */
function monthOf(dayOfYear: number, monthStartDay: readonly number[]): number {
  if (dayOfYear < 0 || dayOfYear >= monthStartDay[11]! + 31) return dayOfYear < 0 ? 11 : 0;
  let month = 11;
  while (monthStartDay[month]! > dayOfYear) month--;
  return month;
}

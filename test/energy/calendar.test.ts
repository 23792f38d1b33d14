import { describe, expect, it } from 'vitest';
import {
  dateEpochMs,
  daysInMonth,
  hoursOfYear,
  localClock,
  weekdayOf,
  yearStartEpochMs,
} from '../../src/energy/calendar.js';

/** Hours since 1 January 00:00 UTC. */
const hourOf = (year: number, utc: string): number => (Date.parse(utc) - Date.UTC(year, 0, 1)) / 3_600_000;

describe('calendar arithmetic', () => {
  const years = [1900, 1969, 1970, 1999, 2000, 2024, 2027, 2100, 2400];
  const months = Array.from({ length: 12 }, (_, month) => month + 1);

  it('agrees with the platform on every month of ordinary, leap and century years', () => {
    for (const year of years) {
      for (const month of months) {
        expect(dateEpochMs(year, month, 1)).toBe(Date.UTC(year, month - 1, 1));
        expect(daysInMonth(year, month)).toBe(new Date(Date.UTC(year, month, 0)).getUTCDate());
      }
      expect(hoursOfYear(year)).toBe((Date.UTC(year + 1, 0, 1) - Date.UTC(year, 0, 1)) / 3_600_000);
    }
  });

  it('knows the weekday of an instant, before 1970 too', () => {
    // New Year was a Monday in 2024, Wednesday in 2025, Thursday in 2026, Saturday in 2000, Monday in 1900.
    expect([2024, 2025, 2026, 2000, 1900].map((year) => weekdayOf(yearStartEpochMs(year)))).toEqual([0, 2, 3, 5, 0]);
    expect(weekdayOf(yearStartEpochMs(2024) - 1)).toBe(6);
  });
});

describe('local clock', () => {
  it('has 8,760 hours, and 8,784 in a leap year', () => {
    expect(localClock('Europe/Berlin', 2027).hours).toBe(8760);
    expect(localClock('Europe/Berlin', 2028).hours).toBe(8784);
    expect(localClock('UTC', 2100).hours).toBe(8760);
  });

  it('starts the year an hour late by the clock in Berlin', () => {
    const clock = localClock('Europe/Berlin', 2027);
    expect([clock.hourOfDay[0], clock.weekday[0], clock.month[0]]).toEqual([1, 4, 0]); // Friday 01:00
    // The last UTC hour is already 00:00 of the next January, a Saturday.
    expect([clock.hourOfDay[8759], clock.weekday[8759], clock.month[8759]]).toEqual([0, 5, 0]);
  });

  it('counts the last hours of December as January where clocks are ahead, and the first as December where they lag', () => {
    const lisbon = localClock('Atlantic/Azores', 2027);
    expect([lisbon.hourOfDay[0], lisbon.weekday[0], lisbon.month[0]]).toEqual([23, 3, 11]);
  });

  it('skips 02:00 in spring and repeats it in autumn', () => {
    const clock = localClock('Europe/Berlin', 2027);
    const spring = hourOf(2027, '2027-03-28T00:00Z');
    expect([...clock.hourOfDay.slice(spring, spring + 3)]).toEqual([1, 3, 4]);
    const autumn = hourOf(2027, '2027-10-31T00:00Z');
    expect([...clock.hourOfDay.slice(autumn, autumn + 3)]).toEqual([2, 2, 3]);
  });

  it.each(['Europe/Helsinki', 'Europe/Lisbon', 'Europe/Oslo', 'America/New_York', 'Asia/Kolkata', 'UTC'])(
    'agrees with the platform in every hour of a leap year in %s',
    (timeZone) => {
      const format = new Intl.DateTimeFormat('en-GB', {
        timeZone,
        weekday: 'short',
        month: 'numeric',
        hour: '2-digit',
        hourCycle: 'h23',
      });
      const days = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
      const clock = localClock(timeZone, 2028);
      for (let hour = 0; hour < clock.hours; hour++) {
        const parts = format.formatToParts(Date.UTC(2028, 0, 1) + hour * 3_600_000);
        const part = (type: string): string => parts.find((p) => p.type === type)!.value;
        const expected = [Number(part('hour')), days.indexOf(part('weekday')), Number(part('month')) - 1];
        const got = [clock.hourOfDay[hour], clock.weekday[hour], clock.month[hour]];
        if (got.join() !== expected.join()) expect({ hour, got }).toEqual({ hour, got: expected });
      }
    },
  );

  it('refuses a zone that does not exist', () => {
    expect(() => localClock('Europe/Atlantis', 2027)).toThrow(RangeError);
  });

  it('knows when a year starts', () => {
    expect(yearStartEpochMs(2027)).toBe(Date.UTC(2027, 0, 1));
  });
});

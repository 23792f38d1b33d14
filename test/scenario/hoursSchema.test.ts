import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { hoursShape } from '../../src/scenario/hoursSchema.js';
import { cellOf, cellText, classTable, NO_CLASS } from '../../src/scenario/timeClasses.js';

const schema = z.strictObject(hoursShape);
const read = (value: object) => schema.parse(value);

describe('hours of a time class', () => {
  it.each([
    [{ months: 3 }, { months: [3] }],
    [{ months: '11-2' }, { months: [1, 2, 11, 12] }],
    [{ months: [1, '6-8', 7] }, { months: [1, 6, 7, 8] }],
    [{ days: 'weekdays' }, { days: [0, 1, 2, 3, 4] }],
    [{ days: ['sat', 'sun'] }, { days: [5, 6] }],
    [{ days: 'fri-mon' }, { days: [0, 4, 5, 6] }],
    [{ hours: '8-12' }, { hours: [8, 9, 10, 11] }],
    [{ hours: ['22-2', '12-13'] }, { hours: [0, 1, 12, 22, 23] }],
    [{ hours: '22-24' }, { hours: [22, 23] }],
    [{ hours: '20-0' }, { hours: [20, 21, 22, 23] }],
    [
      { months: 1, or: [{ months: 7, hours: '8-9' }] },
      { months: [1], or: [{ months: [7], hours: [8] }] },
    ],
    [{}, {}],
  ])('%j are %j', (written, numbers) => {
    expect(read(written)).toEqual(numbers);
  });

  it.each([{ months: 0 }, { months: 13 }, { months: [] }, { months: 'june' }, { days: 'monday' }, { days: 1 }])(
    '%j are refused',
    (written) => {
      expect(schema.safeParse(written).success).toBe(false);
    },
  );

  it.each([{ hours: 8 }, { hours: '8-8' }, { hours: '8-25' }, { hours: '24-6' }, { hours: '8:30-9' }, { hours: null }])(
    '%j are refused',
    (written) => {
      expect(schema.safeParse(written).success).toBe(false);
    },
  );
});

describe('a table of classes', () => {
  it('has for each hour of each weekday of each month its class', () => {
    const { classOf, overlaps, uncovered } = classTable([
      { months: [1], hours: [8] },
      { months: [1], days: [0], hours: [9] },
    ]);
    expect(overlaps).toEqual([]);
    expect(uncovered).toBe(cellOf(0, 0, 0));
    expect([...classOf].filter((index) => index === 0)).toHaveLength(7);
    expect([...classOf].filter((index) => index === 1)).toHaveLength(1);
    expect(classOf[cellOf(1, 0, 8)]).toBe(NO_CLASS);
  });

  it('gives a class the hours of each of its parts, those named twice once', () => {
    const { classOf, overlaps, uncovered } = classTable([
      {
        months: [1],
        hours: [8],
        or: [
          { months: [7], hours: [9] },
          { months: [1, 2], hours: [8] },
        ],
      },
      { hours: [9], months: [1] },
    ]);
    expect(overlaps).toEqual([]);
    expect(uncovered).toBe(0);
    const hoursOf = (month: number) => [8, 9].map((hour) => classOf[cellOf(month, 0, hour)]);
    expect([0, 1, 6].map(hoursOf)).toEqual([
      [0, 1],
      [0, NO_CLASS],
      [NO_CLASS, 0],
    ]);
  });

  it('tells each pair of classes that overlap once, with the first hour that both have', () => {
    const { overlaps } = classTable([{ hours: [8, 9] }, { days: [6] }, { months: [12], hours: [9, 20] }]);
    expect(overlaps.map(({ earlier, later, cell }) => [earlier, later, cellText(cell)])).toEqual([
      [0, 1, 'January, Sunday, 08:00–09:00'],
      [0, 2, 'December, Monday, 09:00–10:00'],
      [1, 2, 'December, Sunday, 20:00–21:00'],
    ]);
  });
});

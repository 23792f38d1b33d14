import { z } from 'zod';

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const DAY_WORDS: Readonly<Record<string, readonly number[]>> = {
  weekdays: [0, 1, 2, 3, 4],
  weekend: [5, 6],
  ...Object.fromEntries(DAYS.map((day, index) => [day, [index]])),
};
const HOURS_OF_DAY = 24;
const MONTHS_OF_YEAR = 12;

/** Whole numbers from `from` on up to `to`, both included, beginning again at `first` after `last`. */
function around(from: number, to: number, first: number, last: number): number[] {
  const found = [from];
  for (let at = from; at !== to;) {
    at = at === last ? first : at + 1;
    found.push(at);
  }
  return found;
}

function monthsOf(entry: unknown): readonly number[] | undefined {
  const match = /^(\d{1,2})(?:-(\d{1,2}))?$/.exec(String(entry));
  if (match === null) return undefined;
  const [from, to] = [Number(match[1]), Number(match[2] ?? match[1])];
  const isMonth = (month: number): boolean => month >= 1 && month <= MONTHS_OF_YEAR;
  return isMonth(from) && isMonth(to) ? around(from, to, 1, MONTHS_OF_YEAR) : undefined;
}

function daysOf(entry: unknown): readonly number[] | undefined {
  const text = typeof entry === 'string' ? entry : '';
  const match = /^([a-z]{3})-([a-z]{3})$/.exec(text);
  if (match === null) return DAY_WORDS[text];
  const [from, to] = [DAYS.indexOf(match[1]!), DAYS.indexOf(match[2]!)];
  return from < 0 || to < 0 ? undefined : around(from, to, 0, DAYS.length - 1);
}

/** `8-20` ends where the clock shows 20:00; `22-6` goes over midnight. */
function hoursOf(entry: unknown): readonly number[] | undefined {
  const match = /^(\d{1,2})-(\d{1,2})$/.exec(typeof entry === 'string' ? entry : '');
  if (match === null) return undefined;
  const [from, to] = [Number(match[1]), Number(match[2])];
  if (from >= HOURS_OF_DAY || to > HOURS_OF_DAY || from === to) return undefined;
  return around(from, to === 0 ? HOURS_OF_DAY - 1 : to - 1, 0, HOURS_OF_DAY - 1);
}

/** One entry or a list of them, as sorted numbers without repeats. */
function entries(read: (entry: unknown) => readonly number[] | undefined, expected: string) {
  return z
    .unknown()
    .transform((value, context): readonly number[] => {
      const lists = (Array.isArray(value) ? value : [value]).map(read);
      if (lists.length > 0 && lists.every((list) => list !== undefined)) {
        return [...new Set(lists.flat())].sort((a, b) => a - b);
      }
      context.addIssue({ code: 'custom', message: expected });
      return z.NEVER;
    })
    .optional();
}

/** A part of local time: months 1…12, days 0 = Monday … 6, clock hours 0…23. */
const partShape = {
  months: entries(monthsOf, 'expected months 1 to 12 such as 3, [1, 2, 12] or 11-2'),
  days: entries(daysOf, 'expected weekdays, weekend, or days such as mon, [sat, sun] or mon-fri'),
  hours: entries(hoursOf, 'expected whole hours from-to such as 8-20, 22-6 or [8-12, 18-22]'),
};

/** Keys to spread into the object of a class: a part of local time, and others that belong to it too. */
export const hoursShape = {
  ...partShape,
  or: z.array(z.strictObject(partShape)).min(1).optional(),
};

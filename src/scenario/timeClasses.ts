import type { ClassHoursSpec, HoursSpec } from './tariffSpec.js';

const MONTHS = 12;
const DAYS = 7;
const HOURS = 24;
const MONTH_NAMES = ['January', 'February', 'March', 'April', 'May', 'June'].concat([
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]);
const DAY_NAMES = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

/** Cell of a local month (0…11), weekday (0 = Monday) and hour. */
export const cellOf = (month: number, weekday: number, hour: number): number => (month * DAYS + weekday) * HOURS + hour;

/** No class holds in the cell. */
export const NO_CLASS = -1;

/** Which class each hour of each weekday of each month belongs to. */
export interface ClassTable {
  /** Index of a class, or {@link NO_CLASS}, by {@link cellOf}. */
  readonly classOf: Int16Array;
  /** For each later class that claims an hour an earlier one has: both, and the first such cell. */
  readonly overlaps: readonly { readonly earlier: number; readonly later: number; readonly cell: number }[];
  /** First cell of no class. */
  readonly uncovered: number | undefined;
}

/** Lays classes over all 2,016 cells of a year; in a cell of two the earlier stays. */
export function classTable(classes: readonly ClassHoursSpec[]): ClassTable {
  const classOf = new Int16Array(MONTHS * DAYS * HOURS).fill(NO_CLASS);
  const overlaps = new Map<string, { earlier: number; later: number; cell: number }>();
  classes.forEach(({ or = [], ...own }, index) => {
    for (const cell of [own, ...or].flatMap(cellsOf)) {
      const earlier = classOf[cell]!;
      if (earlier === NO_CLASS) classOf[cell] = index;
      // Hours that a class names twice are its own all the same.
      else if (earlier !== index && !overlaps.has(`${earlier} ${index}`)) {
        overlaps.set(`${earlier} ${index}`, { earlier, later: index, cell });
      }
    }
  });
  const uncovered = classOf.indexOf(NO_CLASS);
  return { classOf, overlaps: [...overlaps.values()], uncovered: uncovered < 0 ? undefined : uncovered };
}

/** Cells in order of month, day and hour. */
function cellsOf({ months, days, hours }: HoursSpec): number[] {
  const cells: number[] = [];
  for (let month = 0; month < MONTHS; month++) {
    if (months !== undefined && !months.includes(month + 1)) continue;
    for (let day = 0; day < DAYS; day++) {
      if (days !== undefined && !days.includes(day)) continue;
      for (let hour = 0; hour < HOURS; hour++) {
        if (hours === undefined || hours.includes(hour)) cells.push(cellOf(month, day, hour));
      }
    }
  }
  return cells;
}

/** `January, Monday, 08:00–09:00`. */
export function cellText(cell: number): string {
  const hour = cell % HOURS;
  const day = Math.floor(cell / HOURS) % DAYS;
  const month = Math.floor(cell / HOURS / DAYS);
  const clock = (at: number): string => `${String(at).padStart(2, '0')}:00`;
  return `${MONTH_NAMES[month]!}, ${DAY_NAMES[day]!}, ${clock(hour)}–${clock(hour + 1)}`;
}

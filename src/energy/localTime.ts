import { Temporal } from 'temporal-polyfill';
import { MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE, MS_PER_S } from '../base/units.js';
import { dateEpochMs, daysInMonth } from './calendar.js';

/** Fields of a time as written in a file, and its offset from UTC where one is written. */
export interface WrittenTime {
  /** Clock reading as if it were UTC, epoch ms. */
  readonly wallMs: number;
  /** `undefined`: a local time of the file's zone. */
  readonly offsetMs: number | undefined;
}

const ISO_TIME = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.0+)?)?\s*(Z|[+-]\d{2}:?\d{2})?$/i;

/** Reads `2027-03-28T01:00`, optionally with seconds and `Z` or `+01:00`; `undefined` when it is no such time. */
export function readTime(text: string): WrittenTime | undefined {
  const match = ISO_TIME.exec(text);
  if (!match) return undefined;
  const field = (group: number): number => Number(match[group] ?? 0);
  const hour = field(4);
  const minute = field(5);
  const second = field(6);
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const [year, month, day] = [field(1), field(2), field(3)];
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
  const wallMs = dateEpochMs(year, month, day) + hour * MS_PER_HOUR + minute * MS_PER_MINUTE + second * MS_PER_S;
  return { wallMs, offsetMs: readOffsetMs(match[7]) };
}

function readOffsetMs(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/z/i.test(text)) return 0;
  const sign = text.startsWith('-') ? -1 : 1;
  return sign * (Number(text.slice(1, 3)) * MS_PER_HOUR + Number(text.slice(-2)) * MS_PER_MINUTE);
}

/**
 * Turns clock readings of a named zone into instants.
 *
 * A reading the autumn change repeats has two instants, one the spring change skips has none. Zone changes are
 * looked up once per stretch, so a year of quarter hours takes milliseconds.
 */
export class ZoneClock {
  readonly #timeZone: string;
  /** A stretch of one offset: instants [fromMs, toMs). */
  #stretch = { fromMs: Infinity, toMs: -Infinity, offsetMs: 0 };

  constructor(timeZone: string) {
    this.#timeZone = timeZone;
  }

  /** The instants, epoch ms ascending, at which a clock of the zone shows the reading: none, one or two. */
  instantsOf(wallMs: number): readonly number[] {
    const { fromMs, toMs, offsetMs } = this.#stretch;
    const inside = wallMs - offsetMs;
    // A day away from both changes there is only one answer, and it is in the stretch at hand.
    if (inside >= fromMs + MS_PER_DAY && inside < toMs - MS_PER_DAY) return [inside];
    const offsets = new Set([this.#offsetAt(wallMs - MS_PER_DAY), this.#offsetAt(wallMs + MS_PER_DAY)]);
    return [...offsets]
      .map((offset) => ({ offset, atMs: wallMs - offset }))
      .filter(({ offset, atMs }) => this.#offsetAt(atMs) === offset)
      .map(({ atMs }) => atMs)
      .sort((a, b) => a - b);
  }

  /** Clock reading minus UTC at an instant, ms. */
  #offsetAt(atMs: number): number {
    if (atMs >= this.#stretch.fromMs && atMs < this.#stretch.toMs) return this.#stretch.offsetMs;
    const zoned = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(this.#timeZone);
    this.#stretch = {
      fromMs: zoned.add({ milliseconds: 1 }).getTimeZoneTransition('previous')?.epochMilliseconds ?? -Infinity,
      toMs: zoned.getTimeZoneTransition('next')?.epochMilliseconds ?? Infinity,
      offsetMs: zoned.offsetNanoseconds / 1e6,
    };
    return this.#stretch.offsetMs;
  }
}

/** Whether the zone database knows the name. */
export function isTimeZone(name: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    return true;
  } catch {
    return false;
  }
}

/** An instant as text for messages, e.g. `2027-03-28T01:00:00Z`. */
export function instantText(atMs: number): string {
  return Temporal.Instant.fromEpochMilliseconds(atMs).toString();
}

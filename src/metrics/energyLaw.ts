/** What an indicator is held against. */
export interface LawCheck {
  /** Law or target and paragraph, e.g. `EnEfG §11(2)`. */
  readonly rule: string;
  readonly indicator: 'PUE' | 'ERF' | 'REF';
  /** `at most` or `at least` this. */
  readonly bound: 'at most' | 'at least';
  readonly limit: number;
  /** What is held against it; absent: it is not known. */
  readonly figure?: number | undefined;
  readonly verdict: 'pass' | 'fail' | 'not known';
  /** False: a target that binds nobody. */
  readonly binding: boolean;
  /** Why it is not known, or from when the limit holds. */
  readonly note?: string | undefined;
}

/** Indicators over a horizon, and whose they are. */
export interface CheckedIndicators {
  /** Two letters. */
  readonly country: string;
  /** `2027-01-01`. */
  readonly inOperationFrom: string;
  readonly calendarYear: number;
  /** The laws speak of annual means. */
  readonly wholeYear: boolean;
  /** Without the electricity of heat pumps that lift waste heat, as §11(2) EnEfG has it. */
  readonly pueWithoutHeatPump: number;
  readonly pue: number;
  readonly erf: number;
  readonly ref: number | undefined;
}

/** Member States. */
const UNION = new Set('AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK'.split(' '));
/** From this date on a data centre is new to §11 EnEfG. */
const NEW_FROM = '2026-07-01';
/** Share of energy to be reused by a data centre that begins operation from a date on; the last that fits holds. */
const REUSE_FROM: readonly (readonly [from: string, share: number])[] = [
  ['2026-07-01', 0.1],
  ['2027-07-01', 0.15],
  ['2028-07-01', 0.2],
];
/** Largest PUE of older data centres, and share of renewables of all, by the year in which they come into force. */
const OLD_PUE_FROM: readonly (readonly [year: number, pue: number])[] = [
  [2027, 1.5],
  [2030, 1.3],
];
const RENEWABLE_FROM: readonly (readonly [year: number, share: number])[] = [
  [2024, 0.5],
  [2027, 1],
];
/** COM(2026) 502, Annex I: Union average. */
const UNION_TARGET_PUE = 1.15;

/**
 * The German EnEfG's limits for data centres in Germany, and the Union's target PUE of the proposed Cloud and AI
 * Development Act for those in the Union.
 *
 * Limits that come into force within the calendar year count. EnEfG §11: new data centres (in operation from
 * 1 July 2026) PUE ≤ 1.2 and 10, 15 or 20 % of energy reused by their date; older ones PUE ≤ 1.5 from 1 July 2027,
 * 1.3 from 1 July 2030; renewables 50 % from 2024, 100 % from 2027. `not known` where the horizon is no whole year or
 * the figure is not known.
 *
 * Wrong in that §11(3) lifts the reuse limit where no heat network takes the heat (an agreement, or no answer to an
 * offer): nothing here knows of it. What counts as renewable is left to the contract (unsubsidised, on balance).
 */
export function lawChecks(given: CheckedIndicators): readonly LawCheck[] {
  const { country, inOperationFrom, calendarYear } = given;
  const checks: LawCheck[] = [];
  if (country === 'DE') {
    if (inOperationFrom >= NEW_FROM) {
      const from = `at the latest from ${String(Number(inOperationFrom.slice(0, 4)) + 2)}${inOperationFrom.slice(4)}`;
      const pue = { indicator: 'PUE', bound: 'at most', limit: 1.2, figure: given.pueWithoutHeatPump } as const;
      checks.push(verdict({ rule: 'EnEfG §11(2)', ...pue, binding: true, note: from }, given));
      const limit = REUSE_FROM.findLast(([since]) => inOperationFrom >= since)![1];
      const erf = { indicator: 'ERF', bound: 'at least', limit, figure: given.erf } as const;
      checks.push(verdict({ rule: 'EnEfG §11(2)', ...erf, binding: true, note: from }, given));
    } else {
      const limit = OLD_PUE_FROM.findLast(([year]) => calendarYear >= year)?.[1];
      const pue = { indicator: 'PUE', bound: 'at most', figure: given.pueWithoutHeatPump } as const;
      if (limit !== undefined) checks.push(verdict({ rule: 'EnEfG §11(1)', ...pue, limit, binding: true }, given));
    }
    const limit = RENEWABLE_FROM.findLast(([year]) => calendarYear >= year)?.[1];
    const ref = { indicator: 'REF', bound: 'at least', figure: given.ref } as const;
    if (limit !== undefined) checks.push(verdict({ rule: 'EnEfG §11', ...ref, limit, binding: true }, given));
  }
  if (UNION.has(country)) {
    const pue = { indicator: 'PUE', bound: 'at most', limit: UNION_TARGET_PUE, figure: given.pue } as const;
    checks.push(verdict({ rule: 'CADA target', ...pue, binding: false, note: 'Union average, proposed' }, given));
  }
  return checks;
}

/** Shares are sums of quarter hours: all of them may round to a hair below 1. */
const ROUNDING = 1e-9;

function verdict(check: Omit<LawCheck, 'verdict'>, { wholeYear }: CheckedIndicators): LawCheck {
  const { figure, bound, limit } = check;
  if (figure === undefined) return { ...check, verdict: 'not known', note: 'the contracts are not known' };
  if (!wholeYear) return { ...check, verdict: 'not known', note: 'the horizon is no whole year' };
  const holds = bound === 'at most' ? figure <= limit + ROUNDING : figure >= limit - ROUNDING;
  return { ...check, verdict: holds ? 'pass' : 'fail' };
}

/** Money at one time. */
export interface CashFlow {
  /** Years from the time the value is of, ≥ 0, not necessarily whole. */
  readonly atYears: number;
  /** Received is positive, paid negative. */
  readonly eur: number;
}

/**
 * Net present value: Σ eur / (1 + r)^t.
 *
 * Worked: −100 now, 60 after a year and 60 after two, at 10 %: −100 + 54.55 + 49.59 = 4.13.
 *
 * @param rateFraction - a year, > −1
 */
export function presentValueEur(rateFraction: number, flows: readonly CashFlow[]): number {
  return flows.reduce((sum, { atYears, eur }) => sum + eur * (1 + rateFraction) ** -atYears, 0);
}

/**
 * What something costs when it is bought later, its price falling by a constant rate.
 *
 * Worked: 100 today, falling by 30 % a year: 70 after one year, 49 after two, 83.7 after half a year.
 *
 * @param declineFractionPerYear - < 1; negative: the price rises
 */
export const priceAfter = (todayEur: number, declineFractionPerYear: number, years: number): number =>
  todayEur * (1 - declineFractionPerYear) ** years;

/** Search range of the internal rate of return: from losing nearly all in a year to a hundredfold. */
const LOWEST_RATE = -0.999;
const HIGHEST_RATE = 100;

/**
 * Internal rate of return: the rate a year at which the present value is 0.
 *
 * @returns `undefined` where no single rate can be told: flows of one sign, flows that change sign more than once in
 * time, or a rate outside −99.9 % to 10,000 %
 *
 * Worked: −100 now and 121 after two years: 0.1.
 *
 * Bisection until the range no longer narrows: some 60 passes over the flows.
 */
export function internalRateOfReturn(flows: readonly CashFlow[]): number | undefined {
  if (signChanges(flows) !== 1) return undefined;
  let low = LOWEST_RATE;
  let high = HIGHEST_RATE;
  const atLow = presentValueEur(low, flows);
  if (atLow > 0 === presentValueEur(high, flows) > 0) return undefined;
  for (;;) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) return middle;
    if (presentValueEur(middle, flows) > 0 === atLow > 0) low = middle;
    else high = middle;
  }
}

/** In order of time, money at one instant added up; Descartes: with one change there is at most one rate. */
function signChanges(flows: readonly CashFlow[]): number {
  const byTime = new Map<number, number>();
  for (const { atYears, eur } of flows) byTime.set(atYears, (byTime.get(atYears) ?? 0) + eur);
  const signs = [...byTime]
    .sort(([a], [b]) => a - b)
    .map(([, eur]) => Math.sign(eur))
    .filter((sign) => sign !== 0);
  return signs.filter((sign, index) => index > 0 && sign !== signs[index - 1]).length;
}

/**
 * Capital recovery factor: the share of an investment that is to be paid at the end of each of `lifeYears` years so that
 * it is repaid with interest.
 *
 * r (1 + r)^n / ((1 + r)^n − 1); 1/n without interest. Worked: CRF(8 %, 5) = 0.2505, CRF(8 %, 15) = 0.1168,
 * CRF(6 %, 5) = 0.2374, CRF(10 %, 5) = 0.2638, CRF(0, 5) = 0.2.
 *
 * @param rateFraction - a year, ≥ 0
 * @param lifeYears - > 0, not necessarily whole
 */
export function capitalRecoveryFactor(rateFraction: number, lifeYears: number): number {
  // expm1 and log1p: r of a millionth must not cancel against 1.
  const grown = Math.expm1(lifeYears * Math.log1p(rateFraction));
  return grown === 0 ? 1 / lifeYears : (rateFraction * (1 + grown)) / grown;
}

/** What is bought once and held for a time. */
export interface Investment {
  /** Paid at the start, gross of any grant. */
  readonly capexEur: number;
  readonly lifeYears: number;
  /** Share of the price that it is sold for at the end of its life, 0…1. */
  readonly residualFraction: number;
  /** Share of the price that a grant pays, 0…1. */
  readonly grantFraction: number;
}

/**
 * EUR a year that pay an investment off: CRF(r, n) · (C (1 − g) − S / (1 + r)^n), residual S = C · residualFraction.
 *
 * Worked: 5,000 M EUR at 8 % over 5 years: 1,252.3 M a year; with 10 % residual 1,167.1; with a grant of 35 % and no
 * residual 814.0. Negative where a grant and a residual are worth more than the price.
 *
 * Wrong where purchases are spread over the years (npv.ts has those) and for taxes: the rate is before tax.
 */
export function annuityEur(
  rateFraction: number,
  { capexEur, lifeYears, residualFraction, grantFraction }: Investment,
): number {
  const residualEur = (capexEur * residualFraction) / (1 + rateFraction) ** lifeYears;
  return capitalRecoveryFactor(rateFraction, lifeYears) * (capexEur * (1 - grantFraction) - residualEur);
}

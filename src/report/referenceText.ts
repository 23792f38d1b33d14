import type { Candidate } from './candidates.js';
import { formatDeviation, formatPercent } from './numbers.js';
import { compareWithReference, REFERENCE_TOLERANCE_FRACTION, type ReferenceComparison } from './referenceBill.js';
import { left, right, tableText, type NumberCell, type ReportTable } from './table.js';

const number = (value: number, decimals: number): NumberCell => ({ value, decimals });

/** The bills beside those worked out without simulating. */
export function referenceTable(comparisons: readonly ReferenceComparison[]): ReportTable {
  return {
    columns: [
      left('site'),
      right('reference', 'EUR million'),
      right('simulated', 'EUR million'),
      right('put equal', 'EUR million'),
      right('deviation', 'put equal'),
      right('load factor', 'ref. | ours'),
      right('PUE', 'ref. | ours'),
      right('prices of', 'ref.'),
    ],
    rows: comparisons.map(({ label, reference, simulated, equalisedEur, deviationFraction }) => [
      label,
      number(reference.totalEurMPerYear, 1),
      number(simulated.totalEur / 1e6, 1),
      number(equalisedEur / 1e6, 1),
      formatDeviation(deviationFraction),
      `${reference.loadFactor.toFixed(2)} | ${simulated.loadFactor.toFixed(2)}`,
      `${reference.pue.toFixed(2)} | ${simulated.pue.toFixed(2)}`,
      String(reference.energyBaseYear),
    ]),
  };
}

export function referenceComparisons(candidates: readonly Candidate[]): readonly ReferenceComparison[] {
  return candidates.map(compareWithReference).filter((comparison) => comparison !== undefined);
}

/** The table with what to make of it; nothing where no candidate has a reference for its horizon. */
export function referenceText(candidates: readonly Candidate[]): string | undefined {
  const comparisons = referenceComparisons(candidates);
  if (comparisons.length === 0) return undefined;
  const beyond = comparisons.filter(
    ({ deviationFraction }) => !(Math.abs(deviationFraction) <= REFERENCE_TOLERANCE_FRACTION),
  );
  const tolerance = formatPercent(REFERENCE_TOLERANCE_FRACTION, 0);
  const verdict =
    beyond.length === 0
      ? `All within ${tolerance} once put equal.`
      : `Beyond ${tolerance} once put equal: ${beyond.map(({ label }) => label).join(', ')}.`;
  return [
    'Beside the reference: the same year worked out without simulating.',
    '"put equal": load factor, PUE and price year of the reference; design IT power, tariff and hours of load of ours.',
    '',
    tableText(referenceTable(comparisons)),
    '',
    verdict,
  ].join('\n');
}

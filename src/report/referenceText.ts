import type { Candidate } from './candidates.js';
import { formatDeviation, formatNumber, formatPercent } from './numbers.js';
import { compareWithReference, REFERENCE_TOLERANCE_FRACTION, type ReferenceComparison } from './referenceBill.js';
import { left, right, tableText, type NumberCell, type ReportTable } from './table.js';
import { wrap } from './wrap.js';

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
      right('IT load', 'ref. | ours'),
      right('PUE', 'ref. | ours'),
      right('EUR/MWh', 'ref. | ours'),
      right('kt CO2', 'ref. | ours'),
    ],
    rows: comparisons.map(({ label, reference, simulated, equalisedEur, deviationFraction }) => [
      label,
      number(reference.totalEurMPerYear, 1),
      number(simulated.totalEur / 1e6, 1),
      number(equalisedEur / 1e6, 1),
      formatDeviation(deviationFraction),
      pair(reference.loadFactor, simulated.loadFactor, 2),
      pair(reference.pue, simulated.pue, 2),
      pair(reference.energyEurPerMWh, simulated.energyEurPerMWh, 1),
      pair(reference.ktCo2PerYear, simulated.carbonKt, 0),
    ]),
  };
}

const pair = (reference: number, ours: number, decimals: number): string =>
  `${formatNumber(reference, decimals)} | ${formatNumber(ours, decimals)}`;

export function referenceComparisons(candidates: readonly Candidate[]): readonly ReferenceComparison[] {
  return candidates.map(compareWithReference).filter((comparison) => comparison !== undefined);
}

/**
 * The table with what to make of it; nothing where no candidate has a reference for its horizon.
 *
 * @param baseYears - of our prices, by zone
 */
export function referenceText(
  candidates: readonly Candidate[],
  baseYears: Readonly<Record<string, string>> = {},
): string | undefined {
  const comparisons = referenceComparisons(candidates);
  if (comparisons.length === 0) return undefined;
  const beyond = comparisons.filter(
    ({ deviationFraction }) => !(Math.abs(deviationFraction) <= REFERENCE_TOLERANCE_FRACTION),
  );
  const tolerance = formatPercent(REFERENCE_TOLERANCE_FRACTION, 0);
  const verdict =
    beyond.length === 0
      ? `All within ${tolerance} once put equal.`
      : `Beyond ${tolerance} once put equal: ${names(beyond)}.`;
  return [
    'Beside the reference: the same year worked out without simulating.',
    wrap(
      '"put equal" is each line of the simulated bill, scaled to the IT load (mean over design IT power), PUE and mean energy price of ' +
        'the reference, on our own design IT power: an error in its watts is to be seen.',
    ),
    '',
    tableText(referenceTable(comparisons)),
    '',
    verdict,
    wrap(whyText(comparisons, baseYears)),
  ].join('\n');
}

const names = (comparisons: readonly ReferenceComparison[]): string => comparisons.map(({ label }) => label).join(', ');

/** Why simulated bills are lower or higher than the reference's: what "put equal" puts equal, where it points that way. */
function whyText(comparisons: readonly ReferenceComparison[], baseYears: Readonly<Record<string, string>>): string {
  const excess = ({ reference, simulated }: ReferenceComparison): number =>
    simulated.totalEur - reference.totalEurMPerYear * 1e6;
  const parts = [
    { word: 'lower', members: comparisons.filter((one) => excess(one) < 0), sign: -1 },
    { word: 'higher', members: comparisons.filter((one) => excess(one) > 0), sign: 1 },
  ];
  return parts
    .filter(({ members }) => members.length > 0)
    .map(({ word, members, sign }) => {
      const why = DRIVERS.filter(({ pairOf }) =>
        members.some((one) => sign * (pairOf(one).ours - pairOf(one).reference) > 0),
      ).map(({ say, pairOf }) => say(members.map(pairOf), levelsOf(baseYears), members));
      return `Simulated ${word} than the reference at ${names(members)}${why.length > 0 ? `: ${why.join('; ')}` : ''}.`;
    })
    .join(' ');
}

interface Pair {
  readonly ours: number;
  readonly reference: number;
}

interface Driver {
  readonly pairOf: (comparison: ReferenceComparison) => Pair;
  readonly say: (pairs: readonly Pair[], levels: string, members: readonly ReferenceComparison[]) => string;
}

/** What is put equal, as a reason. */
const DRIVERS: readonly Driver[] = [
  {
    pairOf: ({ reference, simulated }) => ({ ours: simulated.pue, reference: reference.pue }),
    say: (pairs) => `PUE ${range(pairs, 'ours', 2)} by the cooling model against ${range(pairs, 'reference', 2)}`,
  },
  {
    pairOf: ({ reference, simulated }) => ({ ours: simulated.loadFactor, reference: reference.loadFactor }),
    say: (pairs) => `IT load ${range(pairs, 'ours', 2)} against ${range(pairs, 'reference', 2)}`,
  },
  {
    pairOf: ({ reference, simulated }) => ({
      ours: simulated.energyEurPerMWh,
      reference: reference.energyEurPerMWh,
    }),
    say: (pairs, levels, members) =>
      `energy at ${range(pairs, 'ours', 1)} EUR/MWh (${levels}) against ${range(pairs, 'reference', 1)} ` +
      `(${[...new Set(members.map(({ reference }) => reference.energyBaseYear))].sort().join(', ')})`,
  },
];

/** `1.15 to 1.18`, or `1.15` when all are printed alike. */
function range(pairs: readonly Pair[], side: keyof Pair, decimals: number): string {
  const values = pairs.map((one) => one[side]);
  const ends = [Math.min(...values), Math.max(...values)].map((value) => formatNumber(value, decimals));
  return [...new Set(ends)].join(' to ');
}

/** `levels of 2024`: the first words of the zones' base years. */
function levelsOf(baseYears: Readonly<Record<string, string>>): string {
  const levels = new Set(Object.values(baseYears).map((text) => text.split(';')[0]!));
  return levels.size > 0 ? [...levels].join(', ') : 'as given';
}

import { MS_PER_DAY } from '../base/units.js';
import { meanOf } from '../metrics/statistics.js';
import type { IndustryPrice } from '../plan/planTypes.js';
import type { Candidate } from './candidates.js';
import { formatNumber } from './numbers.js';
import { left, right, tableText, type NumberCell, type ReportTable } from './table.js';
import { wrap } from './wrap.js';

const YEAR_MS = 365 * MS_PER_DAY;
/** Less than this is called equal, EUR/MWh. */
const NOTHING_EUR_PER_MWH = 0.5;
const BAND_TEXT: Readonly<Record<string, string>> = {
  IF: 'IF, 70 to 150 GWh a year',
  IG: 'IG, 150 GWh a year and more',
};

/** A site's bill by the MWh beside what large industry pays in its country, EUR/MWh without VAT. */
export interface BesideIndustry {
  readonly label: string;
  readonly band: string;
  readonly why: string | undefined;
  /** The statistic: all that is paid, the mean day-ahead price of its months, and what lies between the two. */
  readonly industry: { readonly delivered: number; readonly dayAhead: number; readonly charges: number };
  /** Simulated, means over replications. */
  readonly ours: {
    readonly delivered: number;
    readonly supply: number;
    readonly network: number;
    readonly levies: number;
    readonly capacity: number;
    /** What a battery changes. */
    readonly battery: number;
    /** All but supply. */
    readonly charges: number;
  };
}

/**
 * Candidates beside the statistic of their zone: one line a site.
 *
 * ours − industry = (supply − day-ahead of the statistic's months) + (our charges − charges implied): the implied ones hold
 * what hedging cost or saved, so that they can be lower than any tariff, or negative.
 *
 * Left out are zones without the figure, the total of several sites, and horizons that are not about a year, whose
 * season and peak are not a year's.
 */
export function besideIndustry(
  candidates: readonly Candidate[],
  prices: Readonly<Record<string, IndustryPrice>> = {},
): readonly BesideIndustry[] {
  return candidates.flatMap(({ label, spec, parts, runs, horizonMs }): BesideIndustry[] => {
    const price = parts === undefined ? prices[spec.zone] : undefined;
    if (price === undefined || Math.abs(horizonMs - YEAR_MS) > MS_PER_DAY) return [];
    const { band, why, deliveredEurPerMWh: delivered, dayAheadEurPerMWh: dayAhead } = price;
    const perMWh = (of: (bill: Candidate['runs'][number]['site']['bill']) => number): number =>
      meanOf(runs.map(({ site }) => of(site.bill) / site.facilityMWh));
    const ours = {
      delivered: perMWh(({ totalEur }) => totalEur),
      supply: perMWh(({ supplyEur }) => supplyEur),
      network: perMWh(({ networkEur }) => networkEur),
      levies: perMWh(({ leviesEur }) => leviesEur),
      capacity: perMWh(({ capacityEur }) => capacityEur),
      battery: perMWh(({ batteryEur }) => batteryEur),
    };
    return [
      {
        ...{ label, band, why },
        industry: { delivered, dayAhead, charges: delivered - dayAhead },
        ours: { ...ours, charges: ours.delivered - ours.supply },
      },
    ];
  });
}

/** The table with the difference explained site by site; nothing where no zone has the figure. */
export function industryText(
  candidates: readonly Candidate[],
  prices: Readonly<Record<string, IndustryPrice>> | undefined,
): string | undefined {
  const lines = besideIndustry(candidates, prices);
  if (lines.length === 0) return undefined;
  const bands = [...new Set(lines.map(({ band }) => band))].sort().map((band) => BAND_TEXT[band] ?? band);
  return [
    wrap(
      `Delivered price beside what large industry pays, EUR/MWh (Eurostat nrg_pc_205, second half of 2024, band ${bands.join('; ')}; without VAT and recoverable taxes)`,
    ),
    '',
    tableText(industryTable(lines)),
    '',
    ...lines.map((line) => wrap(differenceText(line), { indent: '  ', first: '' })),
  ].join('\n');
}

const number = (value: number): NumberCell => ({ value, decimals: 1 });

export function industryTable(lines: readonly BesideIndustry[]): ReportTable {
  return {
    columns: [
      left('site'),
      right('band'),
      right('industry', 'delivered'),
      right('simulated', 'delivered'),
      right('day-ahead', 'of industry'),
      right('supply', 'simulated'),
      right('charges', 'of industry'),
      right('charges', 'simulated'),
      right('network'),
      right('levies'),
      right('capacity'),
    ],
    rows: lines.map(({ label, band, industry, ours }) => [
      label,
      band,
      ...[industry.delivered, ours.delivered, industry.dayAhead, ours.supply, industry.charges, ours.charges].map(
        number,
      ),
      ...[ours.network, ours.levies, ours.capacity].map(number),
    ]),
  };
}

/** `gf-de-jul: 9.3 below: supply 9.0 less, charges 0.3 less. Industry …`. */
function differenceText({ label, industry, ours, why }: BesideIndustry): string {
  const total = ours.delivered - industry.delivered;
  const parts = [
    { name: 'supply', by: ours.supply - industry.dayAhead, than: `than day-ahead was in those months` },
    { name: 'charges', by: ours.charges - industry.charges, than: 'than what industry paid above it' },
  ];
  const made = parts.map(({ name, by, than }) =>
    Math.abs(by) < NOTHING_EUR_PER_MWH
      ? `${name} alike`
      : `${name} ${formatNumber(Math.abs(by), 1)} ${by > 0 ? 'more' : 'less'} ${than}`,
  );
  const verdict =
    Math.abs(total) < NOTHING_EUR_PER_MWH
      ? 'as industry'
      : `${formatNumber(Math.abs(total), 1)} ${total > 0 ? 'above' : 'below'} industry`;
  return `${label}: ${verdict}: ${made.join(', ')}.${why === undefined ? '' : ` ${why}`}`;
}

import type { BuildOutCost, BuildOutYear } from '../economics/buildOutCost.js';
import type { BuildOutTiming } from '../economics/buildOutTimings.js';
import { estimate } from '../metrics/statistics.js';
import { againstPlan, estimateOf, hoursKind, hoursOf, levelisedEur, type BuildOutCase } from './buildOut.js';
import { formatNumber, formatPercent, plural } from './numbers.js';
import { left, right, tablePlain, tableText, type Cell, type Column, type ReportTable } from './table.js';
import { wrap } from './wrap.js';

const MILLION = 1e6;
const MWH_PER_GWH = 1000;

export const TIMING_NAMES: Readonly<Record<BuildOutTiming, string>> = {
  'as-planned': 'as planned',
  'all-at-first': 'all at the first date',
  'all-at-last': 'all at the last date',
};

/** What a report says besides its numbers. */
export interface BuildOutContext {
  readonly question: string;
  /** By zone: years behind its prices and carbon. */
  readonly baseYears: Readonly<Record<string, string>>;
}

interface YearColumn {
  readonly column: Column;
  readonly decimals: number;
  readonly of: (year: BuildOutYear) => number | undefined;
  /** Years add up. */
  readonly adds: boolean;
}

const million = (title: string, unit: string, of: YearColumn['of']): YearColumn => ({
  column: right(title, unit),
  decimals: 1,
  of: (year) => {
    const value = of(year);
    return value === undefined ? undefined : value / MILLION;
  },
  adds: true,
});

function yearColumns(of: BuildOutCase): readonly YearColumn[] {
  const useful = hoursKind(of) === 'useful';
  const earns = of.planned.spec.revenueEurPerGpuHour !== undefined;
  return [
    { column: right('GPUs', 'at its end'), decimals: 0, of: ({ gpusAtEnd }) => gpusAtEnd, adds: false },
    million('purchases', 'EUR M', ({ purchasesEur }) => purchasesEur),
    million('residual', 'EUR M', ({ residualEur }) => residualEur),
    million('operation', 'EUR M', ({ operationEur }) => operationEur),
    million('energy', 'EUR M', ({ energyEur }) => energyEur),
    ...(earns ? [million('revenue', 'EUR M', ({ revenueEur }) => revenueEur)] : []),
    useful
      ? million('useful', 'million GPU-hours', ({ usefulGpuHours }) => usefulGpuHours)
      : million('sold', 'million GPU-hours', ({ soldGpuHours }) => soldGpuHours),
    million('cash flow', 'EUR M', ({ cashFlowEur }) => cashFlowEur),
    million('discounted', 'EUR M', ({ discountedEur }) => discountedEur),
  ];
}

/** Mean of a quantity over replications; a spread of 0 is none. */
function meanCell(values: readonly (number | undefined)[], decimals: number): Cell {
  const known = values.filter((value) => value !== undefined);
  if (known.length < values.length) return undefined;
  const { mean, halfWidth } = estimate(known);
  return { value: mean, decimals, ...(halfWidth > 0 ? { half: halfWidth } : {}) };
}

/** Year by year of the phases as planned, with a row for all of them. */
export function yearsTable(of: BuildOutCase): ReportTable {
  const { costs } = of.timings[0]!;
  const columns = yearColumns(of);
  const rowOf = (name: string, value: (cost: BuildOutCost, column: YearColumn) => number | undefined): Cell[] => [
    name,
    ...columns.map((column): Cell => {
      const values = costs.map((cost) => value(cost, column));
      return values.every((one) => one === undefined) ? undefined : meanCell(values, column.decimals);
    }),
  ];
  return {
    columns: [left('year'), ...columns.map(({ column }) => column)],
    rows: [
      ...costs[0]!.years.map((_, index) =>
        rowOf(String(of.planned.calendarYear + index), (cost, column) => column.of(cost.years[index]!)),
      ),
      rowOf('all', (cost, { adds, of: value }) =>
        adds ? cost.years.reduce<number | undefined>((sum, year) => plus(sum, value(year)), 0) : undefined,
      ),
    ],
  };
}

const plus = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? undefined : a + b;

interface Total {
  readonly name: string;
  readonly unit: string;
  readonly decimals: number;
  readonly of: (cost: BuildOutCost) => number | undefined;
}

const inMillions = (name: string, unit: string, of: (cost: BuildOutCost) => number | undefined): Total => ({
  ...{ name, unit, decimals: 1 },
  of: (cost) => {
    const value = of(cost);
    return value === undefined ? undefined : value / MILLION;
  },
});

const TOTALS: readonly Total[] = [
  inMillions('net present value of cost', 'EUR M', ({ npvOfCostEur }) => npvOfCostEur),
  inMillions('of it purchases less residual values', 'EUR M', ({ npvOfCapitalEur }) => npvOfCapitalEur),
  inMillions('of it operation', 'EUR M', ({ npvOfOperationEur }) => npvOfOperationEur),
  inMillions('of it energy', 'EUR M', ({ npvOfEnergyEur }) => npvOfEnergyEur),
  inMillions('paid by the grant', 'EUR M', ({ grantEur }) => grantEur),
  inMillions('useful', 'million GPU-hours', ({ usefulGpuHours }) => usefulGpuHours),
  inMillions('sold', 'million GPU-hours', ({ soldGpuHours }) => soldGpuHours),
  {
    name: 'levelised cost of a useful GPU-hour',
    ...{ unit: 'EUR', decimals: 4 },
    of: ({ levelisedEurPerUsefulGpuHour }) => levelisedEurPerUsefulGpuHour,
  },
  {
    name: 'levelised cost of a sold GPU-hour',
    ...{ unit: 'EUR', decimals: 4 },
    of: ({ levelisedEurPerSoldGpuHour }) => levelisedEurPerSoldGpuHour,
  },
  { name: 'trained', unit: 'exaFLOP-days', decimals: 0, of: ({ exaFlopDays }) => exaFlopDays },
  { name: 'energy', unit: 'GWh', decimals: 1, of: ({ facilityMWh }) => facilityMWh / MWH_PER_GWH },
  { name: 'carbon', unit: 'kt CO2', decimals: 2, of: ({ carbonKt }) => carbonKt },
  inMillions('net present value with revenue', 'EUR M', ({ returns }) => returns?.npvEur),
  {
    name: 'internal rate of return',
    ...{ unit: '%', decimals: 1 },
    of: ({ returns }) => (returns?.irrFraction === undefined ? undefined : 100 * returns.irrFraction),
  },
  { name: 'paid back after', unit: 'years', decimals: 2, of: ({ returns }) => returns?.paybackYears },
];

/** What each timing comes to over the window, a column for each. */
export function totalsTable({ timings, planned }: BuildOutCase): ReportTable {
  const earns = planned.spec.revenueEurPerGpuHour !== undefined;
  const returnsFrom = TOTALS.findIndex(({ name }) => name === 'net present value with revenue');
  const rows = TOTALS.filter(
    ({ of, name }, index) =>
      (earns && index >= returnsFrom) ||
      (timings.some(({ costs }) => costs.some((cost) => of(cost) !== undefined)) &&
        (name !== 'paid by the grant' || planned.spec.capital.finance.grantFraction > 0)),
  );
  return {
    columns: [left('over the window'), left('unit'), ...timings.map(({ timing }) => right(TIMING_NAMES[timing]))],
    rows: rows.map(({ name, unit, decimals, of }): Cell[] => [
      name,
      unit,
      ...timings.map(({ costs }) => meanCell(costs.map(of), decimals)),
    ]),
  };
}

/** The alternatives, with paired differences from the phases as planned. */
export function alternativesTable(of: BuildOutCase): ReportTable {
  const kind = hoursKind(of);
  const price = levelisedEur(kind);
  const cell = (value: number, half: number, decimals: number): Cell => ({
    ...{ value, decimals },
    ...(half > 0 ? { half } : {}),
  });
  return {
    columns: [
      left('GPUs come'),
      right('cost (NPV)', 'EUR M'),
      right(kind, 'million GPU-hours'),
      right('levelised', `EUR per ${kind} GPU-hour`),
      right('than planned', 'EUR per GPU-hour'),
      left('which is'),
    ],
    rows: of.timings.map((timing): Cell[] => {
      const [cost, hours, levelised] = [
        estimateOf(timing.costs, ({ npvOfCostEur }) => npvOfCostEur / MILLION),
        estimateOf(timing.costs, (one) => hoursOf(kind)(one) / MILLION),
        estimateOf(timing.costs, price),
      ];
      const { difference, verdict } = againstPlan(of, timing, price);
      const isPlan = timing.timing === 'as-planned';
      return [
        TIMING_NAMES[timing.timing],
        cell(cost.mean, cost.halfWidth, 1),
        cell(hours.mean, hours.halfWidth, 1),
        cell(levelised.mean, levelised.halfWidth, 4),
        isPlan ? undefined : cell(difference.mean, difference.halfWidth, 4),
        isPlan ? '' : verdict === 'lower' ? 'cheaper' : verdict === 'higher' ? 'dearer' : verdict,
      ];
    }),
  };
}

/** What waiting is worth, in a sentence for each alternative. */
export function waitingText(of: BuildOutCase): string[] {
  const kind = hoursKind(of);
  return of.timings.slice(1).map((timing) => {
    const { difference, verdict } = againstPlan(of, timing, levelisedEur(kind));
    const { difference: hours } = againstPlan(of, timing, hoursOf(kind));
    const known = verdict === 'lower' || verdict === 'higher';
    const one = verdict === 'one replication';
    const eur = `EUR ${formatNumber(Math.abs(difference.mean), 4)} ${difference.mean < 0 ? 'less' : 'more'}`;
    const plan = estimateOf(of.timings[0]!.costs, hoursOf(kind)).mean;
    const share = formatPercent(Math.abs(hours.mean) / plan, 0);
    const many = share === '0 %' ? 'as many' : `${share} ${hours.mean < 0 ? 'fewer' : 'more'}`;
    const delivered = `${many} of them inside the window`;
    const name = TIMING_NAMES[timing.timing];
    const said =
      known || one ? `costs ${eur} per ${kind} GPU-hour` : `costs about as much per ${kind} GPU-hour: ${verdict}`;
    const but = one ? '; one replication cannot tell that from noise' : '';
    return `GPUs ${name}: an hour ${said}, with ${delivered}${but}.`;
  });
}

/** Build-outs for a terminal. */
export function buildOutText(cases: readonly BuildOutCase[], context: BuildOutContext): string {
  return [wrap(context.question), ...cases.map(caseText), wrap(footnote(cases, context))].join('\n\n').concat('\n');
}

function caseText(of: BuildOutCase): string {
  const { planned, policy, replications, exact } = of;
  const { calendarYear, spec } = planned;
  const span = `${calendarYear} to ${calendarYear + spec.windowYears - 1}`;
  const heading = `${planned.site} (${planned.title}), ${span}, ${policy}`;
  if (replications.length === 0) return wrap(`${heading}: no replication of which every year was simulated`);
  const often = exact ? 'nothing is drawn at random' : plural(replications.length, 'replication');
  return [
    wrap(`${heading}; ${often}`),
    'Year by year as planned',
    tableText(yearsTable(of)),
    'Over the window, values at its start',
    tableText(totalsTable(of)),
    'All at once instead',
    tableText(alternativesTable(of)),
    waitingText(of)
      .map((line) => wrap(line))
      .join('\n'),
  ].join('\n\n');
}

function footnote(cases: readonly BuildOutCase[], { baseYears }: BuildOutContext): string {
  const specs = [...new Map(cases.map(({ planned }) => [planned.site, planned.spec])).values()];
  const { capital, facility, grid } = specs[0]!;
  const { wacc, hardwarePriceDeclineFraction: decline, lifeYears, residualFraction } = capital.finance;
  const years = Object.entries(baseYears).map(([zone, text]) => `${zone} ${text}`);
  const built = (when: string): string => (when === 'first-phase' ? 'in full with the first phase' : 'with each phase');
  return [
    `Discounted at ${formatPercent(wacc, 1)} a year. Hardware costs ${formatPercent(decline, 0)} less each year, lasts`,
    `${lifeYears.it} years and is then worth ${formatPercent(residualFraction, 0)} of its price. The building is built`,
    `${built(facility)}, the grid connection ${built(grid)}.`,
    ...(years.length === 0 ? [] : [`Prices of electricity and carbon are the same in all years: ${years.join(', ')}.`]),
    'What is left at the end counts at its book value. How it is worked out and where it is wrong: docs/build-out.md.',
  ].join(' ');
}

/** For programs: years, totals and alternatives of every case, tab-separated, a blank line between tables. */
export function buildOutPlain(cases: readonly BuildOutCase[]): string {
  return cases
    .filter(({ replications }) => replications.length > 0)
    .flatMap((of) =>
      [yearsTable(of), totalsTable(of), alternativesTable(of)].map((table) =>
        tablePlain({
          columns: [left('site'), left('policy'), ...table.columns],
          rows: table.rows.map((row) => [of.planned.site, of.policy, ...row]),
        }),
      ),
    )
    .join('\n\n')
    .concat('\n');
}

import { holdingsOf, upkeepEur, type BuildOutSpec } from './holdings.js';
import { internalRateOfReturn, presentValueEur, type CashFlow } from './npv.js';

/** What a simulated year of the window came to. */
export interface OperatedYear {
  readonly energyEur: number;
  /** Of a whole year. */
  readonly staffEurPerYear: number;
  /** Water less what heat was sold for. */
  readonly waterAndHeatEur: number;
  readonly soldGpuHours: number;
  /** Absent: no phases of jobs are modelled, so it is not known. */
  readonly usefulGpuHours?: number | undefined;
  /** Of jobs that train a model; absent: none does. */
  readonly exaFlopDays?: number | undefined;
  readonly facilityMWh: number;
  readonly carbonKt: number;
}

/** One calendar year of the window, EUR; what is paid and what is received are both positive. */
export interface BuildOutYear {
  readonly gpusAtEnd: number;
  /** Net of the grant; replacements among them. */
  readonly purchasesEur: number;
  /** Received for what was replaced, and in the last year the worth of what is left. */
  readonly residualEur: number;
  /** Maintenance, insurance, staff, water less heat sold. */
  readonly operationEur: number;
  readonly energyEur: number;
  readonly revenueEur: number;
  readonly soldGpuHours: number;
  /** 0 before anything is in service. */
  readonly usefulGpuHours: number | undefined;
  /** Received less paid. */
  readonly cashFlowEur: number;
  /** Its value at the start of the window. */
  readonly discountedEur: number;
}

/** What a build-out costs over its window. EUR at its start where nothing else is said; cost is positive. */
export interface BuildOutCost {
  readonly years: readonly BuildOutYear[];
  /** All that is paid less residual values, without revenue. */
  readonly npvOfCostEur: number;
  /** Of it: purchases less grants and residual values. */
  readonly npvOfCapitalEur: number;
  readonly npvOfOperationEur: number;
  readonly npvOfEnergyEur: number;
  /** Paid by the grant, not discounted. */
  readonly grantEur: number;
  readonly soldGpuHours: number;
  /** Absent: not known in a year. */
  readonly usefulGpuHours: number | undefined;
  /** Discounted cost over discounted hours; NaN where there are none. */
  readonly levelisedEurPerSoldGpuHour: number;
  readonly levelisedEurPerUsefulGpuHour: number | undefined;
  readonly exaFlopDays: number | undefined;
  readonly facilityMWh: number;
  readonly carbonKt: number;
  /** Absent: nothing is known of revenue. */
  readonly returns: BuildOutReturns | undefined;
}

/** What whoever builds the site gets for it. */
export interface BuildOutReturns {
  /** Revenue less cost, at the start of the window. */
  readonly npvEur: number;
  /** Absent: flows of one sign, or that change sign more than once in time, have no single rate. */
  readonly irrFraction: number | undefined;
  /** Years from the start of the window until what was received, residual values aside, stays above what was paid. */
  readonly paybackYears: number | undefined;
}

interface Flow extends CashFlow {
  readonly kind: 'purchase' | 'residual' | 'operation' | 'energy' | 'revenue';
  /** Of the window. */
  readonly year: number;
}

/**
 * Cash flows of a site that grows, year by year, and what they come to.
 *
 * What is bought is paid at its date (economics/holdings.ts); running costs, revenue and hours of a year count at the
 * middle of the time in it that the site is in service. The levelised cost is discounted cost over discounted hours: the
 * one price of an hour, the same in all years, that pays for everything.
 *
 * Worked, of hardware alone (the example there) at 10 %: 100 + 70 / 1.1 − 98 / 1.21 = 82.64 EUR; with 10 hours in the
 * first year and 20 in the second, 10 / 1.1^0.5 + 20 / 1.1^1.5 = 26.87 discounted hours, 3.08 EUR each.
 *
 * Wrong for taxes, for prices of energy, staff and hours, which are those of one year in all of them, and where jobs run
 * on over New Year's Eve: each year is a run of its own.
 *
 * @param operated - by year of the window; `undefined` before anything is in service
 */
export function buildOutCost(spec: BuildOutSpec, operated: readonly (OperatedYear | undefined)[]): BuildOutCost {
  const { windowYears, phases, capital, revenueEurPerGpuHour } = spec;
  const { wacc } = capital.finance;
  const holdings = holdingsOf(spec);
  const years = Array.from({ length: windowYears }, (_, year) => year);
  const served = years.map((year) => Math.max(0, Math.min(1, year + 1 - phases[0]!.atYears)));
  const middle = (year: number): number => year + 1 - served[year]! / 2;
  const flows: Flow[] = [
    ...holdings.flatMap(({ fromYears, toYears, paidEur, grantEur, soldEur }): Flow[] => [
      { kind: 'purchase', year: Math.floor(fromYears), atYears: fromYears, eur: grantEur - paidEur },
      { kind: 'residual', year: Math.min(Math.floor(toYears), windowYears - 1), atYears: toYears, eur: soldEur },
    ]),
    ...years.flatMap((year): Flow[] => {
      const run = operated[year];
      const { staffEurPerYear = 0, waterAndHeatEur = 0, energyEur = 0, soldGpuHours = 0 } = run ?? {};
      const operationEur = upkeepEur(holdings, capital, year) + served[year]! * staffEurPerYear + waterAndHeatEur;
      const at = { year, atYears: middle(year) };
      return [
        { ...at, kind: 'operation', eur: -operationEur },
        { ...at, kind: 'energy', eur: -energyEur },
        { ...at, kind: 'revenue', eur: (revenueEurPerGpuHour ?? 0) * soldGpuHours },
      ];
    }),
  ];
  const rows = years.map((year): BuildOutYear => {
    const own = flows.filter((flow) => flow.year === year);
    const eurOf = (kind: Flow['kind']): number => sumOf(own, (flow) => (flow.kind === kind ? flow.eur : 0));
    const run = operated[year];
    return {
      gpusAtEnd: sumOf(phases, ({ atYears, gpus }) => (atYears < year + 1 ? gpus : 0)),
      purchasesEur: positive(-eurOf('purchase')),
      residualEur: eurOf('residual'),
      operationEur: positive(-eurOf('operation')),
      energyEur: positive(-eurOf('energy')),
      revenueEur: eurOf('revenue'),
      soldGpuHours: run?.soldGpuHours ?? 0,
      usefulGpuHours: run === undefined ? 0 : run.usefulGpuHours,
      cashFlowEur: sumOf(own, ({ eur }) => eur),
      discountedEur: presentValueEur(wacc, own),
    };
  });
  const costOf = (...kinds: readonly Flow['kind'][]): number =>
    -presentValueEur(
      wacc,
      flows.filter(({ kind }) => kinds.includes(kind)),
    );
  const npvOfCostEur = costOf('purchase', 'residual', 'operation', 'energy');
  const runs = operated.filter((run) => run !== undefined);
  const known = (of: (run: OperatedYear) => number | undefined): number | undefined =>
    runs.some((run) => of(run) === undefined) ? undefined : sumOf(runs, (run) => of(run)!);
  const levelised = (of: (run: OperatedYear) => number): number =>
    npvOfCostEur /
    presentValueEur(
      wacc,
      operated.flatMap((run, year) => (run === undefined ? [] : [{ atYears: middle(year), eur: of(run) }])),
    );
  const usefulGpuHours = known((run) => run.usefulGpuHours);
  return {
    years: rows,
    npvOfCostEur,
    npvOfCapitalEur: costOf('purchase', 'residual'),
    npvOfOperationEur: costOf('operation'),
    npvOfEnergyEur: costOf('energy'),
    grantEur: sumOf(holdings, ({ grantEur }) => grantEur),
    soldGpuHours: sumOf(runs, (run) => run.soldGpuHours),
    usefulGpuHours,
    levelisedEurPerSoldGpuHour: levelised((run) => run.soldGpuHours),
    levelisedEurPerUsefulGpuHour: usefulGpuHours === undefined ? undefined : levelised((run) => run.usefulGpuHours!),
    exaFlopDays: known((run) => run.exaFlopDays),
    facilityMWh: sumOf(runs, (run) => run.facilityMWh),
    carbonKt: sumOf(runs, (run) => run.carbonKt),
    returns:
      revenueEurPerGpuHour === undefined
        ? undefined
        : {
            npvEur: presentValueEur(wacc, flows),
            irrFraction: internalRateOfReturn(flows),
            paybackYears: paybackYears(rows),
          },
  };
}

/** By whole calendar years, and inside the year in which the balance turns for good in proportion. */
function paybackYears(years: readonly BuildOutYear[]): number | undefined {
  let balance = 0;
  let turned: number | undefined;
  years.forEach(({ cashFlowEur, residualEur }, year) => {
    const before = balance;
    balance += cashFlowEur - residualEur;
    if (balance < 0) turned = undefined;
    else if (before < 0) turned = year - before / (balance - before);
    else turned ??= year;
  });
  return turned;
}

/** -0 as 0. */
const positive = (value: number): number => value + 0;

function sumOf<T>(values: readonly T[], of: (value: T) => number): number {
  let sum = 0;
  for (const value of values) sum += of(value);
  return sum;
}

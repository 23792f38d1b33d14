import { levers, type Lever, type LeverName } from '../economics/levers.js';
import type { SiteCost } from '../economics/siteCost.js';
import { COST_LINES, heldYears } from '../economics/tco.js';
import { MS_PER_HOUR } from '../base/units.js';
import { hoursOfYear } from '../energy/calendar.js';
import type { SiteResult } from '../metrics/runResult.js';
import type { CapitalSpec } from '../scenario/capitalSpec.js';
import type { RunSpec, SiteSpec } from '../scenario/runSpec.js';
import { wrap } from './wrap.js';
import { left, right, tableText, type Cell, type ReportTable } from './table.js';

const EUR_PER_MILLION = 1e6;

/** What one site costs to own over a horizon. */
export interface CostedSite {
  readonly id: string;
  readonly cost: SiteCost;
  /** Absent: a total of several sites, for which no lever can be told. */
  readonly capital?: CapitalSpec | undefined;
  /** GPUs × hours of the horizon. */
  readonly capacityGpuHours: number;
  /** Horizon / calendar year. */
  readonly years: number;
}

/** A site of a run, or the total of its sites; nothing where it is not costed. */
export function costedSites(
  { horizonMs, calendarYear }: RunSpec,
  sites: readonly { readonly id: string; readonly site: SiteResult; readonly spec: SiteSpec | undefined }[],
): CostedSite[] {
  return sites.flatMap(({ id, site: { cost }, spec }): CostedSite[] => {
    if (cost === undefined || horizonMs === undefined) return [];
    const hours = horizonMs / MS_PER_HOUR;
    const years = hours / hoursOfYear(calendarYear);
    const gpuYears = spec?.capital?.hardware.reduce((sum, of) => sum + of.gpus * heldYears(of, years), 0) ?? 0;
    return [{ id, cost, capital: spec?.capital, capacityGpuHours: gpuYears * hoursOfYear(calendarYear), years }];
  });
}

/** Terms as rows, sites as columns, in M EUR over the horizon or EUR per sold GPU-hour; the last row is the sum. */
export function costTermsTable(sites: readonly CostedSite[], per: 'horizon' | 'soldGpuHour'): ReportTable {
  const used = new Set(sites.flatMap(({ cost }) => cost.lines.map(({ name }) => name)));
  const names = Object.values(COST_LINES).filter((name) => used.has(name));
  const size = ({ cost }: CostedSite): number => (per === 'horizon' ? EUR_PER_MILLION : cost.soldGpuHours);
  const decimals = per === 'horizon' ? 1 : 4;
  const unit = per === 'horizon' ? 'EUR million' : 'EUR per sold GPU-hour';
  const cell = (site: CostedSite, eur: number | undefined): Cell =>
    eur === undefined ? undefined : { value: eur / size(site), decimals };
  return {
    columns: [left('term'), ...sites.map(({ id }) => right(id, unit))],
    rows: [
      ...names.map((name): Cell[] => [
        name,
        ...sites.map((site) => cell(site, site.cost.lines.find((line) => line.name === name)?.eur)),
      ]),
      ['total', ...sites.map((site) => cell(site, site.cost.totalEur))],
    ],
  };
}

interface CostColumn {
  readonly title: string;
  readonly unit: string;
  readonly decimals: number;
  readonly of: (cost: SiteCost) => number | undefined;
}

const million =
  (of: (cost: SiteCost) => number) =>
  (cost: SiteCost): number =>
    of(cost) / EUR_PER_MILLION;

/** What a grant changes; without one there is nothing to tell apart. */
const granted =
  (of: CostColumn['of']): CostColumn['of'] =>
  (cost) =>
    cost.publicEur === 0 ? undefined : of(cost);

const COLUMNS: readonly CostColumn[] = [
  { title: 'capex', unit: 'EUR million', decimals: 1, of: million(({ capexEur }) => capexEur) },
  { title: 'cost', unit: 'EUR million', decimals: 1, of: million(({ totalEur }) => totalEur) },
  { title: 'public', unit: 'EUR million', decimals: 1, of: granted(million(({ publicEur }) => publicEur)) },
  { title: 'gross cost', unit: 'EUR million', decimals: 1, of: granted(million(({ grossEur }) => grossEur)) },
  { title: 'sold', unit: 'EUR/GPU-hour', decimals: 3, of: (cost) => cost.eurPerSoldGpuHour },
  { title: 'allocated', unit: 'EUR/GPU-hour', decimals: 3, of: (cost) => cost.eurPerAllocatedGpuHour },
  { title: 'useful', unit: 'EUR/GPU-hour', decimals: 3, of: (cost) => cost.eurPerUsefulGpuHour },
  { title: 'useful, gross', unit: 'EUR/GPU-hour', decimals: 3, of: granted((cost) => cost.grossEurPerUsefulGpuHour) },
  { title: 'useful, public', unit: 'EUR/GPU-hour', decimals: 3, of: granted((cost) => cost.publicEurPerUsefulGpuHour) },
  { title: 'EUR per', unit: 'exaFLOP-day', decimals: 0, of: (cost) => cost.eurPerExaFlopDay },
  { title: 'EUR per', unit: 'trillion tokens', decimals: 0, of: (cost) => cost.eurPerTrillionTokens },
];

/** What each kind of GPU-hour costs the owner, and with a grant what it costs whoever pays, and the public. */
export function costSummaryTable(sites: readonly CostedSite[]): ReportTable {
  const known = COLUMNS.filter(({ of }) => sites.some(({ cost }) => of(cost) !== undefined));
  return {
    columns: [left('site'), ...known.map(({ title, unit }) => right(title, unit))],
    rows: sites.map(({ id, cost }): Cell[] => [
      id,
      ...known.map(({ of, decimals }): Cell => {
        const value = of(cost);
        return value === undefined ? undefined : { value, decimals };
      }),
    ]),
  };
}

const LEVER_TITLES: Readonly<Record<LeverName, string>> = {
  grant: 'grant',
  utilisation: 'sold share of GPU-hours',
  wacc: 'cost of capital',
};

/** A row for each value of each lever, sites as columns: EUR per sold GPU-hour. */
export function leversTable(sites: readonly CostedSite[]): ReportTable {
  const columns = sites.flatMap((site) =>
    site.capital === undefined ? [] : [{ id: site.id, levers: levers(site.capital, site.cost, site) }],
  );
  const first: readonly Lever[] = columns[0]?.levers ?? [];
  return {
    columns: [left('lever'), right('', '%'), ...columns.map(({ id }) => right(id, 'EUR per sold GPU-hour'))],
    rows: first.map(({ name, value }, row): Cell[] => [
      LEVER_TITLES[name],
      { value: 100 * value, decimals: 0 },
      ...columns.map((column): Cell => ({ value: column.levers[row]!.eurPerSoldGpuHour, decimals: 3 })),
    ]),
  };
}

/** All that owning sites costs, for a terminal; nothing where no site is costed. */
export function costTexts(
  sites: readonly CostedSite[],
  gaps: readonly { readonly id: string; readonly capitalGaps: readonly string[] }[],
): string[] {
  const missing = gaps.map(({ id, capitalGaps }) =>
    wrap(
      `${id} has no cost of ownership: expected ${capitalGaps.join(' and ')}, in the hardware's document or in the site's capital.`,
    ),
  );
  if (sites.length === 0) return missing;
  const last =
    (sites.some(({ cost }) => cost.publicEur > 0)
      ? "Public is what the grant is worth over the horizon, cost what the site's owner pays, gross both. "
      : '') +
    'Sold: GPUs asked for; allocated: whole nodes held; useful: productive and not lost again, where that is simulated.';
  return [
    'Cost of ownership',
    tableText(costSummaryTable(sites)),
    wrap(last),
    'Cost of ownership by term',
    tableText(costTermsTable(sites, 'horizon')),
    tableText(costTermsTable(sites, 'soldGpuHour')),
    ...(sites.some(({ capital }) => capital !== undefined)
      ? ['What moves it, all else as simulated', tableText(leversTable(sites))]
      : []),
    ...missing,
  ];
}

import { BILL_GROUPS, type BillGroup } from '../scenario/tariffSpec.js';
import type { SiteCost } from '../economics/siteCost.js';
import { COST_LINES } from '../economics/tco.js';
import { estimate } from '../metrics/statistics.js';
import type { SiteResult } from '../metrics/runResult.js';
import type { Candidate, CandidateRun } from './candidates.js';
import { fullSpeedGpuHours, hasPower } from './fullSpeed.js';
import { estimateCell } from './measures.js';
import { left, right, type ReportTable } from './table.js';

/** What a site costs to own, where the run knows; absent: its energy bill alone. */
export const costOf = (site: SiteResult & { readonly cost?: SiteCost | undefined }): SiteCost | undefined => site.cost;

/** One term of what a GPU-hour costs. */
export interface StackTerm {
  readonly name: string;
  /** Of a bill line's group, or of a line of what owning a site costs. */
  readonly group: 'energy' | 'capital' | 'operation';
  /** EUR per GPU-hour by candidate, then by replication; NaN: no GPU-hour to share it. */
  readonly values: readonly (readonly number[])[];
}

/** The cost of a GPU-hour, term by term; terms add up to the total in every replication. */
export interface CostStack {
  /** `full-speed GPU-hour` where a power policy ran; `useful GPU-hour` where every run knows them; else `GPU-hour used`. */
  readonly per: string;
  /** Capital and operation are in it: every site says what it is built of. */
  readonly isAllIn: boolean;
  /** Without those that are 0 everywhere. */
  readonly terms: readonly StackTerm[];
  readonly totals: readonly (readonly number[])[];
}

const BILL_EUR = {
  supply: 'supplyEur',
  network: 'networkEur',
  levies: 'leviesEur',
  capacity: 'capacityEur',
  battery: 'batteryEur',
} as const satisfies Record<BillGroup, string>;

/** How groups of the bill are called beside what is bought: a battery is a machine there. */
const ENERGY_NAMES: Readonly<Record<BillGroup, string>> = {
  supply: 'supply',
  network: 'network charges',
  levies: 'levies',
  capacity: 'capacity charge',
  battery: 'battery on the bill',
};

/**
 * What a GPU-hour costs at each candidate, by term: the groups of the bill, and where every site says what it is
 * built of, the lines of capital and operation.
 */
export function costStack(candidates: readonly Candidate[]): CostStack {
  const runs = candidates.flatMap((candidate) => candidate.runs);
  const isAllIn = runs.length > 0 && runs.every(({ site }) => costOf(site) !== undefined);
  const isUseful = runs.length > 0 && runs.every(({ site }) => site.usefulGpuHours !== undefined);
  const isSlowed = runs.some(hasPower);
  const hours = (run: CandidateRun): number =>
    isSlowed ? fullSpeedGpuHours(run) : isUseful ? run.site.usefulGpuHours! : run.site.gpuHoursUsed;
  const perHour = (eur: (site: SiteResult) => number): number[][] =>
    candidates.map((candidate) => candidate.runs.map((run) => eur(run.site) / hours(run)));
  const lines = isAllIn ? linesOf(runs.map(({ site }) => costOf(site)!)) : [];
  const terms = [
    ...lines.map(({ name, group }): StackTerm => ({ name, group, values: perHour((site) => lineEur(site, name)) })),
    ...BILL_GROUPS.map((group): StackTerm => ({
      name: ENERGY_NAMES[group],
      group: 'energy',
      values: perHour(({ bill }) => bill[BILL_EUR[group]]),
    })),
  ];
  return {
    per: isSlowed ? 'full-speed GPU-hour' : isUseful ? 'useful GPU-hour' : 'GPU-hour used',
    isAllIn,
    terms: terms.filter(({ values }) => values.some((column) => column.some((value) => value !== 0))),
    totals: perHour((site) => (isAllIn ? costOf(site)!.totalEur : site.bill.totalEur)),
  };
}

/** Lines of capital and operation, each name once; energy stands there by group of the bill. */
function linesOf(costs: readonly SiteCost[]): { name: string; group: 'capital' | 'operation' }[] {
  const found = new Map<string, 'capital' | 'operation'>();
  for (const { name, group } of costs.flatMap((cost) => cost.lines)) {
    if (name !== COST_LINES.energy && group !== 'energy' && !found.has(name)) found.set(name, group);
  }
  return [...found].map(([name, group]) => ({ name, group }));
}

const lineEur = (site: SiteResult, name: string): number =>
  costOf(site)!.lines.reduce((sum, line) => (line.name === name ? sum + line.eur : sum), 0);

const DECIMALS = 4;

/** A row for each candidate, a column for each term, in EUR per GPU-hour, and the total. */
export function costStackTable(candidates: readonly Candidate[]): ReportTable {
  const { terms, totals } = costStack(candidates);
  const cell = (values: readonly number[]) => ({ ...estimateCell(estimate(values), 1, DECIMALS), half: undefined });
  return {
    columns: [left('site'), right('total'), ...terms.map(({ name }) => right(...twoLines(name)))],
    rows: candidates.map(({ label }, index) => [
      label,
      estimateCell(estimate(totals[index]!), 1, DECIMALS),
      ...terms.map(({ values }) => cell(values[index]!)),
    ]),
  };
}

/** A heading of two lines, broken at the blank nearest to its middle. */
function twoLines(name: string): [string, string?] {
  const blanks = [...name.matchAll(/ /g)].map(({ index }) => index);
  const middle = blanks.sort((a, b) => Math.abs(a - name.length / 2) - Math.abs(b - name.length / 2))[0];
  return middle === undefined ? [name] : [name.slice(0, middle), name.slice(middle + 1)];
}

import {
  benchDifference,
  measuresOf,
  rankPolicies,
  tellingMeasures,
  type BenchCase,
  type BenchDifference,
  type BenchPolicy,
} from './bench.js';
import { estimate, type Estimate } from '../metrics/statistics.js';
import { BENCH_MEASURES, MEASURE_GROUPS, type BenchMeasure } from './benchMeasures.js';
import { estimateCell, measureColumn } from './measures.js';
import { formatDeviation, formatNumber, formatPercent, MISSING } from './numbers.js';
import { pickScale } from './scales.js';
import { left, right, type Cell, type ReportTable } from './table.js';

/** Policies from the best by one measure, each beside the baseline where there is one. */
export function rankingTable(found: BenchCase, by: BenchMeasure): ReportTable {
  const places = rankPolicies(found, by);
  const ordered = places.map(({ index }) => found.policies[index]!);
  const { column, cells } = measureColumn(
    by,
    ordered.map(({ runs }) => runs),
    'readable',
  );
  const isRanked = places.some(({ text }) => text !== '');
  const columns = [...(isRanked ? [right('rank')] : []), left('policy'), column];
  const rows = ordered.map(({ label }, row): Cell[] => [...(isRanked ? [places[row]!.text] : []), label, cells[row]]);
  const { baseline } = found;
  if (baseline === undefined) return { columns, rows };
  const differences = ordered.map((policy) => benchDifference(found, policy, baseline, by));
  const { unit, size } = pickScale(
    by.scales,
    differences.map(({ difference }) => difference.mean),
  );
  const isBaseline = (row: number): boolean => ordered[row] === baseline;
  return {
    columns: [...columns, right('difference', unit), right('relative'), left('verdict')],
    rows: rows.map((cellsOf, row) => [
      ...cellsOf,
      isBaseline(row) ? '' : estimateCell(differences[row]!.difference, size, by.decimals),
      isBaseline(row) ? '' : relativeText(differences[row]!),
      isBaseline(row) ? 'baseline' : (differences[row]!.verdict ?? MISSING),
    ]),
  };
}

/** One table for each group of measures that says something: a row a policy. */
export function measureTables(found: BenchCase): readonly { readonly title: string; readonly table: ReportTable }[] {
  return MEASURE_GROUPS.flatMap(({ title, measures }) => {
    const telling = tellingMeasures(found, measures);
    if (telling.length === 0) return [];
    const runsOf = found.policies.map(({ runs }) => runs);
    const measured = telling.map((one) => measureColumn(one, runsOf, 'readable'));
    const table: ReportTable = {
      columns: [left('policy'), ...measured.map(({ column }) => column)],
      rows: found.policies.map(({ label }, row) => [label, ...measured.map(({ cells }) => cells[row]!)]),
    };
    return [{ title, table }];
  });
}

/** Every measure relative to the baseline, a column a policy; differences where the baseline is 0. */
export function relativeTable(found: BenchCase, baseline: BenchPolicy): ReportTable {
  const others = found.policies.filter((policy) => policy !== baseline);
  return {
    columns: [left('measure'), ...others.map(({ label }) => right(label))],
    rows: tellingMeasures(found, BENCH_MEASURES).map((one): Cell[] => [
      one.title,
      ...others.map((policy) => {
        const compared = benchDifference(found, policy, baseline, one);
        const { verdict = MISSING, relative, difference } = compared;
        if (verdict === 'equal' || verdict === MISSING) return verdict;
        const by = Number.isFinite(relative.mean) ? relativeText(compared) : amountText(difference, one);
        // Of one replication the whole table says so.
        if (verdict === 'one replication') return by;
        return `${by} ${verdict === 'no clear difference' ? 'unclear' : verdict}`;
      }),
    ]),
  };
}

/** Every measure of one policy beside the baseline. */
export function differenceTables(
  found: BenchCase,
  baseline: BenchPolicy,
): readonly { readonly title: string; readonly table: ReportTable }[] {
  return found.policies
    .filter((policy) => policy !== baseline)
    .map((policy) => {
      const rows = tellingMeasures(found, BENCH_MEASURES).map((one): Cell[] => {
        const compared = benchDifference(found, policy, baseline, one);
        const means = [compared.value.mean, compared.baseline.mean];
        const { unit, size } = pickScale(one.scales, means);
        const written = unit === '' ? one.title : `${one.title}, ${unit}`;
        return [
          written,
          cellText(estimateCell(compared.value, size, one.decimals)),
          cellText(estimateCell(compared.difference, size, one.decimals)),
          relativeText(compared),
          compared.verdict ?? MISSING,
        ];
      });
      const columns = [left('measure'), right('value'), right('difference'), right('relative'), left('verdict')];
      return { title: `${policy.label} against ${baseline.label}`, table: { columns, rows } };
    });
}

/** Everything in full precision and fixed units: a row for each policy and measure. */
export function longTable(cases: readonly BenchCase[]): ReportTable {
  const columns = [
    ...['sites', 'policy', 'measure', 'unit', 'better'].map((title) => left(title)),
    ...['replications', 'mean', 'half95', 'difference', 'difference half95', 'relative', 'relative half95'].map(
      (title) => right(title),
    ),
    left('verdict'),
    left('deterministic'),
  ];
  const measures = measuresOf(cases);
  const rows = cases.flatMap((found) =>
    found.policies.flatMap((policy) =>
      measures.map((one): Cell[] => {
        const { baseline } = found;
        const value = estimate(policy.runs.map(one.of));
        const compared =
          baseline === undefined || policy === baseline ? undefined : benchDifference(found, policy, baseline, one);
        const { size } = one.scales[0]!;
        const number = (value: number): Cell => (Number.isFinite(value) ? { value, decimals: 0 } : undefined);
        const beside = (of: (compared: BenchDifference) => number): Cell =>
          compared === undefined ? undefined : number(of(compared));
        return [
          found.sites.join(' '),
          policy.text,
          one.key,
          one.unit,
          one.better ?? '',
          number(value.n),
          number(value.mean / size),
          number(value.halfWidth / size),
          beside(({ difference }) => difference.mean / size),
          beside(({ difference }) => difference.halfWidth / size),
          beside(({ relative }) => relative.mean),
          beside(({ relative }) => relative.halfWidth),
          baseline === undefined ? 'baseline failed' : policy === baseline ? 'baseline' : (compared!.verdict ?? ''),
          found.exact ? 'yes' : 'no',
        ];
      }),
    ),
  );
  return { columns, rows };
}

function amountText(amount: Estimate, { scales, decimals }: BenchMeasure): string {
  const { unit, size } = pickScale(scales, [amount.mean]);
  return `${cellText(estimateCell(amount, size, decimals))}${unit === '' ? '' : ` ${unit}`}`;
}

function relativeText({ relative }: BenchDifference): string {
  if (!Number.isFinite(relative.mean)) return MISSING;
  const half = relative.n < 2 || relative.halfWidth === 0 ? '' : ` ± ${formatPercent(relative.halfWidth)}`;
  return half === '' ? formatDeviation(relative.mean) : `${formatDeviation(relative.mean).replace(' %', '')}${half}`;
}

function cellText(cell: ReturnType<typeof estimateCell>): string {
  const half =
    cell.half === undefined || !Number.isFinite(cell.half) ? '' : ` ± ${formatNumber(cell.half, cell.decimals)}`;
  return `${formatNumber(cell.value, cell.decimals)}${half}`;
}

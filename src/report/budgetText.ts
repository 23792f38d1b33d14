import { capexOf, type BudgetRequest, type BudgetRow } from '../plan/budget.js';
import { formatNumber, formatPercent, plural } from './numbers.js';
import { left, right, tablePlain, tableText, type Cell, type Column, type ReportTable } from './table.js';
import { wrap } from './wrap.js';

const EUR_PER_BILLION = 1e9;
const EUR_PER_MILLION = 1e6;
const KW_PER_MW = 1000;
const GIGAFACTORY_GPUS = 100_000;
/** What an AI gigafactory is planned to cost, EUR (`aigf-press`). */
const PROGRAMME_EUR = [3e9, 5e9] as const;

interface BudgetColumn {
  readonly column: Column;
  readonly decimals: number;
  readonly of: (row: BudgetRow) => number | undefined;
}

const column = (title: string, unit: string, decimals: number, of: BudgetColumn['of']): BudgetColumn => ({
  column: right(title, unit),
  decimals,
  of,
});

const BOUGHT: readonly BudgetColumn[] = [
  column('GPUs', '', 0, ({ gpus }) => gpus),
  column('IT', 'MW', 1, ({ capital }) => capital.designItKw / KW_PER_MW),
  column('connection', 'MW', 1, ({ capital }) => capital.connectionKw / KW_PER_MW),
  column('peak', 'MW', 1, ({ result }) => result.peakFacilityMW),
  column('PUE', '', 3, ({ result }) => result.pue),
  column('100,000 GPUs', 'EUR bn', 2, ({ eurFor100k }) => eurFor100k / EUR_PER_BILLION),
];

const YEARLY: readonly BudgetColumn[] = [
  column('cost', 'EUR M/a', 1, ({ result }) => result.cost!.totalEur / EUR_PER_MILLION),
  column('energy', 'EUR M/a', 1, ({ result }) => result.cost!.energyEur / EUR_PER_MILLION),
  column('public', 'EUR M/a', 1, ({ result }) => result.cost!.publicEur / EUR_PER_MILLION),
  column('carbon', 'kt CO2/a', 1, ({ result }) => result.carbonKt),
  column('EUR per', 'sold GPU-hour', 3, ({ result }) => result.cost!.eurPerSoldGpuHour),
];

const TRAINED: readonly BudgetColumn[] = [
  column('tokens', 'million/s', 2, ({ training }) => training && training.tokensPerS / 1e6),
  column('MFU', '%', 1, ({ training }) => training && 100 * training.mfu),
  column('EUR per', 'trillion tokens', 0, ({ training }) => training?.eurPerTrillionTokens),
];

const tableOf = (rows: readonly BudgetRow[], columns: readonly BudgetColumn[]): ReportTable => ({
  columns: [left('hardware'), left('site'), ...columns.map(({ column: one }) => one)],
  rows: rows.map((row): Cell[] => [
    row.hardware.name,
    row.site.name,
    ...columns.map(({ of, decimals }): Cell => {
      const value = of(row);
      return value === undefined ? undefined : { value, decimals };
    }),
  ]),
});

/** What is bought, by part, M EUR. */
function capexTable(rows: readonly BudgetRow[]): ReportTable {
  const names = [...new Set(rows.flatMap((row) => capexOf(row).map(({ name }) => name)))];
  return tableOf(
    rows,
    names.map((name) =>
      column(name, 'EUR M', 1, (row) => {
        const eur = capexOf(row).find((line) => line.name === name)?.eur;
        return eur === undefined ? undefined : eur / EUR_PER_MILLION;
      }),
    ),
  );
}

const columnsOf = ({ model }: BudgetRequest): readonly BudgetColumn[] => [
  ...BOUGHT,
  ...YEARLY,
  ...(model === undefined ? [] : TRAINED),
];

/** What a budget buys, for a terminal. */
export function budgetText(request: BudgetRequest, rows: readonly BudgetRow[]): string {
  const { model } = request;
  const parts = [
    wrap(
      `What EUR ${formatNumber(request.eur / EUR_PER_BILLION, 2)} bn buy: servers, network, storage, building and grid connection`,
    ),
    tableText(tableOf(rows, BOUGHT)),
    reach(request, rows)
      .map((line) => wrap(line))
      .join('\n'),
    'Of it',
    tableText(capexTable(rows)),
    `A year, ${formatPercent(request.soldFraction, 0)} of the GPUs sold all the time`,
    tableText(tableOf(rows, YEARLY)),
    ...(model === undefined ? [] : [trainedHeading(model, rows), tableText(tableOf(rows, TRAINED))]),
    wrap(footnote(request)),
  ];
  return parts.join('\n\n') + '\n';
}

/** Whether the money, and what is planned for a gigafactory, reaches 100,000 GPUs of each hardware at all of the sites. */
export function reach({ eur }: BudgetRequest, rows: readonly BudgetRow[]): string[] {
  const names = [...new Set(rows.map(({ hardware }) => hardware.name))];
  return names.map((name) => {
    const own = rows.filter(({ hardware }) => hardware.name === name).map(({ eurFor100k }) => eurFor100k);
    const [least, most] = [Math.min(...own), Math.max(...own)].map((value) => formatNumber(value / EUR_PER_BILLION, 2));
    const range = least === most ? least! : `${least!} to ${most!}`;
    const verdict = Math.max(...own) <= eur ? 'enough' : Math.min(...own) > eur ? 'not enough' : 'enough at some sites';
    const [low, high] = PROGRAMME_EUR;
    const planned = `the EUR ${low / EUR_PER_BILLION} to ${high / EUR_PER_BILLION} bn planned for an AI gigafactory`;
    const place = Math.min(...own) > high ? 'more than' : Math.max(...own) < low ? 'less than' : 'within';
    return `100,000 ${name} take EUR ${range} bn: ${verdict} here, ${place} ${planned}.`;
  });
}

function trainedHeading(model: string, rows: readonly BudgetRow[]): string {
  const sizes = [...new Set(rows.flatMap(({ training }) => (training === undefined ? [] : [training.jobGpus])))];
  return wrap(`${model} in jobs of ${sizes.map((gpus) => formatNumber(gpus)).join(' or ')} GPUs on all that are sold`);
}

function footnote({ boughtAfterYears, grantFraction = 0, model }: BudgetRequest): string {
  return [
    `Whole nodes or racks. The peak is that of a steady load; one that comes and goes peaks higher (--sold 1).`,
    `The budget is gross: a grant of ${formatPercent(grantFraction, 0)} of it is public.`,
    ...(boughtAfterYears === 0
      ? []
      : [`Hardware is bought ${plural(boughtAfterYears, 'year')} after its prices, which fall.`]),
    'Prices are ±30 %; they and all rates are assumptions (docs/tco.md).',
    ...(model === undefined ? [] : ['Throughput without interruptions.']),
  ].join(' ');
}

/** One table with everything, tab-separated. */
export const budgetPlain = (request: BudgetRequest, rows: readonly BudgetRow[]): string =>
  `${tablePlain(tableOf(rows, columnsOf(request)))}\n`;

/** The same as one document: base units, nothing rounded. */
export function budgetJson(request: BudgetRequest, rows: readonly BudgetRow[]): Record<string, unknown> {
  return {
    schemaVersion: 1,
    command: 'budget',
    budgetEur: request.eur,
    soldFraction: request.soldFraction,
    grantFraction: request.grantFraction ?? 0,
    boughtAfterYears: request.boughtAfterYears,
    model: request.model ?? null,
    rows: rows.map((row) => ({
      hardware: row.hardware.name,
      site: row.site.name,
      gpus: row.gpus,
      soldGpus: row.soldGpus,
      nodes: row.nodes,
      itMW: row.capital.designItKw / KW_PER_MW,
      connectionMW: row.capital.connectionKw / KW_PER_MW,
      peakMW: row.result.peakFacilityMW,
      pue: row.result.pue,
      eurFor100kGpus: row.eurFor100k,
      buys100kGpus: row.gpus >= GIGAFACTORY_GPUS,
      carbonKt: row.result.carbonKt,
      cost: row.result.cost,
      training: row.training ?? null,
    })),
  };
}

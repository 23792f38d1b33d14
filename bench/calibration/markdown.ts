import type { Stack } from '../../src/training/stack.js';
import type { Beyond } from '../../src/training/support.js';
import { LEFT_OUT } from './rows.js';
import { summarise, type Checked, type Summary } from './summary.js';

const BEYOND: Readonly<Record<Beyond, string>> = {
  hardware: 'hardware',
  precision: 'precision',
  model: 'kind of model: dense, or experts',
  together: 'these together, each alone being in a row',
  gpus: 'number of GPUs: the largest runs by a fit to the smaller',
};

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

function table(head: readonly string[], numeric: number, rows: readonly (readonly string[])[]): string {
  const rule = head.map((_, i) => (i < head.length - numeric ? '---' : '---:'));
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

const figure = (value: number): string => String(Number(value.toPrecision(4)));

/** Summaries, constants, rows and what is left out, as Markdown. */
export function throughputTables(
  checked: readonly Checked[],
  eachAlone: readonly Checked[],
  stacks: ReadonlyMap<string, Stack>,
  later: readonly Checked[],
  beyond: Readonly<Record<Beyond, Summary>>,
): string {
  const validation = checked.filter((of) => of.validation);
  const training = checked.filter((of) => !of.validation);
  const summaryRow = (name: string, of: readonly Checked[]): string[] => {
    const { rows, median, p90, max } = summarise(of);
    return [name, String(rows), percent(median), percent(p90), percent(max)];
  };
  const used = [...new Set(checked.map(({ row }) => row.stack))];
  const inTables = checked.filter(({ row }) => row.table !== 'A9').length;
  const out = LEFT_OUT.reduce((sum, { rows }) => sum + rows, 0);

  return `
### Errors of the step time

${table(['Rows', 'Number', 'Median', '90th percentile', 'Largest'], 4, [
  summaryRow('all', checked),
  summaryRow('training', training),
  summaryRow('validation', validation),
])}
Of the ${inTables + out} rows of tables A1 to A8 the model predicts ${inTables} (${percent(inTables / (inTables + out))}); table A9 adds ${checked.length - inTables}. Left out:

${table(
  ['Table', 'Rows', 'What', 'Why'],
  0,
  LEFT_OUT.map(({ table: name, rows, what, why }) => [name, String(rows), what, why]),
)}
### Stacks

Constants as fitted to the training rows, and errors over all rows (validation rows alone in brackets).

${table(
  ['Stack', 'Rows', 'gemmShare', 'scaleUpExposure', 'networkExposure', 'Median', 'Largest'],
  6,
  used.map((name) => {
    const of = checked.filter(({ row }) => row.stack === name);
    const held = of.filter((one) => one.validation);
    const stack = stacks.get(name)!;
    const [all, apart] = [summarise(of), summarise(held)];
    const both = (value: number, heldValue: number): string =>
      held.length === 0 ? percent(value) : `${percent(value)} (${percent(heldValue)})`;
    return [
      name,
      `${of.length} (${held.length})`,
      figure(stack.gemmShare),
      figure(stack.scaleUpExposure),
      figure(stack.networkExposure),
      both(all.median, apart.median),
      both(all.max, apart.max),
    ];
  }),
)}
### Rows

The figure in the unit it was published in; the error is that of the step time, negative where the model is faster.

${table(
  ['Table', 'Row', 'Stack', 'Assumed', 'Set', 'Measure', 'Published', 'Predicted', 'Error'],
  3,
  checked.map(({ row, predicted, error, validation: held }) => [
    row.table,
    row.id,
    row.stack,
    row.assumed ?? '',
    held ? 'validation' : 'training',
    row.measure,
    figure(row.published),
    figure(predicted),
    percent(error),
  ]),
)}
### Checks

Rows found after the fit: no fit reads them, and no figure above counts them.

${table(
  ['Row', 'Stack', 'Assumed', 'Measure', 'Published', 'Predicted', 'Error'],
  3,
  later.map(({ row, predicted, error }) => [
    row.id,
    row.stack,
    row.assumed ?? '',
    row.measure,
    figure(row.published),
    figure(predicted),
    percent(error),
  ]),
)}
### Beyond the rows

Errors where a stack with fused attention predicts rows of other stacks that go beyond its own in one thing. Software of
other years is in them.

${table(
  ['Beyond its rows in', 'Predictions', 'Median', '90th percentile', 'Largest'],
  4,
  Object.entries(beyond).map(([of, { rows, median, p90, max }]) => [
    BEYOND[of as Beyond],
    String(rows),
    percent(median),
    percent(p90),
    percent(max),
  ]),
)}
`;
}

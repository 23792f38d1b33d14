import type { Stack } from '../../src/training/stack.js';
import type { Beyond } from '../../src/training/support.js';
import { CONSTANT_NAMES } from '../../src/scenario/stackSchema.js';
import type { Known, Refused, Strained } from './known.js';
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

export interface Figures {
  readonly checked: readonly Checked[];
  /** Each row by a fit to all others of its stack. */
  readonly eachAlone: readonly Checked[];
  /** Each model by a fit to the other models of its stack; not `fitted` where there are none. */
  readonly eachModel: readonly (Checked & { readonly fitted: boolean })[];
  readonly stacks: ReadonlyMap<string, Stack>;
  readonly known: readonly Known[];
  readonly strained: readonly Strained[];
  /** Rows found after the fit. */
  readonly later: readonly Checked[];
  readonly beyond: Readonly<Record<Beyond, Summary>>;
  readonly refused: readonly Refused[];
}

const NUMBERS = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];
const inWords = (count: number): string => NUMBERS[count] ?? String(count);

const sentence = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);

/** Rows of the first that have one of the second of the same configuration but for GPUs and batch. */
export function hasTwin(of: readonly Checked[], among: readonly Checked[]): number {
  const key = ({ row: { stack, model, execution: run } }: Checked): string =>
    [stack, model.name, run.tensor, run.pipeline, run.microBatch, run.precision, run.recompute].join(' ');
  const known = new Set(among.map(key));
  return of.filter((one) => known.has(key(one))).length;
}

/** Summaries, constants, rows and what is left out, as Markdown. */
export function throughputTables(figures: Figures): string {
  const { checked, eachAlone, eachModel, stacks, known, strained, later, beyond, refused } = figures;
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
  summaryRow('each row by a fit to all others of its stack', eachAlone),
  summaryRow('**each model by a fit to the other models of its stack**', eachModel),
  summaryRow(
    '… where its stack has other models',
    eachModel.filter(({ fitted }) => fitted),
  ),
  summaryRow(
    '… where it has none: by expectations alone',
    eachModel.filter(({ fitted }) => !fitted),
  ),
])}
**For a model that was not published, believe the errors of each model left out whole.** The validation rows are a weak
test: of ${validation.length}, ${hasTwin(validation, training)} have a training row of the same stack, model, TP, PP, micro-batch, precision and
recomputation, on other numbers of GPUs or another batch.

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
### What holds the constants

Share of the variance of each constant, as expected before the fit (Expectations above), that the training rows take away: 100 % is
known from rows, 0 % is the expectation and nothing else. ${sentence(inWords(known.filter((of) => of.trainingRows <= 3).length))} of ${known.length} stacks have three training rows or
fewer, no more than constants.

${table(
  ['Stack', 'Training rows', 'Models in them', 'Fitted', ...CONSTANT_NAMES],
  6,
  known.map((of) => [
    of.stack,
    String(of.trainingRows),
    String(of.models),
    [String(of.fitted.length), ...of.fitted.filter((name) => !CONSTANT_NAMES.some((known) => known === name))].join(
      ', ',
    ),
    ...CONSTANT_NAMES.map((name) => {
      const share = of.fromRows[name];
      return share === undefined ? 'stated' : `${(100 * share).toFixed(0)} %`;
    }),
  ]),
)}
### Constants at or beyond what they mean

${table(
  ['Stack', 'Constant', 'Value', 'Why'],
  0,
  strained.map((of) => [of.stack, of.constant, figure(of.value), of.why]),
)}
### Published runs that our memory model refuses

They ran, and their step times are predicted all the same; all other rows and checks fit.

${table(
  ['Row', 'Needs GB, by the model', 'Has GB', 'Over by'],
  3,
  refused.map(({ row, needsGB, hasGB }) => [row.id, needsGB.toFixed(1), String(hasGB), percent(needsGB / hasGB - 1)]),
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

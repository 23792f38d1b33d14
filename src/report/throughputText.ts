import { MS_PER_DAY, MS_PER_S } from '../base/units.js';
import { parallelismText } from '../plan/bestRun.js';
import type { Throughput } from '../plan/throughput.js';
import type { ExecutionSpec, StepEstimate } from '../training/execution.js';
import { flopsPerToken } from '../training/flops.js';
import { parameterCount } from '../training/parameters.js';
import { formatNumber, formatPercent } from './numbers.js';
import { left, right, tablePlain, tableText, type Cell, type ReportTable } from './table.js';
import { wrap } from './wrap.js';

const TRILLION = 1e12;

/** Where the time of a step goes, in the order of the table. */
const PARTS: readonly (readonly [keyof StepEstimate['parts'], string])[] = [
  ['computeMs', 'compute'],
  ['bubbleMs', 'pipeline bubble'],
  ['tensorMs', 'tensor parallelism'],
  ['contextMs', 'context parallelism'],
  ['expertMs', 'expert parallelism'],
  ['pipelineMs', 'pipeline sends'],
  ['dataMs', 'gradients and weights'],
  ['otherMs', 'optimiser'],
];

const day = (tokensPerS: number): number => (tokensPerS * MS_PER_DAY) / MS_PER_S;

/** Days to train on 10^12 tokens without an interruption. */
const daysPerTrillion = (tokensPerS: number): number => TRILLION / day(tokensPerS);

/** The parallelism with what else decides about its speed. */
function executionText(execution: ExecutionSpec): string {
  const { microBatch, interleave, recompute } = execution;
  const parts = [parallelismText(execution), `micro-batch ${microBatch}`];
  if (interleave > 1) parts.push(`interleaving ${interleave}`);
  parts.push(recompute === 'none' ? 'nothing recomputed' : `${recompute} recomputation`);
  return parts.join(', ');
}

/** What the constants are of, and how parts compare when their software is the same. */
function softwareText({ stack, stackAsked }: Throughput): string {
  const text = `${stack.title} (${stack.software === 'any' ? '' : `${stack.software}, `}${stack.year})`;
  return stackAsked
    ? text
    : `${text}, the default of this hardware and precision; to compare chips on equal software use --stack ${stack.name}`;
}

/** How far off the step time may be, and why. */
function confidenceText({ stack, support, beyondRows }: Throughput): string {
  const { calibration } = stack;
  const { confidence, expectedError, newModelError } = support;
  if (calibration === undefined || expectedError === undefined || newModelError === undefined)
    return `${confidence}: ${beyondRows}, constants are assumed`;
  const share = formatPercent(expectedError, 0);
  const rows = `${calibration.rows} published rows`;
  if (beyondRows === '') {
    const other = formatPercent(newModelError, 0);
    const unseen = `${other === share ? 'also' : `within ${other}`} where its fit never saw the model`;
    return `${confidence}: nine in ten of the ${rows} of the software are within ${share}, ${unseen}`;
  }
  const error = support.beyond.length > 1 ? `of ${share} or more` : `up to about ${share}`;
  return `${confidence}: expect an error ${error}; extrapolated beyond the ${rows} of the software: ${beyondRows}`;
}

/** Speed, memory and where the time goes, for a terminal. */
export function throughputText(of: Throughput, isSearched: boolean): string {
  const { model, modelDoc, hardware, execution, estimate, memory, span } = of;
  const { tokensPerS } = estimate;
  const { total, active } = parameterCount(model);
  const count = active === total ? '' : `, ${formatNumber(active / 1e9, 1)} B at work on a token`;
  const batchTokens = execution.globalBatch * model.sequence;
  const lines: [string, string][] = [
    ['model', `${modelDoc.title}: ${formatNumber(total / 1e9, 1)} B parameters${count}`],
    ['hardware', `${formatNumber(execution.gpus)} × ${hardware.title}`],
    ['parallelism', `${executionText(execution)}${isSearched ? ' (the fastest found that fits)' : ''}`],
    [
      'batch',
      `${formatNumber(execution.globalBatch)} sequences of ${formatNumber(model.sequence)} tokens, ${formatNumber(batchTokens / 1e6, 1)} million tokens`,
    ],
    ['precision', execution.precision],
    ['software', softwareText(of)],
    ['confidence', confidenceText(of)],
    ['network', `${span.pods} ${span.pods === 1 ? 'pod' : 'pods'}, oversubscribed 1:${span.oversubscription} beyond`],
    ['', ''],
    ['step', `${formatNumber(estimate.stepMs / MS_PER_S, 3)} s`],
    ['tokens/s', `${formatNumber(tokensPerS)}, ${formatNumber(tokensPerS / execution.gpus, 1)} a GPU`],
    [
      'speed',
      `${formatNumber(estimate.modelTflopsPerGpu, 1)} TFLOP/s a GPU, MFU ${formatPercent(estimate.mfu)} of the ${execution.precision} peak`,
    ],
    [
      'exposed',
      `${formatPercent(estimate.exposedFraction)} of the step in communication that nothing hides, ${formatPercent(estimate.bubbleFraction)} in the pipeline bubble`,
    ],
    [
      'tokens a day',
      `${formatNumber(day(tokensPerS) / 1e9, 1)} billion: ${formatNumber(daysPerTrillion(tokensPerS), 2)} days for a trillion, without interruptions`,
    ],
    [
      'memory',
      `${formatNumber(memory.totalGB, 1)} of ${formatNumber(hardware.hbmGB.value)} GB a GPU, it fits: weights ${formatNumber(memory.weightsGB, 1)}, gradients ${formatNumber(memory.gradientsGB, 1)}, optimiser ${formatNumber(memory.optimizerGB, 1)}, activations ${formatNumber(memory.activationsGB, 1)}, working ${formatNumber(memory.workingGB, 1)}, reserve ${formatNumber(memory.reserveGB, 1)}`,
    ],
  ];
  const width = Math.max(...lines.map(([name]) => name.length)) + 2;
  return [
    ...lines.map(([name, text]) => wrap(text, { first: name.padEnd(width), indent: ' '.repeat(width) }).trimEnd()),
    '',
    'Time of a step',
    tableText(partsTable(of)),
    '',
    'In more pods',
    tableText(podsTable(of)),
    ...(of.runnersUp.length === 0 ? [] : ['', 'Next fastest', tableText(runnersTable(of))]),
    '',
  ].join('\n');
}

function partsTable({ estimate }: Throughput): ReportTable {
  return {
    columns: [left('part'), right('time', 'ms'), right('share', '%')],
    rows: PARTS.filter(([key]) => estimate.parts[key] > 0).map(([key, name]): Cell[] => [
      name,
      { value: estimate.parts[key], decimals: 1 },
      { value: (100 * estimate.parts[key]) / estimate.stepMs, decimals: 1 },
    ]),
  };
}

function podsTable({ byPods }: Throughput): ReportTable {
  return {
    columns: [right('pods'), right('tokens/s'), right('speed', '%'), right('exposed', '%')],
    rows: byPods.map(({ pods, tokensPerS, relative, exposedFraction }): Cell[] => [
      { value: pods, decimals: 0 },
      { value: tokensPerS, decimals: 0 },
      { value: 100 * relative, decimals: 1 },
      { value: 100 * exposedFraction, decimals: 1 },
    ]),
  };
}

function runnersTable({ runnersUp, estimate: best }: Throughput): ReportTable {
  return {
    columns: [right('tokens/s'), right('speed', '%'), right('MFU', '%'), right('memory', 'GB'), left('parallelism')],
    rows: runnersUp.map(({ execution, estimate }): Cell[] => [
      { value: estimate.tokensPerS, decimals: 0 },
      { value: (100 * estimate.tokensPerS) / best.tokensPerS, decimals: 1 },
      { value: 100 * estimate.mfu, decimals: 1 },
      { value: estimate.memoryGB, decimals: 1 },
      executionText(execution),
    ]),
  };
}

/** The same as one document: base units, nothing rounded. */
export function throughputJson(of: Throughput, isSearched: boolean): Record<string, unknown> {
  const { model, hardware, execution, estimate, memory, stack, stackAsked, span, runnersUp, byPods } = of;
  const { support, beyondRows } = of;
  const { total, active } = parameterCount(model);
  return {
    schemaVersion: 1,
    command: 'throughput',
    model: model.name,
    parameters: total,
    activeParameters: active,
    flopsPerToken: flopsPerToken(model),
    sequence: model.sequence,
    hardware: hardware.name,
    hbmGB: hardware.hbmGB.value,
    stack: stack.name,
    software: { name: stack.software, year: stack.year, isDefault: !stackAsked },
    support: {
      ...support,
      expectedError: support.expectedError ?? null,
      newModelError: support.newModelError ?? null,
      beyondRows,
    },
    span,
    searched: isSearched,
    execution,
    ...estimate,
    tokensPerDay: day(estimate.tokensPerS),
    daysPerTrillionTokens: daysPerTrillion(estimate.tokensPerS),
    memory,
    byPods,
    runnersUp,
  };
}

/** One name and value a line, tab-separated, in base units. */
export function throughputPlain({ model, hardware, execution, estimate, stack, support }: Throughput): string {
  const rows: Cell[][] = [
    ['model', model.name],
    ['hardware', hardware.name],
    ['stack', stack.name],
    ['softwareYear', String(stack.year)],
    ['confidence', support.confidence],
    ['expectedError', support.expectedError === undefined ? 'unknown' : String(support.expectedError)],
    ['newModelError', support.newModelError === undefined ? 'unknown' : String(support.newModelError)],
    ['beyond', support.beyond.length === 0 ? 'nothing' : support.beyond.join(' ')],
    ['parallelism', parallelismText(execution)],
    ...Object.entries({ ...execution, ...estimate, ...estimate.parts }).flatMap(([name, value]): Cell[][] =>
      typeof value === 'object' ? [] : [[name, String(value)]],
    ),
    ['tokensPerDay', String(day(estimate.tokensPerS))],
    ['daysPerTrillionTokens', String(daysPerTrillion(estimate.tokensPerS))],
  ];
  return `${tablePlain({ columns: [left('name'), left('value')], rows })}\n`;
}

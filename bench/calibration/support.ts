import type { StackDoc } from '../../src/scenario/stackSchema.js';
import type { Accelerator } from '../../src/training/execution.js';
import { stackSpec } from '../../src/training/stacks.js';
import { type Beyond, modelKind, supportOf, type StackUse } from '../../src/training/support.js';
import { fit } from './fit.js';
import { check, summarise, type Checked, type Summary } from './summary.js';
import type { Row } from './rows.js';

type Calibration = NonNullable<StackDoc['calibration']>;

const useOf = ({ hardware, model, execution }: Row): StackUse => ({
  hardware,
  precision: execution.precision,
  model: modelKind(model),
  gpus: execution.gpus,
});

/** What the rows of a stack are of and how far the stack is off on them, as its document says. */
export function calibrationOf(name: string, checked: readonly Checked[], eachModel: readonly Checked[]): Calibration {
  const own = checked.filter(({ row }) => row.stack === name);
  const kinds = new Map<string, StackUse[]>();
  for (const use of own.map(({ row }) => useOf(row))) {
    const key = `${use.hardware} ${use.precision} ${use.model}`;
    kinds.set(key, [...(kinds.get(key) ?? []), use]);
  }
  const { rows, median, p90, max } = summarise(own);
  const rounded = (share: number): number => Math.round(share * 1000) / 1000;
  return {
    rows,
    median: rounded(median),
    p90: rounded(p90),
    largest: rounded(max),
    newModel: rounded(summarise(eachModel.filter(({ row }) => row.stack === name)).p90),
    of: [...kinds.values()].map((uses) => {
      const { hardware, precision, model } = uses[0]!;
      const gpus = uses.map((use) => use.gpus);
      return { hardware, precision, model, rows: uses.length, gpus: [Math.min(...gpus), Math.max(...gpus)] };
    }),
  };
}

/** Errors where stacks with fused attention are used beyond their rows in one thing. */
export function errorsBeyond(
  rows: readonly Row[],
  docs: readonly StackDoc[],
  parts: ReadonlyMap<string, Accelerator>,
): Readonly<Record<Beyond, Summary>> {
  const found: Record<Beyond, Checked[]> = { hardware: [], precision: [], model: [], together: [], gpus: [] };
  const fused = docs.filter(({ facts, calibration }) => facts.fusedAttention && calibration !== undefined);
  const modern = rows.filter(({ stack }) => fused.some(({ name }) => name === stack));
  for (const doc of fused) {
    const stacks = new Map([[doc.name, stackSpec(doc)]]);
    for (const row of modern) {
      const { beyond } = supportOf(doc, useOf(row));
      if (beyond.length === 1 && beyond[0] !== 'gpus')
        found[beyond[0]!].push(...check([{ ...row, stack: doc.name }], stacks, parts));
    }
    const own = rows.filter(({ stack }) => stack === doc.name);
    const most = Math.max(...own.map(({ execution }) => execution.gpus));
    const largest = own.filter(({ execution }) => execution.gpus === most);
    if (largest.length === own.length) continue;
    const smaller = { ...stackSpec(doc), ...fit(doc, rows, parts, (id) => largest.some((row) => row.id === id)) };
    found.gpus.push(...check(largest, new Map([[doc.name, smaller]]), parts));
  }
  return {
    hardware: summarise(found.hardware),
    precision: summarise(found.precision),
    model: summarise(found.model),
    together: summarise(found.together),
    gpus: summarise(found.gpus),
  };
}

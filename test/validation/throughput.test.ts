import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { accelerators, fit } from '../../bench/calibration/fit.js';
import { CHECKS, isValidation, LEFT_OUT, ROWS } from '../../bench/calibration/rows.js';
import { hasTwin, throughputTables } from '../../bench/calibration/markdown.js';
import { knownOf, refusedRows, strained } from '../../bench/calibration/known.js';
import { calibrationOf, errorsBeyond } from '../../bench/calibration/support.js';
import { check, leaveModelOut, leaveOneOut, summarise } from '../../bench/calibration/summary.js';
import { publishedStepS } from '../../bench/calibration/measures.js';
import {
  DEEPSEEK_V3,
  LLAMA_405B,
  LLAMA_70B,
  LLAMA_8B,
  NEMOTRON_340B,
  QWEN3_235B,
} from '../../bench/calibration/shapes.js';
import { modelSchema } from '../../src/scenario/modelSchema.js';
import { modelSpec } from '../../src/training/modelSpec.js';
import { openLibrary } from '../../src/io/library.js';
import { ERROR_BEYOND, supportOf } from '../../src/training/support.js';
import { fittedOf } from '../../src/scenario/stackSchema.js';
import { ASSUMED_STACK, defaultStackDoc, stackDocs, stackSpec } from '../../src/training/stacks.js';

const library = openLibrary(['scenarios']);
const docs = stackDocs(library);
const parts = accelerators(ROWS, library);
const stacks = new Map(docs.map((doc) => [doc.name, stackSpec(doc)]));
const checked = check(ROWS, stacks, parts);
const eachAlone = leaveOneOut(ROWS, docs, parts);
const eachModel = leaveModelOut(ROWS, docs, parts);
const fitted = docs.filter(({ gemmShare }) => gemmShare.fitted);

describe('the throughput model against published step times', () => {
  it('has a median error of at most 6 % and a 90th percentile of at most 15 %, over all rows', () => {
    const { median, p90 } = summarise(checked);
    expect(median).toBeLessThan(0.06);
    expect(p90).toBeLessThan(0.15);
    // As docs/throughput.md says.
    expect(median).toBeCloseTo(0.0238, 3);
    expect(p90).toBeCloseTo(0.0749, 3);
  });

  it('keeps to it on the rows set aside before the fit, at least a quarter of all', () => {
    const apart = checked.filter(({ validation }) => validation);
    expect(apart.length).toBeGreaterThanOrEqual(ROWS.length / 4);
    const { median, p90 } = summarise(apart);
    expect(median).toBeLessThan(0.06);
    expect(p90).toBeLessThan(0.15);
  });

  it('predicts at least 85 % of the rows of tables A1 to A8, and says why not the others', () => {
    const predicted = ROWS.filter(({ table }) => table !== 'A9').length;
    const out = LEFT_OUT.reduce((sum, { rows }) => sum + rows, 0);
    expect(predicted / (predicted + out)).toBeGreaterThanOrEqual(0.85);
    for (const { why } of LEFT_OUT) expect(why).not.toBe('');
  });

  it('is within 5 % of Llama 3 405B on 8,192 and 16,384 H100, found after the fit', () => {
    const later = check(CHECKS, stacks, parts);
    expect(later.map(({ row }) => row.published)).toEqual([430, 400]);
    for (const { row, error } of later) {
      expect(Math.abs(error), row.id).toBeLessThan(0.05);
      expect(ROWS.map(({ id }) => id)).not.toContain(row.id);
    }
  });

  it('says so in docs/throughput.md, as `npm run docs:throughput` writes it', () => {
    const text = readFileSync('docs/throughput.md', 'utf8');
    const tables = throughputTables({
      checked,
      eachAlone,
      eachModel,
      stacks,
      known: fitted.map((doc) => knownOf(doc, ROWS, parts)),
      strained: strained(fitted),
      later: check(CHECKS, stacks, parts),
      beyond: errorsBeyond(ROWS, docs, parts),
      refused: refusedRows([...ROWS, ...CHECKS], stacks, parts),
    });
    expect(text).toContain(`<!-- tables -->\n${tables}<!-- end of tables -->\n`);
  });

  it('predicts a row as well by a fit to all others of its stack, whatever the set', () => {
    const { median, p90 } = summarise(eachAlone);
    expect(median).toBeLessThan(0.06);
    expect(p90).toBeLessThan(0.15);
  });

  it('predicts a model its stack never saw with a median error of at most 6 % and a 90th percentile of at most 15 %', () => {
    expect(eachModel).toHaveLength(ROWS.length);
    const { median, p90, max } = summarise(eachModel);
    expect(median).toBeLessThan(0.06);
    expect(p90).toBeLessThan(0.15);
    expect(max).toBeLessThan(0.26);
    // The rows of a model are predicted by constants that none of them touched, whatever they say.
    const slower = ROWS.map((row) =>
      row.stack === 'megatron-2022-a100' && row.model.layers === 48 ? { ...row, published: 2 * row.published } : row,
    );
    const of = (from: typeof eachModel) =>
      from.filter(({ row }) => row.stack === 'megatron-2022-a100' && row.model.layers === 48);
    for (const [i, { error }] of of(leaveModelOut(slower, docs, parts)).entries())
      expect(2 * (1 + error)).toBeCloseTo(1 + of(eachModel)[i]!.error, 9);
  });

  it('says how weak the set apart is: half of it has a training row of the same configuration', () => {
    const apart = checked.filter(({ validation }) => validation);
    const others = checked.filter(({ validation }) => !validation);
    expect(hasTwin(apart, others)).toBe(18);
    expect(hasTwin(apart, [])).toBe(0);
  });

  it('names each row once, with a stack that was made for its hardware and precision', () => {
    expect(new Set(ROWS.map(({ id }) => id)).size).toBe(ROWS.length);
    for (const { id, stack, hardware, execution } of ROWS) {
      const doc = docs.find(({ name }) => name === stack)!;
      expect(doc.hardware, id).toContain(hardware);
      expect(doc.precisions, id).toContain(execution.precision);
    }
  });

  it('has the shapes of the catalogue of models', () => {
    for (const shape of [LLAMA_8B, LLAMA_70B, LLAMA_405B, NEMOTRON_340B, DEEPSEEK_V3, QWEN3_235B]) {
      const shipped = modelSpec(modelSchema.parse(library.find('model', shape.name)?.value));
      // Rows may train on other sequences than the model's own.
      expect({ ...shape, sequence: 0 }).toMatchObject(
        JSON.parse(JSON.stringify({ ...shipped, sequence: 0 })) as object,
      );
    }
  });

  it('runs rows on whole ranks and micro-batches', () => {
    for (const { id, execution: run } of ROWS) {
      expect(run.tensor * run.pipeline * run.context * run.data, id).toBe(run.gpus);
      expect(Number.isInteger(run.globalBatch / (run.microBatch * run.data)), id).toBe(true);
      expect((run.data * run.context * run.tensor) % run.expert, id).toBe(0);
    }
  });

  it('turns TFLOP/s into seconds as the papers count: MT-NLG gives both', () => {
    // 126, 121 and 113 hardware TFLOP/s beside 60.1, 50.2 and 44.4 s.
    for (const [gpus, tflops] of [
      [2240, 126],
      [2800, 121],
      [3360, 113],
    ] as const) {
      const row = ROWS.find(({ id }) => id === `MT-NLG 530B, ${gpus} GPUs`)!;
      const said = publishedStepS({ ...row, published: tflops, measure: 'hardware TFLOP/s' }, 312);
      expect(Math.abs(said / row.published - 1)).toBeLessThan(0.01);
    }
  });
});

describe('the fit', () => {
  it('gives the constants of scenarios/stacks/', () => {
    for (const doc of fitted) {
      const { gemmShare, scaleUpExposure, networkExposure, hierarchical } = stackSpec(doc);
      expect(fit(doc, ROWS, parts), doc.name).toEqual({ gemmShare, scaleUpExposure, networkExposure, hierarchical });
    }
  });

  it('has three constants a stack and no fourth: a fact that rows decide is one of them', () => {
    for (const doc of fitted) expect(fittedOf(doc).length, doc.name).toBeLessThanOrEqual(3);
    const zero3 = docs.find(({ name }) => name === 'zero3-2021-a100')!;
    expect(fittedOf(zero3)).toEqual(['gemmShare', 'networkExposure', 'hierarchical']);
    // Every other stack gathers as NCCL's rings do: inside the domain first.
    for (const doc of docs) if (doc !== zero3) expect(doc.facts.hierarchical, doc.name).toBe(true);
    // The training rows alone choose it, from either start.
    const either = { ...zero3, facts: { ...zero3.facts, hierarchical: true } };
    expect(fit(either, ROWS, parts).hierarchical).toBe(false);
    const stated = { ...either, facts: { ...either.facts, fitted: undefined } };
    const otherwise = new Map([[zero3.name, { ...stackSpec(stated), ...fit(stated, ROWS, parts) }]]);
    const own = ROWS.filter(({ stack }) => stack === zero3.name);
    expect(summarise(check(own, otherwise, parts)).median).toBeGreaterThan(0.4);
  });

  it('moves only what the document has as fitted', () => {
    const doc = docs.find(({ name }) => name === 'megatron-2021-a100')!;
    const stated = { ...doc, scaleUpExposure: { ...doc.scaleUpExposure, value: 2, fitted: false } };
    const constants = fit(stated, ROWS, parts);
    expect(constants.scaleUpExposure).toBe(2);
    expect(constants.gemmShare).not.toBe(doc.gemmShare.value);
  });

  it('knows a constant from rows or from expectation: none from no row, more from more', () => {
    const doc = docs.find(({ name }) => name === 'megatron-2021-a100')!;
    const from = (rows: typeof ROWS) => knownOf(doc, rows, parts).fromRows.gemmShare!;
    expect(from([])).toBe(0);
    expect(from(ROWS.slice(0, 3))).toBeGreaterThan(0);
    expect(from(ROWS)).toBeGreaterThan(from(ROWS.slice(0, 3)));
    expect(from(ROWS)).toBeLessThan(1);
    expect(fitted.filter((one) => knownOf(one, ROWS, parts).trainingRows <= 3)).toHaveLength(6);
  });

  it('names constants at a bound or above one', () => {
    const doc = docs.find(({ name }) => name === 'megatron-2021-a100')!;
    const at = (name: 'gemmShare' | 'scaleUpExposure', value: number) =>
      strained([{ ...doc, [name]: { ...doc[name], value } }]).map(({ constant }) => constant);
    expect(at('gemmShare', 0.9)).toEqual([]);
    expect(at('gemmShare', 1.01)).toEqual(['gemmShare']);
    expect(at('gemmShare', 0.4)).toEqual(['gemmShare']);
    expect(at('scaleUpExposure', 0.05)).toEqual(['scaleUpExposure']);
  });

  it('does not see validation rows: doubled or dropped, they change no constant', () => {
    const doubled = ROWS.map((row) => (isValidation(row.id) ? { ...row, published: row.published * 2 } : row));
    const dropped = ROWS.filter(({ id }) => !isValidation(id));
    for (const doc of fitted) {
      const constants = fit(doc, ROWS, parts);
      expect(fit(doc, doubled, parts)).toEqual(constants);
      expect(fit(doc, dropped, parts)).toEqual(constants);
    }
  });

  it('sees training rows: slower ones make matrix multiplications slower', () => {
    const doc = docs.find(({ name }) => name === 'megatron-2022-a100')!;
    const slower = ROWS.map((row) => ({ ...row, published: row.published * 1.2 }));
    expect(fit(doc, slower, parts).gemmShare).toBeLessThan(doc.gemmShare.value);
  });
});

describe('what is known of a stack', () => {
  const named = (name: string) => docs.find((doc) => doc.name === name)!;

  it('is stated in its document as its rows have it', () => {
    for (const doc of docs) {
      if (doc.gemmShare.fitted) expect(doc.calibration, doc.name).toEqual(calibrationOf(doc.name, checked, eachModel));
      else expect(doc.calibration, doc.name).toBeUndefined();
    }
  });

  it('is nothing of the assumed one: low confidence, no error known', () => {
    const support = supportOf(named(ASSUMED_STACK), { hardware: 'mi300x', precision: 'bf16', model: 'dense', gpus: 8 });
    expect(support).toMatchObject({ confidence: 'low', expectedError: undefined, newModelError: undefined });
  });

  it.each([
    ['nvidia-2026-gb300', 'gb300-nvl72', 'fp8', 'dense', 256, []],
    ['nvidia-2026-gb300', 'gb300-nvl72', 'bf16', 'dense', 256, ['precision']],
    ['megatron-2024-h100-bf16', 'h200-sxm', 'bf16', 'experts', 64, ['hardware', 'model']],
    ['nvidia-2025-blackwell', 'gb300-nvl72', 'bf16', 'dense', 256, ['together']],
    ['nvidia-2025-blackwell', 'gb200-nvl72', 'fp8', 'dense', 9216, ['gpus']],
  ] as const)('ends with its rows: %s on %s in %s, %s, %i GPUs', (name, hardware, precision, model, gpus, beyond) => {
    const support = supportOf(named(name), { hardware, precision, model, gpus });
    expect(support.beyond).toEqual(beyond);
    expect(support.confidence).toBe(beyond.length === 0 ? 'medium' : 'low');
    const worst = Math.max(named(name).calibration!.p90, ...beyond.map((one) => ERROR_BEYOND[one]));
    expect(support.expectedError).toBe(worst);
    expect(support.newModelError).toBe(Math.max(worst, named(name).calibration!.newModel));
    expect(support.newModelError).toBeGreaterThanOrEqual(worst);
  });

  it('expects beyond them the errors that stacks make on the rows of others', () => {
    const measured = errorsBeyond(ROWS, docs, parts);
    for (const [of, { p90 }] of Object.entries(measured))
      expect(ERROR_BEYOND[of as keyof typeof ERROR_BEYOND], of).toBeCloseTo(p90, 2);
  });

  it('makes the default of a part in a precision the stack with rows of both, where there is one', () => {
    for (const { hardware, execution } of ROWS) {
      if (hardware === 'a100-sxm' || hardware === 'b300-sxm') continue; // many years; too few rows
      const doc = defaultStackDoc(docs, hardware, execution.precision);
      const of = doc.calibration!.of.filter(
        (rows) => rows.hardware === hardware && rows.precision === execution.precision,
      );
      expect(of, `${hardware} ${execution.precision}`).not.toEqual([]);
    }
  });
});

describe('default stacks', () => {
  it('are at most one for each part of the catalogue and precision', () => {
    const uses = docs.flatMap(({ defaultFor }) =>
      defaultFor.flatMap(({ hardware, precisions }) =>
        hardware.flatMap((part) => precisions.map((p) => `${part} ${p}`)),
      ),
    );
    expect(new Set(uses).size).toBe(uses.length);
    const known = library.names('hardware');
    for (const use of uses) expect(known).toContain(use.split(' ')[0]);
  });

  it('fall back on one that is stated as an assumption', () => {
    const doc = defaultStackDoc(docs, 'mi300x', 'bf16');
    expect(doc.name).toBe(ASSUMED_STACK);
    expect(doc.gemmShare).toMatchObject({ fitted: false, assumption: true, confidence: 'low' });
    expect(defaultStackDoc(docs, 'h100-sxm', 'fp8').name).toBe('nvidia-2025-h100-fp8');
  });
});

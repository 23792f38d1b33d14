import { describe, expect, it } from 'vitest';
import { openLibrary } from '../../src/io/library.js';
import { throughputOf, type ThroughputRequest } from '../../src/plan/throughput.js';
import { throughputJson, throughputPlain, throughputText } from '../../src/report/throughputText.js';

const library = openLibrary(['scenarios']);

const of = (hardware: string, more: Partial<ThroughputRequest> = {}) =>
  throughputOf({ model: 'llama-3.1-405b', gpus: 2048, hardware, given: {}, ...more }, library);

/** One line, however it was wrapped. */
const textOf = (...said: Parameters<typeof of>) => throughputText(of(...said), true).replace(/\s+/g, ' ');

describe('what a throughput rests on', () => {
  it('is the rows of its software, where they cover it', () => {
    const text = textOf('h100-sxm', { precision: 'fp8' });
    expect(text).toContain(
      'confidence medium: nine in ten of the 14 published rows of the software are within 9 %, also where its fit never saw the model',
    );
    expect(throughputJson(of('h100-sxm', { precision: 'fp8' }), true)).toMatchObject({
      software: { year: 2025, isDefault: true },
      support: { beyond: [], confidence: 'medium', beyondRows: '' },
    });
  });

  it('is less for a model that none of those rows is of, by fits that left each model out', () => {
    expect(textOf('h100-sxm', { precision: 'bf16' })).toContain(
      'nine in ten of the 12 published rows of the software are within 9 %, within 11 % where its fit never saw the model',
    );
    expect(throughputJson(of('h100-sxm', { precision: 'bf16' }), true)).toMatchObject({
      support: { expectedError: 0.091, newModelError: 0.111 },
    });
    expect(throughputPlain(of('h100-sxm', { precision: 'bf16' }))).toContain('newModelError\t0.111\n');
  });

  it('is said to be extrapolated beyond them, in what and how far off', () => {
    const asked = { precision: 'bf16', stack: 'nvidia-2026-gb300' } as const;
    expect(textOf('gb300-nvl72', asked)).toContain(
      'confidence low: expect an error of 20 % or more; extrapolated beyond the 4 published rows of the software: ' +
        'bf16, its rows are in fp8; 2048 GPUs, its rows have 64 to 256',
    );
    expect(throughputJson(of('gb300-nvl72', asked), true)).toMatchObject({
      support: { beyond: ['precision', 'gpus'], expectedError: 0.2, confidence: 'low' },
    });
    expect(throughputPlain(of('gb300-nvl72', asked))).toContain('beyond\tprecision gpus\n');
  });

  it('is assumed on parts that nobody published of', () => {
    expect(textOf('mi300x')).toContain('confidence low: nothing published was calibrated for mi300x at bf16');
    expect(throughputJson(of('mi300x'), true)).toMatchObject({
      support: { expectedError: null, newModelError: null, confidence: 'low' },
    });
  });

  it('names a default software and its year, and how to compare chips on the same', () => {
    expect(textOf('h100-sxm')).toContain('(Megatron-Core 0.8, 2024), the default of this hardware and precision;');
    expect(textOf('h100-sxm')).toContain('to compare chips on equal software use --stack megatron-2024-h100-bf16');
    expect(textOf('h100-sxm', { stack: 'megatron-2024-h100-bf16' })).not.toContain('to compare chips');
  });
});

it('a B300 and a GB300, equal in BF16 but for their domains, are within a fifth of each other by default', () => {
  const speed = (hardware: string) => of(hardware, { gpus: 9216 }).estimate.modelTflopsPerGpu;
  expect(speed('gb300-nvl72') / speed('b300-sxm')).toBeLessThan(1.2);
  expect(of('gb300-nvl72').stack.name).toBe(of('b300-sxm').stack.name);
});

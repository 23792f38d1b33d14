import { expect, it } from 'vitest';
import { acceleratorOf, precisionsOf } from '../../src/training/accelerator.js';
import { namesIn, shippedHardware } from '../power/catalogue.js';

it('an accelerator has the figures of its document in the units of the model', () => {
  expect(acceleratorOf(shippedHardware('h100-sxm'))).toEqual({
    name: 'h100-sxm',
    peakTflops: { fp16: 989, bf16: 989, fp8: 1979 },
    matmulCeiling: { bf16: 795 / 989, fp8: 1403 / 1979 },
    hbmGB: 80,
    hbmGBPerS: 3350,
    scaleUpGpus: 8,
    scaleUpGBPerS: 450,
    nicGBPerS: 50,
    gpusPerNode: 8,
  });
  expect(precisionsOf(acceleratorOf(shippedHardware('a100-sxm')))).toEqual(['fp16', 'bf16']);
  expect(precisionsOf(acceleratorOf(shippedHardware('gb300-nvl72')))).toEqual(['fp16', 'bf16', 'fp8', 'fp4']);
});

it.each(namesIn('hardware'))('%s: no measured multiplication is faster than its peak', (name) => {
  for (const share of Object.values(acceleratorOf(shippedHardware(name)).matmulCeiling ?? {})) {
    expect(share).toBeGreaterThan(0.4);
    expect(share).toBeLessThan(1);
  }
});

import type { Hardware } from '../scenario/hardwareSchema.js';
import type { Accelerator, Precision } from './execution.js';

/** What the throughput model needs of a part of the hardware catalogue. FP16 runs at the rate of BF16 on all of them. */
export function acceleratorOf(hardware: Hardware): Accelerator {
  const { bf16, fp8, fp4 } = hardware.peakTflops;
  const measured = hardware.matmulTflops;
  return {
    name: hardware.name,
    peakTflops: {
      fp16: bf16.value,
      bf16: bf16.value,
      ...(fp8 === undefined ? {} : { fp8: fp8.value }),
      ...(fp4 === undefined ? {} : { fp4: fp4.value }),
    },
    matmulCeiling: {
      ...(measured?.bf16 === undefined ? {} : { bf16: measured.bf16.value / bf16.value }),
      ...(measured?.fp8 === undefined || fp8 === undefined ? {} : { fp8: measured.fp8.value / fp8.value }),
    },
    hbmGB: hardware.hbmGB.value,
    hbmGBPerS: hardware.hbmTBPerS.value * 1000,
    scaleUpGpus: hardware.scaleUpGpus.value,
    scaleUpGBPerS: hardware.scaleUpGBPerS.value,
    nicGBPerS: hardware.nicGbitPerS.value / 8,
    gpusPerNode: hardware.gpusPerNode.value,
  };
}

/** Precisions an accelerator has a peak of, widest first. */
export const precisionsOf = ({ peakTflops }: Accelerator): readonly Precision[] =>
  (['fp16', 'bf16', 'fp8', 'fp4'] as const).filter((precision) => peakTflops[precision] !== undefined);

import type { ExecutionSpec } from '../src/training/execution.js';
import type { Stack } from '../src/training/stack.js';
import { stepTime } from '../src/training/stepTime.js';
import { DEEPSEEK_V3, LLAMA_405B } from './calibration/shapes.js';
import { measure, type Row } from './harness.js';

const GB200 = {
  name: 'gb200-nvl72',
  peakTflops: { bf16: 2500, fp8: 5000 },
  hbmGB: 186,
  hbmGBPerS: 8000,
  scaleUpGpus: 72,
  scaleUpGBPerS: 900,
  nicGBPerS: 50,
  gpusPerNode: 4,
};

const STACK: Stack = {
  name: 'bench',
  gemmShare: 0.8,
  scaleUpExposure: 0.5,
  networkExposure: 0.8,
  fusedAttention: true,
  gradientBytes: 2,
  gatherBytes: 1,
  hierarchical: true,
  dropout: false,
};

/** Evaluations of the step time, of a dense model and of one with experts, with data ranks and pods that change each time. */
export async function benchThroughput(): Promise<Row[]> {
  const evaluations = 20_000;
  const rows: Row[] = [];
  for (const [model, expert] of [
    [LLAMA_405B, 1],
    [DEEPSEEK_V3, 64],
  ] as const) {
    const runs = Array.from({ length: 64 }, (_, i): ExecutionSpec => {
      const data = 64 + i;
      return {
        gpus: 64 * data,
        tensor: 4,
        pipeline: 16,
        context: 1,
        expert,
        data,
        microBatch: 1,
        globalBatch: 64 * data,
        interleave: 4,
        precision: 'fp8',
        recompute: 'none',
        sequenceParallel: true,
        zero: 1,
      };
    });
    rows.push(
      await measure(`throughput/stepTime, ${model.name}`, evaluations, evaluations, () => {
        let sum = 0;
        for (let i = 0; i < evaluations; i++)
          sum += stepTime(model, runs[i & 63]!, GB200, STACK, { pods: 1 + (i & 7), oversubscription: 7 }).stepMs;
        return sum;
      }),
    );
  }
  return rows;
}

import type { ExecutionSpec, Span } from '../../src/training/execution.js';
import type { ModelSpec } from '../../src/training/model.js';
import {
  DEEPSEEK_V3,
  GPT3,
  GPT_1T,
  GPT_22B,
  GPT_530B,
  gpt,
  LLAMA_405B,
  LLAMA_70B,
  LLAMA_8B,
  MEGASCALE_175B,
  MEGASCALE_530B,
  NEMOTRON_340B,
  QWEN3_235B,
} from './shapes.js';

/** What a published figure says, each in its own unit; measures.ts turns all into seconds a step. */
export type Measure =
  /** Seconds of a step. */
  | 'step s'
  | 'tokens/s/GPU'
  /** Per GPU, counting full attention and full recomputation: 96·B·s·l·h²·(1 + s/6h + V/16lh). */
  | 'hardware TFLOP/s'
  /** Per GPU, counting the half of attention that is needed and no recomputation, as the model itself does. */
  | 'TFLOP/s'
  /** Per GPU, counting full attention and no recomputation, as Megatron-Core prints. */
  | 'full-attention TFLOP/s'
  /** Percent of the dense peak, counted so. */
  | 'full-attention MFU %';

/** One published figure and how it was run. */
export interface Row {
  /** Table of the collection, and a name unique in all. */
  readonly table: string;
  readonly id: string;
  /** Key of docs/sources.md. */
  readonly source: string;
  readonly stack: string;
  readonly hardware: string;
  readonly model: ModelSpec;
  readonly execution: ExecutionSpec;
  readonly published: number;
  readonly measure: Measure;
  /** What the source does not say and is assumed here. */
  readonly assumed?: string;
  /** Where the job lay; absent: in one pod. */
  readonly span?: Span;
}

/** A published figure the model is not asked for. */
export interface LeftOut {
  readonly table: string;
  readonly rows: number;
  readonly what: string;
  readonly why: string;
}

type Run = Pick<ExecutionSpec, 'gpus' | 'globalBatch' | 'precision'> & Partial<ExecutionSpec>;

/** Fills what a row leaves out: no parallelism but data, one sequence a micro-batch, optimiser sharded over data ranks. */
function run(given: Run): ExecutionSpec {
  const { gpus, tensor = 1, pipeline = 1, context = 1 } = given;
  return {
    tensor,
    pipeline,
    context,
    expert: 1,
    data: gpus / (tensor * pipeline * context),
    microBatch: 1,
    interleave: 1,
    recompute: 'none',
    sequenceParallel: true,
    zero: 1,
    ...given,
  };
}

const rows: Row[] = [];

// A1: Megatron-LM, SC21, table 1.
const A1_ASSUMED = 'micro-batch and interleaving';
for (const [hidden, layers, heads, tensor, pipeline, gpus, globalBatch, published, microBatch, interleave] of [
  [2304, 24, 24, 1, 1, 32, 512, 137, 2, 1],
  [3072, 30, 32, 2, 1, 64, 512, 138, 2, 1],
  [4096, 36, 32, 4, 1, 128, 512, 142, 2, 1],
  [6144, 40, 48, 8, 1, 256, 1024, 135, 2, 1],
  [8192, 48, 64, 8, 2, 512, 1536, 138, 1, 2],
  [10_240, 60, 80, 8, 4, 1024, 1792, 140, 1, 3],
  [12_288, 80, 96, 8, 8, 1536, 2304, 148, 1, 2],
  [16_384, 96, 128, 8, 16, 1920, 2160, 155, 1, 3],
  [20_480, 105, 128, 8, 35, 2520, 2520, 163, 1, 3],
] as const)
  rows.push({
    table: 'A1',
    id: `SC21 weak scaling, ${gpus} GPUs`,
    source: 'megatron-sc21',
    stack: 'megatron-2021-a100',
    hardware: 'a100-sxm',
    model: gpt(hidden, layers, heads),
    execution: run({
      gpus,
      tensor,
      pipeline,
      microBatch,
      interleave,
      globalBatch,
      precision: 'fp16',
      recompute: 'full',
      sequenceParallel: false,
      zero: 0,
    }),
    published,
    measure: 'hardware TFLOP/s',
    assumed: A1_ASSUMED,
  });

// A2: Megatron-LM, SC21, table 2: PTD-P, then ZeRO-3 without model parallelism.
for (const [name, model, pipeline, globalBatch, figures] of [
  ['175B', GPT3, 12, 1536, { 384: 153, 768: 149, 1536: 141 }],
  ['530B', GPT_530B, 35, 2240, { 560: 171, 1120: 167, 2240: 159 }],
] as const)
  for (const [gpus, published] of Object.entries(figures))
    rows.push({
      table: 'A2',
      id: `SC21 PTD-P ${name}, ${gpus} GPUs`,
      source: 'megatron-sc21',
      stack: 'megatron-2021-a100',
      hardware: 'a100-sxm',
      model,
      execution: run({
        gpus: Number(gpus),
        tensor: 8,
        pipeline,
        globalBatch,
        precision: 'fp16',
        recompute: 'full',
        sequenceParallel: false,
        zero: 0,
      }),
      published,
      measure: 'hardware TFLOP/s',
      assumed: 'no interleaving',
    });
for (const [name, model, figures] of [
  [
    '175B',
    GPT3,
    [
      [384, 1536, 4, 144],
      [768, 1536, 2, 88],
      [1536, 1536, 1, 44],
    ],
  ],
  [
    '530B',
    GPT_530B,
    [
      [640, 2560, 4, 138],
      [1120, 2240, 2, 98],
      [2240, 2240, 1, 48],
    ],
  ],
] as const)
  for (const [gpus, globalBatch, microBatch, published] of figures)
    rows.push({
      table: 'A2',
      id: `SC21 ZeRO-3 ${name}, ${gpus} GPUs`,
      source: 'megatron-sc21',
      stack: 'zero3-2021-a100',
      hardware: 'a100-sxm',
      model,
      execution: run({
        gpus,
        microBatch,
        globalBatch,
        precision: 'fp16',
        recompute: 'full',
        sequenceParallel: false,
        zero: 3,
      }),
      published,
      measure: 'hardware TFLOP/s',
    });

// A3: sequence parallelism and selective recomputation, table 5.
for (const [name, model, pipeline, gpus, globalBatch, microBatch, interleave, full, selective] of [
  ['22B', GPT_22B, 1, 8, 4, 4, 1, 1.42, 1.1],
  ['175B', GPT3, 8, 64, 64, 1, 3, 18.13, 13.75],
  ['530B', GPT_530B, 35, 280, 280, 1, 3, 49.05, 37.83],
  ['1T', GPT_1T, 64, 512, 512, 1, 1, 94.42, 71.49],
] as const)
  for (const [recompute, published] of [
    ['full', full],
    ['selective', selective],
  ] as const)
    rows.push({
      table: 'A3',
      id: `Korthikanti ${name}, ${recompute === 'full' ? 'full recomputation' : 'SP and selective'}`,
      source: 'korthikanti-2022',
      stack: 'megatron-2022-a100',
      hardware: 'a100-sxm',
      model,
      execution: run({
        gpus,
        tensor: 8,
        pipeline,
        globalBatch,
        microBatch,
        interleave,
        precision: 'fp16',
        recompute,
        sequenceParallel: recompute === 'selective',
        zero: 0,
      }),
      published,
      measure: 'step s',
    });

// A4: MT-NLG.
for (const [gpus, published] of [
  [2240, 60.1],
  [2800, 50.2],
  [3360, 44.4],
] as const)
  rows.push({
    table: 'A4',
    id: `MT-NLG 530B, ${gpus} GPUs`,
    source: 'mt-nlg',
    stack: 'deepspeed-megatron-2021-a100',
    hardware: 'a100-sxm',
    model: GPT_530B,
    execution: run({
      gpus,
      tensor: 8,
      pipeline: 35,
      globalBatch: 1920,
      precision: 'bf16',
      recompute: 'full',
      sequenceParallel: false,
      zero: 0,
    }),
    published,
    measure: 'step s',
    assumed: 'no interleaving',
  });

// A5: Megatron-Core 0.8, weak and strong scaling.
for (const [hidden, layers, heads, tensor, pipeline, gpus, globalBatch, published, interleave] of [
  [2048, 24, 16, 1, 1, 48, 192, 408.8, 1],
  [4096, 30, 32, 2, 1, 96, 192, 465.9, 1],
  [6144, 32, 48, 4, 1, 192, 192, 489.1, 1],
  [7168, 48, 56, 8, 1, 384, 192, 459.6, 1],
  [8192, 84, 64, 8, 2, 768, 384, 419.7, 21],
  [10_240, 92, 80, 8, 4, 1536, 768, 420.5, 23],
  [12_288, 96, 96, 8, 6, 2304, 1152, 432.8, 8],
  [16_384, 96, 128, 8, 8, 3072, 1536, 474.4, 6],
] as const)
  rows.push({
    table: 'A5',
    id: `Megatron-Core weak scaling, ${gpus} GPUs`,
    source: 'megatron-core-readme',
    stack: 'megatron-2024-h100-bf16',
    hardware: 'h100-sxm',
    model: { ...gpt(hidden, layers, heads, 4096, 131_072), tiedEmbeddings: false },
    execution: run({
      gpus,
      tensor,
      pipeline,
      interleave,
      microBatch: pipeline === 1 ? 4 : 1,
      globalBatch,
      precision: 'bf16',
    }),
    published,
    measure: 'full-attention TFLOP/s',
    assumed: 'one sequence a micro-batch, four without pipeline; virtual stages of one or two layers',
  });
for (const [gpus, published] of [
  [96, 47],
  [4608, 42],
] as const)
  rows.push({
    table: 'A5',
    id: `Megatron-Core strong scaling 177B, ${gpus} GPUs`,
    source: 'megatron-core-readme',
    stack: 'megatron-2024-h100-bf16',
    hardware: 'h100-sxm',
    model: { ...gpt(12_288, 96, 96, 4096, 131_072), tiedEmbeddings: false },
    execution: run({ gpus, tensor: 8, pipeline: 6, interleave: 8, globalBatch: 1152, precision: 'bf16' }),
    published,
    measure: 'full-attention MFU %',
    assumed: 'one sequence a micro-batch; virtual stages of two layers',
  });

// A6: MegaScale, table 2: Megatron-LM and MegaScale.
for (const [column, stack] of [
  [0, 'megatron-2023-ampere'],
  [1, 'megascale-2024-ampere'],
] as const) {
  const software = column === 0 ? 'Megatron-LM' : 'MegaScale';
  for (const [gpus, globalBatch, ...seconds] of [
    [256, 768, 40.0, 32.0],
    [512, 768, 21.2, 16.5],
    [768, 768, 15.2, 11.5],
    [1024, 768, 11.9, 8.9],
    [3072, 6144, 29.02, 23.66],
    [6144, 6144, 14.78, 12.21],
  ] as const)
    rows.push({
      table: 'A6',
      id: `${software} 175B, ${gpus} GPUs`,
      source: 'megascale',
      stack,
      hardware: 'a100-sxm',
      model: MEGASCALE_175B,
      execution: run({
        gpus,
        tensor: 8,
        pipeline: 8,
        interleave: 6,
        globalBatch,
        precision: 'bf16',
        recompute: column === 0 ? 'selective' : 'none',
      }),
      published: seconds[column],
      measure: 'step s',
      assumed: 'interleaving 6; recomputation; the Ampere GPU is an A100 of 80 GB',
    });
  for (const [gpus, ...mfu] of [
    [2240, 49.2, 54.3],
    [4480, 48.8, 54.1],
    [11_200, 48.2, 54.3],
  ] as const)
    rows.push({
      table: 'A6',
      id: `${software} 530B, ${gpus} GPUs`,
      source: 'megascale',
      stack,
      hardware: 'a100-sxm',
      model: MEGASCALE_530B,
      execution: run({
        gpus,
        tensor: 8,
        pipeline: 35,
        interleave: 3,
        globalBatch: gpus,
        precision: 'bf16',
        recompute: column === 0 ? 'selective' : 'none',
      }),
      published: mfu[column],
      measure: 'full-attention MFU %',
      assumed: 'global batch of one sequence a GPU; interleaving 3; recomputation',
    });
}

// A7: Megatron-Bridge performance summary.
const bridge = (
  id: string,
  stack: string,
  hardware: string,
  model: ModelSpec,
  given: Run,
  published: number,
  assumed?: string,
): void => {
  rows.push({
    table: 'A7',
    id: `Megatron-Bridge ${id}`,
    source: 'megatron-bridge-performance',
    stack,
    hardware,
    model,
    execution: run(given),
    published,
    measure: 'tokens/s/GPU',
    ...(assumed === undefined ? {} : { assumed }),
  });
};
const fsdp = { zero: 3 } as const;
bridge(
  'Llama-3-8B, 8 H100',
  'nvidia-2025-h100-fp8',
  'h100-sxm',
  LLAMA_8B,
  { gpus: 8, globalBatch: 128, precision: 'fp8', ...fsdp },
  14_451,
);
bridge(
  'Llama-3-70B, 64 H100',
  'nvidia-2025-h100-fp8',
  'h100-sxm',
  LLAMA_70B,
  { gpus: 64, tensor: 4, pipeline: 8, interleave: 5, globalBatch: 256, precision: 'fp8' },
  1664,
);
bridge(
  'Llama-3.1-405B, 1024 H100',
  'nvidia-2025-h100-fp8',
  'h100-sxm',
  LLAMA_405B,
  { gpus: 1024, tensor: 8, pipeline: 8, context: 2, interleave: 8, globalBatch: 1536, precision: 'fp8' },
  326,
);
bridge(
  'Llama-3.1-405B, 128 B200',
  'nvidia-2025-blackwell',
  'b200-sxm',
  LLAMA_405B,
  { gpus: 128, tensor: 4, pipeline: 8, context: 2, interleave: 8, globalBatch: 64, precision: 'fp8' },
  661,
);
bridge(
  'Llama-3-8B, 8 GB200',
  'nvidia-2025-blackwell',
  'gb200-nvl72',
  LLAMA_8B,
  { gpus: 8, globalBatch: 128, microBatch: 2, precision: 'fp8' },
  31_508,
  'two sequences a micro-batch',
);
bridge(
  'Llama-3-70B, 64 GB200',
  'nvidia-2026-gb200',
  'gb200-nvl72',
  LLAMA_70B,
  { gpus: 64, globalBatch: 256, microBatch: 1, precision: 'fp8', ...fsdp },
  4224,
  'one sequence a micro-batch',
);
bridge(
  'Llama-3.1-405B, 256 GB200, FP8',
  'nvidia-2026-gb200',
  'gb200-nvl72',
  LLAMA_405B,
  { gpus: 256, tensor: 4, pipeline: 16, interleave: 4, globalBatch: 1536, precision: 'fp8' },
  843,
);
bridge(
  'Llama-3.1-405B, 256 GB200, NVFP4',
  'nvidia-2026-gb200-nvfp4',
  'gb200-nvl72',
  LLAMA_405B,
  { gpus: 256, tensor: 4, pipeline: 16, interleave: 8, globalBatch: 1536, precision: 'fp4' },
  1166,
);
bridge(
  'Llama-3-70B, 64 GB300',
  'nvidia-2026-gb300',
  'gb300-nvl72',
  LLAMA_70B,
  { gpus: 64, globalBatch: 256, microBatch: 1, precision: 'fp8', ...fsdp },
  5248,
  'one sequence a micro-batch',
);
bridge(
  'Llama-3.1-405B, 256 GB300, FP8',
  'nvidia-2026-gb300',
  'gb300-nvl72',
  LLAMA_405B,
  { gpus: 256, tensor: 4, pipeline: 8, interleave: 4, globalBatch: 1536, precision: 'fp8' },
  1048,
);
bridge(
  'Llama-3.1-405B, 256 GB300, NVFP4',
  'nvidia-2026-gb300-nvfp4',
  'gb300-nvl72',
  LLAMA_405B,
  { gpus: 256, tensor: 4, pipeline: 8, interleave: 4, globalBatch: 1536, precision: 'fp4' },
  1413,
);
for (const [id, stack, hardware, given, published] of [
  [
    '256 GB200, BF16',
    'nvidia-2025-blackwell',
    'gb200-nvl72',
    { pipeline: 4, interleave: 4, expert: 64, precision: 'bf16' },
    3139,
  ],
  [
    '256 GB300, BF16',
    'nvidia-2025-blackwell',
    'gb300-nvl72',
    { pipeline: 2, interleave: 4, expert: 32, precision: 'bf16' },
    3848,
  ],
  [
    '256 GB200, MXFP8',
    'nvidia-2026-gb200',
    'gb200-nvl72',
    { pipeline: 4, interleave: 4, expert: 64, precision: 'fp8' },
    4969,
  ],
  [
    '256 GB300, MXFP8',
    'nvidia-2026-gb300',
    'gb300-nvl72',
    { pipeline: 2, interleave: 8, expert: 32, precision: 'fp8' },
    6338,
  ],
  [
    '256 B200, MXFP8',
    'nvidia-2026-hgx-blackwell',
    'b200-sxm',
    { pipeline: 8, interleave: 2, expert: 32, precision: 'fp8' },
    3328,
  ],
  ['256 B300, MXFP8', 'nvidia-2026-hgx-blackwell', 'b300-sxm', { pipeline: 8, expert: 8, precision: 'fp8' }, 3456],
] as const)
  bridge(
    `DeepSeek-V3, ${id}`,
    stack,
    hardware,
    DEEPSEEK_V3,
    { gpus: 256, globalBatch: 4096, recompute: 'selective', ...given },
    published,
    'one sequence a micro-batch; recomputation',
  );
for (const [id, stack, hardware, given, published] of [
  [
    '256 H100, FP8',
    'nvidia-2025-h100-fp8',
    'h100-sxm',
    { tensor: 2, pipeline: 8, interleave: 4, expert: 32, precision: 'fp8' },
    1633,
  ],
  [
    '256 GB200, MXFP8',
    'nvidia-2026-gb200',
    'gb200-nvl72',
    { pipeline: 8, interleave: 3, expert: 32, precision: 'fp8' },
    7376,
  ],
  [
    '256 GB300, MXFP8',
    'nvidia-2026-gb300',
    'gb300-nvl72',
    { pipeline: 4, interleave: 12, expert: 32, precision: 'fp8' },
    9015,
  ],
] as const)
  bridge(
    `Qwen3-235B, ${id}`,
    stack,
    hardware,
    QWEN3_235B,
    { gpus: 256, globalBatch: 8192, ...given },
    published,
    'one sequence a micro-batch',
  );

// A8: MLPerf Training, Llama-3.1-405B (v5.0, v5.1), then GPT-3 175B (v4.1).
for (const [id, stack, hardware, gpus, tensor, globalBatch, published, precision] of [
  ['Eos, 512 H100', 'nvidia-2025-h100-fp8', 'h100-sxm', 512, 8, 1152, 55.1, 'fp8'],
  ['Eos, 2048 H100', 'nvidia-2025-h100-fp8', 'h100-sxm', 2048, 8, 1152, 14.21, 'fp8'],
  ['Eos, 2432 H100', 'nvidia-2025-h100-fp8', 'h100-sxm', 2432, 8, 1216, 12.7, 'fp8'],
  ['Eos, 2560 H100', 'nvidia-2025-h100-fp8', 'h100-sxm', 2560, 8, 1120, 11.18, 'fp8'],
  ['Nebius, 512 H200', 'nvidia-2025-h100-fp8', 'h200-sxm', 512, 4, 1152, 50.02, 'fp8'],
  ['Nebius, 1024 H200', 'nvidia-2025-h100-fp8', 'h200-sxm', 1024, 4, 1152, 25.35, 'fp8'],
  ['Tyche, 256 GB200', 'nvidia-2025-blackwell', 'gb200-nvl72', 256, 4, 448, 19.09, 'fp8'],
  ['Tyche, 512 GB200', 'nvidia-2025-blackwell', 'gb200-nvl72', 512, 4, 896, 19.6, 'fp8'],
  ['Carina, 512 GB200', 'nvidia-2025-blackwell', 'gb200-nvl72', 512, 4, 896, 19.43, 'fp8'],
  ['Carina, 1024 GB200', 'nvidia-2025-blackwell', 'gb200-nvl72', 1024, 4, 768, 8.45, 'fp8'],
  ['Carina, 1536 GB200', 'nvidia-2025-blackwell', 'gb200-nvl72', 1536, 4, 1152, 8.49, 'fp8'],
  ['Carina, 2048 GB200', 'nvidia-2025-blackwell', 'gb200-nvl72', 2048, 4, 1280, 7.15, 'fp8'],
  ['UF, 256 B200', 'nvidia-2025-blackwell', 'b200-sxm', 256, 4, 576, 27.64, 'fp8'],
  ['UF, 448 B200', 'nvidia-2025-blackwell', 'b200-sxm', 448, 4, 1008, 27.92, 'fp8'],
  ['Tyche, 512 GB200, NVFP4', 'nvidia-2026-gb200-nvfp4', 'gb200-nvl72', 512, 4, 1152, 17.24, 'fp4'],
  ['Theia, 512 GB300, NVFP4', 'nvidia-2026-gb300-nvfp4', 'gb300-nvl72', 512, 2, 1152, 13.14, 'fp4'],
  ['HSG, 2560 GB200, NVFP4', 'nvidia-2026-gb200-nvfp4', 'gb200-nvl72', 2560, 4, 960, 3.196, 'fp4'],
] as const)
  rows.push({
    table: 'A8',
    id: `MLPerf 405B, ${id}`,
    source: 'mlperf-training-logs',
    stack,
    hardware,
    model: LLAMA_405B,
    execution: run({ gpus, tensor, pipeline: 8, context: 2, interleave: 8, globalBatch, precision }),
    published,
    measure: 'step s',
    assumed: precision === 'fp4' ? 'interleaving 8; precision, from its rate' : 'interleaving 8',
  });
for (const [id, stack, hardware, gpus, tensor, pipeline, interleave, globalBatch, published, assumed] of [
  ['256 H100', 'nvidia-2025-h100-fp8', 'h100-sxm', 256, 4, 8, 6, 2048, 816, 'interleaving 6'],
  ['512 H100', 'nvidia-2025-h100-fp8', 'h100-sxm', 512, 4, 8, 6, 2048, 790, 'interleaving 6'],
  ['1536 H100, OCI', 'nvidia-2025-h100-fp8', 'h100-sxm', 1536, 4, 8, 6, 3072, 721, 'TP, PP, interleaving 6'],
  ['3072 H100, OCI', 'nvidia-2025-h100-fp8', 'h100-sxm', 3072, 4, 8, 6, 3072, 587, 'TP, PP, interleaving 6; batch'],
  ['64 B200', 'nvidia-2025-blackwell', 'b200-sxm', 64, 4, 4, 6, 2048, 1634, 'TP, PP, interleaving, batch'],
] as const)
  rows.push({
    table: 'A8',
    id: `MLPerf GPT-3, ${id}`,
    source: 'mlperf-training-logs',
    stack,
    hardware,
    model: GPT3,
    execution: run({ gpus, tensor, pipeline, interleave, microBatch: 2, globalBatch, precision: 'fp8' }),
    published,
    measure: 'tokens/s/GPU',
    assumed,
  });

// A9: whole runs with an exact step.
for (const [gpus, globalBatch, published, measure] of [
  [1536, 768, 10.3, 'step s'],
  [3072, 1536, 42.3, 'full-attention MFU %'],
] as const)
  rows.push({
    table: 'A9',
    id: `Nemotron-4-340B, ${gpus} H100`,
    source: 'nemotron-4-340b',
    stack: 'megatron-2024-h100-bf16',
    hardware: 'h100-sxm',
    model: NEMOTRON_340B,
    execution: run({ gpus, tensor: 8, pipeline: 12, interleave: 8, globalBatch, precision: 'bf16' }),
    published,
    measure,
    assumed: 'one sequence a micro-batch; virtual stages of one layer',
  });

export const ROWS: readonly Row[] = rows;

/**
 * Rows found after the fit, which none reads and no summary counts: Llama 3 405B, table 4 of the paper. Its pods hold
 * 3,072 GPUs, oversubscribed 1:7; its software shards gradients too (ZeRO-2); 126 layers on 128 places with the embedding
 * and the output alone on the first and last is a layer a virtual stage.
 */
export const CHECKS: readonly Row[] = (
  [
    [8192, 3, 430],
    [16_384, 6, 400],
  ] as const
).map(([gpus, pods, published]) => ({
  table: 'A9',
  id: `Llama 3 405B, ${gpus} H100`,
  source: 'llama3-herd',
  stack: 'megatron-2024-h100-bf16',
  hardware: 'h100-sxm',
  model: LLAMA_405B,
  execution: run({ gpus, tensor: 8, pipeline: 16, interleave: 8, zero: 2, globalBatch: 2048, precision: 'bf16' }),
  published,
  measure: 'TFLOP/s',
  assumed: 'one sequence a micro-batch; FLOPs counted with half the attention; the software of Megatron-Core 0.8',
  span: { pods, oversubscription: 7 },
}));

export const LEFT_OUT: readonly LeftOut[] = [
  {
    table: 'A6',
    rows: 9,
    what: 'MegaScale, ablation',
    why: 'each row changes the model (parallel block, sliding window, LAMB) or one overlap of one implementation',
  },
  {
    table: 'A8',
    rows: 2,
    what: 'MLPerf GPT-3 on TPU v5p',
    why: 'a torus without a scale-up domain, and times to train that include evaluation instead of steps',
  },
];

/**
 * Rows kept out of every fit, chosen before the first: of each table, in the order above, the second and every third
 * after it.
 */
const VALIDATION: ReadonlySet<string> = new Set(
  ROWS.filter((row) => ROWS.filter(({ table }) => table === row.table).indexOf(row) % 3 === 1).map(({ id }) => id),
);

export const isValidation = (id: string): boolean => VALIDATION.has(id);

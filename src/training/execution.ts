export type Precision = 'fp16' | 'bf16' | 'fp8' | 'fp4';

/** How a model is spread over GPUs and stepped through. `gpus` = tensor × pipeline × context × data. */
export interface ExecutionSpec {
  readonly gpus: number;
  readonly tensor: number;
  readonly pipeline: number;
  readonly context: number;
  /** Experts are spread over so many of the tensor × context × data ranks of a stage; on fewer than the tensor ranks leave, each is split over those. */
  readonly expert: number;
  readonly data: number;
  /** Sequences a micro-batch, and a global batch. */
  readonly microBatch: number;
  readonly globalBatch: number;
  /** Virtual stages a pipeline rank (interleaved schedule); 1: none. */
  readonly interleave: number;
  readonly precision: Precision;
  readonly recompute: 'none' | 'selective' | 'full';
  readonly sequenceParallel: boolean;
  /**
   * Weights, gradients and optimiser: 0 replicated, 1 optimiser sharded over data ranks, 2 gradients too (whole only
   * while a virtual stage makes them: Llama 3), 3 all sharded (ZeRO-3, FSDP).
   */
  readonly zero: 0 | 1 | 2 | 3;
}

/** What the throughput model needs of a GPU and its links. Bandwidths one way, GB are 10^9 bytes. */
export interface Accelerator {
  readonly name: string;
  /** Dense peak by precision, TFLOP/s. */
  readonly peakTflops: Readonly<Partial<Record<Precision, number>>>;
  /** Best share of it measured in matrix multiplications, 0…1; absent where nobody measured. */
  readonly matmulCeiling?: Readonly<Partial<Record<Precision, number>>> | undefined;
  readonly hbmGB: number;
  readonly hbmGBPerS: number;
  /** GPUs of a scale-up domain, and bandwidth of each to the others. */
  readonly scaleUpGpus: number;
  readonly scaleUpGBPerS: number;
  /** Network bandwidth of a GPU out of its domain. */
  readonly nicGBPerS: number;
  readonly gpusPerNode: number;
}

/** Where a gang lies in the network. */
export interface Span {
  /** Pods it has GPUs in. */
  readonly pods: number;
  /** Bandwidth inside a pod over bandwidth out of it, ≥ 1. */
  readonly oversubscription: number;
}

/** What a step takes, and where the time goes. */
export interface StepEstimate {
  readonly stepMs: number;
  readonly tokensPerS: number;
  readonly modelTflopsPerGpu: number;
  /** Of the dense peak of the precision, 0…1. */
  readonly mfu: number;
  /** Share of the step in communication that nothing hides, 0…1. */
  readonly exposedFraction: number;
  /** Share of the step in the pipeline bubble, 0…1. */
  readonly bubbleFraction: number;
  readonly memoryGB: number;
  readonly fits: boolean;
  /** Milliseconds of the step by what they go to; they sum to `stepMs`. */
  readonly parts: {
    readonly computeMs: number;
    readonly bubbleMs: number;
    readonly tensorMs: number;
    readonly contextMs: number;
    readonly expertMs: number;
    readonly pipelineMs: number;
    readonly dataMs: number;
    readonly otherMs: number;
  };
}

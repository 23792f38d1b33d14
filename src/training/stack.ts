/**
 * A hardware and software stack: what a framework of a year makes of an accelerator. Three constants are fitted to
 * published step times (docs/throughput.md); the rest are facts of the software.
 */
export interface Stack {
  readonly name: string;
  /** Fitted. Share of the measured matrix-multiply ceiling that large GEMMs reach in training, 0.4…1.1. */
  readonly gemmShare: number;
  /** Fitted. Time in scale-up communication (TP, and EP or CP inside the domain) that nothing hides, over its time at the links' rate, ≥ 0. */
  readonly scaleUpExposure: number;
  /** Fitted. The same of everything on the network (DP, PP, and CP or EP beyond the domain); above 1: slower than the links. */
  readonly networkExposure: number;
  /** Attention in one kernel (FlashAttention): scores never go to memory and the masked half is skipped. */
  readonly fusedAttention: boolean;
  /** Bytes of a gradient as reduced between data ranks. */
  readonly gradientBytes: number;
  /** Bytes of a weight as gathered by data ranks. */
  readonly gatherBytes: number;
  /** Data ranks of a scale-up domain gather and reduce there first; else each takes everything through its own network port. */
  readonly hierarchical: boolean;
  /** Dropout after attention and feed-forward, as in models up to 2022: masks written and read. */
  readonly dropout: boolean;
}

/** A transformer to be trained: what its FLOPs, bytes and messages are counted from. Shapes as its authors publish them. */
export interface ModelSpec {
  readonly name: string;
  readonly layers: number;
  readonly hidden: number;
  readonly heads: number;
  /** Key-value heads of grouped-query attention; equal to `heads` where all have their own. */
  readonly kvHeads: number;
  /** Width of a head; `hidden / heads` in most models. */
  readonly headDim: number;
  /** Width of the (dense) feed-forward block. */
  readonly feedForward: number;
  /** Gated (SwiGLU): three matrices in the feed-forward block instead of two. */
  readonly gated: boolean;
  readonly vocabulary: number;
  /** One matrix for input and output embeddings. */
  readonly tiedEmbeddings: boolean;
  /** Tokens of a training sequence. */
  readonly sequence: number;
  readonly experts?: ExpertSpec | undefined;
  /** Multi-head latent attention (DeepSeek): ranks of the compressed queries and keys, and head widths. */
  readonly latentAttention?:
    | {
        readonly queryRank: number;
        readonly keyValueRank: number;
        readonly ropeDim: number;
        readonly valueDim: number;
      }
    | undefined;
}

/** A mixture of experts in place of the feed-forward block. */
export interface ExpertSpec {
  readonly count: number;
  /** Routed experts that work on a token. */
  readonly active: number;
  /** Experts that work on every token. */
  readonly shared: number;
  /** Width of an expert. */
  readonly feedForward: number;
  /** First layers that have the dense block. */
  readonly denseLayers: number;
}

import { precisionsOf } from './accelerator.js';
import { divisionFaults, type DivisionFault } from './divides.js';
import type { Accelerator, ExecutionSpec, Precision, Span, StepEstimate } from './execution.js';
import { memoryOf } from './memory.js';
import type { ModelSpec } from './model.js';
import { dividesLayers, layersPerChunk } from './pipelineLayout.js';
import type { Stack } from './stack.js';
import { stepTime } from './stepTime.js';

/** What of a parallelism may be given; the rest is searched for. */
export type GivenParallelism = Partial<
  Pick<
    ExecutionSpec,
    'tensor' | 'pipeline' | 'context' | 'expert' | 'data' | 'microBatch' | 'interleave' | 'recompute' | 'zero'
  >
>;

export interface SearchRequest {
  readonly gpus: number;
  readonly span: Span;
  readonly precision: Precision;
  /** Sequences of a global batch. */
  readonly globalBatch: number;
  /**
   * The batch is that and nothing else; else the nearest one that data ranks share, at most
   * {@link BATCH_TOLERANCE} off.
   */
  readonly exactBatch: boolean;
  readonly given?: GivenParallelism | undefined;
}

export interface FoundExecution {
  readonly execution: ExecutionSpec;
  readonly estimate: StepEstimate;
}

/** The fastest first, or why there is none. */
export type SearchResult =
  | {
      readonly ok: true;
      readonly best: FoundExecution;
      /** Next fastest of other TP, PP, CP and EP, at most {@link RUNNERS_UP}. */
      readonly runnersUp: readonly FoundExecution[];
    }
  | {
      readonly ok: false;
      /** The execution that needs least memory, and how much, where one divides. */
      readonly least?: { readonly execution: ExecutionSpec; readonly memoryGB: number } | undefined;
      /** What does not divide, where nothing does: of the one execution that is given in full, or in words. */
      readonly faults: readonly DivisionFault[];
    };

/** How far a batch that is not given exactly may be off, as a share. */
export const BATCH_TOLERANCE = 0.25;
export const RUNNERS_UP = 4;

/** Wider tensor and expert parallelism was not published for training. */
const TENSOR = [1, 2, 4, 8, 16];
const CONTEXT = [1, 2, 4, 8, 16, 32, 64];
const EXPERT = [1, 2, 4, 8, 16, 32, 64];
/** More experts than that on a GPU were not published either. */
const MAX_EXPERTS_A_GPU = 32;
const MICRO_BATCH = [1, 2, 4, 8];
/** Longer pipelines were not published. */
const MAX_PIPELINE = 64;
/** Layers of a virtual stage that are tried; as many as a stage has besides. */
const CHUNK_LAYERS = [1, 2, 3, 4, 6];
/** A context rank keeps at least so many tokens, as in the published runs (8,192 on CP 2). */
const MIN_CONTEXT_TOKENS = 4096;
/** From what costs nothing to what costs most. */
const RECOMPUTE = ['none', 'selective', 'full'] as const;

/**
 * The fastest execution of a model on so many GPUs that fits in memory, with the next ones.
 *
 * Searched: TP in powers of two up to 16 inside the scale-up domain; PP up to 64 that divides the layers; CP in powers of two
 * that leave each rank 4,096 tokens; EP in powers of two up to 64 over the ranks of a stage, at most 32
 * experts a GPU; micro-batches of 1, 2, 4, 8;
 * interleaving in virtual stages of 1, 2, 3, 4 or 6 layers; of recomputation the cheapest that fits; the optimiser
 * sharded (ZeRO-1), or everything (ZeRO-3) where there is no pipeline. What is given is taken as it is and may lie
 * outside of that (ZeRO-2, for one). Of equally fast ones the first in that order wins.
 *
 * Cost: memory of every candidate, a step time of those that fit; under 20 ms for any model of the catalogue.
 *
 * Wrong where a step time is (docs/throughput.md), and by what is not searched: uneven layouts, micro-batches above 8,
 * offloading to the host.
 */
export function bestExecution(
  model: ModelSpec,
  accelerator: Accelerator,
  stack: Stack,
  request: SearchRequest,
): SearchResult {
  const { given = {}, gpus, precision } = request;
  if (!precisionsOf(accelerator).includes(precision)) {
    const message = `expected a precision that ${accelerator.name} has, one of ${precisionsOf(accelerator).join(', ')}, got ${precision}`;
    return { ok: false, faults: [{ key: 'precision', message }] };
  }
  const search = new Search(model, accelerator, stack, request);
  for (const tensor of given.tensor === undefined ? tensorRanks(model, accelerator, gpus) : [given.tensor]) {
    for (const context of given.context === undefined ? contextRanks(model, gpus) : [given.context]) {
      for (const pipeline of given.pipeline === undefined ? pipelineRanks(model, gpus) : [given.pipeline]) {
        const data = gpus / (tensor * context * pipeline);
        if (data === (given.data ?? Math.floor(data))) search.replica(tensor, context, pipeline);
      }
    }
  }
  return search.result();
}

/** Collects what a search finds. */
class Search {
  readonly #model: ModelSpec;
  readonly #accelerator: Accelerator;
  readonly #stack: Stack;
  readonly #request: SearchRequest;
  readonly #found: FoundExecution[] = [];
  #least: { execution: ExecutionSpec; memoryGB: number } | undefined;
  #faulty: ExecutionSpec | undefined;

  constructor(model: ModelSpec, accelerator: Accelerator, stack: Stack, request: SearchRequest) {
    this.#model = model;
    this.#accelerator = accelerator;
    this.#stack = stack;
    this.#request = request;
  }

  /** Everything with this TP, CP and PP. */
  replica(tensor: number, context: number, pipeline: number): void {
    const { gpus, precision, given = {} } = this.#request;
    const data = gpus / (tensor * context * pipeline);
    const experts = given.expert === undefined ? expertRanks(this.#model, gpus / pipeline) : [given.expert];
    const interleaves = given.interleave === undefined ? interleavings(this.#model, pipeline) : [given.interleave];
    const batches = given.microBatch === undefined ? MICRO_BATCH : [given.microBatch];
    const zeros =
      given.zero === undefined ? (pipeline === 1 && data > 1 ? ([1, 3] as const) : ([1] as const)) : [given.zero];
    for (const expert of experts) {
      let best: FoundExecution | undefined;
      for (const zero of zeros) {
        interleaved: for (const interleave of interleaves) {
          for (const microBatch of batches) {
            const run: ExecutionSpec = {
              gpus,
              tensor,
              pipeline,
              context,
              expert,
              data,
              microBatch,
              globalBatch: this.#batch(data * microBatch) ?? this.#request.globalBatch,
              interleave,
              precision,
              recompute: given.recompute ?? 'none',
              sequenceParallel: tensor > 1,
              zero,
            };
            if (!this.#divides(run)) continue;
            const found = this.#cheapestThatFits(run);
            if (found === undefined) {
              // A larger micro-batch needs more memory still, and interleaving more than none.
              if (interleave === 1 && microBatch === batches[0]) break interleaved;
              break;
            }
            if (best === undefined || found.estimate.tokensPerS > best.estimate.tokensPerS) best = found;
          }
        }
      }
      if (best !== undefined) this.#found.push(best);
    }
  }

  result(): SearchResult {
    const { gpus } = this.#request;
    // Array.sort is stable: of equally fast ones the first found stays first.
    const [best, ...others] = this.#found.sort((a, b) => b.estimate.tokensPerS - a.estimate.tokensPerS);
    if (best !== undefined) return { ok: true, best, runnersUp: others.slice(0, RUNNERS_UP) };
    if (this.#least !== undefined) return { ok: false, least: this.#least, faults: [] };
    if (this.#faulty !== undefined) return { ok: false, faults: divisionFaults(this.#model, this.#faulty) };
    const message = `nothing tried divides ${gpus} GPUs and ${this.#model.name}: take a multiple of a power of two`;
    return { ok: false, faults: this.#givenFaults() ?? [{ key: 'gpus', message }] };
  }

  /** What is wrong with what is given, were the rest 1. */
  #givenFaults(): DivisionFault[] | undefined {
    const { given, gpus, precision, globalBatch, exactBatch } = this.#request;
    if (given === undefined) return undefined;
    const { tensor = 1, pipeline = 1, context = 1, expert = 1, microBatch = 1, interleave = 1, zero = 1 } = given;
    const data = given.data ?? Math.max(1, Math.floor(gpus / (tensor * pipeline * context)));
    const run: ExecutionSpec = {
      ...{ gpus, tensor, pipeline, context, expert, data, microBatch, globalBatch, interleave, precision },
      ...{ recompute: given.recompute ?? 'none', sequenceParallel: tensor > 1, zero },
    };
    // A batch that may move is not at fault, nor is one where GPUs do not divide into data ranks.
    const batchIsMeant = exactBatch && data * tensor * pipeline * context === gpus;
    const faults = divisionFaults(this.#model, run).filter(({ key }) => batchIsMeant || key !== 'globalBatch');
    return faults.length === 0 ? undefined : faults;
  }

  /** The batch for data ranks that take `share` sequences at once; `undefined`: none near enough. */
  #batch(share: number): number | undefined {
    const { globalBatch, exactBatch } = this.#request;
    if (exactBatch) return globalBatch % share === 0 ? globalBatch : undefined;
    const near = Math.max(1, Math.round(globalBatch / share)) * share;
    return Math.abs(near - globalBatch) <= BATCH_TOLERANCE * globalBatch ? near : undefined;
  }

  #divides(run: ExecutionSpec): boolean {
    if (divisionFaults(this.#model, run).length === 0) return true;
    this.#faulty ??= run;
    return false;
  }

  /** With as little recomputation as memory allows; faster than with more. */
  #cheapestThatFits(run: ExecutionSpec): FoundExecution | undefined {
    const model = this.#model;
    const given = this.#request.given?.recompute;
    for (const recompute of given === undefined ? RECOMPUTE : [given]) {
      const execution = recompute === run.recompute ? run : { ...run, recompute };
      const { totalGB, fits } = memoryOf(model, execution, this.#accelerator, this.#stack);
      if (fits) {
        return { execution, estimate: stepTime(model, execution, this.#accelerator, this.#stack, this.#request.span) };
      }
      if (this.#least === undefined || totalGB < this.#least.memoryGB) this.#least = { execution, memoryGB: totalGB };
    }
    return undefined;
  }
}

function tensorRanks({ heads, feedForward }: ModelSpec, { scaleUpGpus }: Accelerator, gpus: number): number[] {
  return TENSOR.filter(
    (ranks) => ranks <= scaleUpGpus && gpus % ranks === 0 && heads % ranks === 0 && feedForward % ranks === 0,
  );
}

function contextRanks({ sequence }: ModelSpec, gpus: number): number[] {
  return CONTEXT.filter((ranks) => ranks === 1 || (gpus % ranks === 0 && sequence / ranks >= MIN_CONTEXT_TOKENS));
}

function pipelineRanks(model: ModelSpec, gpus: number): number[] {
  const ranks: number[] = [];
  for (let pipeline = 1; pipeline <= Math.min(MAX_PIPELINE, model.layers + 3); pipeline++) {
    if (gpus % pipeline === 0 && interleavings(model, pipeline).length > 0) ranks.push(pipeline);
  }
  return ranks;
}

function expertRanks({ experts }: ModelSpec, ranksOfStage: number): readonly number[] {
  if (experts === undefined) return [1];
  return EXPERT.filter(
    (ranks) => experts.count % ranks === 0 && experts.count / ranks <= MAX_EXPERTS_A_GPU && ranksOfStage % ranks === 0,
  );
}

/** None, and those that make virtual stages of few layers. */
function interleavings(model: ModelSpec, pipeline: number): number[] {
  const tried = new Set([1]);
  for (const layers of pipeline > 1 ? CHUNK_LAYERS : []) {
    const interleave = Math.ceil(model.layers / (layers * pipeline));
    // Where layers do not divide, the stages that many make may hold fewer than meant.
    if (layersPerChunk(model, { pipeline, interleave }) === layers) tried.add(interleave);
  }
  return [...tried].filter((interleave) => dividesLayers(model, { pipeline, interleave })).sort((a, b) => a - b);
}

import type { z } from 'zod';
import { SimError, type Issue } from '../base/errors.js';
import { MODEL_DEFAULTS } from '../scenario/defaults.js';
import { hardwareSchema, type Hardware } from '../scenario/hardwareSchema.js';
import { invalidDocument } from '../scenario/issues.js';
import { modelSchema, type ModelDoc } from '../scenario/modelSchema.js';
import { checkSchema } from '../scenario/schemaIssues.js';
import type { Library, LibraryKind, SourceDoc } from '../scenario/sourceDoc.js';
import { stackSchema, type StackDoc } from '../scenario/stackSchema.js';
import { didYouMean, listed } from '../scenario/suggest.js';
import { acceleratorOf } from '../training/accelerator.js';
import type { DivisionFault } from '../training/divides.js';
import type { Accelerator, Precision, Span } from '../training/execution.js';
import { memoryOf, type MemoryEstimate } from '../training/memory.js';
import type { ModelSpec } from '../training/model.js';
import { modelSpec } from '../training/modelSpec.js';
import {
  bestExecution,
  type FoundExecution,
  type GivenParallelism,
  type SearchRequest,
  type SearchResult,
} from '../training/search.js';
import type { Stack } from '../training/stack.js';
import { defaultStackDoc, stackDocs, stackSpec } from '../training/stacks.js';
import { stepTime } from '../training/stepTime.js';
import { beyondText, modelKind, supportOf, type Support } from '../training/support.js';
import { parallelismText } from './bestRun.js';

/** What a user asks of a model on so many GPUs; what is absent is searched for or a default. */
export interface ThroughputRequest {
  /** Name in the catalogue, or a document. */
  readonly model: string | SourceDoc;
  readonly hardware: string | SourceDoc;
  readonly gpus: number;
  readonly precision?: Precision | undefined;
  readonly sequence?: number | undefined;
  readonly globalBatch?: number | undefined;
  readonly pods?: number | undefined;
  readonly oversubscription?: number | undefined;
  readonly stack?: string | undefined;
  readonly given: GivenParallelism;
}

export interface SpeedInPods {
  readonly pods: number;
  readonly tokensPerS: number;
  /** Of the tokens a second in the fewest pods, 0…1. */
  readonly relative: number;
  readonly exposedFraction: number;
}

export interface Throughput extends FoundExecution {
  readonly model: ModelSpec;
  readonly modelDoc: ModelDoc;
  readonly hardware: Hardware;
  readonly stack: StackDoc;
  /** Whether that stack was asked for; else it is the default of the hardware and precision. */
  readonly stackAsked: boolean;
  /** How far rows of the stack carry the prediction. */
  readonly support: Support;
  /** In words; empty: they cover it. */
  readonly beyondRows: string;
  readonly span: Span;
  readonly memory: MemoryEstimate;
  readonly runnersUp: readonly FoundExecution[];
  /** From the fewest pods that hold the gang, doubled each time. */
  readonly byPods: readonly SpeedInPods[];
}

/** How a number is called on the command line. */
const OPTION: Readonly<Record<DivisionFault['key'], string>> = {
  gpus: '--gpus',
  tensor: '--tp',
  pipeline: '--pp',
  context: '--cp',
  expert: '--ep',
  data: '--dp',
  microBatch: '--micro-batch',
  globalBatch: '--global-batch',
  interleave: '--interleave',
  precision: '--precision',
  recompute: '--recompute',
  sequenceParallel: '--tp',
  zero: '--zero',
};

/** Beyond so many pods nothing is learnt. */
const MAX_PODS = 64;
/** Ten gigafactories in one job. */
const MAX_GPUS = 1_048_576;

/**
 * How fast a model trains, in the parallelism given or the best that fits.
 *
 * @throws SimError `usage` for a name nothing answers to, numbers that do not divide or are out of range (all of them), a model that does
 * not fit (with the memory figure, and the GPUs it fits on), a precision the hardware lacks
 */
export function throughputOf(request: ThroughputRequest, library: Library): Throughput {
  const modelDoc = documentOf(library, 'model', modelSchema, request.model);
  const hardware = documentOf(library, 'hardware', hardwareSchema, request.hardware);
  const own = modelSpec(modelDoc);
  const model = request.sequence === undefined ? own : { ...own, sequence: request.sequence };
  const precision = request.precision ?? MODEL_DEFAULTS.precision.value;
  const stackDoc = stackOf(library, request.stack, hardware.name, precision);
  const [accelerator, stack] = [acceleratorOf(hardware), stackSpec(stackDoc)];
  const { span, issues } = spanOf(request, hardware);
  const asked: SearchRequest = {
    gpus: request.gpus,
    span,
    precision,
    globalBatch:
      request.globalBatch ?? Math.max(1, Math.round(MODEL_DEFAULTS.globalBatchTokens.value / model.sequence)),
    exactBatch: request.globalBatch !== undefined,
    given: request.given,
  };
  const found = bestExecution(model, accelerator, stack, asked);
  const tooMany = found.ok || found.least !== undefined ? [] : parallelismIssues(found.faults, asked);
  const wrong = [...issues, ...tooMany];
  if (wrong.length > 0) throw refused(wrong);
  if (!found.ok) throw doesNotFit(found.least!, model, accelerator, stack, asked);
  const { execution, estimate } = found.best;
  const use = { hardware: hardware.name, precision, model: modelKind(model), gpus: request.gpus };
  const support = supportOf(stackDoc, use);
  return {
    model,
    modelDoc,
    hardware,
    stack: stackDoc,
    stackAsked: request.stack !== undefined,
    support,
    beyondRows: beyondText(stackDoc, support, use),
    span,
    execution,
    estimate,
    memory: memoryOf(model, execution, accelerator, stack),
    runnersUp: found.runnersUp,
    byPods: speedsByPods(found.best, model, accelerator, stack, span, fewestPods(request.gpus, hardware)),
  };
}

function documentOf<T>(library: Library, kind: LibraryKind, schema: z.ZodType<T>, asked: string | SourceDoc): T {
  const doc = typeof asked === 'string' ? library.find(kind, asked) : asked;
  if (doc === undefined) throw unknown(kind, asked as string, library.names(kind));
  const checked = checkSchema(schema, doc);
  if (!checked.ok) throw invalidDocument(doc.file, checked.issues);
  return checked.value;
}

function unknown(kind: string, name: string, known: readonly string[]): SimError {
  const message = `unknown ${kind}: expected one of ${listed(known)}; got ${JSON.stringify(name)}`;
  return new SimError('usage', message, [{ path: '', message, ...hintOf(didYouMean(name, known)) }]);
}

const hintOf = (hint: string | undefined): { hint?: string } => (hint === undefined ? {} : { hint });

function stackOf(library: Library, name: string | undefined, hardware: string, precision: Precision): StackDoc {
  if (name === undefined) return defaultStackDoc(stackDocs(library), hardware, precision);
  return documentOf(library, 'stack', stackSchema, name);
}

const podGpus = ({ gpusPerNode, nodesPerRack, racksPerPod }: Hardware): number =>
  gpusPerNode.value * nodesPerRack.value * racksPerPod.value;

const fewestPods = (gpus: number, hardware: Hardware): number => Math.ceil(gpus / podGpus(hardware));

/** Where the gang lies and what leaves a pod, defaults for what is at fault: the rest is looked at in one go. */
function spanOf(
  { pods, gpus, oversubscription }: ThroughputRequest,
  hardware: Hardware,
): { readonly span: Span; readonly issues: readonly Issue[] } {
  const fewest = fewestPods(gpus, hardware);
  const most = Math.ceil(gpus / hardware.gpusPerNode.value);
  const issues: Issue[] = [];
  if (gpus > MAX_GPUS) {
    issues.push({ path: '--gpus', message: `expected at most ${MAX_GPUS} GPUs of one job, got ${gpus}` });
  }
  if (pods !== undefined && !(Number.isSafeInteger(pods) && pods >= fewest && pods <= most)) {
    const range = fewest === most ? `${fewest}` : `${fewest} to ${most}`;
    const message = `expected ${range} for ${gpus} GPUs in pods of ${podGpus(hardware)}, got ${pods}`;
    issues.push({ path: '--pods', message });
  }
  if (oversubscription !== undefined && oversubscription < 1) {
    issues.push({ path: '--oversubscription', message: `expected at least 1, got ${oversubscription}` });
  }
  const isWrong = (option: string): boolean => issues.some(({ path }) => path === option);
  return {
    span: {
      pods: pods === undefined || isWrong('--pods') ? fewest : pods,
      oversubscription:
        oversubscription === undefined || isWrong('--oversubscription')
          ? hardware.oversubscription.value
          : oversubscription,
    },
    issues,
  };
}

function speedsByPods(
  { execution }: FoundExecution,
  model: ModelSpec,
  accelerator: Accelerator,
  stack: Stack,
  { oversubscription }: Span,
  fewest: number,
): SpeedInPods[] {
  const most = Math.min(MAX_PODS, Math.ceil(execution.gpus / accelerator.gpusPerNode));
  const counts: number[] = [];
  for (let pods = fewest; pods <= Math.max(most, fewest); pods *= 2) counts.push(pods);
  const estimates = counts.map((pods) => stepTime(model, execution, accelerator, stack, { pods, oversubscription }));
  return estimates.map(({ tokensPerS, exposedFraction }, index) => ({
    pods: counts[index]!,
    tokensPerS,
    relative: tokensPerS / estimates[0]!.tokensPerS,
    exposedFraction,
  }));
}

/** What does not divide, by option; a batch that nobody gave is a matter of how many GPUs are to share it. */
function parallelismIssues(
  faults: readonly DivisionFault[],
  { gpus, globalBatch, exactBatch }: SearchRequest,
): Issue[] {
  if (gpus > MAX_GPUS) return [];
  return faults.map(({ key, message }): Issue =>
    key !== 'globalBatch' || exactBatch
      ? { path: OPTION[key], message }
      : {
          path: '--gpus',
          message: `expected GPUs that can share a global batch of ${globalBatch} sequences, the default, got ${gpus}`,
          hint: 'Take other GPUs, or give --global-batch.',
        },
  );
}

function refused(issues: readonly Issue[]): SimError {
  const [first] = issues;
  const message = issues.length === 1 ? `${first!.path}: ${first!.message}` : `${issues.length} options are wrong`;
  return new SimError('usage', message, issues);
}

function doesNotFit(
  { execution, memoryGB }: NonNullable<Extract<SearchResult, { ok: false }>['least']>,
  model: ModelSpec,
  accelerator: Accelerator,
  stack: Stack,
  asked: SearchRequest,
): SimError {
  const how = `${parallelismText(execution)}, micro-batch ${execution.microBatch}, ${execution.recompute} recomputation`;
  const message =
    `${model.name} does not fit on ${asked.gpus} GPUs of ${accelerator.name}: ` +
    `expected at most ${accelerator.hbmGB} GB a GPU, got ${Math.ceil(memoryGB)} GB at least (${how})`;
  return new SimError('usage', message, [{ path: '--gpus', message, hint: remedy(model, accelerator, stack, asked) }]);
}

/** The next size that holds the model, by doubling. */
function remedy(model: ModelSpec, accelerator: Accelerator, stack: Stack, asked: SearchRequest): string {
  const isGiven = Object.keys(asked.given ?? {}).length > 0;
  if (isGiven && bestExecution(model, accelerator, stack, { ...asked, given: {} }).ok) {
    return 'It fits in another parallelism: leave it out, and the best is searched for.';
  }
  for (let gpus = 2 * asked.gpus; gpus <= MAX_GPUS; gpus *= 2) {
    if (bestExecution(model, accelerator, stack, { ...asked, gpus, given: {} }).ok) {
      return `It fits on --gpus ${gpus}. Or take hardware with more memory.`;
    }
  }
  return 'Take hardware with more memory, or a shorter sequence.';
}

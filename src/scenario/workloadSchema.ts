import { z } from 'zod';
import { assumed, WORKLOAD_DEFAULTS } from './defaults.js';
import { checkDependencies } from './dependencies.js';
import { durationText } from './duration.js';
import { figure } from './figure.js';
import { servicesSchema } from './serviceSchema.js';
import { isPlainObject, type PlainObject } from './sourcePath.js';
import { jobTokens, modelUseSchema, tokensSchema } from './trainingSchema.js';
import { jobTraitKeys, traitKeys } from './traitsSchema.js';

/**
 * A workload document: either `classes`, from which a generator draws jobs, or `jobs`, an explicit list.
 * docs/workloads.md explains every key; src/workload/resolve.ts turns the document into whole numbers.
 */

const fraction = () => figure({ min: 0, max: 1 });
const identifier = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'expected lower-case words joined by hyphens');

/** Where a whole table of numbers comes from; the same keys as a figure's. */
const provenance = {
  source: z.string().min(1).optional(),
  year: z.number().int().min(1900).max(2100).optional(),
  confidence: z.enum(['high', 'medium', 'low']).optional(),
  assumption: z.boolean().optional(),
  unverified: z.boolean().optional(),
  note: z.string().optional(),
};

/** Relative rates over a cycle of fixed length; they need not have mean 1, but not all may be 0. */
const shape = (length: number) =>
  z
    .strictObject({ values: z.array(z.number().min(0)).length(length), ...provenance })
    .refine(({ values }) => values.some((value) => value > 0), { message: 'expected at least one value above 0' });

/** Exactly one of `p90…` and `sigma` says how wide a lognormal is. */
const onePercentileOrSigma = (spec: { p90?: unknown; p90H?: unknown; sigma?: unknown }): boolean =>
  ((spec.p90 ?? spec.p90H) === undefined) !== (spec.sigma === undefined);

const durationSchema = z.discriminatedUnion('shape', [
  z
    .strictObject({
      shape: z.literal('lognormal'),
      medianH: figure({ positive: true }),
      p90H: figure({ positive: true }).optional(),
      sigma: figure({ min: 0 }).optional(),
      /** Draws outside [minH, maxH] do not occur: the distribution is truncated, not clamped. */
      minH: figure({ min: 0 }),
      maxH: figure({ positive: true }),
    })
    .refine(onePercentileOrSigma, { message: 'expected exactly one of p90H and sigma' })
    .refine(({ medianH, p90H }) => p90H === undefined || p90H.value >= medianH.value, {
      path: ['p90H'],
      message: 'expected p90H to be at least medianH',
    })
    .refine(({ minH, maxH }) => minH.value < maxH.value, { path: ['maxH'], message: 'expected maxH above minH' }),
  z.strictObject({ shape: z.literal('exponential'), meanH: figure({ positive: true }) }),
  z.strictObject({ shape: z.literal('constant'), valueH: figure({ positive: true }) }),
]);

const factorSchema = z.discriminatedUnion('shape', [
  z
    .strictObject({
      shape: z.literal('lognormal'),
      median: figure({ positive: true }),
      p90: figure({ positive: true }).optional(),
      sigma: figure({ min: 0 }).optional(),
    })
    .refine(onePercentileOrSigma, { message: 'expected exactly one of p90 and sigma' })
    .refine(({ median, p90 }) => p90 === undefined || p90.value >= median.value, {
      path: ['p90'],
      message: 'expected p90 to be at least median',
    }),
  z.strictObject({ shape: z.literal('constant'), value: figure({ min: 1 }) }),
]);

const arrivalsSchema = z.discriminatedUnion('process', [
  z.strictObject({
    process: z.literal('poisson'),
    /** Relative rates of the 24 hours and of Monday…Sunday, on a clock of UTC+1 all year; flat when absent. */
    hourOfDay: shape(24).optional(),
    weekday: shape(7).optional(),
    /** Each hour's rate is multiplied by a lognormal factor of mean 1 and this sigma: bursts; 0 is plain Poisson. */
    burstSigma: figure({ min: 0, max: 3 }).optional(),
  }),
  /** For rare huge jobs: starts, sizes and durations are spread evenly over their distributions. */
  z.strictObject({ process: z.literal('stratified') }),
]);

type Complain = (path: (string | number)[], message: string) => void;

/** A check of an entry that is said beside any other fault of it, not after it; so a key may still be anything. */
function beside(check: (entry: PlainObject, complain: Complain) => void) {
  return [
    (entry: PlainObject, context: z.RefinementCtx): void => {
      check(entry, (path, message) => {
        context.addIssue({ code: 'custom', path, message });
      });
    },
    { when: ({ value }: { readonly value: unknown }) => isPlainObject(value) },
  ] as const;
}

/** One class of `classes`. */
export const classSchema = z
  .strictObject({
    name: identifier,
    note: z.string().optional(),
    /** Share of the workload's GPU time, relative to the other classes' shares. */
    gpuTimeShare: figure({ positive: true }).optional(),
    /** In place of a share: mean arrivals an hour, whatever the site's size. */
    jobsPerHour: figure({ positive: true }).optional(),
    /** Whether `thinning` applies: a class of many tiny jobs. */
    thinnable: z.boolean().default(false),
    /** GPUs of a job and how often, by count; above a node's size rounded up to whole nodes. */
    sizes: z.strictObject({
      values: z
        .array(z.strictObject({ gpus: z.number().int().min(1), weight: z.number().positive() }))
        .min(1)
        .max(64),
      ...provenance,
    }),
    /** What the job would run if it were left to end by itself. */
    duration: durationSchema.optional(),
    /** In its place, with a model: what the job would be trained on. */
    tokens: tokensSchema.optional(),
    model: modelUseSchema.optional(),
    arrivals: arrivalsSchema,
    estimate: z.strictObject({
      /** Estimate over planned run time; below 1 counts as 1. */
      factor: factorSchema,
      limitH: figure({ positive: true }).optional(),
    }),
    users: z.strictObject({
      count: figure({ integer: true, min: 1, max: 1_000_000 }),
      /** Activity of the user of rank k is proportional to k^−exponent. */
      exponent: figure({ min: 0, max: 5 }),
    }),
    /** Shares by count; the rest completes. */
    endStates: z
      .strictObject({ failed: fraction(), cancelled: fraction() })
      .refine(({ failed, cancelled }) => failed.value + cancelled.value <= 1, {
        message: 'expected failed + cancelled of at most 1',
      })
      .optional(),
    /** A busy GPU's draw as a fraction of its TDP. */
    gpuPowerFraction: fraction(),
    /** Name of the partition it is submitted to; else the partitions share its jobs by their GPUs. */
    partition: z.string().min(1).optional(),
    ...traitKeys,
  })
  .refine(({ gpuTimeShare, jobsPerHour }) => (gpuTimeShare === undefined) !== (jobsPerHour === undefined), {
    message: 'expected exactly one of gpuTimeShare and jobsPerHour',
  })
  .superRefine(
    ...beside((entry, complain) => {
      complainOfWork(entry, 'duration', complain);
      complainOfModel(entry, complain);
      if (entry['tokens'] !== undefined && entry['model'] === undefined) complain(['tokens'], TOKENS_WITHOUT_MODEL);
    }),
  );

const TOKENS_WITHOUT_MODEL = 'expected tokens only where the class names a model';

/** How much a job or class has to do is said in one of two ways. */
function complainOfWork(entry: PlainObject, time: 'run' | 'duration', complain: Complain): void {
  const { tokens } = entry;
  if (entry[time] === undefined && tokens === undefined) {
    complain([], `expected ${time}, or tokens where the class names a model`);
  } else if (entry[time] !== undefined && tokens !== undefined) {
    complain(['tokens'], `expected exactly one of ${time} and tokens, got both`);
  }
}

/** How fast a model runs where is the throughput model's to say. */
function complainOfModel({ model, speeds }: PlainObject, complain: Complain): void {
  if (model === undefined || speeds === undefined) return;
  complain(['speeds'], 'expected no speeds where the class names a model: its throughput says how fast it runs where');
}

/** One job of `jobs`. */
export const jobSchema = z
  .strictObject({
    submit: durationText,
    gpus: z.number().int().min(1),
    run: durationText.optional(),
    /** In its place, where its class names a model: what it is trained on. */
    tokens: jobTokens.optional(),
    /** Equal to `run` when absent; a job that runs longer than its estimate meets the scenario's `overrun`. */
    estimate: durationText.optional(),
    /** One of `jobClasses`; their first when absent. */
    class: z.string().min(1).optional(),
    user: z.number().int().min(0).max(0x7fffffff).optional(),
    endState: z.enum(['completed', 'failed', 'cancelled']).optional(),
    partition: z.string().min(1).optional(),
    ...jobTraitKeys,
  })
  .superRefine(
    ...beside((job, complain) => {
      complainOfWork(job, 'run', complain);
    }),
  );

/** One class of `jobClasses`. */
export const jobClassSchema = z
  .strictObject({ name: identifier, gpuPowerFraction: fraction(), model: modelUseSchema.optional(), ...traitKeys })
  .superRefine(...beside(complainOfModel));

/**
 * Users → accounts: how many there are, users being dealt to them in turn, or how many users each has, the busiest
 * first, and their shares of the machine for the order `fair-share` (equal when absent).
 */
const accountsSchema = z.union([
  figure({ integer: true, min: 1, max: 1_000_000 }),
  z
    .strictObject({
      sizes: z.array(z.number().int().min(1)).min(1).max(10_000),
      shares: z.array(z.number().positive()).min(1).max(10_000).optional(),
      ...provenance,
    })
    .refine(({ sizes, shares }) => shares === undefined || shares.length === sizes.length, {
      path: ['shares'],
      message: 'expected one share for each of sizes',
    }),
]);

/** Structure and what one field says of its neighbours; sizes against partitions are `checkGenerator`'s. */
export const workloadSchema = z
  .strictObject({
    version: z.literal(1),
    kind: z.literal('workload'),
    name: identifier,
    title: z.string().min(1),
    note: z.string().optional(),
    /** Offered load: GPU time submitted per GPU time of the site. */
    load: figure({ positive: true, max: 3 }).default(assumed(WORKLOAD_DEFAULTS.load)),
    /** Share of the jobs of `thinnable` classes that are kept. */
    thinning: figure({ positive: true, max: 1 }).default(assumed(WORKLOAD_DEFAULTS.thinning)),
    /** A job larger than its partition: fewer GPUs for longer (default for `classes`), or an error (default for `jobs`). */
    oversize: z.enum(['rescale', 'refuse']).optional(),
    /** `exact` realises the load on every seed; `expected` lets counts and work vary as the processes do. */
    budget: z.enum(['exact', 'expected']).default(WORKLOAD_DEFAULTS.budget.value),
    /** Of drawn jobs; each user is an account of its own when absent. */
    accounts: accountsSchema.optional(),
    classes: z.array(classSchema).min(1).max(250).optional(),
    jobs: z.array(jobSchema).min(1).max(100_000).optional(),
    jobClasses: z.array(jobClassSchema).min(1).max(250).optional(),
    /** GPUs that serve users beside these jobs. */
    service: servicesSchema.optional(),
  })
  .superRefine(...beside(complainOfNeighbours));

/** The class of listed jobs where the document names none. */
export const DEFAULT_JOB_CLASS = 'job';

/** What one part of a workload says of another, for all parts that are themselves as they should be. */
function complainOfNeighbours(workload: PlainObject, complain: Complain): void {
  const { classes, jobs, jobClasses } = workload;
  if ((classes === undefined) === (jobs === undefined)) complain([], 'expected exactly one of classes and jobs');
  if (jobClasses !== undefined && jobs === undefined) complain(['jobClasses'], 'expected jobClasses only beside jobs');
  if (workload['accounts'] !== undefined && jobs !== undefined) {
    complain(['accounts'], 'expected accounts only beside classes; a listed job says its account itself');
  }
  checkNames('classes', entriesOf(classes), complain);
  checkNames('jobClasses', entriesOf(jobClasses), complain);
  checkShares(entriesOf(classes), complain);
  const known = jobClasses === undefined ? [DEFAULT_JOB_CLASS] : entriesOf(jobClasses).map(({ name }) => name);
  entriesOf(jobs).forEach((job, index) => {
    checkJob(job, index, known, complain);
  });
  checkTokens(entriesOf(jobs), entriesOf(jobClasses), complain);
  checkDependencies(entriesOf(jobs), complain);
}

/** A list's entries; one that is not an object counts as an object without keys. */
const entriesOf = (list: unknown): readonly PlainObject[] =>
  Array.isArray(list) ? list.map((entry: unknown) => (isPlainObject(entry) ? entry : {})) : [];

function checkShares(classes: readonly PlainObject[], complain: Complain): void {
  const has = (key: string) => classes.some((entry) => entry[key] !== undefined);
  if (has('jobsPerHour') && has('gpuTimeShare') && !classes.some(givesBoth)) {
    complain(['classes'], 'expected gpuTimeShare in all classes or jobsPerHour in all classes');
  }
  if (classes.length > 0 && !has('jobsPerHour') && classes.every((entry) => entry['thinnable'] === true)) {
    complain(['classes'], 'expected a class that is not thinnable to take the GPU time that thinning frees');
  }
}

const givesBoth = (entry: PlainObject): boolean =>
  entry['jobsPerHour'] !== undefined && entry['gpuTimeShare'] !== undefined;

function checkJob(job: PlainObject, index: number, known: readonly unknown[], complain: Complain): void {
  const { class: name } = job;
  const namesKnown = known.every((other) => typeof other === 'string');
  if (typeof name === 'string' && name !== '' && namesKnown && !known.includes(name)) {
    complain(['jobs', index, 'class'], `expected one of ${known.join(', ')}; got ${name}`);
  }
  const { gpus, minGpus, maxGpus } = job;
  if (typeof gpus !== 'number') return;
  if (typeof minGpus === 'number' && minGpus > gpus) {
    complain(['jobs', index, 'minGpus'], `expected at most the ${gpus} GPUs it asks for; got ${minGpus}`);
  }
  if (typeof maxGpus === 'number' && maxGpus < gpus) {
    complain(['jobs', index, 'maxGpus'], `expected at least the ${gpus} GPUs it asks for; got ${maxGpus}`);
  }
}

/** Tokens say something only of jobs whose class has a model. */
function checkTokens(jobs: readonly PlainObject[], classes: readonly PlainObject[], complain: Complain): void {
  jobs.forEach(({ tokens, class: name }, index) => {
    if (tokens === undefined) return;
    const of = name === undefined ? classes[0] : classes.find((entry) => entry['name'] === name);
    // An unknown class is complained of by itself.
    if (name !== undefined && of === undefined && classes.length > 0) return;
    if (of?.['model'] === undefined) complain(['jobs', index, 'tokens'], TOKENS_WITHOUT_MODEL);
  });
}

function checkNames(key: string, entries: readonly PlainObject[], complain: Complain): void {
  const first = new Map<string, number>();
  entries.forEach(({ name }, index) => {
    if (typeof name !== 'string') return;
    const earlier = first.get(name);
    if (earlier === undefined) first.set(name, index);
    else complain([key, index, 'name'], `expected a name of its own; ${name} is ${key}[${earlier}] already`);
  });
}

export type Workload = z.infer<typeof workloadSchema>;
export type WorkloadClass = z.infer<typeof classSchema>;
export type WorkloadJob = z.infer<typeof jobSchema>;

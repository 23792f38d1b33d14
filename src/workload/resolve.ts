import { MS_PER_HOUR, parseDurationMs } from '../base/units.js';
import { WORKLOAD_DEFAULTS } from '../scenario/defaults.js';
import type { Figure } from '../scenario/figure.js';
import { DEFAULT_JOB_CLASS, type Workload, type WorkloadClass, type WorkloadJob } from '../scenario/workloadSchema.js';
import type { Tokens } from '../scenario/trainingSchema.js';
import type { TraitKeys } from '../scenario/traitsSchema.js';
import { END_STATES } from './jobTable.js';
import type {
  ResolvedAccounts,
  ResolvedClass,
  ResolvedDistribution,
  ResolvedGenerator,
  ResolvedJob,
  ResolvedJobRules,
} from './resolved.js';

/** Φ⁻¹(0.9): sigma of a lognormal is ln(p90 / median) over this. */
const NORMAL_P90 = 1.2815515655446004;

/**
 * The document as plain numbers in ms, for RunSpec.workload.generator.
 *
 * Cost: O(classes + jobs). Cannot fail on a document that `workloadSchema` passed.
 */
export function resolveGenerator(workload: Workload): ResolvedGenerator {
  const { jobs, classes, oversize, budget } = workload;
  if (jobs) {
    const jobClasses = workload.jobClasses?.map((entry) => ({
      name: entry.name,
      gpuPowerFraction: entry.gpuPowerFraction.value,
      ...jobRules(entry),
    })) ?? [{ name: DEFAULT_JOB_CLASS, gpuPowerFraction: WORKLOAD_DEFAULTS.gpuPowerFraction.value }];
    const names = jobClasses.map(({ name }) => name);
    return {
      kind: 'jobs',
      oversize: oversize ?? WORKLOAD_DEFAULTS.oversizeListed.value,
      classes: jobClasses,
      jobs: resolveJobs(jobs, names),
    };
  }
  const resolved = classes!.map(resolveClass);
  return {
    kind: 'mix',
    load: resolved[0]!.gpuTimeShare === null ? null : workload.load.value,
    thinning: workload.thinning.value,
    oversize: oversize ?? WORKLOAD_DEFAULTS.oversizeDrawn.value,
    budget,
    classes: resolved,
    ...(workload.accounts === undefined ? {} : { accounts: accountsOf(workload.accounts) }),
  };
}

/** Names and draws of the classes in the order of their indices, for RunSpec.workload.classNames and node power. */
export function generatorClasses(
  generator: ResolvedGenerator,
): readonly { readonly name: string; readonly gpuPowerFraction: number }[] {
  return generator.classes.map(({ name, gpuPowerFraction }) => ({ name, gpuPowerFraction }));
}

function resolveClass(entry: WorkloadClass): ResolvedClass {
  const { arrivals, estimate, users } = entry;
  return {
    name: entry.name,
    gpuTimeShare: entry.gpuTimeShare?.value ?? null,
    jobsPerHour: entry.jobsPerHour?.value ?? null,
    thinnable: entry.thinnable,
    sizes: entry.sizes.values.map(({ gpus, weight }) => ({ gpus, weight })),
    ...(entry.tokens === undefined
      ? { duration: resolveDuration(entry.duration!) }
      : { duration: resolveTokens(entry.tokens), inTokens: true as const }),
    arrivals:
      arrivals.process === 'stratified'
        ? { process: 'stratified' }
        : {
            process: 'poisson',
            hourOfDay: arrivals.hourOfDay?.values ?? new Array<number>(24).fill(1),
            weekday: arrivals.weekday?.values ?? new Array<number>(7).fill(1),
            burstSigma: arrivals.burstSigma?.value ?? 0,
          },
    estimate: {
      factor:
        estimate.factor.shape === 'constant'
          ? { shape: 'constant', value: estimate.factor.value.value }
          : {
              shape: 'lognormal',
              median: estimate.factor.median.value,
              sigma: sigmaOf(estimate.factor.median, estimate.factor.p90, estimate.factor.sigma),
              min: 0,
              max: null,
            },
      limitMs: estimate.limitH ? toMs(estimate.limitH) : null,
    },
    users: { count: users.count.value, exponent: users.exponent.value },
    failedFraction: entry.endStates?.failed.value ?? 0,
    cancelledFraction: entry.endStates?.cancelled.value ?? 0,
    gpuPowerFraction: entry.gpuPowerFraction.value,
    partition: entry.partition ?? null,
    ...jobRules(entry),
  };
}

/** Of what a class says of its jobs, that which becomes columns of theirs. */
export function jobRules({ deadline, elastic }: Pick<TraitKeys, 'deadline' | 'elastic'>): ResolvedJobRules {
  return {
    ...(deadline === undefined ? {} : { deadlineSlack: deadline.value }),
    ...(elastic === undefined ? {} : { elastic: { min: elastic.min.value, max: elastic.max.value } }),
  };
}

const accountsOf = (accounts: NonNullable<Workload['accounts']>): ResolvedAccounts =>
  'sizes' in accounts
    ? { sizes: accounts.sizes, ...(accounts.shares === undefined ? {} : { shares: accounts.shares }) }
    : { count: accounts.value };

function resolveDuration(spec: NonNullable<WorkloadClass['duration']>): ResolvedDistribution {
  switch (spec.shape) {
    case 'exponential':
      return { shape: 'exponential', mean: toMs(spec.meanH) };
    case 'constant':
      return { shape: 'constant', value: toMs(spec.valueH) };
    case 'lognormal':
      return {
        shape: 'lognormal',
        median: toMs(spec.medianH),
        sigma: sigmaOf(spec.medianH, spec.p90H, spec.sigma),
        min: toMs(spec.minH),
        max: toMs(spec.maxH),
      };
  }
}

function resolveTokens(spec: Tokens): ResolvedDistribution {
  if (!('shape' in spec)) return { shape: 'constant', value: toTokens(spec) };
  switch (spec.shape) {
    case 'exponential':
      return { shape: 'exponential', mean: toTokens(spec.meanT) };
    case 'constant':
      return { shape: 'constant', value: toTokens(spec.valueT) };
    case 'lognormal':
      return {
        shape: 'lognormal',
        median: toTokens(spec.medianT),
        sigma: sigmaOf(spec.medianT, spec.p90T, spec.sigma),
        min: toTokens(spec.minT),
        max: toTokens(spec.maxT),
      };
  }
}

const toTokens = (trillions: Figure): number => Math.round(trillions.value * 1e12);

const toMs = (hours: Figure): number => Math.round(hours.value * MS_PER_HOUR);

function sigmaOf(median: Figure, p90: Figure | undefined, sigma: Figure | undefined): number {
  return p90 ? Math.log(p90.value / median.value) / NORMAL_P90 : sigma!.value;
}

function resolveJobs(jobs: readonly WorkloadJob[], classNames: readonly string[]): ResolvedJob[] {
  const ids = new Map(jobs.flatMap(({ id }, index) => (id === undefined ? [] : [[id, index] as const])));
  const accounts = jobs.some(({ account }) => account !== undefined) ? new Map<string, number>() : undefined;
  return jobs.map((job) => ({
    ...resolveJob(job, classNames),
    ...(job.after === undefined ? {} : { after: job.after.flatMap((id) => ids.get(id) ?? []) }),
    ...(accounts === undefined ? {} : { account: accountNumber(accounts, job) }),
  }));
}

/** Accounts in the order of their first job; a job without one is charged to an account of its user's own. */
function accountNumber(accounts: Map<string, number>, { account, user }: WorkloadJob): number {
  const key = account === undefined ? `user ${user ?? 0}` : `account ${account}`;
  const known = accounts.get(key);
  if (known !== undefined) return known;
  accounts.set(key, accounts.size);
  return accounts.size - 1;
}

function resolveJob(job: WorkloadJob, classNames: readonly string[]): ResolvedJob {
  const runMs = job.run === undefined ? null : parseDurationMs(job.run)!;
  const submitMs = parseDurationMs(job.submit)!;
  const { priority, deadline, minGpus, maxGpus, reservation } = job;
  return {
    submitMs,
    gpus: job.gpus,
    runMs,
    estimateMs: job.estimate === undefined ? runMs : parseDurationMs(job.estimate)!,
    ...(job.tokens === undefined ? {} : { tokens: toTokens(job.tokens) }),
    class: job.class === undefined ? 0 : classNames.indexOf(job.class),
    user: job.user ?? 0,
    endState: job.endState === undefined ? 0 : END_STATES.indexOf(job.endState),
    partition: job.partition ?? null,
    ...(priority === undefined ? {} : { priority }),
    ...(deadline === undefined ? {} : { deadlineMs: deadline.ms + (deadline.fromSubmission ? submitMs : 0) }),
    ...(minGpus === undefined ? {} : { minGpus }),
    ...(maxGpus === undefined ? {} : { maxGpus }),
    ...(reservation === undefined ? {} : { reservation }),
  };
}

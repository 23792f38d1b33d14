import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { RandomStreams } from '../../src/base/random.js';
import { MS_PER_DAY } from '../../src/base/units.js';
import { workloadSchema, type Workload } from '../../src/scenario/workloadSchema.js';
import { generateJobs, type GenerateContext, type GeneratedJobs } from '../../src/workload/generate.js';
import { resolveGenerator } from '../../src/workload/resolve.js';
import type { ResolvedClass, ResolvedGenerator, ResolvedMix } from '../../src/workload/resolved.js';

const FOLDER = resolve(import.meta.dirname, '../../scenarios/workloads');

export const shippedNames = readdirSync(FOLDER)
  .map((file) => file.replace(/\.yaml$/, ''))
  .sort();

export const shippedDocument = (name: string): unknown => parse(readFileSync(join(FOLDER, `${name}.yaml`), 'utf8'));
export const shippedWorkload = (name: string): Workload => workloadSchema.parse(shippedDocument(name));
export const shippedGenerator = (name: string): ResolvedGenerator => resolveGenerator(shippedWorkload(name));

/** The 100,008 GPUs of the shipped gigafactories: 1,389 racks of 18 nodes of 4. */
export const GIGAFACTORY = [{ name: 'main', gpus: 100_008, gpusPerNode: 4 }];

export function generate(
  generator: ResolvedGenerator,
  seed: string,
  context: Partial<Omit<GenerateContext, 'streams'>> = {},
): GeneratedJobs {
  return generateJobs(generator, {
    partitions: GIGAFACTORY,
    horizonMs: 60 * MS_PER_DAY,
    warmupMs: 30 * MS_PER_DAY,
    calendarYear: 2024,
    ...context,
    streams: new RandomStreams(seed),
  });
}

/** A class of one-GPU, one-hour jobs, to be varied. */
export const plainClass: ResolvedClass = {
  name: 'plain',
  gpuTimeShare: 1,
  jobsPerHour: null,
  thinnable: false,
  sizes: [{ gpus: 1, weight: 1 }],
  duration: { shape: 'constant', value: 3_600_000 },
  arrivals: {
    process: 'poisson',
    hourOfDay: new Array<number>(24).fill(1),
    weekday: new Array<number>(7).fill(1),
    burstSigma: 0,
  },
  estimate: { factor: { shape: 'constant', value: 1 }, limitMs: null },
  users: { count: 1, exponent: 0 },
  failedFraction: 0,
  cancelledFraction: 0,
  gpuPowerFraction: 0.95,
  partition: null,
};

export const mixOf = (classes: readonly ResolvedClass[], rest: Partial<ResolvedMix> = {}): ResolvedMix => ({
  kind: 'mix',
  load: 0.8,
  thinning: 1,
  oversize: 'rescale',
  budget: 'exact',
  classes,
  ...rest,
});

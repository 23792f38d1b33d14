import { assumed, trainingPowerFraction, WORKLOAD_DEFAULTS } from '../scenario/defaults.js';
import { valueAt } from '../scenario/sourcePath.js';
import { classSchema, jobClassSchema, jobSchema, workloadSchema, type Workload } from '../scenario/workloadSchema.js';
import { resolveGenerator } from '../workload/resolve.js';
import type { ResolvedGenerator } from '../workload/resolved.js';
import type { z } from 'zod';

/** Classes or jobs to be checked against machines, with where each stands in its list. */
export interface CheckableJobs {
  readonly generator: ResolvedGenerator;
  /** Index in the document by index in the generator. */
  readonly at: readonly number[];
  /** List of the document that the generator's classes are, and where each stands in it. */
  readonly classes: { readonly list: 'classes' | 'jobClasses'; readonly at: readonly number[] };
}

/** Of a workload document with faults, the classes and the jobs that have none themselves. */
export function soundJobs(value: unknown): readonly CheckableJobs[] {
  const given = workloadSchema.shape.oversize.safeParse(valueAt(value, ['oversize']));
  const frame: Workload = {
    version: 1,
    kind: 'workload',
    name: 'sound-parts',
    title: 'Sound parts of a workload',
    load: assumed(WORKLOAD_DEFAULTS.load),
    thinning: assumed(WORKLOAD_DEFAULTS.thinning),
    budget: WORKLOAD_DEFAULTS.budget.value,
    // Where it cannot be known whether large jobs are refused, none is.
    oversize: given.success ? given.data : 'rescale',
  };
  const classes = soundEntries(classSchema, valueAt(value, ['classes']));
  const jobs = soundEntries(jobSchema, valueAt(value, ['jobs']));
  const jobClasses = namedClasses(valueAt(value, ['jobClasses']));
  return [
    { workload: { ...frame, classes: classes.entries }, at: classes.at, classes: { list: 'classes', at: classes.at } },
    {
      workload: { ...frame, jobs: jobs.entries, ...(jobClasses.length === 0 ? {} : { jobClasses }) },
      at: jobs.at,
      classes: { list: 'jobClasses', at: jobClasses.map((_, index) => index) },
    },
  ]
    .filter(({ at }) => at.length > 0)
    .map(({ workload, ...rest }) => ({ generator: resolveGenerator(workload), ...rest }) as CheckableJobs);
}

type JobClass = z.infer<typeof jobClassSchema>;

/** All of `jobClasses`, so that jobs find theirs: of those with faults the name, which is all that jobs say of them. */
function namedClasses(list: unknown): JobClass[] {
  if (!Array.isArray(list)) return [];
  return list.map((entry: unknown): JobClass => {
    const name = valueAt(entry, ['name']);
    return (
      jobClassSchema.safeParse(entry).data ?? {
        name: typeof name === 'string' ? name : '',
        gpuPowerFraction: trainingPowerFraction,
      }
    );
  });
}

function soundEntries<T>(schema: z.ZodType<T>, list: unknown): { entries: T[]; at: number[] } {
  const entries: T[] = [];
  const at: number[] = [];
  if (!Array.isArray(list)) return { entries, at };
  list.forEach((entry: unknown, index) => {
    const checked = schema.safeParse(entry);
    if (!checked.success) return;
    entries.push(checked.data);
    at.push(index);
  });
  return { entries, at };
}

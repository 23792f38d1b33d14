import { SimError } from '../base/errors.js';
import { weekdayOf, yearStartEpochMs } from '../energy/calendar.js';
import { accountsOfUsers } from './accounts.js';
import type { Block } from './arrivals.js';
import { BlockSampler } from './blockSampler.js';
import { classBudgets } from './budget.js';
import { meanGpus } from './capacity.js';
import { checkGenerator } from './check.js';
import { tableOf, type GenerateContext, type GeneratedJobs } from './generated.js';
import { elasticSizes } from './elasticSizes.js';
import type { PartitionSize } from './fitting.js';
import { allocateJobColumns, type JobColumns, type JobExtras } from './jobTable.js';
import { listedJobs } from './listedJobs.js';
import type { ResolvedGenerator, ResolvedMix } from './resolved.js';

export type { ClassTotals } from './classSampler.js';
export type { GenerateContext, GeneratedJobs } from './generated.js';
export type { ResolvedGenerator } from './resolved.js';

/**
 * Draws the jobs of a run, deterministic in (generator, context).
 *
 * Every stream is forked by what it is for and the class's name (`arrivals/debug`, `sizes/debug`, and
 * `…/warm-up` for those before time 0), so a change in one class shifts no draw of another and the length
 * of the warm-up shifts none of the horizon.
 *
 * @throws SimError `scenario.invalid` with what `checkGenerator` finds
 *
 * Cost: about half a microsecond and 60 bytes a job, of which 35 stay in the table.
 */
export function generateJobs(generator: ResolvedGenerator, context: GenerateContext): GeneratedJobs {
  const issues = checkGenerator(generator, context.partitions, context.horizonMs);
  if (issues.length > 0) throw new SimError('scenario.invalid', 'the workload does not fit the site', issues);
  return generator.kind === 'jobs' ? listedJobs(generator, context) : mixedJobs(generator, context);
}

function mixedJobs(mix: ResolvedMix, context: GenerateContext): GeneratedJobs {
  const { partitions, horizonMs, warmupMs, calendarYear, streams, training } = context;
  const mondayOffsetDays = weekdayOf(yearStartEpochMs(calendarYear));
  const sampler = (block: Block, suffix: string): BlockSampler =>
    new BlockSampler(mix, { partitions, training, block, mondayOffsetDays, streams, suffix });
  const before = { fromMs: -warmupMs, toMs: 0 };
  const metered = { fromMs: 0, toMs: horizonMs };
  const warmup = sampler(before, '/warm-up');
  const horizon = sampler(metered, '');
  const columns = allocateJobColumns(warmup.jobs + horizon.jobs);
  const deadlineMs = mix.classes.some(({ deadlineSlack }) => deadlineSlack !== undefined)
    ? new Float64Array(warmup.jobs + horizon.jobs).fill(Infinity)
    : undefined;
  const warmupTotals = warmup.fill(columns, deadlineMs);
  const totals = horizon.fill(columns, deadlineMs);

  const load = (list: readonly { readonly gpuMs: number }[], { fromMs, toMs }: Block): number => {
    const gpuMs = partitions.reduce((sum, one) => sum + meanGpus(one, fromMs, toMs), 0) * (toMs - fromMs);
    return gpuMs > 0 ? list.reduce((sum, entry) => sum + entry.gpuMs, 0) / gpuMs : 0;
  };
  return {
    table: tableOf(columns, mix, drawnExtras(mix, columns, partitions, deadlineMs)),
    offeredLoadTarget: load(classBudgets(mix, partitions, metered, training), metered),
    offeredLoadRealised: load(totals, metered),
    warmupLoadRealised: load(warmupTotals, before),
    rescaledJobs: [...warmupTotals, ...totals].reduce((sum, entry) => sum + entry.rescaledJobs, 0),
    classes: totals,
  };
}

/** The optional columns of drawn jobs, each only where a class or the document asks for it. */
function drawnExtras(
  mix: ResolvedMix,
  columns: JobColumns,
  partitions: readonly PartitionSize[],
  deadlineMs: Float64Array | undefined,
): JobExtras | undefined {
  const sizes = elasticSizes(columns, mix.classes, partitions);
  const { accounts } = mix;
  if (deadlineMs === undefined && sizes === undefined && accounts === undefined) return undefined;
  return {
    ...(accounts === undefined ? {} : { accountOf: accountsOfUsers(columns.userOf, columns.count, accounts) }),
    ...(accounts !== undefined && 'shares' in accounts ? { accountShares: Float64Array.from(accounts.shares) } : {}),
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
    ...sizes,
  };
}

import type { JobOutcomes } from '../metrics/runResult.js';
import { joiningNodes } from '../scenario/inService.js';
import type { PartitionSpec } from '../scenario/runSpec.js';
import type { JobDraws, Spans } from './audit.js';
import { idleItW, idleNodeW } from './idleWatts.js';
import type { SleptSpans } from './nodeSleep.js';
import type { ServiceDraws } from './servedByBin.js';
import type { ServedStretches } from './serviceLoad.js';

/** What each job drew at a site inside the horizon, for the audit: a row per stretch of GPUs held. */
export function jobDraws(
  partitions: readonly PartitionSpec[],
  jobs: JobOutcomes,
  horizonMs: number,
  site: number,
  served?: readonly ServedStretches[],
  slept?: SleptSpans,
): JobDraws {
  const { table, interruptions } = jobs;
  const partitionOf = jobs.partitionOf ?? table.partitionOf;
  const segments = interruptions?.segments;
  const rows = segments?.count ?? table.count;
  const waking = slept?.waking.inside(site, horizonMs);
  const watts = new Float64Array(rows + (waking?.watts.length ?? 0));
  const fromMs = new Float64Array(watts.length);
  const toMs = new Float64Array(watts.length);
  let count = 0;
  // Of a machine of one partition the rows are read in order; what they say of jobs lies all over the table.
  const only = partitions.length === 1 ? partitions[0]! : undefined;
  for (let row = 0; row < rows; row++) {
    const job = segments === undefined ? row : segments.job[row]!;
    const partition = only ?? partitions[partitionOf[job]!]!;
    if ((partition.site ?? 0) !== site) continue;
    const start = segments === undefined ? jobs.startMs[job]! : segments.fromMs[row]!;
    const end = segments === undefined ? jobs.endMs[job]! : segments.toMs[row]!;
    const from = start > 0 ? start : 0;
    const to = end < horizonMs ? end : horizonMs; // still running (NaN): to the horizon
    if (!(start < horizonMs) || to <= from) continue;
    if (segments?.watts !== undefined) watts[count] = segments.watts[row]!;
    else {
      const gpus = segments === undefined ? table.gpus[job]! : segments.gpus[row]!;
      watts[count] = gpus * partition.power.activeWByClass[table.classOf[job]!]!;
    }
    fromMs[count] = from;
    toMs[count++] = to;
  }
  if (waking !== undefined) {
    watts.set(waking.watts, count);
    fromMs.set(waking.fromMs, count);
    toMs.set(waking.toMs, count);
    count += waking.watts.length;
  }
  const own = partitions.filter((partition) => (partition.site ?? 0) === site);
  const services = served
    ?.filter(({ partition }) => (partitions[partition]!.site ?? 0) === site)
    .map((place) => insideHorizon(place, horizonMs));
  return {
    count,
    watts,
    fromMs,
    toMs,
    idleW: idleItW(own, 0),
    horizonMs,
    ...(services === undefined ? {} : { services }),
    ...idleChangesOf(own, horizonMs, slept?.asleep.inside(site, horizonMs)),
  };
}

/** The idle watts of nodes that join inside the horizon, and those that sleeping nodes do not draw. */
function idleChangesOf(
  partitions: readonly PartitionSpec[],
  horizonMs: number,
  asleep: Spans = { watts: new Float64Array(0), fromMs: new Float64Array(0), toMs: new Float64Array(0) },
): Pick<JobDraws, 'idleChanges'> {
  const steps = partitions.flatMap((partition) =>
    joiningNodes(partition)
      .filter(({ atMs }) => atMs < horizonMs)
      .map(({ atMs, nodes }) => ({ atMs, watts: nodes * idleNodeW(partition) })),
  );
  if (steps.length + asleep.watts.length === 0) return {};
  return {
    idleChanges: {
      watts: joined(
        steps.map(({ watts }) => watts),
        asleep.watts,
      ),
      fromMs: joined(
        steps.map(({ atMs }) => atMs),
        asleep.fromMs,
      ),
      toMs: joined(
        steps.map(() => horizonMs),
        asleep.toMs,
      ),
    },
  };
}

function joined(few: readonly number[], many: Float64Array): Float64Array {
  const all = new Float64Array(few.length + many.length);
  all.set(few);
  all.set(many, few.length);
  return all;
}

/** Of the stretches of a service, what of them lies inside the horizon. */
function insideHorizon({ deviationW, gpus, fromMs, toMs }: ServedStretches, horizonMs: number): ServiceDraws {
  const rows = [...gpus.keys()].filter((row) => fromMs[row]! < horizonMs && toMs[row]! > 0);
  return {
    deviationW,
    gpus: Float64Array.from(rows, (row) => gpus[row]!),
    fromMs: Float64Array.from(rows, (row) => Math.max(0, fromMs[row]!)),
    toMs: Float64Array.from(rows, (row) => Math.min(horizonMs, toMs[row]!)),
  };
}

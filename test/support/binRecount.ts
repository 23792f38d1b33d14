import { MS_PER_QUARTER_HOUR } from '../../src/base/units.js';
import { nodesAt } from '../../src/scenario/inService.js';
import type { RunResult } from '../../src/metrics/runResult.js';
import type { RunSpec } from '../../src/scenario/runSpec.js';

const overlapMs = (from: number, to: number, bin: number): number =>
  Math.max(0, Math.min(to, (bin + 1) * MS_PER_QUARTER_HOUR) - Math.max(from, bin * MS_PER_QUARTER_HOUR));

/** Hour that a clock of the zone shows, by the runtime's own tables. */
function hourOf(timeZone: string, calendarYear: number, atMs: number): number {
  const text = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', hourCycle: 'h23' }).format(
    new Date(Date.UTC(calendarYear, 0, 1) + atMs),
  );
  return Number(text);
}

interface Row {
  readonly job: number;
  readonly gpus: number;
  readonly watts: number;
  readonly from: number;
  readonly to: number;
}

/**
 * W·ms of IT in each quarter hour of a run on one partition, counted naively: idle nodes that are there, every stretch
 * of every job, and the hour's deviation of replicas wherever they draw the watts of their class.
 */
export function recount(spec: RunSpec, result: RunResult): number[] {
  const [partition] = spec.partitions;
  const { power, gpusPerNode } = partition!;
  const { table, startMs, endMs, interruptions } = result.jobs!;
  const horizonMs = spec.horizonMs!;
  const firstService = table.classNames.length - (spec.services?.length ?? 0);
  const activeW = (job: number): number => power.activeWByClass[table.classOf[job]!]!;
  const rows: Row[] = [];
  if (interruptions === undefined) {
    for (let job = 0; job < table.count; job++) {
      const gpus = table.gpus[job]!;
      const to = Number.isNaN(endMs[job]!) ? horizonMs : endMs[job]!;
      if (!Number.isNaN(startMs[job]!)) rows.push({ job, gpus, watts: gpus * activeW(job), from: startMs[job]!, to });
    }
  } else {
    const { segments } = interruptions;
    for (let row = 0; row < segments.count; row++) {
      const job = segments.job[row]!;
      const gpus = segments.gpus[row]!;
      const watts = segments.watts?.[row] ?? gpus * activeW(job);
      rows.push({ job, gpus, watts, from: segments.fromMs[row]!, to: segments.toMs[row]! });
    }
  }
  return Array.from({ length: horizonMs / MS_PER_QUARTER_HOUR }, (_, bin) => {
    const atMs = bin * MS_PER_QUARTER_HOUR;
    let sum = nodesAt(partition!, atMs) * (power.idleW + gpusPerNode * power.networkWPerGpu) * MS_PER_QUARTER_HOUR;
    for (const { job, gpus, watts, from, to } of rows) {
      const ms = overlapMs(from, to, bin);
      if (ms === 0) continue;
      sum += watts * ms;
      const service = spec.services?.[table.classOf[job]! - firstService];
      if (service === undefined || watts !== gpus * activeW(job)) continue;
      const { deviationWByHour, timeZone } = service.places[0]!;
      sum += gpus * deviationWByHour[hourOf(timeZone, spec.calendarYear, atMs)]! * ms;
    }
    return sum;
  });
}

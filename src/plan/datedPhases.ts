import type { BuildOutTiming } from '../economics/buildOutTimings.js';
import { dateEpochMs, yearStartEpochMs } from '../energy/calendar.js';
import { SIZES, type DatedPhase } from '../scenario/buildOutSchema.js';
import { SCENARIO_DEFAULTS } from '../scenario/defaults.js';
import type { Hardware } from '../scenario/hardwareSchema.js';
import type { InServiceStep } from '../scenario/inService.js';
import { partitionSchema } from '../scenario/siteSchema.js';
import type { SourceDoc, SourcePath } from '../scenario/sourceDoc.js';
import { nodesOf } from './buildOut.js';
import type { Faults } from './faults.js';

/** Of what time a site is planned. */
export interface PlannedTime {
  readonly calendarYear: number;
  readonly timing: BuildOutTiming;
}

/** Where nobody names a year. */
export const USUAL_TIME: PlannedTime = {
  calendarYear: SCENARIO_DEFAULTS.calendarYear.value,
  timing: 'as-planned',
};

/** How many nodes a partition has from a date on. */
export interface DatedStep {
  /** Epoch, 00:00 UTC. */
  readonly atMs: number;
  readonly nodes: number;
}

/** Of the beginning of a date such as 2027-07-01, UTC. */
export const epochMs = (date: string): number => {
  const [year, month, day] = date.split('-').map(Number) as [number, number, number];
  return dateEpochMs(year, month, day);
};

/** The steps of a partition's `buildOut`; faults in their order and sizes are noted, and then it is `undefined`. */
export function datedSteps(
  doc: SourceDoc,
  path: SourcePath,
  phases: readonly DatedPhase[],
  hardware: Hardware,
  faults: Faults,
): readonly DatedStep[] | undefined {
  const before = faults.issues.length;
  const gpusPerNode = hardware.gpusPerNode.value;
  const steps = phases.map((phase): DatedStep => ({ atMs: epochMs(phase.at), nodes: nodesOf(phase, hardware) }));
  steps.forEach(({ atMs, nodes }, index) => {
    const at = [...path, 'buildOut', index];
    const phase = phases[index]!;
    const size = [...at, SIZES.find((key) => phase[key] !== undefined)!];
    if (!Number.isInteger(nodes)) {
      const nearest = Math.max(1, Math.round(nodes)) * gpusPerNode;
      const message = `expected whole nodes of ${gpusPerNode} GPUs (${hardware.name}), got ${phase.gpus!.value}`;
      faults.at(doc, size, message, `The nearest is ${nearest}.`);
    }
    const earlier = steps[index - 1];
    if (earlier === undefined) return;
    if (atMs <= earlier.atMs) {
      const got = `${phase.at} after ${phases[index - 1]!.at}`;
      faults.at(doc, [...at, 'at'], `expected phases in the order of time, each later than the one before; got ${got}`);
    }
    if (nodes <= earlier.nodes) {
      const got = `${nodes} nodes after ${earlier.nodes}`;
      faults.at(doc, size, `expected all that is in service from then on, more than before; got ${got}`);
    }
  });
  return faults.issues.length > before ? undefined : steps;
}

/** First and last date of all partitions of a site that have a sound `buildOut`. */
export function siteDates(partitions: readonly unknown[]): { readonly firstMs: number; readonly lastMs: number } {
  const dates = partitions
    .flatMap((entry) => partitionSchema.safeParse(entry).data?.buildOut ?? [])
    .map(({ at }) => epochMs(at));
  return { firstMs: Math.min(...dates), lastMs: Math.max(...dates) };
}

/** The same steps, or all of them at one date. */
export function timedSteps(
  steps: readonly DatedStep[],
  timing: BuildOutTiming,
  { firstMs, lastMs }: ReturnType<typeof siteDates>,
): readonly DatedStep[] {
  if (timing === 'as-planned') return steps;
  return [{ atMs: timing === 'all-at-first' ? firstMs : lastMs, nodes: steps.at(-1)!.nodes }];
}

/**
 * What a run of a calendar year has of them: what was there before it from its start, and what joins in it. Where all of
 * it comes later, its first step alone, at its time.
 */
export function stepsOfYear(steps: readonly DatedStep[], calendarYear: number): readonly InServiceStep[] {
  const startMs = yearStartEpochMs(calendarYear);
  const endMs = yearStartEpochMs(calendarYear + 1);
  const before = steps.findLast(({ atMs }) => atMs <= startMs);
  const inside = steps.filter(({ atMs }) => atMs > startMs && atMs < endMs);
  const there = before === undefined ? inside : [{ ...before, atMs: startMs }, ...inside];
  return (there.length === 0 ? steps.slice(0, 1) : there).map(({ atMs, nodes }) => ({ atMs: atMs - startMs, nodes }));
}

/** Years of the calendar from the start of one that is not later: 1 July 2028 is 1.497 from 2027 on. */
export function yearsFrom(calendarYear: number, atMs: number): number {
  let year = calendarYear;
  while (yearStartEpochMs(year + 1) <= atMs) year++;
  const startMs = yearStartEpochMs(year);
  return year - calendarYear + (atMs - startMs) / (yearStartEpochMs(year + 1) - startMs);
}

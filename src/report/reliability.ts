import type { GoodputSummary } from '../metrics/goodputResult.js';
import type { RunResult } from '../metrics/runResult.js';
import { meanOf, pairedDifference, type Estimate } from '../metrics/statistics.js';
import { differsOnlyIn, type Setting, type SweepAxis } from '../plan/reliabilitySweep.js';
import type { WriteFloors } from '../plan/writeFloors.js';
import type { GangFigures } from '../training/gangReliability.js';

/** A quantity of the sweep, a share of 1; more is better in each. */
export interface ReliabilityMeasure {
  readonly key: 'ettr' | 'goodput';
  readonly title: string;
  readonly of: (goodput: GoodputSummary) => number;
}

/** Effective training time ratio. */
export const ETTR: ReliabilityMeasure = { key: 'ettr', title: 'ETTR', of: ({ ettrFraction }) => ettrFraction };
export const GOODPUT: ReliabilityMeasure = {
  key: 'goodput',
  title: 'goodput',
  of: ({ goodputFraction }) => goodputFraction,
};

export const RELIABILITY_MEASURES: readonly ReliabilityMeasure[] = [ETTR, GOODPUT];

export interface ReliabilityRun {
  /** 0-based. */
  readonly replication: number;
  readonly fingerprint: string;
  readonly goodput: GoodputSummary;
}

/** Anything that was simulated in several replications. */
export interface Replicated {
  readonly runs: readonly ReliabilityRun[];
}

export interface SiteCell extends Replicated {
  readonly setting: Setting;
}

/** One machine under one policy: the cells of its sweep. */
export interface SiteCase {
  readonly policy: string;
  readonly sites: readonly string[];
  readonly gpus: number;
  /** As the scenario has it: never left out of `cells` unless its runs failed. */
  readonly own: Setting;
  readonly cells: readonly SiteCell[];
  /** Replications that all cells have, 0-based: only these are compared. */
  readonly replications: readonly number[];
  /** Cells without a whole run. */
  readonly leftOut: readonly Setting[];
  /** Shorter intervals than these no job of the workload can keep to; `undefined`: unknown. */
  readonly floors?: WriteFloors | undefined;
}

export interface GangCell extends Replicated {
  readonly interval: Setting['interval'];
  /** In force: a write that takes longer puts the next off; ms. */
  readonly effectiveMs: number;
  readonly closedForm: number;
  readonly firstOrder: number;
}

/** A gang of one size, alone on its machine, at several intervals. */
export interface GangCase {
  readonly gpus: number;
  readonly partition: string;
  /** Kept on it. */
  readonly spareNodes: number;
  readonly figures: GangFigures;
  readonly cells: readonly GangCell[];
  readonly replications: readonly number[];
}

type Result = Pick<RunResult, 'fingerprint' | 'schedule'> | undefined;

/** Results of one cell by replication; a run that is missing was interrupted or has failed. */
export function runsOf(results: readonly Result[]): ReliabilityRun[] {
  return results.flatMap((result, replication): ReliabilityRun[] => {
    const goodput = result?.schedule.goodput;
    return goodput === undefined ? [] : [{ replication, fingerprint: result!.fingerprint, goodput }];
  });
}

/** Cells with a run, cut to the replications that all of them have. */
export function inCommon<Cell extends Replicated>(
  cells: readonly Cell[],
): { readonly cells: readonly Cell[]; readonly replications: readonly number[] } {
  const some = cells.filter(({ runs }) => runs.length > 0);
  const has = (cell: Cell, asked: number): boolean => cell.runs.some(({ replication }) => replication === asked);
  const all = [...new Set(some.flatMap(({ runs }) => runs.map(({ replication }) => replication)))];
  const replications = all.filter((asked) => some.every((cell) => has(cell, asked))).sort((a, b) => a - b);
  if (replications.length === 0) return { cells: [], replications };
  return {
    replications,
    cells: some.map((cell) => {
      return { ...cell, runs: cell.runs.filter(({ replication }) => replications.includes(replication)) };
    }),
  };
}

export const valuesOf = ({ runs }: Replicated, { of }: ReliabilityMeasure): number[] =>
  runs.map(({ goodput }) => of(goodput));

/** The highest mean; the first of equals. */
export function bestOf<Cell extends Replicated>(cells: readonly Cell[], by: ReliabilityMeasure): Cell {
  const mean = (cell: Cell): number => pairedDifference(valuesOf(cell, by), valuesOf(cells[0]!, by)).difference.mean;
  return cells.reduce((best, cell) => (mean(cell) > mean(best) ? cell : best));
}

export type SweepVerdict = 'better' | 'worse' | 'equal' | 'no clear difference' | 'one replication';

/** A cell beside another, replication by replication. */
export interface SweepDifference {
  readonly difference: Estimate;
  readonly verdict: SweepVerdict;
}

export function against(cell: Replicated, other: Replicated, by: ReliabilityMeasure): SweepDifference {
  const [values, base] = [valuesOf(cell, by), valuesOf(other, by)];
  const { difference, verdict } = pairedDifference(values, base);
  if (values.length > 1 && values.every((value, index) => value === base[index]))
    return { difference, verdict: 'equal' };
  return { difference, verdict: verdict === 'lower' ? 'worse' : verdict === 'higher' ? 'better' : verdict };
}

/** The cells that differ from the scenario's own along one axis, itself among them, in the axis' order. */
export function alongAxis({ cells, own }: SiteCase, axis: SweepAxis): readonly SiteCell[] {
  const rank = ({ setting }: SiteCell): number => {
    const value = setting[axis];
    return typeof value === 'number' ? value : -1;
  };
  return cells.filter(({ setting }) => differsOnlyIn(axis, setting, own)).sort((a, b) => rank(a) - rank(b));
}

export const isOwn = ({ own }: Pick<SiteCase, 'own'>, { setting }: SiteCell): boolean =>
  setting.interval === own.interval && setting.spares === own.spares && setting.rateFactor === own.rateFactor;

/** Cells that are not clearly worse than the best. */
export function asGood<Cell extends Replicated>(cells: readonly Cell[], by: ReliabilityMeasure): readonly Cell[] {
  const best = bestOf(cells, by);
  return cells.filter((cell) => cell === best || against(cell, best, by).verdict !== 'worse');
}

/** What of a GPU-hour that jobs held or waited for after failures went where: with ETTR they sum to 1. */
export function lossesOf({
  runs,
}: Replicated): Readonly<Record<'stall' | 'lost' | 'restart' | 'repairWait', number[]>> {
  const share = (of: (goodput: GoodputSummary) => number): number[] =>
    runs.map(({ goodput }) => {
      const { usefulGpuHours, stallGpuHours, lostGpuHours, restartGpuHours, repairWaitGpuHours } = goodput;
      return of(goodput) / (usefulGpuHours + stallGpuHours + lostGpuHours + restartGpuHours + repairWaitGpuHours);
    });
  return {
    stall: share(({ stallGpuHours }) => stallGpuHours),
    lost: share(({ lostGpuHours }) => lostGpuHours),
    restart: share(({ restartGpuHours }) => restartGpuHours),
    repairWait: share(({ repairWaitGpuHours }) => repairWaitGpuHours),
  };
}

/** Of what keeps a cell below an ETTR of 1, the part that was spent waiting for repaired nodes, 0…1. */
export function repairPart(cell: Replicated): number {
  const means = Object.values(lossesOf(cell)).map(meanOf);
  const all = means.reduce((sum, mean) => sum + mean, 0);
  return all === 0 ? 0 : meanOf(lossesOf(cell).repairWait) / all;
}

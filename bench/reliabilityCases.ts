import type { GoodputSummary } from '../src/metrics/goodputResult.js';
import { estimate, type Estimate } from '../src/metrics/statistics.js';
import type { Plan } from '../src/plan/planTypes.js';
import { simulate } from '../src/sim/simulate.js';
import { dalyIntervalMs, expectedEttr, firstOrderEttr } from '../src/training/checkpointClock.js';
import { MS_PER_DAY, MS_PER_HOUR, MS_PER_S } from '../src/base/units.js';
import { cyclesFor, gangSpec, mttfMs, runGang, simulatedEttr, type LoneGang } from './loneGang.js';

/** A lone gang's ETTR as simulated, beside both formulas. */
export interface EttrCase {
  readonly gang: LoneGang & { readonly intervalMs: number };
  readonly exact: number;
  readonly firstOrder: number;
  readonly found: Estimate;
  /** The formula lies in the simulation's 95 % interval. */
  readonly covered: boolean;
  /** (R + τ/2) / M < 0.2: the first order is meant to hold. */
  readonly isFirstOrder: boolean;
}

/** @param halfWidth - wanted of the 95 % interval, relative to the ETTR; simulations are made so long */
export function ettrCase(gang: LoneGang, halfWidth: number, replications: number): EttrCase {
  const { stallMs, restartMs, gpus, per1000NodeDays } = gang;
  const mean = mttfMs(gang);
  const intervalMs = gang.intervalMs ?? Math.round(dalyIntervalMs(stallMs, mean));
  const whole = { ...gang, intervalMs };
  const cycles = Math.ceil(cyclesFor(whole, halfWidth) / replications);
  const interval = gang.intervalMs === undefined ? 'daly' : String(intervalMs);
  // A seed of its own for each case, so that they are independent; none was tried out.
  const seed = `ettr/${per1000NodeDays}/${gpus}/${interval}/${stallMs}/${restartMs}`;
  const found = simulatedEttr(gang, cycles, seed, replications);
  const exact = expectedEttr(intervalMs, stallMs, restartMs, mean);
  return {
    gang: whole,
    exact,
    firstOrder: firstOrderEttr(intervalMs, stallMs, restartMs, mean),
    found,
    covered: Math.abs(found.mean - exact) <= found.halfWidth,
    isFirstOrder: (restartMs + intervalMs / 2) / mean < 0.2,
  };
}

/** Where the simulated ETTR is largest among intervals that know nothing of Daly's. */
export interface BestInterval {
  readonly dalyMs: number;
  readonly bestMs: number;
  /** One step of the grid to either side. */
  readonly belowMs: number;
  readonly aboveMs: number;
  readonly bestEttr: number;
  readonly dalyEttr: number;
}

export const GRID_FACTOR = 1.25;

/** The grid is 1 s × 1.25^k around Daly's; each interval meets the same failures. */
export function bestInterval(gang: Omit<LoneGang, 'intervalMs'>, cycles: number, replications: number): BestInterval {
  const dalyMs = dalyIntervalMs(gang.stallMs, mttfMs({ ...gang, intervalMs: undefined }));
  const middle = Math.round(Math.log(dalyMs / MS_PER_S) / Math.log(GRID_FACTOR));
  const seed = `best/${gang.per1000NodeDays}/${gang.gpus}/${gang.stallMs}`;
  const ettrAt = (intervalMs: number | undefined): number =>
    simulatedEttr({ ...gang, intervalMs }, cycles, seed, replications).mean;
  const gridMs = (k: number): number => Math.round(MS_PER_S * GRID_FACTOR ** k);
  let best = middle;
  let bestEttr = -1;
  for (let k = middle - 4; k <= middle + 4; k++) {
    const ettr = ettrAt(gridMs(k));
    if (ettr <= bestEttr) continue;
    best = k;
    bestEttr = ettr;
  }
  const [belowMs, bestMs, aboveMs] = [gridMs(best - 1), gridMs(best), gridMs(best + 1)];
  return { dalyMs, belowMs, bestMs, aboveMs, bestEttr, dalyEttr: ettrAt(undefined) };
}

/** Hours between interruptions of a lone gang, and what its nodes' rate says. */
export function simulatedMttfHours(gpus: number, per1000NodeDays: number): { rate: number; found: Estimate } {
  const gang: LoneGang = {
    ...{ gpus, per1000NodeDays, intervalMs: undefined },
    ...{ stallMs: 10 * MS_PER_S, restartMs: 300 * MS_PER_S },
  };
  const found = Array.from({ length: 20 }, (_, replication) => {
    const spec = gangSpec(gang, 250, `mttf/${gpus}/${per1000NodeDays}`, replication);
    return spec.horizonMs! / MS_PER_HOUR / interruptionsOf(runGang(gang, spec));
  });
  return { rate: mttfMs(gang) / MS_PER_HOUR, found: estimate(found) };
}

export const interruptionsOf = ({ failures }: GoodputSummary): number =>
  failures.reduce((sum, { interruptions }) => sum + interruptions, 0);

/** One run of `scenarios/llama3-54-days.yaml`. */
export interface LlamaRun {
  readonly interruptions: number;
  /** Useful / time that the job held its GPUs or waited for them again. */
  readonly ettr: number;
  readonly byCause: ReadonlyMap<string, number>;
  readonly restartFraction: number;
  readonly lostFraction: number;
  readonly stallFraction: number;
}

/** The published table has one line for network switches and cables; our document tells those of a rack apart. */
export const publishedCause = (cause: string): string => (cause === 'rack switch' ? 'network switch or cable' : cause);

export function llamaRuns(plan: Plan): LlamaRun[] {
  return plan.specs.map((spec) => {
    const goodput = simulate(spec, plan.inputs).schedule.goodput!;
    const { usefulGpuHours, stallGpuHours, lostGpuHours, restartGpuHours, repairWaitGpuHours } = goodput;
    const all = usefulGpuHours + stallGpuHours + lostGpuHours + restartGpuHours + repairWaitGpuHours;
    return {
      interruptions: interruptionsOf(goodput),
      ettr: goodput.ettrFraction,
      byCause: countedBy(goodput.failures),
      restartFraction: restartGpuHours / all,
      lostFraction: lostGpuHours / all,
      stallFraction: stallGpuHours / all,
    };
  });
}

function countedBy(failures: GoodputSummary['failures']): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { cause, interruptions } of failures) {
    const published = publishedCause(cause);
    counts.set(published, (counts.get(published) ?? 0) + interruptions);
  }
  return counts;
}

/** Pearson's χ² of how often each cause came over all runs against the shares, and its degrees of freedom. */
export function causeMix(runs: readonly LlamaRun[], shares: ReadonlyMap<string, number>) {
  const total = runs.reduce((sum, { interruptions }) => sum + interruptions, 0);
  let chi2 = 0;
  for (const [cause, share] of shares) {
    const came = runs.reduce((sum, { byCause }) => sum + (byCause.get(cause) ?? 0), 0);
    chi2 += (came - share * total) ** 2 / (share * total);
  }
  return { chi2, freedom: shares.size - 1, total };
}

/** How scattered counts are against a Poisson distribution of their mean: χ² with one degree of freedom less than counts. */
export function dispersion(counts: readonly number[]): number {
  const { mean } = estimate(counts);
  return counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / mean;
}

/** Quantile of χ² after Wilson and Hilferty; good to 0.1 % from 10 degrees of freedom on. */
export function chiSquareQuantile(freedom: number, z: number): number {
  const ninth = 2 / (9 * freedom);
  return freedom * (1 - ninth + z * Math.sqrt(ninth)) ** 3;
}

/** A month of 608 GPUs (152 nodes of 4) whose nodes fail every 1.9 h and are back after `recoveryMs`. */
export interface SparesCase {
  readonly spares: number;
  /** Share of the months in which the job never waited for a node. */
  readonly monthsWithoutWait: number;
  /** Share of time that it had all its nodes, or they were being swapped. */
  readonly availability: number;
}

export function deltaSpares(recoveryMs: number, spares: number, months: number): SparesCase {
  const gpusPerNode = 4;
  const gpus = 608;
  const per1000NodeDays = (24 / 1.9 / (gpus / gpusPerNode)) * 1000;
  const gang: LoneGang = { ...{ gpus, gpusPerNode, per1000NodeDays }, intervalMs: 600_000, stallMs: 1, restartMs: 10 };
  let without = 0;
  let waited = 0;
  let time = 0;
  for (let month = 0; month < months; month++) {
    const spec = gangSpec(gang, 1, `delta/${recoveryMs}`, month);
    const [partition] = spec.partitions;
    const horizonMs = 30 * MS_PER_DAY;
    const goodput = runGang(gang, {
      ...spec,
      horizonMs,
      warmupMs: MS_PER_DAY,
      partitions: [{ ...partition!, nodes: gpus / gpusPerNode + spares }],
      reliability: {
        ...spec.reliability!,
        spareNodes: [spares],
        repairs: [{ name: 'recovery', medianMs: recoveryMs, sigma: 0 }],
      },
    });
    if (goodput.repairWaitGpuHours === 0) without++;
    waited += goodput.repairWaitGpuHours;
    time += (gpus * horizonMs) / MS_PER_HOUR;
  }
  return { spares, monthsWithoutWait: without / months, availability: 1 - waited / time };
}

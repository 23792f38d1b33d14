import type { BatteryResult } from '../economics/batteryResult.js';
import type { EnergyBill } from '../economics/energyBill.js';
import type { SiteCost } from '../economics/siteCost.js';
import type { DeadlineSummary } from './deadlines.js';
import type { PowerSummary } from './powerSummary.js';
import type { GoodputSummary, JobPhases, SiteTraining, TrainingSummary } from './goodputResult.js';
import type { SiteCarbon } from './siteCarbon.js';
import type { SiteIndicators } from './siteIndicators.js';
import type { GridResult } from '../energy/gridOrders.js';
import type { JobTable } from '../workload/jobTable.js';
import type { Segments } from '../workload/segments.js';

/** Where and when each job ran, by job id. */
export interface JobOutcomes {
  readonly table: JobTable;
  /** Start in ms from the start of the horizon; NaN: never started. */
  readonly startMs: Float64Array;
  /** End; NaN: still waiting or still running when the run stopped. */
  readonly endMs: Float64Array;
  /** How it ended where the machine may have cut it short, an index into `END_STATES`; absent: as the table says. */
  readonly endState?: Uint8Array | undefined;
  /** Why it was turned away, an index into `REJECTIONS`, 0: it was not; absent: no job was. */
  readonly rejectedFor?: Uint8Array | undefined;
  /** Where it was sent to by the broker; absent: where it was submitted to. */
  readonly partitionOf?: Uint8Array | undefined;
  /** Where jobs can be interrupted or resized; absent, each held its GPUs from start to end. */
  readonly interruptions?: JobInterruptions | undefined;
}

/** What interruptions and resizes did, by job id; and every stretch of GPUs held. */
export interface JobInterruptions {
  readonly preemptions: Int32Array;
  readonly resizes: Int32Array;
  /**
   * GPU·ms that interruptions and resizes cost: lost since a checkpoint, restarts, resizes. What a job did that
   * failed or was killed is not in it.
   */
  readonly lostGpuMs: Float64Array;
  /** GPU·ms received. */
  readonly attainedGpuMs: Float64Array;
  /** Of ended jobs: how long the work they did takes in their partition on the GPUs they asked for, whole ms. */
  readonly ranMs: Float64Array;
  /** 1: it held GPUs when the run stopped. */
  readonly running: Uint8Array;
  /** When it last joined the queue: its submission, or its last interruption. */
  readonly queuedMs: Float64Array;
  readonly segments: Segments;
  /** Where jobs have phases. */
  readonly phases?: JobPhases | undefined;
}

/** Did the job, which has started, hold GPUs when the run stopped? One that was interrupted may wait again. */
export function runsAtEnd({ endMs, interruptions }: JobOutcomes, job: number): boolean {
  return Number.isNaN(endMs[job]!) && (interruptions === undefined || interruptions.running[job] === 1);
}

/** What the site did in each 15 minutes: exact time integrals, so no result depends on a sampling step. */
export interface LoadCurve {
  readonly binMs: number;
  /** ∫ IT power, W·ms: whole numbers below 2^53 in each bin. */
  readonly itWms: Float64Array;
  /** ∫ GPUs held by jobs, GPU·ms. */
  readonly busyGpuMs: Float64Array;
  /** ∫ queued jobs, job·ms. */
  readonly queuedJobMs: Float64Array;
  /** ∫ GPUs in service that no job held, over the whole run, GPU·ms; and of those in nodes held in part. */
  readonly freeGpuMs: number;
  readonly partlyFreeGpuMs: number;
}

/** Durations of some jobs; quantiles are exact, all NaN with no job. */
export interface DurationSummary {
  readonly jobs: number;
  readonly meanMs: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export interface ClassSummary {
  readonly name: string;
  readonly submitted: number;
  readonly gpuHoursUsed: number;
  readonly wait: DurationSummary;
  /** Of a class that trains a model. */
  readonly training?: TrainingSummary | undefined;
}

/** Jobs of one range of sizes. */
export interface SizeSummary {
  /** `8–63`, in GPUs asked for. */
  readonly name: string;
  readonly submitted: number;
  readonly wait: DurationSummary;
}

/**
 * How evenly service was given; over jobs submitted inside the horizon that ended, NaN with none.
 *
 * Runs under 10 s count as 10 s. Wrong where few jobs end inside the horizon: those that a policy leaves behind
 * are not in it.
 */
export interface FairnessSummary {
  /** Users with an ended job. */
  readonly users: number;
  /**
   * Jain's index (Jain, Chiu, Hawe 1984) of x = a user's mean of run / time from submission to end:
   * (Σx)² / (users · Σx²), 1 where all users get the same, 1/users where one gets everything.
   */
  readonly jainIndex: number;
  /**
   * Finish-time fairness ρ (Themis, Mahajan et al., NSDI'20): time from submission to end over the time on a 1/N
   * share of the machine's GPUs, on which a gang larger than the share takes longer in proportion. N is the mean
   * number of jobs that would run at a time if none waited (so that a policy does not change it), at least 1.
   * Below 1: better off than on an own share.
   */
  readonly rhoMean: number;
  readonly rhoP95: number;
  readonly rhoMax: number;
  /** GPUs of the 1/N share. */
  readonly shareGpus: number;
}

/** A background load: a class of {@link ScheduleSummary.classes} whose jobs are replicas. */
export interface ServiceShare {
  readonly name: string;
  /** That its replicas are to hold. */
  readonly gpus: number;
}

/** What the schedule delivered, the same for every site that shares it. */
export interface ScheduleSummary {
  readonly gpus: number;
  /** Of them in service when the count begins; where partitions come into service during the run. */
  readonly gpusAtStart?: number | undefined;
  /** Where there are background loads. */
  readonly services?: readonly ServiceShare[] | undefined;
  readonly horizonMs: number;
  /** GPU-hours held by jobs inside the horizon. */
  readonly gpuHoursUsed: number;
  /** Of the GPUs in service at each time. */
  readonly gpuHoursCapacity: number;
  /** used / capacity, 0…1. */
  readonly utilisationFraction: number;
  /** GPU-hours to be held by the jobs submitted inside the horizon / capacity without what services hold: as asked (undefined for a trace), and as realised. */
  readonly offeredLoadTarget: number | undefined;
  readonly offeredLoadRealised: number;
  /** Jobs submitted inside the horizon, and what became of them. */
  readonly submitted: number;
  readonly completed: number;
  readonly failed: number;
  readonly cancelled: number;
  /** Killed by the machine: at their estimate, or at the end of their reservation. */
  readonly timedOut: number;
  /** Turned away by a limit, a dependency or a reservation. */
  readonly rejected: number;
  /** Cut by the horizon while running, whenever submitted: their GPU-hours inside it are counted, their end is not. No replicas of services. */
  readonly runningAtEnd: number;
  /** Whenever they were submitted, the warm-up included; those too that were interrupted and wait to go on. No replicas. */
  readonly waitingAtEnd: number;
  /** Mean wait so far of those still waiting, since they last joined the queue, ms; NaN with none. */
  readonly waitingSoFarMeanMs: number;
  /** Jobs larger than their partition, re-scaled to it with their GPU-time preserved. */
  readonly rescaledJobs: number;
  /** From submission to the first start, of the jobs submitted inside the horizon that started inside it. */
  readonly wait: DurationSummary;
  readonly waitBySize: readonly SizeSummary[];
  /** Longest wait for a first start, of those still waiting so far; NaN with no job. */
  readonly longestWaitMs: number;
  /** Job completion time: from submission to end, of the jobs submitted inside the horizon that ended inside it. */
  readonly jct: DurationSummary;
  /**
   * Mean of (end, or end of the horizon) − submission over *all* jobs submitted inside the horizon but those turned
   * away: a policy does not look better for the jobs it leaves behind, as it does in {@link jct}. NaN with no job.
   */
  readonly timeInSystemMeanMs: number;
  /** Submitted inside the horizon, not turned away, and not ended at its end. */
  readonly unfinished: number;
  readonly fairness: FairnessSummary;
  /** Of the jobs submitted inside the horizon. */
  readonly preemptions: number;
  readonly resizes: number;
  /**
   * GPU-hours of theirs that interruptions and resizes cost: lost since a checkpoint, restarts, resizes. What jobs did
   * that failed or were killed is not in it.
   */
  readonly lostGpuHours: number;
  /**
   * ∫ free GPUs in partly held nodes / ∫ free GPUs, 0…1: the share of what is free that no job of whole nodes can
   * use. NaN when nothing was ever free. After FGD (Weng et al., ATC'23), which weighs by the sizes of all jobs.
   */
  readonly fragmentationFraction: number;
  /** Mean of max((wait + run) / max(run, 10 s), 1) over ended jobs; NaN with none. */
  readonly boundedSlowdownMean: number;
  readonly queueMean: number;
  readonly queueMax: number;
  readonly classes: readonly ClassSummary[];
  /** Where jobs have phases: failures, checkpoints or models. */
  readonly goodput?: GoodputSummary | undefined;
  /** Where jobs have deadlines. */
  readonly deadlines?: DeadlineSummary | undefined;
  /** Where the policy has a power part. */
  readonly power?: PowerSummary | undefined;
  /** Handled by the loop: arrivals, completions and passes. */
  readonly events: number;
}

/** Both sides of the audit and how far apart they are, relative to the site's total. */
export interface AuditLine {
  readonly siteTotal: number;
  readonly jobs: number;
  readonly idle: number;
  readonly overhead: number;
  readonly relativeError: number;
}

/** What a broker sent to one of its sites. */
export interface SiteShare {
  readonly gpus: number;
  /** Jobs submitted inside the horizon that were sent here; and those of them submitted to another site. */
  readonly submitted: number;
  readonly fromElsewhere: number;
  /** GPU-hours held / capacity of the site, 0…1. */
  readonly utilisationFraction: number;
  /** Of these jobs, how many started inside the horizon and their mean wait, ms; NaN with none. */
  readonly waits: number;
  readonly waitMeanMs: number;
}

/** What one site drew, paid and emitted under the schedule. */
export interface SiteResult {
  readonly id: string;
  readonly itMWh: number;
  readonly facilityMWh: number;
  readonly meanFacilityMW: number;
  /** Highest 15-minute mean. */
  readonly peakFacilityMW: number;
  readonly meanItMW: number;
  readonly peakItMW: number;
  /** facilityMWh / itMWh. */
  readonly pue: number;
  /** facilityMWh / (peak × horizon). */
  readonly loadFactor: number;
  /** Plain mean of the day-ahead series. */
  readonly meanPriceEurPerMWh: number;
  /** Load-weighted day-ahead price, EUR/MWh: what energy alone costs where all of it is bought at day-ahead. */
  readonly paidPriceEurPerMWh: number;
  /** totalEur / facilityMWh. */
  readonly deliveredEurPerMWh: number;
  readonly bill: EnergyBill;
  /** Held by jobs inside the horizon, here. */
  readonly gpuHoursUsed: number;
  /** totalEur / GPU-hours used. */
  readonly eurPerGpuHour: number;
  /** Of them productive and not lost again; with totalEur over them. Where jobs have phases. */
  readonly usefulGpuHours?: number | undefined;
  readonly eurPerUsefulGpuHour?: number | undefined;
  /** Where some class has a model. */
  readonly training?: SiteTraining | undefined;
  /** Location-based, kt. */
  readonly carbonKt: number;
  readonly carbonKgPerMWh: number;
  /** By contract and as a shadow cost, and for a unit of work; where the site says how it is counted. */
  readonly carbon?: SiteCarbon | undefined;
  /** Of Regulation (EU) 2024/1364; where the site asks for them. Not of several sites together. */
  readonly indicators?: SiteIndicators | undefined;
  /** Ramps, limits and orders at the grid connection; where the site says what is asked of it. Not of several sites together. */
  readonly grid?: GridResult | undefined;
  /** What it did; its EUR are in the bill and its emissions in `carbonKt`, its losses not in `facilityMWh`. Not of several together. */
  readonly battery?: BatteryResult | undefined;
  readonly negativePriceHours: number;
  /** Capital and operation included; where the site is costed. */
  readonly cost?: SiteCost | undefined;
  readonly auditEnergyWms: AuditLine;
  readonly auditCostEur: AuditLine;
  /** Of a site of a broker; absent: the schedule is its own. */
  readonly share?: SiteShare | undefined;
}

/** The load curve a site is settled on: its own, or the one all share. */
export function curveOf(curves: readonly LoadCurve[], site: number): LoadCurve {
  return curves[site % curves.length]!;
}

/** Everything a run leaves behind except wall times, which live apart. */
export interface RunResult {
  /** Hash over starts, ends, placements and joules: equal runs have equal fingerprints. */
  readonly fingerprint: string;
  readonly schedule: ScheduleSummary;
  readonly sites: readonly SiteResult[];
  /** By site; one for all where they share a schedule. */
  readonly loadCurves: readonly LoadCurve[];
  /** Present when the caller asked to keep the jobs. */
  readonly jobs: JobOutcomes | undefined;
}

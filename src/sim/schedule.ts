import { SimError } from '../base/errors.js';
import type { RandomStreams } from '../base/random.js';
import { MS_PER_HOUR } from '../base/units.js';
import type { Claim } from '../cluster/claim.js';
import { layoutOf } from '../cluster/layout.js';
import { Occupancy } from '../cluster/occupancy.js';
import { LoadMeter } from '../energy/loadMeter.js';
import { Fingerprint } from '../engine/fingerprint.js';
import { RANK } from '../engine/ranks.js';
import { RunLoop, type Handlers } from '../engine/runLoop.js';
import type { LoadCurve } from '../metrics/runResult.js';
import type { JobId } from '../policy/contracts.js';
import { World } from '../policy/world.js';
import type { PartitionSpec, PolicySpec } from '../scenario/runSpec.js';
import type { JobTable } from '../workload/jobTable.js';
import { PartitionScheduler, type StartListener } from './partitionScheduler.js';

/** What a schedule needs to know; the sites it will be paid at are none of its business. */
export interface ScheduleInput {
  readonly partitions: readonly PartitionSpec[];
  readonly policy: PolicySpec;
  readonly jobs: JobTable;
  readonly startMs: number;
  /** `undefined`: run until the last job has ended. */
  readonly horizonMs: number | undefined;
  readonly streams: RandomStreams;
  /** Shared memory: [0] ← per mille of the horizon done, [1] → not 0 asks to stop. */
  readonly heartbeat?: Int32Array | undefined;
}

export interface Schedule {
  /** Start and end by job id; NaN: not (yet). */
  readonly startMs: Float64Array;
  readonly endMs: Float64Array;
  readonly curve: LoadCurve;
  readonly queueMax: number;
  readonly events: number;
  readonly fingerprint: string;
}

/** Runs the jobs through the partitions under the policy. */
export function schedule(input: ScheduleInput): Schedule {
  return new ScheduleRun(input).run();
}

/** The only kind of scheduled event so far: a running job ends. */
const COMPLETION = 0;

class ScheduleRun implements Handlers, StartListener {
  private readonly input: ScheduleInput;
  private readonly jobs: JobTable;
  private readonly loop: RunLoop;
  private readonly world: World;
  private readonly meter: LoadMeter;
  private readonly occupancies: readonly Occupancy[];
  private readonly schedulers: readonly PartitionScheduler[];
  private readonly fingerprint = new Fingerprint();
  private readonly startMs: Float64Array;
  private readonly endMs: Float64Array;
  /** Watts a GPU adds while it works, by partition and class. */
  private readonly wattsPerGpu: readonly Float64Array[];

  constructor(input: ScheduleInput) {
    const { partitions, jobs, horizonMs, startMs } = input;
    this.input = input;
    this.jobs = jobs;
    this.loop = new RunLoop(startMs, jobs.submitMs, jobs.count, MS_PER_HOUR);
    this.occupancies = partitions.map((partition) => new Occupancy(layoutOf(partition), jobs.count));
    this.world = new World(this.loop, jobs, this.occupancies);
    this.meter = new LoadMeter(startMs, idleItW(partitions), horizonMs);
    this.startMs = new Float64Array(jobs.count).fill(Number.NaN);
    this.endMs = new Float64Array(jobs.count).fill(Number.NaN);
    this.wattsPerGpu = partitions.map(({ power }) => Float64Array.from(power.activeWByClass));
    this.schedulers = this.occupancies.map(
      (occupancy, partition) =>
        new PartitionScheduler({
          world: this.world,
          partition,
          occupancy,
          policy: input.policy,
          streams: input.streams,
          listener: this,
        }),
    );
  }

  run(): Schedule {
    const { horizonMs } = this.input;
    this.loop.run(this, horizonMs ?? Number.POSITIVE_INFINITY, horizonMs === undefined);
    this.meter.advance(horizonMs ?? this.loop.nowMs);
    if (horizonMs === undefined) this.requireAllStarted();
    const curve = this.meter.curve();
    for (const wms of curve.itWms) this.fingerprint.addWhole(wms);
    return {
      startMs: this.startMs,
      endMs: this.endMs,
      curve,
      queueMax: this.meter.queuedMax,
      events: this.loop.handled,
      fingerprint: this.fingerprint.text(),
    };
  }

  onArrival(job: JobId): void {
    const now = this.loop.nowMs;
    this.meter.advance(now);
    this.meter.queuedJobs++;
    const scheduler = this.schedulers[this.jobs.partitionOf[job]!]!;
    scheduler.queue.add(job);
    if (scheduler.backfill.onQueued(job)) this.wantPass(scheduler);
  }

  onEvent(_kind: number, job: JobId): void {
    const now = this.loop.nowMs;
    this.meter.advance(now);
    const partition = this.jobs.partitionOf[job]!;
    this.occupancies[partition]!.release(job, this.jobs.gpus[job]!);
    this.meter.itW -= this.jobW(job);
    this.meter.busyGpus -= this.world.heldGpus(job);
    this.endMs[job] = now;
    this.fingerprint.addInt(job);
    this.fingerprint.addWhole(now);
    const scheduler = this.schedulers[partition]!;
    if (scheduler.backfill.onReleased(job)) this.wantPass(scheduler);
  }

  onPass(): void {
    for (const scheduler of this.schedulers) {
      if (!scheduler.passWanted) continue;
      scheduler.passWanted = false;
      scheduler.backfill.pass();
    }
  }

  onStarted(job: JobId, _partition: number, claim: Claim): void {
    const now = this.loop.nowMs;
    this.meter.advance(now);
    this.meter.queuedJobs--;
    this.meter.itW += this.jobW(job);
    this.meter.busyGpus += this.world.heldGpus(job);
    this.startMs[job] = now;
    this.loop.queue.push(now + this.jobs.runMs[job]!, RANK.completion, COMPLETION, job);
    const { fingerprint } = this;
    fingerprint.addInt(job);
    fingerprint.addWhole(now);
    fingerprint.addInt(claim.node);
    for (let i = 0; i < claim.count; i++) {
      fingerprint.addInt(claim.racks[i]!);
      fingerprint.addInt(claim.masks[i]!);
    }
  }

  onTick(): void {
    const { heartbeat, horizonMs } = this.input;
    if (heartbeat === undefined) return;
    const done =
      horizonMs === undefined
        ? this.loop.arrivalFraction
        : (this.loop.nowMs - this.input.startMs) / (horizonMs - this.input.startMs);
    Atomics.store(heartbeat, 0, Math.floor(1000 * done));
    if (Atomics.load(heartbeat, 1) !== 0) throw new SimError('run.interrupted', 'stopped on request');
  }

  private wantPass(scheduler: PartitionScheduler): void {
    scheduler.passWanted = true;
    this.loop.requestPass();
  }

  private jobW(job: JobId): number {
    const { jobs } = this;
    return jobs.gpus[job]! * this.wattsPerGpu[jobs.partitionOf[job]!]![jobs.classOf[job]!]!;
  }

  private requireAllStarted(): void {
    const job = this.startMs.findIndex((start) => Number.isNaN(start));
    if (job < 0) return;
    throw new SimError(
      'run.deadlock',
      `policy ${this.input.policy.text}: at ${this.loop.nowMs} ms nothing runs and nothing arrives any more, but job ${job} ` +
        `(${this.jobs.gpus[job]!} GPUs) still waits. Expected every job that fits the machine to be started in the end.`,
    );
  }
}

/** IT watts with no job running: idle nodes, network and storage. */
export function idleItW(partitions: readonly PartitionSpec[]): number {
  return partitions.reduce(
    (sum, { nodes, gpusPerNode, power }) => sum + nodes * (power.idleW + gpusPerNode * power.networkWPerGpu),
    0,
  );
}

/** Watts a job adds to its site while it runs: its own GPUs, not the idle rest of its last node. */
export function activeW(partitions: readonly PartitionSpec[], jobs: JobTable, job: JobId): number {
  return jobs.gpus[job]! * partitions[jobs.partitionOf[job]!]!.power.activeWByClass[jobs.classOf[job]!]!;
}

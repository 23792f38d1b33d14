import { SimError } from '../base/errors.js';
import type { RandomStreams } from '../base/random.js';
import { MS_PER_HOUR } from '../base/units.js';
import { layoutOf } from '../cluster/layout.js';
import { Occupancy } from '../cluster/occupancy.js';
import { LoadMeter } from '../energy/loadMeter.js';
import { Fingerprint } from '../engine/fingerprint.js';
import { RANK } from '../engine/ranks.js';
import { RunLoop, type Handlers } from '../engine/runLoop.js';
import type { LoadCurve } from '../metrics/runResult.js';
import type { JobId, OrderPolicy } from '../policy/contracts.js';
import { KeyEpoch } from '../policy/keyEpoch.js';
import { definitionsOf, NO_MODULES, type PolicyModules } from '../policy/registry.js';
import { truthOf } from '../policy/truth.js';
import { World } from '../policy/world.js';
import type { PartitionSpec, PolicySpec, RunSpec } from '../scenario/runSpec.js';
import { JobProgress } from '../workload/jobProgress.js';
import type { JobTable } from '../workload/jobTable.js';
import { Broker } from './broker.js';
import { EVENT } from './events.js';
import { Execution } from './execution.js';
import { MarketView, type SiteSignals } from './marketView.js';
import { PartitionScheduler, type SchedulerListener } from './partitionScheduler.js';
import { HEARTBEAT, policyWatch } from './heartbeat.js';
import { PolicyParts } from './policyParts.js';
import type { Segments } from '../workload/segments.js';

/** Rules of the machine that jobs meet, as in the {@link RunSpec}. */
type Rules = Pick<RunSpec, 'traits' | 'guaranteedRunMs' | 'overrun' | 'limits' | 'windows' | 'transferMsPerTB'>;

/** What a schedule needs to know; the sites it will be paid at are none of its business, unless the policy reads the market. */
export interface ScheduleInput extends Rules {
  readonly partitions: readonly PartitionSpec[];
  readonly policy: PolicySpec;
  readonly jobs: JobTable;
  readonly startMs: number;
  /** `undefined`: run until the last job has ended. */
  readonly horizonMs: number | undefined;
  readonly streams: RandomStreams;
  /** What sites pay and emit, by site, where a part of the policy reads it. */
  readonly signals?: readonly SiteSignals[] | undefined;
  /** Users' own policies by the hash of their code. */
  readonly modules?: PolicyModules | undefined;
  /** Shared memory, see {@link HEARTBEAT}. */
  readonly heartbeat?: Int32Array | undefined;
}

export interface Schedule {
  /** First start and end by job id; NaN: not (yet). */
  readonly startMs: Float64Array;
  readonly endMs: Float64Array;
  readonly progress: JobProgress;
  /** Present where jobs can be interrupted or resized. */
  readonly segments: Segments | undefined;
  /** By site: one, unless a broker serves several. */
  readonly curves: readonly LoadCurve[];
  readonly queueMax: number;
  readonly events: number;
  readonly fingerprint: string;
}

/** Runs the jobs through the partitions under the policy. */
export function schedule(input: ScheduleInput): Schedule {
  return new ScheduleRun(input).run();
}

class ScheduleRun implements Handlers, SchedulerListener {
  private readonly input: ScheduleInput;
  private readonly jobs: JobTable;
  private readonly loop: RunLoop;
  private readonly world: World;
  private readonly progress: JobProgress;
  /** By site. */
  private readonly meters: readonly LoadMeter[];
  /** By partition. */
  private readonly meterOf: readonly LoadMeter[];
  private readonly execution: Execution;
  /** Where the policy chooses partitions or sites, or reads prices. */
  private readonly market: MarketView | undefined;
  private readonly broker: Broker | undefined;
  private readonly schedulers: readonly PartitionScheduler[];
  private readonly fingerprint = new Fingerprint();
  /** Pending event of the pass each partition's policy asked for, and its time. */
  private readonly passes: Float64Array;
  private readonly passMs: Float64Array;
  /** Pending timer of each job, where jobs can be interrupted. */
  private readonly timers: Float64Array | undefined;

  constructor(input: ScheduleInput) {
    const { partitions, jobs, horizonMs, startMs, policy, traits } = input;
    const modules = input.modules ?? NO_MODULES;
    this.input = input;
    this.jobs = jobs;
    this.loop = new RunLoop(startMs, jobs.submitMs, jobs.count, MS_PER_HOUR);
    const occupancies = partitions.map((partition) => new Occupancy(layoutOf(partition), jobs.count));
    const interruptible = definitionsOf(policy, modules).some(
      (definition) => definition.axis === 'preempt' || (definition.axis === 'backfill' && definition.resizes === true),
    );
    this.progress = new JobProgress(jobs, interruptible);
    this.timers = interruptible ? new Float64Array(jobs.count).fill(Number.NaN) : undefined;
    this.passes = new Float64Array(partitions.length).fill(Number.NaN);
    this.passMs = new Float64Array(partitions.length);
    const siteOf = partitions.map(({ site }) => site ?? 0);
    const routed = policy.partition !== undefined || policy.siting !== undefined;
    this.market =
      routed || input.signals !== undefined
        ? new MarketView(this.loop, partitions, jobs.count, input.signals)
        : undefined;
    this.world = new World({
      clock: this.loop,
      jobs,
      progress: this.progress,
      partitions: occupancies,
      siteOf,
      traits,
      market: this.market,
    });
    const sites = 1 + Math.max(...siteOf);
    this.meters = Array.from({ length: sites }, (_, site) => {
      const own = partitions.filter((_partition, index) => siteOf[index] === site);
      return new LoadMeter(startMs, idleItW(own), horizonMs);
    });
    this.meterOf = siteOf.map((site) => this.meters[site]!);
    this.execution = new Execution({
      loop: this.loop,
      jobs,
      progress: this.progress,
      world: this.world,
      partitions,
      occupancies,
      meters: this.meterOf,
      fingerprint: this.fingerprint,
    });
    const truth = truthOf(jobs, this.progress, this.loop);
    const parts = new PolicyParts(this.world, truth, input.streams, modules, policyWatch(input.heartbeat));
    const transferMsPerTB = input.transferMsPerTB ?? 0;
    const { world, progress } = this;
    this.broker = routed ? new Broker({ world, progress, jobs, policy, parts, transferMsPerTB }) : undefined;
    const order: OrderPolicy = parts.create('order', policy.order, 'run');
    const epochs = new KeyEpoch(order, this.loop);
    this.schedulers = occupancies.map(
      (occupancy, partition) =>
        new PartitionScheduler({
          world: this.world,
          progress: this.progress,
          partition,
          occupancy,
          policy,
          parts,
          order,
          epochs,
          execution: this.execution,
          guaranteedRunMs: input.guaranteedRunMs ?? 0,
          listener: this,
        }),
    );
  }

  run(): Schedule {
    const { horizonMs } = this.input;
    this.loop.run(this, horizonMs ?? Number.POSITIVE_INFINITY, horizonMs === undefined);
    const endMs = horizonMs ?? this.loop.nowMs;
    for (const meter of this.meters) meter.advance(endMs);
    if (horizonMs === undefined) this.requireAllEnded();
    this.execution.close(endMs);
    const curves = this.meters.map((meter) => meter.curve());
    for (const { itWms } of curves) for (const wms of itWms) this.fingerprint.addWhole(wms);
    return {
      startMs: this.execution.startMs,
      endMs: this.execution.endMs,
      progress: this.progress,
      segments: this.execution.segments,
      curves,
      queueMax: this.meters.reduce((sum, meter) => sum + meter.queuedMax, 0),
      events: this.loop.handled,
      fingerprint: this.fingerprint.text(),
    };
  }

  onArrival(job: JobId): void {
    const { interruptions } = this.progress;
    if (interruptions !== undefined) interruptions.queuedMs[job] = this.loop.nowMs;
    const transferMs = this.broker === undefined ? 0 : this.broker.route(job);
    const meter = this.meterOf[this.progress.partitionOf[job]!]!;
    meter.advance(this.loop.nowMs);
    meter.queuedJobs++;
    this.countQueued(job);
    if (transferMs > 0) this.loop.queue.push(this.loop.nowMs + transferMs, RANK.arrival, EVENT.transferred, job);
    else this.enqueue(job);
  }

  onEvent(kind: number, job: JobId): void {
    if (kind === EVENT.completion) {
      const scheduler = this.schedulerOf(job);
      this.dropTimer(job);
      if (scheduler.complete(job)) this.wantPass(scheduler);
    } else if (kind === EVENT.timer) {
      this.timers![job] = Number.NaN;
      const scheduler = this.schedulerOf(job);
      if (scheduler.preemption!.onTimer(job)) this.wantPass(scheduler);
    } else if (kind === EVENT.pass) {
      this.passes[job] = Number.NaN;
      this.wantPass(this.schedulers[job]!);
    } else if (kind === EVENT.transferred) {
      this.enqueue(job);
    }
  }

  onPass(): void {
    for (const scheduler of this.schedulers) {
      if (!scheduler.passWanted) continue;
      scheduler.passWanted = false;
      scheduler.pass();
    }
  }

  onStarted(job: JobId): void {
    this.market?.onUnqueued(job, this.progress.partitionOf[job]!);
  }

  onInterrupted(job: JobId): void {
    this.dropTimer(job);
    this.countQueued(job);
    this.enqueue(job);
  }

  wakeAt(atMs: number, job: JobId): void {
    this.dropTimer(job);
    this.timers![job] = this.loop.queue.push(atMs, RANK.market, EVENT.timer, job);
  }

  passAt(atMs: number, partition: number): void {
    const { queue } = this.loop;
    const pending = this.passes[partition]!;
    if (!Number.isNaN(pending)) {
      if (this.passMs[partition]! <= atMs) return;
      queue.cancel(pending);
    }
    this.passMs[partition] = atMs;
    this.passes[partition] = queue.push(atMs, RANK.market, EVENT.pass, partition);
  }

  onTick(): void {
    const { heartbeat, horizonMs } = this.input;
    if (heartbeat === undefined) return;
    const done =
      horizonMs === undefined
        ? this.loop.arrivalFraction
        : (this.loop.nowMs - this.input.startMs) / (horizonMs - this.input.startMs);
    Atomics.store(heartbeat, HEARTBEAT.perMilleDone, Math.floor(1000 * done));
    if (Atomics.load(heartbeat, HEARTBEAT.stop) !== 0) throw new SimError('run.interrupted', 'stopped on request');
  }

  private countQueued(job: JobId): void {
    if (this.market === undefined) return;
    const { world } = this;
    this.market.onQueued(job, world.partitionOf(job), world.plannedMs(job) * world.heldGpus(job));
  }

  private enqueue(job: JobId): void {
    const scheduler = this.schedulerOf(job);
    if (scheduler.enqueue(job)) this.wantPass(scheduler);
  }

  private schedulerOf(job: JobId): PartitionScheduler {
    return this.schedulers[this.progress.partitionOf[job]!]!;
  }

  private wantPass(scheduler: PartitionScheduler): void {
    scheduler.passWanted = true;
    this.loop.requestPass();
  }

  private dropTimer(job: JobId): void {
    if (this.timers === undefined || Number.isNaN(this.timers[job]!)) return;
    this.loop.queue.cancel(this.timers[job]!);
    this.timers[job] = Number.NaN;
  }

  private requireAllEnded(): void {
    const job = this.execution.endMs.findIndex((end) => Number.isNaN(end));
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

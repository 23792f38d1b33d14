import { SimError } from '../base/errors.js';
import type { RandomStreams } from '../base/random.js';
import { MS_PER_HOUR, MS_PER_QUARTER_HOUR } from '../base/units.js';
import { layoutOf } from '../cluster/layout.js';
import { Occupancy } from '../cluster/occupancy.js';
import { LoadMeter } from '../energy/loadMeter.js';
import { Fingerprint } from '../engine/fingerprint.js';
import { RANK } from '../engine/ranks.js';
import { RunLoop, type Handlers } from '../engine/runLoop.js';
import type { PowerTotals } from '../metrics/powerSummary.js';
import type { LoadCurve } from '../metrics/runResult.js';
import type { IdleSleep, JobId, OrderPolicy } from '../policy/contracts.js';
import { KeyEpoch } from '../policy/keyEpoch.js';
import { definitionOf, interrupts, letsNodesSleep, NO_MODULES, type PolicyModules } from '../policy/registry.js';
import { truthOf } from '../policy/truth.js';
import { World } from '../policy/world.js';
import type { ClassTraits } from '../scenario/classTraits.js';
import { hasPhases } from '../scenario/hasPhases.js';
import type { PartitionSpec, PolicyPartSpec, PolicySpec, RunSpec } from '../scenario/runSpec.js';
import { JobProgress } from '../workload/jobProgress.js';
import type { JobTable } from '../workload/jobTable.js';
import { Admission, HOLD, HOLD_REASONS, type AdmissionHost } from './admission.js';
import { Broker } from './broker.js';
import { BuildOut } from './buildOut.js';
import { CapBook } from './capBook.js';
import { EVENT } from './events.js';
import { Execution } from './execution.js';
import { Failures, initialSpares, type FailuresHost } from './failures.js';
import { MarketView, type SiteSignals } from './marketView.js';
import { anyOutlives, Overruns } from './overrun.js';
import { PartitionScheduler, type SchedulerListener } from './partitionScheduler.js';
import { HEARTBEAT, policyWatch } from './heartbeat.js';
import { idleItW } from './idleWatts.js';
import { NodeService, type ServiceHost } from './nodeService.js';
import { NodeSleep, requireSound, type SleptSpans } from './nodeSleep.js';
import { PolicyParts } from './policyParts.js';
import { PowerControl, type PowerHost } from './powerControl.js';
import { SitePowerLimits } from './powerLimits.js';
import { NO_LIMITS, outlookOf } from './outlook.js';
import { ServiceLoad, type ServedStretches } from './serviceLoad.js';
import type { Segments } from '../workload/segments.js';
import { phaseTotals, type PhaseTotals } from './phaseTotals.js';
import type { WaitProbe } from './waitProbe.js';
import { traitsWithReservations, Windows, withReservations, type WindowsHost } from './windows.js';

/** Rules of the machine that jobs meet, as in the {@link RunSpec}. */
type Rules = Pick<
  RunSpec,
  | 'traits'
  | 'guaranteedRunMs'
  | 'limits'
  | 'windows'
  | 'transferMsPerTB'
  | 'reliability'
  | 'checkpoints'
  | 'initialisation'
  | 'powerControl'
  | 'services'
>;

/** What a schedule needs to know; the sites it will be paid at are none of its business, unless the policy reads the market. */
export interface ScheduleInput extends Rules {
  readonly partitions: readonly PartitionSpec[];
  readonly policy: PolicySpec;
  /** One that runs longer than its estimate has it raised; those to be killed there end there in the table. */
  readonly jobs: JobTable;
  readonly startMs: number;
  /** `undefined`: run until the last job has ended. */
  readonly horizonMs: number | undefined;
  readonly streams: RandomStreams;
  /** What sites pay and emit, by site, where a part of the policy reads it. */
  readonly signals?: readonly SiteSignals[] | undefined;
  /** Users' own policies by the hash of their code. */
  readonly modules?: PolicyModules | undefined;
  /** Notes why some of the jobs wait. */
  readonly probe?: WaitProbe | undefined;
  /** Shared memory, see {@link HEARTBEAT}. */
  readonly heartbeat?: Int32Array | undefined;
  /** Year of the local hours of services, whose replicas are the first jobs of the table. */
  readonly calendarYear?: number | undefined;
}

export interface Schedule {
  /** First start and end by job id; NaN: not (yet). */
  readonly startMs: Float64Array;
  readonly endMs: Float64Array;
  readonly progress: JobProgress;
  /** Present where jobs can be interrupted or resized. */
  readonly segments: Segments | undefined;
  /** Where jobs have phases. */
  readonly phases: PhaseTotals | undefined;
  /** Where the policy has a power part. */
  readonly power: PowerTotals | undefined;
  /** Where there are services: when their replicas served. */
  readonly served: readonly ServedStretches[] | undefined;
  /** Where nodes may sleep. */
  readonly slept: SleptSpans | undefined;
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

class ScheduleRun
  implements Handlers, SchedulerListener, AdmissionHost, WindowsHost, FailuresHost, ServiceHost, PowerHost
{
  readonly onSettled: (() => void) | undefined;
  readonly onStarting: ((job: JobId) => void) | undefined;
  readonly onPreempting: ((job: JobId) => void) | undefined;
  readonly onStopped: ((job: JobId) => void) | undefined;
  private readonly input: ScheduleInput;
  private readonly jobs: JobTable;
  private readonly loop: RunLoop;
  /** By partition, those of reservations last. */
  private readonly occupancies: readonly Occupancy[];
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
  /** Where jobs outlive their estimates. */
  private readonly overruns: Overruns | undefined;
  private readonly schedulers: readonly PartitionScheduler[];
  /** Where jobs can be turned away or held. */
  private readonly admission: Admission | undefined;
  /** Where nodes leave service. */
  private readonly service: NodeService | undefined;
  /** Where partitions grow. */
  private readonly buildOut: BuildOut | undefined;
  private readonly windows: Windows | undefined;
  private readonly failures: Failures | undefined;
  /** Where the policy has a power part. */
  private readonly power: PowerControl | undefined;
  /** Where some jobs are replicas of services; no part of the policy is asked about these but for where they go. */
  private readonly serviceLoad: ServiceLoad | undefined;
  /** Jobs that have neither ended nor been turned away. */
  private unended: number;
  private passing = false;
  /** A pass was asked for in the middle of one, by limits or a job that was interrupted: it is made at once. */
  private changed = false;
  private readonly fingerprint = new Fingerprint();
  /** Pending event of the pass each partition's policy asked for, and its time. */
  private readonly passes: Float64Array;
  private readonly passMs: Float64Array;
  /** Pending timer of each job, where jobs can be interrupted. */
  private readonly timers: Float64Array | undefined;
  /** Pending event of a quarter hour that jobs wait for; NaN: none. */
  private nextQuarterHour = Number.NaN;
  /** Pending event of each job that the power policy holds back. */
  private readonly releases = new Map<JobId, number>();

  constructor(input: ScheduleInput) {
    const { partitions: physical, jobs, horizonMs, startMs, policy, limits, windows = [] } = input;
    const partitions = withReservations(physical, windows);
    const traits = traitsOf(input);
    const modules = input.modules ?? NO_MODULES;
    this.input = input;
    this.jobs = jobs;
    this.loop = new RunLoop(startMs, jobs.submitMs, jobs.count, policy.power ? MS_PER_QUARTER_HOUR : MS_PER_HOUR);
    const occupancies = (this.occupancies = partitions.map(
      (partition) => new Occupancy(layoutOf(partition), jobs.count, input.reliability !== undefined),
    ));
    const { powerControl } = input;
    const sleeps = letsNodesSleep(policy, modules);
    const interruptible = interrupts(policy, modules) || powerControl !== undefined || sleeps;
    const phases = hasPhases(input);
    this.progress = new JobProgress(jobs, interruptible, phases);
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
      reservations: partitions.length - physical.length,
      spareNodes: input.reliability?.spareNodes,
      roomOf: limits === undefined ? undefined : (job) => this.admission!.roomOf(job),
      market: this.market,
      caps: powerControl !== undefined,
    });
    const sites = 1 + Math.max(...siteOf);
    this.meters = Array.from({ length: sites }, (_, site) => {
      const own = physical.filter((_partition, index) => siteOf[index] === site);
      return new LoadMeter(startMs, idleItW(own, 0), horizonMs);
    });
    this.meterOf = siteOf.map((site) => this.meters[site]!);
    const caps =
      powerControl &&
      new CapBook({
        spec: powerControl,
        world: this.world,
        interruptions: this.progress.interruptions!,
        sites,
        classes: jobs.classNames.length,
      });
    if (caps !== undefined) this.world.capSpeed = (partition, jobClass) => caps.speed(partition, jobClass);
    this.serviceLoad = this.serviceLoadOf(input);
    this.execution = new Execution({
      caps,
      serviceLoad: this.serviceLoad,
      loop: this.loop,
      jobs,
      progress: this.progress,
      world: this.world,
      partitions,
      physical,
      occupancies,
      meters: this.meterOf,
      fingerprint: this.fingerprint,
      kills: partitions.length > physical.length,
      phases: phases ? input : undefined,
    });
    this.world.phases = this.execution.phases;
    this.overruns = anyOutlives(jobs) ? new Overruns(jobs, this.loop, this.world, this.progress) : undefined;
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
          interrupts: interruptible,
          listener: this,
        }),
    );
    this.unended = jobs.count;
    const { loop } = this;
    const { reliability } = input;
    const grows = physical.some(({ inService }) => inService !== undefined);
    if (windows.length > 0 || reliability !== undefined || grows)
      this.service = new NodeService({
        clock: loop,
        occupancies,
        machinePartitions: physical.length,
        spareTarget: reliability?.spareNodes ?? physical.map(() => 0),
        host: this,
      });
    if (grows)
      this.buildOut = new BuildOut({
        partitions: physical,
        loop,
        service: this.service!,
        meters: this.meterOf,
        spareNodes: reliability?.spareNodes,
      });
    if (windows.length > 0)
      this.windows = new Windows({
        windows,
        partitions: physical,
        loop,
        jobs,
        world,
        progress,
        occupancies,
        service: this.service!,
        sparesOf: (partition) =>
          reliability === undefined ? [] : initialSpares(reliability, partition, physical[partition]!),
        host: this,
      });
    if (reliability !== undefined)
      this.failures = new Failures({
        spec: reliability,
        partitions: physical,
        loop,
        world,
        occupancies,
        service: this.service!,
        phases: progress.interruptions!.phases!,
        streams: input.streams,
        host: this,
      });
    const reservations = jobs.extra?.reservationOf === undefined ? undefined : this.windows;
    if (limits !== undefined || jobs.extra?.afterOk !== undefined || reservations !== undefined) {
      const largestGpus = Math.max(...occupancies.map(({ layout }) => layout.gpus));
      const resizes = definitionOf('backfill', policy.backfill, modules).resizes === true;
      const given = { jobs, world, progress, limits, reservations, sites, largestGpus, resizes };
      this.admission = new Admission({ ...given, host: this });
    }
    this.power = policy.power && this.powerControlOf(policy.power, parts, caps);
    const { probe } = input;
    this.onSettled =
      probe &&
      (() => {
        probe.afterInstant();
      });
    this.onStarting =
      probe &&
      ((job) => {
        probe.onStarting(job);
      });
    this.onPreempting =
      probe &&
      ((job) => {
        probe.onPreempting(job);
      });
    this.onStopped =
      probe &&
      ((job) => {
        probe.onStopped(job);
      });
    if (probe !== undefined) this.attach(probe, occupancies, modules);
  }

  run(): Schedule {
    const { horizonMs, probe } = this.input;
    this.buildOut?.begin();
    this.windows?.begin();
    this.startFailures();
    this.execution.nodeSleep?.begin();
    this.serviceLoad?.begin();
    this.power?.onQuarterHour();
    this.loop.run(this, horizonMs ?? Number.POSITIVE_INFINITY, horizonMs === undefined);
    const endMs = horizonMs ?? this.loop.nowMs;
    for (const meter of this.meters) meter.advance(endMs);
    if (horizonMs === undefined) this.requireAllEnded();
    this.execution.close(endMs);
    this.execution.nodeSleep?.close(endMs);
    this.failures?.close(endMs);
    this.service?.close(endMs);
    probe?.close(endMs);
    this.windows?.settle();
    const served = this.serviceLoad?.close(endMs);
    const curves = this.meters.map((meter) => meter.curve());
    for (const { itWms } of curves) for (const wms of itWms) this.fingerprint.addWhole(wms);
    return {
      startMs: this.execution.startMs,
      endMs: this.execution.endMs,
      progress: this.progress,
      segments: this.execution.segments,
      phases: phaseTotals(this.execution.phases, this.failures, this.service, { startMs: this.input.startMs, endMs }),
      power: this.power?.totals(endMs),
      served,
      slept: this.execution.nodeSleep,
      curves,
      queueMax: this.meters.reduce((sum, meter) => sum + meter.queuedMax, 0),
      events: this.loop.handled,
      fingerprint: this.fingerprint.text(),
    };
  }

  onArrival(job: JobId): void {
    const { interruptions } = this.progress;
    if (interruptions !== undefined) interruptions.queuedMs[job] = this.loop.nowMs;
    const reserved = this.windows?.route(job) ?? false;
    const isReplica = this.isReplica(job);
    const transferMs = reserved || isReplica || this.broker === undefined ? 0 : this.broker.route(job);
    const meter = this.meterOf[this.progress.partitionOf[job]!]!;
    meter.advance(this.loop.nowMs);
    meter.queuedJobs++;
    this.countQueued(job);
    if (transferMs > 0) this.loop.queue.push(this.loop.nowMs + transferMs, RANK.arrival, EVENT.transferred, job);
    else if (isReplica) this.enqueue(job);
    else this.submit(job);
  }

  onEvent(kind: number, job: JobId, b: number): void {
    if (kind === EVENT.completion) {
      const scheduler = this.schedulerOf(job);
      this.dropTimer(job);
      this.overruns?.forget(job);
      if (scheduler.complete(job)) this.wantPass(scheduler);
      this.afterEnd(job);
    } else if (kind === EVENT.timer) {
      this.timers![job] = Number.NaN;
      const scheduler = this.schedulerOf(job);
      if (scheduler.preemption!.onTimer(job)) this.wantPass(scheduler);
    } else if (kind === EVENT.estimate) {
      this.onEstimatePassed(job);
    } else if (kind === EVENT.pass) {
      this.passes[job] = Number.NaN;
      this.wantPass(this.schedulers[job]!);
    } else if (kind === EVENT.transferred) {
      this.submit(job);
    } else if (kind === EVENT.powerRelease) {
      this.releases.delete(job);
      this.submit(job);
    } else if (kind === EVENT.serviceHour) {
      this.serviceLoad!.onHour(job);
    } else if (kind === EVENT.serviceReady) {
      this.serviceLoad!.ready(job);
    } else if (kind === EVENT.joined) {
      this.buildOut!.join(job, b);
    } else if (kind === EVENT.quarterHour) {
      this.nextQuarterHour = Number.NaN; // the tick comes at this very instant
    } else if (kind >= EVENT.failure) this.onFailureEvent(kind, job, b);
    else this.onWindowEvent(kind, job);
  }

  /** `a` is a partition, or a job that hangs; `b` a node. */
  private onFailureEvent(kind: number, a: number, b: number): void {
    const failures = this.failures!;
    if (kind === EVENT.failure) failures.onFailure(a);
    else if (kind === EVENT.detected) failures.onDetected(a);
    else if (kind === EVENT.repaired) failures.onRepaired(a, b);
    else if (kind === EVENT.stragglerOnset) failures.onSlow(a);
    else failures.onSlowFound(a, b);
  }

  /** `a` is a window, or a job of one. */
  private onWindowEvent(kind: number, a: number): void {
    if (kind === EVENT.windowDrain) this.windows!.drain(a);
    else if (kind === EVENT.windowBegin) this.windows!.open(a);
    else if (kind === EVENT.windowEnd) this.windows!.end(a);
    else if (kind === EVENT.reservationLate) this.windows!.late(a);
  }

  onPass(): void {
    this.passing = true;
    do {
      for (const scheduler of this.schedulers) {
        if (!scheduler.passWanted) continue;
        scheduler.passWanted = false;
        scheduler.pass();
      }
    } while (this.wasChanged());
    this.passing = false;
    this.power?.settle();
    this.awaitQuarterHour();
  }

  /** A run without a horizon ends when nothing is to come: a quarter hour that jobs wait for is. */
  private awaitQuarterHour(): void {
    const { loop } = this;
    if (this.input.horizonMs !== undefined || this.power?.isAwaited !== true || this.unended === 0) return;
    if (!Number.isNaN(this.nextQuarterHour)) return;
    const atMs = (Math.floor(loop.nowMs / MS_PER_QUARTER_HOUR) + 1) * MS_PER_QUARTER_HOUR;
    this.nextQuarterHour = loop.queue.push(atMs, RANK.market, EVENT.quarterHour, 0);
  }

  onStarted(job: JobId): void {
    this.overruns?.watch(job);
    this.market?.onUnqueued(job, this.progress.partitionOf[job]!);
    this.admission?.started(job);
    this.power?.started(job);
  }

  onInterrupted(job: JobId): void {
    this.overruns?.forget(job);
    this.failures?.forget(job);
    this.dropTimer(job);
    this.countQueued(job);
    if (this.admission === undefined) this.enqueue(job);
    else {
      this.admission.stopped(job);
      if (this.isReplica(job)) this.enqueue(job);
      else this.admission.requeue(job);
    }
  }

  onResized(job: JobId): void {
    this.overruns?.watch(job);
    this.admission?.resized(job);
    this.power?.started(job);
  }

  onReleasedBesideWithdrawn(): void {
    this.service!.flush();
  }

  hang(job: JobId, cause: number, untilMs: number): void {
    const endMs = this.progress.estimatedEndMs[job]!;
    this.overruns?.forget(job);
    this.execution.hang(job, cause, untilMs);
    this.expectAt(job, endMs);
  }

  evict(job: JobId, cause: number): number {
    const endMs = this.progress.estimatedEndMs[job]!;
    this.overruns?.forget(job);
    const untilMs = this.execution.evict(job, cause);
    this.expectAt(job, endMs);
    return untilMs;
  }

  waitsForRepair(partition: number): boolean {
    return this.schedulers[partition]!.queue.holdsFailed;
  }

  exchange(partition: number, from: number, to: number): void {
    this.windows!.exchange(partition, from, to);
  }

  resume(job: JobId, swapMs: number): void {
    const endMs = this.progress.estimatedEndMs[job]!;
    this.execution.resume(job, swapMs);
    this.expectAt(job, endMs);
    this.overruns?.watch(job);
    this.power?.started(job);
    this.power?.settle();
  }

  recap(job: JobId): void {
    this.changeSpeed(job);
  }

  suspend(job: JobId, untilMs: number): void {
    const endMs = this.progress.estimatedEndMs[job]!;
    this.overruns?.forget(job);
    this.execution.suspend(job, untilMs);
    this.expectAt(job, endMs);
  }

  resumeSuspended(job: JobId): void {
    const endMs = this.progress.estimatedEndMs[job]!;
    this.execution.resumeSuspended(job);
    this.expectAt(job, endMs);
    this.overruns?.watch(job);
  }

  onRoom(partition: number): void {
    const scheduler = this.schedulers[partition]!;
    if (scheduler.onPower()) this.wantPass(scheduler);
  }

  releaseAt(atMs: number, job: JobId): void {
    const { queue } = this.loop;
    const pending = this.releases.get(job);
    if (pending !== undefined) queue.cancel(pending);
    this.releases.set(job, queue.push(atMs, RANK.market, EVENT.powerRelease, job));
  }

  requeue(job: JobId): void {
    const scheduler = this.schedulerOf(job);
    if (scheduler.requeue(job)) this.wantPass(scheduler);
  }

  changeSpeed(job: JobId): void {
    // A suspended one has the speed of its nodes when it goes on.
    if (!this.execution.works(job)) return;
    const endMs = this.progress.estimatedEndMs[job]!;
    this.execution.changeSpeed(job);
    this.expectAt(job, endMs);
    this.overruns?.watch(job);
  }

  /** A running job is expected to end at another time than before. */
  private expectAt(job: JobId, beforeMs: number): void {
    const scheduler = this.schedulerOf(job);
    if (scheduler.expectLater(job, beforeMs)) this.wantPass(scheduler);
  }

  /** A replica of a service: no broker, limit or power policy decides about it. */
  private isReplica(job: JobId): boolean {
    return this.serviceLoad !== undefined && this.serviceLoad.has(job);
  }

  private serviceLoadOf({ services, calendarYear, horizonMs }: ScheduleInput): ServiceLoad | undefined {
    if (services === undefined) return undefined;
    if (calendarYear === undefined || horizonMs === undefined)
      throw new SimError('internal.invariant', 'services need a calendar year and a horizon');
    return new ServiceLoad({ services, loop: this.loop, meters: this.meterOf, calendarYear, horizonMs });
  }

  private startFailures(): void {
    const { failures, execution } = this;
    if (failures === undefined) return;
    execution.stragglerSpeed = (job) => failures.speedOf(job);
    failures.begin();
  }

  readmit(job: JobId): void {
    this.enqueue(job);
  }

  dequeue(job: JobId): void {
    const scheduler = this.schedulerOf(job);
    if (scheduler.dequeue(job)) this.wantPass(scheduler);
  }

  onRejected(job: JobId): void {
    this.market?.onUnqueued(job, this.progress.partitionOf[job]!);
    this.execution.leaveQueue(job);
    this.countEnd();
  }

  onCapacity(partition: number, gpus: number, untilMs: number): void {
    const scheduler = this.schedulers[partition]!;
    if (scheduler.onCapacity(gpus, untilMs)) this.wantPass(scheduler);
  }

  onService(partition: number): void {
    this.execution.onCapacity(partition);
  }

  isRunning(job: JobId): boolean {
    return this.execution.isRunning(job);
  }

  kill(job: JobId): void {
    const scheduler = this.schedulerOf(job);
    this.dropTimer(job);
    this.overruns?.forget(job);
    this.failures?.forget(job);
    if (scheduler.kill(job)) this.wantPass(scheduler);
    this.afterEnd(job);
  }

  expire(job: JobId): void {
    const { execution, progress } = this;
    if (!Number.isNaN(execution.endMs[job]!) || progress.rejectedFor![job] !== 0) return;
    const scheduler = this.schedulerOf(job);
    if (scheduler.queue.has(job)) this.dequeue(job);
    if (Number.isNaN(execution.startMs[job]!)) {
      this.admission!.reject(job, 'reservation');
      return;
    }
    this.market?.onUnqueued(job, progress.partitionOf[job]!);
    execution.abandon(job);
    this.admission!.abandoned(job);
    this.countEnd();
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
    this.power?.onQuarterHour();
    this.awaitQuarterHour();
    const { heartbeat, horizonMs } = this.input;
    if (heartbeat === undefined) return;
    const done =
      horizonMs === undefined
        ? this.loop.arrivalFraction
        : (this.loop.nowMs - this.input.startMs) / (horizonMs - this.input.startMs);
    Atomics.store(heartbeat, HEARTBEAT.perMilleDone, Math.floor(1000 * done));
    if (Atomics.load(heartbeat, HEARTBEAT.stop) !== 0) throw new SimError('run.interrupted', 'stopped on request');
  }

  private powerControlOf(
    power: readonly PolicyPartSpec[],
    parts: PolicyParts,
    caps: CapBook | undefined,
  ): PowerControl {
    const { loop, world, execution, meters, schedulers, input } = this;
    const { signals, jobs } = input;
    const limits = signals && new SitePowerLimits(loop, signals, meters, this.mostItW());
    const policy = parts.createPower(power, {
      limits: limits ?? NO_LIMITS,
      outlook: outlookOf(signals),
      classNames: jobs.classNames,
    });
    this.execution.nodeSleep = policy.idleSleep && this.nodeSleepOf(policy.idleSleep, policy.name);
    const { nodeSleep } = this.execution;
    const classes = jobs.classNames.length;
    const given = {
      policy,
      nodeSleep,
      clock: loop,
      world,
      execution,
      caps,
      limits,
      meters,
      schedulers,
      classes,
    };
    const control = new PowerControl({ ...given, host: this });
    if (policy.targets.length > 0 && caps !== undefined)
      schedulers.forEach((scheduler, partition) => {
        scheduler.powerRoom = (job) => control.roomGpus(partition, job);
      });
    return control;
  }

  private nodeSleepOf(sleep: IdleSleep, part: string): NodeSleep {
    const { loop, world, meters, input, occupancies } = this;
    const { partitions: physical, windows = [], horizonMs, modules } = input;
    requireSound(sleep, part, letsNodesSleep(input.policy, modules));
    const reserved = windows.filter(({ kind }) => kind === 'reservation').map(({ partition }) => partition);
    const machineOf = [...physical.keys(), ...reserved];
    const partitions = withReservations(physical, windows);
    return new NodeSleep({ sleep, clock: loop, world, partitions, occupancies, machineOf, meters, horizonMs });
  }

  /** By site: IT watts with every GPU busy with the class that draws most. */
  private mostItW(): number[] {
    const { partitions } = this.input;
    return this.meters.map((_, site) => {
      const own = partitions.filter((partition) => (partition.site ?? 0) === site);
      return own.reduce(
        (sum, { nodes, gpusPerNode, power }) => sum + nodes * gpusPerNode * Math.max(0, ...power.activeWByClass),
        idleItW(own),
      );
    });
  }

  private onEstimatePassed(job: JobId): void {
    if (!Number.isNaN(this.execution.endMs[job]!)) return; // killed
    const endMs = this.progress.estimatedEndMs[job]!;
    this.overruns!.raise(job);
    const scheduler = this.schedulerOf(job);
    if (scheduler.expectLater(job, endMs)) this.wantPass(scheduler);
  }

  private countQueued(job: JobId): void {
    if (this.market === undefined) return;
    const { world } = this;
    this.market.onQueued(job, world.partitionOf(job), world.plannedMs(job) * world.heldGpus(job));
  }

  private wasChanged(): boolean {
    const { changed } = this;
    this.changed = false;
    return changed;
  }

  private submit(job: JobId): void {
    // Reserved nodes wait for their jobs.
    const reserved = (this.jobs.extra?.reservationOf?.[job] ?? -1) >= 0;
    if (!reserved && this.power?.holds(job) === true) return;
    if (this.admission === undefined) this.enqueue(job);
    else this.admission.submit(job);
  }

  /** A job that ran has ended, by itself or killed. */
  private afterEnd(job: JobId): void {
    if (this.admission !== undefined) {
      this.admission.stopped(job);
      this.admission.ended(job);
    }
    this.countEnd();
  }

  private countEnd(): void {
    if (--this.unended > 0) return;
    // With a horizon things go on failing until then, whatever the policy has finished by now, and windows end.
    const drained = this.input.horizonMs === undefined;
    if (drained || this.execution.phases === undefined) this.windows?.cancel();
    if (drained) this.failures?.cancel();
    if (drained) this.buildOut?.cancel();
    if (!Number.isNaN(this.nextQuarterHour)) this.loop.queue.cancel(this.nextQuarterHour);
    // A pass still to come would only make the run longer.
    for (const pass of this.passes) if (!Number.isNaN(pass)) this.loop.queue.cancel(pass);
  }

  enqueue(job: JobId): void {
    const scheduler = this.schedulerOf(job);
    if (scheduler.enqueue(job)) this.wantPass(scheduler);
  }

  private schedulerOf(job: JobId): PartitionScheduler {
    return this.schedulers[this.progress.partitionOf[job]!]!;
  }

  private wantPass(scheduler: PartitionScheduler): void {
    scheduler.passWanted = true;
    this.changed = this.passing;
    this.loop.requestPass();
  }

  private dropTimer(job: JobId): void {
    if (this.timers === undefined || Number.isNaN(this.timers[job]!)) return;
    this.loop.queue.cancel(this.timers[job]!);
    this.timers[job] = Number.NaN;
  }

  private attach(probe: WaitProbe, occupancies: readonly Occupancy[], modules: PolicyModules): void {
    const { world, jobs, progress, schedulers, execution, input } = this;
    const backfill = definitionOf('backfill', input.policy.backfill, modules);
    probe.attach({
      ...{ world, jobs, progress, schedulers, occupancies },
      startMs: execution.startMs,
      endMs: execution.endMs,
      windows: input.windows ?? [],
      reserves: backfill.reserves === true,
      shrinks: backfill.resizes === true,
      whyHeld: (job) => this.whyHeld(job),
      powerRoom: (job) => this.power?.roomNow(progress.partitionOf[job]!, job) ?? Number.POSITIVE_INFINITY,
    });
  }

  private whyHeld(job: JobId): number {
    if (this.power?.isHeld(job) === true) return HOLD.power;
    return this.admission?.whyHeld(job) ?? HOLD.none;
  }

  private requireAllEnded(): void {
    const { rejectedFor } = this.progress;
    const job = this.execution.endMs.findIndex((end, at) => Number.isNaN(end) && (rejectedFor?.[at] ?? 0) === 0);
    if (job < 0) return;
    const held = this.whyHeld(job);
    const why = held === HOLD.none ? '' : `, held because ${HOLD_REASONS[held]!}`;
    throw new SimError(
      'run.deadlock',
      `policy ${this.input.policy.text}: at ${this.loop.nowMs} ms nothing runs and nothing arrives any more, but job ${job} ` +
        `(${this.jobs.gpus[job]!} GPUs) still waits${why}. Expected every job that fits the machine to be started in the end.`,
    );
  }
}

/** Class traits with what limits and reservations add: the priority of the QoS, the speeds of reserved partitions. */
function traitsOf({ traits, limits, windows = [] }: ScheduleInput): readonly ClassTraits[] | undefined {
  if (traits === undefined || (limits === undefined && windows.length === 0)) return traits;
  const ranked = traits.map((of) =>
    of.qos === undefined || limits === undefined ? of : { ...of, priority: of.priority + limits.qos[of.qos]!.priority },
  );
  return traitsWithReservations(ranked, windows);
}

import { SimError } from '../base/errors.js';
import { lowestBit, popCount } from '../cluster/bitIndex.js';
import type { FreeNodesListener, Occupancy } from '../cluster/occupancy.js';
import type { LoadMeter } from '../energy/loadMeter.js';
import type { SleepTotals } from '../metrics/powerSummary.js';
import type { IdleSleep, JobId } from '../policy/contracts.js';
import type { World } from '../policy/world.js';
import type { PartitionSpec } from '../scenario/runSpec.js';
import { FreedNodes } from './freedNodes.js';
import { WattSpans } from './wattSpans.js';

/** What {@link NodeSleep} works on. */
export interface NodeSleepParts {
  readonly sleep: IdleSleep;
  readonly clock: { readonly nowMs: number };
  readonly world: World;
  /** Of the machine and, behind them, of reservations. */
  readonly partitions: readonly PartitionSpec[];
  readonly occupancies: readonly Occupancy[];
  /** By partition: the one of the machine that its nodes belong to. */
  readonly machineOf: readonly number[];
  /** By site. */
  readonly meters: readonly LoadMeter[];
  /** `undefined`: until the last job has ended. */
  readonly horizonMs: number | undefined;
}

/** What sleep took off the watts of idle nodes, and waking off those of jobs. */
export interface SleptSpans {
  readonly asleep: WattSpans;
  readonly waking: WattSpans;
}

/** What a job that holds waking nodes would draw if they were awake, and until when they are not. */
interface Waking {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly watts: number;
  readonly waitingGpus: number;
}

/**
 * Nodes that nobody holds sleep, and jobs that get them wait until they are awake.
 *
 * A node sleeps from `afterMs` after it became free, or from when it is awake again if that is later; a job that gets it
 * at that very instant finds it awake. It wakes when a job gets it, or when it leaves service: nodes under repair, in
 * maintenance, kept as spares or not there yet draw what they do without this policy. Asleep it draws `drawFraction`
 * of its idle watts, rounded to whole watts; its network and the storage stay on. Waking takes `wakeMs` and is not broken
 * off; meanwhile the node draws as idle and the jobs that hold it add nothing, whatever they would do (also where they
 * hang or are suspended). Whoever gets it next before it is ready waits for the rest. A job of several nodes waits for the
 * last of them, and a resized one stands still meanwhile.
 *
 * No event is pushed. Sleep is booked on the meters when a node wakes and at each quarter hour, so that every quarter hour
 * that has passed is exact; the watts of now (`LoadMeter.itW`) do not know of it. So what keeps a site under a power
 * counts sleeping nodes as idle ones: it is on the safe side, and gives away what sleep saves.
 *
 * Cost: O(nodes) of what is taken or freed; O(1) a node that falls asleep. Memory: 16 B a node, 20 B a span of sleep.
 *
 * Wrong where placement or a person keeps a warm pool (Slurm's SuspendExcNodes), where waking fails (ResumeTimeout), where
 * booting draws more than idling, and where nodes that a queued job is about to get are woken ahead of it.
 */
export class NodeSleep implements SleptSpans {
  /** Nodes asleep, as watts that they do not draw; and jobs with waking nodes, as watts that these do not draw. */
  readonly asleep = new WattSpans();
  readonly waking = new WattSpans();

  private readonly parts: NodeSleepParts;
  /** By partition of the machine: its first node and rack in the columns; whole watts that one of its nodes saves. */
  private readonly firstNode: Int32Array;
  private readonly firstRack: Int32Array;
  private readonly savedW: Int32Array;
  /** Since when a node is free, ms; NaN: it is not. From when it is awake. */
  private readonly freeSinceMs: Float64Array;
  private readonly readyMs: Float64Array;
  /** By rack: nodes whose sleep is in `asleepW`. */
  private readonly counted: Int32Array;
  /** By site: watts not drawn since `bookedMs` by nodes counted as asleep. */
  private readonly asleepW: Float64Array;
  private bookedMs: number;
  private lastReadyMs = Number.NEGATIVE_INFINITY;
  /** Nodes that are to be counted when they have been free for so long; those that wake so long stand apart. */
  private readonly freed = new FreedNodes();
  private late: { readonly partition: number; readonly node: number; readonly sinceMs: number }[] = [];
  private readonly wakingJobs = new Map<JobId, Waking>();
  private endedLeftMs = 0;
  private endedWokeMs = 0;

  private asleepNodeMs = 0;
  private wakes = 0;
  private wakingGpuMs = 0;
  private wakeWms = 0;

  constructor(parts: NodeSleepParts) {
    const { sleep, partitions, occupancies, meters, clock } = parts;
    this.parts = parts;
    this.firstNode = new Int32Array(partitions.length);
    this.firstRack = new Int32Array(partitions.length);
    let nodes = 0;
    let racks = 0;
    occupancies.forEach(({ layout }, partition) => {
      this.firstNode[partition] = nodes;
      this.firstRack[partition] = racks;
      nodes += layout.nodes;
      racks += layout.racks;
    });
    this.savedW = Int32Array.from(
      partitions,
      ({ power }) => power.idleW - Math.round(power.idleW * sleep.drawFraction),
    );
    this.freeSinceMs = new Float64Array(nodes).fill(Number.NaN);
    this.readyMs = new Float64Array(nodes).fill(Number.NEGATIVE_INFINITY);
    this.counted = new Int32Array(racks);
    this.asleepW = new Float64Array(meters.length);
    this.bookedMs = clock.nowMs;
  }

  /** Nodes that are free now are so from now on; once, before the run, when all that is out of service at first is so. */
  begin(): void {
    this.parts.occupancies.forEach((occupancy, index) => {
      const listener = this.listenerOf(index);
      for (let rack = 0; rack < occupancy.layout.racks; rack++) {
        const free = occupancy.rackFreeMask(rack);
        if (free !== 0) listener.onFreed(rack, free);
      }
      occupancy.freeNodesListener = listener;
    });
  }

  /** Books the sleep until now, so that the meters are exact for every quarter hour that is over. */
  book(nowMs: number): void {
    const { meters, sleep, occupancies } = this.parts;
    for (let site = 0; site < meters.length; site++)
      if (this.asleepW[site]! > 0) meters[site]!.addSpan(this.bookedMs, nowMs, -this.asleepW[site]!);
    this.bookedMs = nowMs;
    const { freed } = this;
    while (freed.length > 0 && freed.sinceMs + sleep.afterMs < nowMs) {
      this.countAsleep(freed.partition, freed.rack, freed.nodes, freed.sinceMs, freed.sinceMs + sleep.afterMs);
      freed.shift();
    }
    if (this.late.length > 0)
      this.late = this.late.filter(({ partition, node, sinceMs }) => {
        const at = this.firstNode[partition]! + node;
        const fromMs = this.sleepFromMs(at);
        const { nodesPerRack } = occupancies[partition]!.layout;
        if (fromMs < nowMs)
          this.countAsleep(partition, Math.floor(node / nodesPerRack), 1 << (node % nodesPerRack), sinceMs, fromMs);
        return !(fromMs < nowMs) && this.freeSinceMs[at] === sinceMs;
      });
  }

  /** How long a job that has its nodes waits until the last of them is awake, ms. O(nodes it is on) while any wakes. */
  wakeMs(job: JobId): number {
    const { clock, world, occupancies, machineOf } = this.parts;
    if (this.lastReadyMs <= clock.nowMs) return 0;
    const partition = world.partitionOf(job);
    const first = this.firstNode[machineOf[partition]!]!;
    const occupancy = occupancies[partition]!;
    const { gpusPerNode, nodesPerRack } = occupancy.layout;
    let readyMs = clock.nowMs;
    if (world.gpusNow(job) < gpusPerNode) readyMs = Math.max(readyMs, this.readyMs[first + occupancy.sharedNode(job)]!);
    else
      occupancy.forEachRecord(job, (rack, nodes) => {
        for (let mask = nodes; mask !== 0; mask &= mask - 1)
          readyMs = Math.max(readyMs, this.readyMs[first + rack * nodesPerRack + lowestBit(mask)]!);
      });
    return readyMs - clock.nowMs;
  }

  /**
   * A job draws from now on, on the meter: what it does not while its nodes wake is taken off.
   *
   * @param watts - that the meter counts of it until it is productive
   * @param waits - it would be at work if they were awake: it neither hangs nor is suspended
   */
  beginWaking(job: JobId, watts: number, waits: boolean): void {
    const wakeMs = this.wakeMs(job);
    if (wakeMs === 0) return;
    const { clock, world } = this.parts;
    const fromMs = clock.nowMs;
    const untilMs = fromMs + wakeMs;
    this.meterOf(job).addSpan(fromMs, untilMs, -watts);
    this.wakingJobs.set(job, { fromMs, untilMs, watts, waitingGpus: waits ? world.heldGpus(job) : 0 });
  }

  /** A job ceases to draw what it did: see {@link wokeMs} and {@link leftMs}. */
  endWaking(job: JobId, nowMs: number): void {
    const waking = this.wakingJobs.get(job);
    this.endedLeftMs = 0;
    this.endedWokeMs = 0;
    if (waking === undefined) return;
    this.wakingJobs.delete(job);
    const { fromMs, untilMs, watts, waitingGpus } = waking;
    const toMs = untilMs < nowMs ? untilMs : nowMs;
    if (untilMs > nowMs) this.meterOf(job).addSpan(nowMs, untilMs, watts);
    this.endedLeftMs = untilMs - toMs;
    this.endedWokeMs = toMs - fromMs;
    const insideMs = this.insideMs(fromMs, toMs);
    if (insideMs === 0) return;
    this.waking.add(this.siteOf(job), fromMs, toMs, -watts);
    this.wakingGpuMs += waitingGpus * insideMs;
  }

  /** Of the job that {@link endWaking} was last called for: how long it waited since it began, and would have to go on. */
  get wokeMs(): number {
    return this.endedWokeMs;
  }
  get leftMs(): number {
    return this.endedLeftMs;
  }

  /** Ends the books at the end of the run; the meters stand there. */
  close(endMs: number): void {
    this.book(endMs);
    const { occupancies, machineOf, world } = this.parts;
    occupancies.forEach(({ layout }, partition) => {
      if (machineOf[partition] !== partition) return;
      for (let node = 0; node < layout.nodes; node++) {
        const fromMs = this.sleepFromMs(this.firstNode[partition]! + node);
        if (fromMs < endMs) this.addAsleep(world.siteOfPartition(partition), partition, 1, fromMs, endMs);
      }
    });
  }

  totals(): SleepTotals {
    const { asleepNodeMs, wakes, wakingGpuMs, wakeWms } = this;
    return { asleepNodeMs, savedWms: this.savedWms(), wakes, wakingGpuMs, wakeWms };
  }

  private listenerOf(index: number): FreeNodesListener {
    const partition = this.parts.machineOf[index]!;
    return {
      onFreed: (rack, nodes) => {
        this.onFreed(partition, rack, nodes);
      },
      onTaken: (rack, nodes) => {
        this.onTaken(partition, rack, nodes);
      },
    };
  }

  private onFreed(partition: number, rack: number, nodes: number): void {
    const { clock, sleep, occupancies } = this.parts;
    const { nowMs } = clock;
    const { nodesPerRack } = occupancies[partition]!.layout;
    let ready = nodes;
    for (let mask = nodes; mask !== 0; mask &= mask - 1) {
      const node = rack * nodesPerRack + lowestBit(mask);
      const at = this.firstNode[partition]! + node;
      this.freeSinceMs[at] = nowMs;
      if (this.readyMs[at]! <= nowMs + sleep.afterMs) continue;
      ready &= ~(1 << lowestBit(mask));
      this.late.push({ partition, node, sinceMs: nowMs });
    }
    if (ready !== 0) this.freed.push(partition, rack, ready, nowMs);
  }

  private onTaken(partition: number, rack: number, nodes: number): void {
    const { clock, sleep, occupancies, partitions, meters, world } = this.parts;
    const { nowMs } = clock;
    const { freeSinceMs, readyMs } = this;
    const site = world.siteOfPartition(partition);
    const meter = meters[site]!;
    const savedW = this.savedW[partition]!;
    const atRack = this.firstRack[partition]! + rack;
    const counted = this.counted[atRack]! & nodes;
    const first = this.firstNode[partition]! + rack * occupancies[partition]!.layout.nodesPerRack;
    // Nodes that lie side by side have mostly fallen asleep together: they are booked as one.
    let groupMs = 0;
    let grouped = 0;
    let woken = 0;
    for (let mask = nodes; mask !== 0; mask &= mask - 1) {
      const bit = lowestBit(mask);
      const at = first + bit;
      const fromMs = Math.max(freeSinceMs[at]! + sleep.afterMs, readyMs[at]!);
      freeSinceMs[at] = Number.NaN;
      if (!(fromMs < nowMs)) continue;
      readyMs[at] = nowMs + sleep.wakeMs;
      woken++;
      if ((counted & (1 << bit)) === 0) meter.addSpan(fromMs, nowMs, -savedW);
      if (grouped > 0 && fromMs !== groupMs) {
        this.addAsleep(site, partition, grouped, groupMs, nowMs);
        grouped = 0;
      }
      groupMs = fromMs;
      grouped++;
    }
    if (woken === 0) return;
    this.addAsleep(site, partition, grouped, groupMs, nowMs);
    if (counted !== 0) {
      const watts = savedW * popCount(counted);
      this.counted[atRack]! &= ~counted;
      this.asleepW[site]! -= watts;
      meter.addSpan(this.bookedMs, nowMs, -watts);
    }
    this.lastReadyMs = nowMs + sleep.wakeMs;
    if (nowMs >= 0) this.wakes += woken;
    this.wakeWms += woken * partitions[partition]!.power.idleW * this.insideMs(nowMs, nowMs + sleep.wakeMs);
  }

  /** Those of a rack's nodes that have been free since then, and still are, sleep since `fromMs`. */
  private countAsleep(partition: number, rack: number, nodes: number, sinceMs: number, fromMs: number): void {
    const { occupancies, meters, world } = this.parts;
    const first = this.firstNode[partition]! + rack * occupancies[partition]!.layout.nodesPerRack;
    const atRack = this.firstRack[partition]! + rack;
    let fresh = 0;
    for (let mask = nodes; mask !== 0; mask &= mask - 1)
      if (this.freeSinceMs[first + lowestBit(mask)] === sinceMs) fresh |= mask & -mask;
    // Freed, taken and freed again at one instant they are in the list twice.
    fresh &= ~this.counted[atRack]!;
    if (fresh === 0) return;
    const site = world.siteOfPartition(partition);
    const watts = this.savedW[partition]! * popCount(fresh);
    this.counted[atRack]! |= fresh;
    this.asleepW[site]! += watts;
    meters[site]!.addSpan(fromMs, this.bookedMs, -watts);
  }

  /** From when a free node is asleep; NaN: it is not free. */
  private sleepFromMs(at: number): number {
    return Math.max(this.freeSinceMs[at]! + this.parts.sleep.afterMs, this.readyMs[at]!);
  }

  private addAsleep(site: number, partition: number, nodes: number, fromMs: number, toMs: number): void {
    const insideMs = this.insideMs(fromMs, toMs);
    if (insideMs === 0) return;
    this.asleepNodeMs += nodes * insideMs;
    this.asleep.add(site, fromMs, toMs, -nodes * this.savedW[partition]!);
  }

  /** Of a span, what lies inside the horizon. */
  private insideMs(fromMs: number, toMs: number): number {
    const { horizonMs = Number.POSITIVE_INFINITY } = this.parts;
    return Math.max(0, Math.min(toMs, horizonMs) - Math.max(fromMs, 0));
  }

  private savedWms(): number {
    const { watts, fromMs, toMs, count } = this.asleep;
    let saved = 0;
    for (let row = 0; row < count; row++) saved -= watts[row]! * this.insideMs(fromMs[row]!, toMs[row]!);
    return saved;
  }

  private siteOf(job: JobId): number {
    const { world } = this.parts;
    return world.siteOfPartition(world.partitionOf(job));
  }

  private meterOf(job: JobId): LoadMeter {
    return this.parts.meters[this.siteOf(job)]!;
  }
}

/** That a policy's wish can be fulfilled; throws `policy.contract` where not. */
export function requireSound({ afterMs, wakeMs, drawFraction }: IdleSleep, policy: string, declared: boolean): void {
  const wrong: string[] = [];
  for (const [name, ms] of Object.entries({ afterMs, wakeMs }))
    if (!(Number.isInteger(ms) && ms >= 0)) wrong.push(`idleSleep.${name}: expected whole ms of at least 0, got ${ms}`);
  if (!(drawFraction >= 0 && drawFraction <= 1))
    wrong.push(`idleSleep.drawFraction: expected a share from 0 to 1, got ${drawFraction}`);
  if (!declared) wrong.push('idleSleep: expected `sleeps: true` in the definition of a policy that has it');
  if (wrong.length > 0) throw new SimError('policy.contract', `power policy '${policy}': ${wrong.join('; ')}`);
}

import { invariant } from '../base/errors.js';
import { drawExponential, drawNormal, type Draw, type RandomStreams } from '../base/random.js';
import { MS_PER_DAY } from '../base/units.js';
import type { ReliabilitySpec, RepairTime } from '../scenario/reliabilitySpec.js';

/** What of a partition decides what fails in it. */
export interface FailingMachine {
  readonly nodes: number;
  readonly gpusPerNode: number;
  /** Index of its site under one broker, whose sites may have partitions of one name. */
  readonly site?: number | undefined;
}

/** Part of the names of a partition's streams; of the first site's as if it were alone. */
const placeOf = ({ site = 0 }: FailingMachine, name: string): string => (site === 0 ? name : `site-${site}/${name}`);

/** Layers that make up the process at a rate factor of 1. */
const LAYERS = 8;

/**
 * The failures of one partition in order of time: a cursor that stands on one of them.
 *
 * One Poisson process for all its nodes together; each failure then gets a node, a cause and a repair time by
 * independent draws (exact for exponential times between failures of a node that are not changed by its repairs: the
 * clock of a node runs on while it is down, and what strikes it then is for the reader to drop). It does not depend on
 * the schedule, so every policy sees the same failures.
 *
 * Nested: the process at a rate factor of f is made of ⌈8f⌉ layers, each an eighth of the base rate from a random
 * stream of its own, the last one thinned by a mark. So the failures at a factor are among those at any larger one,
 * with the same nodes, causes and repairs.
 *
 * Burn-in is a change of time: the process runs in the time ∫ max(1, (t/until)^(shape − 1)) dt, counted from the start
 * of the horizon, and is mapped back. The hazard grows without bound towards t = 0, but its integral until t is finite,
 * until/shape · (t/until)^shape, so nothing has to be cut off. The warm-up before the horizon has the plain rate.
 *
 * Lemons: ⌊share · nodes⌋ or one more of them (in the mean the share), drawn once; the rate of the partition stays.
 *
 * Times are whole ms after `startMs`, in each layer at least 1 ms apart; at one time the lower layer goes first. For
 * ever: the reader stops at its horizon. Cost: a few dozen ns and O(layers) a failure, no allocation; 4 B a node.
 *
 * Wrong where failures come in clusters beyond a rack or pod (a bad driver roll-out), or follow load and temperature;
 * RSC-1 reports months with a multiple of the mean rate.
 */
export class FailureTrace {
  /** When it strikes; Infinity where nothing ever does. */
  atMs = Number.POSITIVE_INFINITY;
  node = -1;
  /** Index among the causes. */
  cause = -1;
  /** From its detection until what went down is back; 0 for a cause without repair. */
  repairMs = 0;
  /** Uniform in [0, 1): for whoever has to choose a job on the node. */
  pick = 0;

  private readonly spec: ReliabilitySpec;
  private readonly draws: readonly Draw[];
  /** Next failure by layer, in the time in which the rate is constant, and in whole ms. */
  private readonly operational: Float64Array;
  private readonly dueMs: Float64Array;
  /** Between two failures of a layer, ms of that time. */
  private readonly meanGapMs: number;
  /** Share that the mark leaves of the last layer, (0, 1]. */
  private readonly lastShare: number;
  private readonly nodes: WeightedNodes;

  constructor(
    spec: ReliabilitySpec,
    machine: FailingMachine,
    streams: RandomStreams,
    /** The partition's, for the names of its streams; no two of a site have one name. */
    name: string,
    startMs: number,
  ) {
    const place = placeOf(machine, name);
    const perDay = spec.failuresPerGpuDay * machine.gpusPerNode * machine.nodes;
    const layers = perDay > 0 ? Math.ceil(LAYERS * spec.rateFactor) : 0;
    this.spec = spec;
    this.meanGapMs = (MS_PER_DAY * LAYERS) / perDay;
    this.lastShare = LAYERS * spec.rateFactor - (layers - 1);
    this.draws = Array.from({ length: layers }, (_, layer) => streams.fork(`failures/${place}/${layer}`));
    this.nodes = new WeightedNodes(machine.nodes, spec.lemons, streams.fork(`failures/${place}/lemons`));
    this.operational = new Float64Array(layers).fill(operationalMs(startMs, spec.burnIn));
    this.dueMs = new Float64Array(layers).fill(startMs);
    for (let layer = 0; layer < layers; layer++) this.advance(layer);
    this.next();
  }

  /** Is the node one of those that fail more often? */
  isLemon(node: number): boolean {
    return this.nodes.isLemon(node);
  }

  /** Moves to the next failure. */
  next(): void {
    const { draws, dueMs, lastShare } = this;
    const last = draws.length - 1;
    if (last < 0) return;
    for (;;) {
      let layer = 0;
      for (let other = 1; other <= last; other++) if (dueMs[other]! < dueMs[layer]!) layer = other;
      const draw = draws[layer]!;
      const mark = draw();
      // As many draws whether it is kept or not: the rest of the layer stays the same at any rate factor.
      this.atMs = dueMs[layer]!;
      this.node = this.nodes.at(draw());
      this.cause = causeAt(this.spec, draw());
      this.pick = draw();
      const normal = drawNormal(draw);
      this.advance(layer);
      if (layer === last && mark >= lastShare) continue;
      const { repair } = this.spec.causes[this.cause]!;
      this.repairMs = repair === undefined ? 0 : repairTimeMs(this.spec.repairs[repair]!, normal);
      return;
    }
  }

  private advance(layer: number): void {
    this.operational[layer]! += drawExponential(this.draws[layer]!, this.meanGapMs);
    const atMs = Math.ceil(wallMs(this.operational[layer]!, this.spec.burnIn));
    this.dueMs[layer] = Math.max(this.dueMs[layer]! + 1, atMs);
  }
}

/**
 * Onsets of slow nodes of one partition in order of time: a cursor like {@link FailureTrace}, of a plain Poisson
 * process over all nodes alike. The rate factor of failures does not change it.
 */
export class StragglerTrace {
  /** When a node becomes slow; Infinity where none ever does. */
  atMs = Number.POSITIVE_INFINITY;
  node = -1;
  /** From its eviction until it is back. */
  repairMs = 0;

  private readonly draw: Draw;
  private readonly nodes: number;
  private readonly meanGapMs: number;
  private readonly repair: RepairTime | undefined;
  private exactMs: number;

  constructor(spec: ReliabilitySpec, machine: FailingMachine, streams: RandomStreams, name: string, startMs: number) {
    const { stragglers } = spec;
    this.draw = streams.fork(`stragglers/${placeOf(machine, name)}`);
    this.nodes = machine.nodes;
    this.repair = stragglers && spec.repairs[stragglers.repair];
    this.meanGapMs = MS_PER_DAY / ((stragglers?.onsetsPerGpuDay ?? 0) * machine.gpusPerNode * machine.nodes);
    this.exactMs = startMs;
    if (this.meanGapMs === Number.POSITIVE_INFINITY) return;
    this.atMs = startMs;
    this.next();
  }

  /** Moves to the next onset. */
  next(): void {
    if (this.repair === undefined || this.atMs === Number.POSITIVE_INFINITY) return;
    this.exactMs += drawExponential(this.draw, this.meanGapMs);
    this.atMs = Math.max(this.atMs + 1, Math.ceil(this.exactMs));
    this.node = Math.floor(this.draw() * this.nodes);
    this.repairMs = repairTimeMs(this.repair, drawNormal(this.draw));
  }
}

/** Nodes by how often they fail: lemons first, each `weight` times as likely as any other. */
class WeightedNodes {
  /** All nodes, the lemons in front. */
  private readonly order: Int32Array;
  private readonly lemons: number;
  private readonly weight: number;
  private readonly total: number;

  constructor(nodes: number, lemons: ReliabilitySpec['lemons'], draw: Draw) {
    this.order = Int32Array.from({ length: nodes }, (_, node) => node);
    this.weight = lemons?.rateFactor ?? 1;
    this.lemons = Math.min(nodes, Math.floor((lemons?.fraction ?? 0) * nodes + draw()));
    for (let i = 0; i < this.lemons; i++) {
      const other = i + Math.floor(draw() * (nodes - i));
      const node = this.order[i]!;
      this.order[i] = this.order[other]!;
      this.order[other] = node;
    }
    this.total = this.lemons * this.weight + (nodes - this.lemons);
    invariant(this.total > 0, `some node can fail (${nodes} nodes, lemons ${this.lemons} × ${this.weight})`);
  }

  isLemon(node: number): boolean {
    return this.order.indexOf(node) < this.lemons;
  }

  /** @param uniform - in [0, 1) */
  at(uniform: number): number {
    const { lemons, weight } = this;
    const along = uniform * this.total;
    const place = along < lemons * weight ? Math.floor(along / weight) : Math.floor(along - lemons * weight) + lemons;
    return this.order[Math.min(place, this.order.length - 1)]!;
  }
}

function causeAt({ causes }: ReliabilitySpec, uniform: number): number {
  let left = uniform;
  for (let cause = 0; cause < causes.length - 1; cause++) {
    left -= causes[cause]!.share;
    if (left < 0) return cause;
  }
  return causes.length - 1;
}

/** At least 1 ms. */
function repairTimeMs({ medianMs, sigma }: RepairTime, normal: number): number {
  return Math.max(1, Math.round(medianMs * Math.exp(sigma * normal)));
}

/** Time in which the rate is constant: the integral of the hazard's factor from the start of the horizon. */
function operationalMs(atMs: number, burnIn: ReliabilitySpec['burnIn']): number {
  if (burnIn === undefined || atMs <= 0) return atMs;
  const { shape, untilMs } = burnIn;
  return atMs < untilMs ? (untilMs / shape) * (atMs / untilMs) ** shape : untilMs / shape + (atMs - untilMs);
}

/** Its inverse. */
function wallMs(atMs: number, burnIn: ReliabilitySpec['burnIn']): number {
  if (burnIn === undefined || atMs <= 0) return atMs;
  const { shape, untilMs } = burnIn;
  const burnt = untilMs / shape;
  return atMs < burnt ? untilMs * (atMs / burnt) ** (1 / shape) : untilMs + (atMs - burnt);
}

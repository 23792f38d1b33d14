import { SimError } from '../base/errors.js';
import { EventQueue } from './eventQueue.js';
import { RANK } from './ranks.js';

/** What a model does when the loop reaches something. All are called with `loop.nowMs` set. */
export interface Handlers {
  /** A scheduled event; `queue.kind`, `queue.a` and `queue.b` say which. */
  onEvent(kind: number, a: number, b: number): void;
  /** Row `index` of the arrival column. */
  onArrival(index: number): void;
  /** The regular tick (rank `market`). */
  onTick(): void;
  /** The one policy pass of an instant at which somebody called `requestPass`. */
  onPass(): void;
  /** Everything of a round at this instant has happened; absent: nobody looks. */
  readonly onSettled?: (() => void) | undefined;
}

/** Rounds at one instant in which nothing completes and nothing arrives, after which a run is declared stuck. */
export const MAX_ROUNDS_PER_INSTANT = 100_000;

/**
 * The clock and the loop: takes the earliest of scheduled events, the next arrival and the next tick.
 *
 * Arrivals are a sorted column and the tick a scalar, so neither passes through the heap. At one instant
 * the ranks of `RANK` hold; what a pass causes at the same instant (a 0 ms job) makes another round, at
 * most {@link MAX_ROUNDS_PER_INSTANT}.
 */
export class RunLoop {
  readonly queue = new EventQueue();
  nowMs: number;
  /** Events handled so far: scheduled ones, arrivals and passes. */
  handled = 0;

  private readonly arrivalMs: Float64Array;
  private readonly arrivals: number;
  private readonly tickMs: number;
  private nextArrival = 0;
  private nextTickMs: number;
  private passWanted = false;
  /** A completion or an arrival was handled in this round: of those there are only so many. */
  private progressed = false;

  /**
   * @param startMs - first instant of the run; arrivals before it are not allowed
   * @param arrivalMs - ascending; the first `arrivals` entries count
   * @param tickMs - length of a tick, or Infinity for none; ticks are at its multiples
   */
  constructor(startMs: number, arrivalMs: Float64Array, arrivals: number, tickMs: number) {
    this.nowMs = startMs;
    this.arrivalMs = arrivalMs;
    this.arrivals = arrivals;
    this.tickMs = tickMs;
    this.nextTickMs = tickMs === Number.POSITIVE_INFINITY ? tickMs : (Math.floor(startMs / tickMs) + 1) * tickMs;
  }

  /** Asks for a policy pass at the end of the current instant; asking twice makes one pass. */
  requestPass(): void {
    this.passWanted = true;
  }

  /** Share of the arrivals that have happened, 0…1; 1 when there are none. */
  get arrivalFraction(): number {
    return this.arrivals === 0 ? 1 : this.nextArrival / this.arrivals;
  }

  /** Runs all instants before `untilMs` (exclusive); stops earlier when idle and `stopWhenIdle`. */
  run(handlers: Handlers, untilMs: number, stopWhenIdle: boolean): void {
    const { queue, arrivalMs, arrivals } = this;
    const { onSettled } = handlers;
    let rounds = 0;
    for (;;) {
      const eventMs = queue.peekMs();
      const nextArrivalMs = this.nextArrival < arrivals ? arrivalMs[this.nextArrival]! : Number.POSITIVE_INFINITY;
      let now = eventMs < nextArrivalMs ? eventMs : nextArrivalMs;
      if (this.nextTickMs < now) {
        if (stopWhenIdle && now === Number.POSITIVE_INFINITY) return;
        now = this.nextTickMs;
      }
      if (now >= untilMs) return;
      rounds = now === this.nowMs && !this.progressed ? rounds + 1 : 0;
      if (rounds > MAX_ROUNDS_PER_INSTANT) throw endlessInstant(now);
      this.nowMs = now;
      this.progressed = false;
      this.instant(handlers, now, nextArrivalMs);
      if (onSettled !== undefined) onSettled();
    }
  }

  private instant(handlers: Handlers, now: number, nextArrivalMs: number): void {
    const { queue, arrivalMs, arrivals } = this;
    while (queue.hasAt(now, RANK.arrival)) {
      queue.pop();
      if (queue.rank === RANK.completion) this.progressed = true;
      this.handled++;
      handlers.onEvent(queue.kind, queue.a, queue.b);
    }
    if (this.nextTickMs === now) {
      this.nextTickMs += this.tickMs;
      handlers.onTick();
    }
    if (nextArrivalMs === now) {
      this.progressed = true;
      let index = this.nextArrival;
      do {
        this.handled++;
        handlers.onArrival(index++);
      } while (index < arrivals && arrivalMs[index] === now);
      this.nextArrival = index;
    }
    while (queue.hasAt(now, RANK.sample)) {
      queue.pop();
      this.handled++;
      handlers.onEvent(queue.kind, queue.a, queue.b);
    }
    if (this.passWanted) {
      this.passWanted = false;
      this.handled++;
      handlers.onPass();
    }
    // Samples come last; if the pass caused something at this instant, after the next round.
    while (queue.hasAt(now, RANK.sample + 1) && !queue.hasAt(now, RANK.sample)) {
      queue.pop();
      this.handled++;
      handlers.onEvent(queue.kind, queue.a, queue.b);
    }
  }
}

function endlessInstant(atMs: number): SimError {
  return new SimError(
    'run.deadlock',
    `at ${atMs} ms: more than ${MAX_ROUNDS_PER_INSTANT} rounds at one instant in which nothing ended or arrived; ` +
      `expected the clock to advance. A policy that wakes itself at the present instant does this.`,
  );
}

import { SimError } from '../base/errors.js';
import type { Rank } from './ranks.js';

/** A pending event; stale handles are harmless. */
export type EventHandle = number;

/** Ranks occupy the bits above the sequence number: order = rank · 2^50 + seq stays exact in a double. */
const RANK_UNIT = 2 ** 50;
const SLOT_BITS = 26;
const SLOT_UNIT = 2 ** SLOT_BITS;

/**
 * Pending events in a 4-ary heap over flat typed arrays, ordered by (atMs, rank, insertion).
 *
 * The queue knows times, ranks, kinds and two integers; what they mean is the caller's. `pop` copies the
 * earliest event into the public fields, so no object is made per event. Cancelling marks the slot and the
 * heap drops it when it surfaces: O(1), and the memory is held until then.
 *
 * Cost: push and pop O(log n), no allocation except when the capacity doubles.
 * Not promised: stability across different ranks pushed at one instant (rank wins over insertion).
 */
export class EventQueue {
  /** The event last popped. */
  atMs = Number.NEGATIVE_INFINITY;
  rank: number = 0;
  kind = 0;
  a = 0;
  b = 0;

  private size = 0;
  private live = 0;
  private seq = 0;
  private capacity: number;
  private heapTime: Float64Array;
  private heapOrder: Float64Array;
  private heapSlot: Int32Array;
  private slotKind: Int32Array; // -1: cancelled
  private slotA: Int32Array;
  private slotB: Int32Array;
  private slotGeneration: Int32Array;
  private freeSlots: Int32Array;
  private freeCount = 0;

  constructor(capacity = 1024) {
    this.capacity = Math.max(2, capacity);
    this.heapTime = new Float64Array(this.capacity);
    this.heapOrder = new Float64Array(this.capacity);
    this.heapSlot = new Int32Array(this.capacity);
    this.slotKind = new Int32Array(this.capacity);
    this.slotA = new Int32Array(this.capacity);
    this.slotB = new Int32Array(this.capacity);
    this.slotGeneration = new Int32Array(this.capacity);
    this.freeSlots = new Int32Array(this.capacity);
    this.addFreeSlots(0);
  }

  /** Events pending and not cancelled. */
  get length(): number {
    return this.live;
  }

  /**
   * Schedules an event.
   *
   * @param atMs - not before the event last popped; NaN is refused (it would rise to the top)
   * @param kind - ≥ 0
   */
  push(atMs: number, rank: Rank, kind: number, a: number, b = 0): EventHandle {
    if (!(atMs >= this.atMs)) {
      throw new SimError(
        'internal.invariant',
        `event kind ${kind} scheduled at ${atMs} ms, before now (${this.atMs} ms)`,
      );
    }
    if (this.freeCount === 0) this.grow();
    const slot = this.freeSlots[--this.freeCount]!;
    this.slotKind[slot] = kind;
    this.slotA[slot] = a;
    this.slotB[slot] = b;
    this.live++;
    this.siftUp(this.size++, atMs, rank * RANK_UNIT + this.seq++, slot);
    return this.slotGeneration[slot]! * SLOT_UNIT + slot;
  }

  /** Drops a pending event; false when it was popped or cancelled before. */
  cancel(handle: EventHandle): boolean {
    const slot = handle % SLOT_UNIT;
    if (this.slotGeneration[slot] !== (handle - slot) / SLOT_UNIT || this.slotKind[slot]! < 0) return false;
    this.slotKind[slot] = -1;
    this.live--;
    return true;
  }

  /** Time of the earliest pending event; Infinity with none. */
  peekMs(): number {
    this.dropCancelled();
    return this.size === 0 ? Number.POSITIVE_INFINITY : this.heapTime[0]!;
  }

  /** True when the earliest pending event is due at `atMs` with a rank below `belowRank`. */
  hasAt(atMs: number, belowRank: number): boolean {
    this.dropCancelled();
    return this.size > 0 && this.heapTime[0] === atMs && this.heapOrder[0]! < belowRank * RANK_UNIT;
  }

  /** Copies the earliest event into the fields and removes it; false when there is none. */
  pop(): boolean {
    this.dropCancelled();
    if (this.size === 0) return false;
    const slot = this.heapSlot[0]!;
    this.atMs = this.heapTime[0]!;
    this.rank = Math.floor(this.heapOrder[0]! / RANK_UNIT);
    this.kind = this.slotKind[slot]!;
    this.a = this.slotA[slot]!;
    this.b = this.slotB[slot]!;
    this.live--;
    this.removeTop(slot);
    return true;
  }

  private dropCancelled(): void {
    while (this.size > 0 && this.slotKind[this.heapSlot[0]!]! < 0) this.removeTop(this.heapSlot[0]!);
  }

  private removeTop(slot: number): void {
    this.slotKind[slot] = -1;
    this.slotGeneration[slot] = (this.slotGeneration[slot]! + 1) & 0x3ffffff;
    this.freeSlots[this.freeCount++] = slot;
    const last = --this.size;
    if (last > 0) this.siftDown(this.heapTime[last]!, this.heapOrder[last]!, this.heapSlot[last]!);
  }

  private siftUp(from: number, time: number, order: number, slot: number): void {
    const { heapTime, heapOrder, heapSlot } = this;
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 2;
      const parentTime = heapTime[parent]!;
      if (parentTime < time || (parentTime === time && heapOrder[parent]! < order)) break;
      heapTime[at] = parentTime;
      heapOrder[at] = heapOrder[parent]!;
      heapSlot[at] = heapSlot[parent]!;
      at = parent;
    }
    heapTime[at] = time;
    heapOrder[at] = order;
    heapSlot[at] = slot;
  }

  private siftDown(time: number, order: number, slot: number): void {
    const { heapTime, heapOrder, heapSlot, size } = this;
    let at = 0;
    for (;;) {
      const first = 4 * at + 1;
      if (first >= size) break;
      let best = first;
      let bestTime = heapTime[first]!;
      const end = Math.min(first + 4, size);
      for (let child = first + 1; child < end; child++) {
        const childTime = heapTime[child]!;
        if (childTime < bestTime || (childTime === bestTime && heapOrder[child]! < heapOrder[best]!)) {
          best = child;
          bestTime = childTime;
        }
      }
      if (time < bestTime || (time === bestTime && order < heapOrder[best]!)) break;
      heapTime[at] = bestTime;
      heapOrder[at] = heapOrder[best]!;
      heapSlot[at] = heapSlot[best]!;
      at = best;
    }
    heapTime[at] = time;
    heapOrder[at] = order;
    heapSlot[at] = slot;
  }

  private grow(): void {
    const before = this.capacity;
    this.capacity = 2 * before;
    this.heapTime = widened(this.heapTime, new Float64Array(this.capacity));
    this.heapOrder = widened(this.heapOrder, new Float64Array(this.capacity));
    this.heapSlot = widened(this.heapSlot, new Int32Array(this.capacity));
    this.slotKind = widened(this.slotKind, new Int32Array(this.capacity));
    this.slotA = widened(this.slotA, new Int32Array(this.capacity));
    this.slotB = widened(this.slotB, new Int32Array(this.capacity));
    this.slotGeneration = widened(this.slotGeneration, new Int32Array(this.capacity));
    this.freeSlots = widened(this.freeSlots, new Int32Array(this.capacity));
    this.addFreeSlots(before);
  }

  /** Slots are handed out in ascending order, so memory is touched from the front. */
  private addFreeSlots(from: number): void {
    for (let slot = this.capacity - 1; slot >= from; slot--) {
      this.slotKind[slot] = -1;
      this.freeSlots[this.freeCount++] = slot;
    }
  }
}

function widened<T extends Float64Array | Int32Array>(from: T, into: T): T {
  into.set(from);
  return into;
}

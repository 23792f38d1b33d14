import { RandomStreams } from '../src/base/random.js';
import { EventQueue } from '../src/engine/eventQueue.js';
import { RANK } from '../src/engine/ranks.js';
import { measure, type Row } from './harness.js';

const OPS = 100_000;

/** Hold model: each operation pops the earliest of `pending` events and schedules one more; against objects in a binary heap. */
export async function benchEventQueue(): Promise<Row[]> {
  const draw = new RandomStreams('bench').fork('eventQueue');
  const delaysMs = Float64Array.from({ length: OPS }, () => 1 + Math.floor(draw() * 1e6));
  const rows: Row[] = [];
  for (const pending of [1_000, 10_000, 100_000]) {
    const queue = new EventQueue(pending);
    for (let i = 0; i < pending; i++) queue.push(delaysMs[i % OPS]!, RANK.completion, 0, i);
    rows.push(
      await measure('eventQueue/hold', pending, OPS, () => {
        let checksum = 0;
        for (let i = 0; i < OPS; i++) {
          queue.pop();
          checksum += queue.a;
          queue.push(queue.atMs + delaysMs[i]!, RANK.completion, 0, queue.a);
        }
        return checksum;
      }),
    );
    const heap = new ObjectHeap();
    for (let i = 0; i < pending; i++) heap.push({ atMs: delaysMs[i % OPS]!, seq: i, a: i });
    let seq = pending;
    rows.push(
      await measure('eventQueue/hold, reference: heap of objects', pending, OPS, () => {
        let checksum = 0;
        for (let i = 0; i < OPS; i++) {
          const event = heap.pop();
          checksum += event.a;
          heap.push({ atMs: event.atMs + delaysMs[i]!, seq: seq++, a: event.a });
        }
        return checksum;
      }),
    );
  }
  return rows;
}

interface HeapEvent {
  readonly atMs: number;
  readonly seq: number;
  readonly a: number;
}

/** The textbook: a binary heap of objects. */
class ObjectHeap {
  private readonly heap: HeapEvent[] = [];

  push(event: HeapEvent): void {
    this.heap.push(event);
    let at = this.heap.length - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (before(this.heap[parent]!, event)) break;
      this.heap[at] = this.heap[parent]!;
      at = parent;
    }
    this.heap[at] = event;
  }

  pop(): HeapEvent {
    const first = this.heap[0]!;
    const last = this.heap.pop()!;
    const size = this.heap.length;
    if (size === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      if (child + 1 < size && before(this.heap[child + 1]!, this.heap[child]!)) child++;
      if (before(last, this.heap[child]!)) break;
      this.heap[at] = this.heap[child]!;
      at = child;
    }
    this.heap[at] = last;
    return first;
  }
}

function before(x: HeapEvent, y: HeapEvent): boolean {
  return x.atMs < y.atMs || (x.atMs === y.atMs && x.seq < y.seq);
}

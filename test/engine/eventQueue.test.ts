import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventQueue } from '../../src/engine/eventQueue.js';
import { RANK, type Rank } from '../../src/engine/ranks.js';

const anEvent = fc.record({
  atMs: fc.integer({ min: -5, max: 20 }),
  rank: fc.constantFrom<Rank>(...Object.values(RANK)),
  dropped: fc.boolean(),
});

describe('event queue', () => {
  it('pops in (time, rank, insertion) order and never pops a cancelled event', () => {
    fc.assert(
      fc.property(fc.array(anEvent, { maxLength: 300 }), (events) => {
        const queue = new EventQueue(2); // tiny, so growth is exercised
        const handles = events.map((event, i) => queue.push(event.atMs, event.rank, 1, i));
        events.forEach((event, i) => {
          if (event.dropped) expect(queue.cancel(handles[i]!)).toBe(true);
        });
        const expected = events
          .map((event, i) => ({ ...event, i }))
          .filter((event) => !event.dropped)
          .sort((x, y) => x.atMs - y.atMs || x.rank - y.rank || x.i - y.i);
        expect(queue.length).toBe(expected.length);
        for (const event of expected) {
          expect(queue.peekMs()).toBe(event.atMs);
          expect(queue.pop()).toBe(true);
          expect([queue.atMs, queue.rank, queue.a]).toEqual([event.atMs, event.rank, event.i]);
        }
        expect(queue.pop()).toBe(false);
      }),
    );
  });

  it('stays in order when pops and pushes interleave and slots are reused', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.boolean()), { maxLength: 400 }), (steps) => {
        const queue = new EventQueue(2);
        const naive: { atMs: number; seq: number }[] = [];
        let now = 0;
        steps.forEach(([delay, pop], seq) => {
          if (pop && naive.length > 0) {
            naive.sort((x, y) => x.atMs - y.atMs || x.seq - y.seq);
            const first = naive.shift()!;
            queue.pop();
            now = first.atMs;
            expect([queue.atMs, queue.a]).toEqual([first.atMs, first.seq]);
          } else {
            queue.push(now + delay, RANK.completion, 0, seq);
            naive.push({ atMs: now + delay, seq });
          }
        });
        expect(queue.length).toBe(naive.length);
      }),
    );
  });

  it('ignores the handle of an event that was popped, even when its slot is used again', () => {
    const queue = new EventQueue(2);
    const stale = queue.push(1, RANK.completion, 0, 1);
    queue.pop();
    queue.push(2, RANK.completion, 0, 2);
    expect(queue.cancel(stale)).toBe(false);
    expect(queue.length).toBe(1);
  });

  it('cancels an event once', () => {
    const queue = new EventQueue();
    const handle = queue.push(1, RANK.arrival, 0, 1);
    expect(queue.cancel(handle)).toBe(true);
    expect(queue.cancel(handle)).toBe(false);
    expect(queue.peekMs()).toBe(Number.POSITIVE_INFINITY);
  });

  it('refuses NaN and times before now', () => {
    const queue = new EventQueue();
    queue.push(10, RANK.completion, 0, 0);
    queue.pop();
    expect(() => queue.push(Number.NaN, RANK.completion, 0, 0)).toThrow(/NaN/);
    expect(() => queue.push(9, RANK.completion, 0, 0)).toThrow(/before now \(10 ms\)/);
  });

  it('tells what is due at an instant below a rank', () => {
    const queue = new EventQueue();
    queue.push(5, RANK.arrival, 0, 0);
    expect(queue.hasAt(5, RANK.arrival)).toBe(false);
    expect(queue.hasAt(5, RANK.pass)).toBe(true);
    expect(queue.hasAt(4, RANK.pass)).toBe(false);
  });
});

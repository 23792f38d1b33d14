import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Availability } from '../../../src/policy/backfill/availability.js';

const GPUS = 12;

/** What is free at each whole instant, in a plain array; all free behind its end. */
class NaiveAvailability {
  readonly free: number[];

  constructor(length: number) {
    this.free = Array.from({ length }, () => GPUS);
  }

  at(atMs: number): number {
    return this.free[atMs] ?? GPUS;
  }

  add(fromMs: number, toMs: number, gpus: number): void {
    for (let at = fromMs; at < toMs; at++) this.free[at]! += gpus;
  }

  firstRoom(fromMs: number, gpus: number, spanMs: number, latestMs: number): number {
    for (let start = fromMs; start <= latestMs; start++) {
      let end = start;
      while (end < start + spanMs && this.at(end) >= gpus) end++;
      if (end === start + spanMs) return start;
    }
    return Infinity;
  }

  freeSince(atMs: number, gpus: number, nowMs: number): number {
    let since = atMs;
    while (since > nowMs && this.at(since - 1) >= gpus) since--;
    return since;
  }
}

const HORIZON = 4000;
const anInstant = fc.integer({ min: 0, max: HORIZON - 300 });
const anOperation = fc.record({
  fromMs: anInstant,
  spanMs: fc.integer({ min: 1, max: 250 }),
  gpus: fc.integer({ min: -5, max: 5 }),
  ask: fc.integer({ min: -5, max: GPUS + 1 }),
  askedMs: anInstant,
  advance: fc.integer({ min: 0, max: 20 }),
});

describe('availability', () => {
  it('adds, searches and forgets as an array of instants does', () => {
    fc.assert(
      fc.property(fc.array(anOperation, { minLength: 1, maxLength: 400, size: 'max' }), (operations) => {
        let now = 0;
        const ours = new Availability(0, GPUS);
        const naive = new NaiveAvailability(HORIZON);
        operations.forEach(({ fromMs, spanMs, gpus, ask, askedMs, advance }, index) => {
          if (index % 10 === 9) ours.advance((now += advance));
          const from = Math.max(now, fromMs);
          ours.add(from, from + spanMs, gpus);
          naive.add(from, from + spanMs, gpus);
          const asked = Math.max(now, askedMs);
          const latest = asked + spanMs;
          expect(ours.freeAt(asked)).toBe(naive.at(asked));
          expect(ours.firstRoom(asked, ask, spanMs, latest)).toBe(naive.firstRoom(asked, ask, spanMs, latest));
          expect(ours.firstRoom(now, ask, spanMs, from)).toBe(naive.firstRoom(now, ask, spanMs, from));
          expect(Math.max(now, ours.freeSince(asked, ask))).toBe(naive.freeSince(asked, ask, now));
          const stretch = Array.from({ length: spanMs }, (_, i) => naive.at(asked + i));
          expect(ours.mostFree(asked, asked + spanMs)).toBe(Math.max(...stretch));
          const below = stretch.findIndex((free) => free < ask);
          expect(ours.firstBelow(asked, ask, asked + spanMs)).toBe(asked + (below < 0 ? spanMs : below));
        });
        ours.advance(now);
        const changes = naive.free.filter((free, at) => at > now && free !== naive.at(at - 1)).length;
        expect(ours.length).toBe(1 + changes);
      }),
      { numRuns: 30 },
    );
  });

  it('is one step again when everything was given back, in any order and over many chunks', () => {
    const stretches = fc.array(fc.tuple(anInstant, fc.integer({ min: 1, max: 3000 })), { maxLength: 500, size: 'max' });
    fc.assert(
      fc.property(stretches, (taken) => {
        const ours = new Availability(0, GPUS);
        for (const [from, span] of taken) ours.add(from, from + span, -1);
        for (const [from, span] of taken.toReversed()) ours.add(from, from + span, 1);
        expect(ours.length).toBe(1);
        expect(ours.firstRoom(5, GPUS, 1e9, Infinity)).toBe(5);
      }),
      { numRuns: 20 },
    );
  });

  it('keeps what is taken for ever', () => {
    const ours = new Availability(0, GPUS);
    ours.add(10, Infinity, -4);
    expect([ours.freeAt(9), ours.freeAt(10), ours.freeAt(1e15)]).toEqual([12, 8, 8]);
    expect(ours.firstRoom(0, 9, 11, Infinity)).toBe(Infinity);
    expect([ours.nextStepMs(0), ours.nextStepMs(10)]).toEqual([10, Infinity]);
  });
});

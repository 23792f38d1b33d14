import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Availability } from '../../../src/policy/backfill/availability.js';
import { Rooms } from '../../../src/policy/backfill/rooms.js';

const GPUS = 40;
const aStretch = (range: number) =>
  fc.record({
    fromMs: fc.integer({ min: 0, max: range }),
    spanMs: fc.integer({ min: 1, max: Math.ceil(range / 4) }),
    gpus: fc.integer({ min: -20, max: 20 }),
    asks: fc.array(
      fc.record({
        gpus: fc.integer({ min: 1, max: GPUS }),
        spanMs: fc.integer({ min: 1, max: range }),
        beforeMs: fc.integer({ min: 0, max: 2 * range }),
      }),
      { maxLength: 5 },
    ),
    advance: fc.integer({ min: 0, max: Math.ceil(range / 50) }),
  });

describe('rooms', () => {
  it.each([
    ['short', 60],
    ['longer than 32 bits hold', 2 ** 40],
  ])('are found where a search from now on finds them, with stretches %s', (_, range) => {
    fc.assert(
      fc.property(fc.array(aStretch(range), { maxLength: 120, size: 'max' }), (stretches) => {
        let now = 0;
        const available = new Availability(0, GPUS);
        const rooms = new Rooms(available);
        for (const { fromMs, spanMs, gpus, asks, advance } of stretches) {
          available.advance((now += advance));
          const from = now + fromMs;
          available.add(from, from + spanMs, gpus);
          if (gpus > 0) rooms.freed(from, from + spanMs);
          for (const ask of asks) {
            const before = now + ask.beforeMs;
            const room = available.firstRoom(now, ask.gpus, ask.spanMs, before - ask.spanMs);
            const since = Math.max(now, available.freeSince(before, ask.gpus));
            expect(rooms.earlier(now, ask.gpus, ask.spanMs, before)).toBe(room < Infinity ? room : since);
            expect(rooms.first(now, ask.gpus, ask.spanMs, Infinity)).toBe(
              available.firstRoom(now, ask.gpus, ask.spanMs, Infinity),
            );
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MS_PER_QUARTER_HOUR } from '../../src/base/units.js';
import { LoadMeter } from '../../src/energy/loadMeter.js';

const HORIZON_MS = 8 * MS_PER_QUARTER_HOUR;
const times = fc.array(fc.integer({ min: 0, max: HORIZON_MS }), { maxLength: 30 });
const changes = fc
  .array(
    fc.record({ atMs: fc.integer({ min: -1000, max: HORIZON_MS }), watts: fc.integer({ min: 0, max: 250_000_000 }) }),
    {
      maxLength: 40,
    },
  )
  .map((list) => list.sort((a, b) => a.atMs - b.atMs));
const spans = fc.array(
  fc.record({
    fromMs: fc.integer({ min: -1000, max: HORIZON_MS }),
    lastsMs: fc.integer({ min: 0, max: HORIZON_MS }),
    watts: fc.integer({ min: 0, max: 1_000_000 }),
  }),
  { maxLength: 5 },
);

describe('energy', () => {
  it('is the same whatever the times at which somebody looks, to the last W·ms', () => {
    fc.assert(
      fc.property(changes, spans, times, (levels, ahead, looks) => {
        const metered = (lookAt: readonly number[]): Float64Array => {
          const meter = new LoadMeter(-1000, 0, HORIZON_MS);
          for (const { fromMs, lastsMs, watts } of ahead) meter.addSpan(fromMs, fromMs + lastsMs, watts);
          const looking = [...lookAt].sort((a, b) => a - b);
          for (const { atMs, watts } of levels) {
            while (looking.length > 0 && looking[0]! <= atMs) meter.advance(looking.shift()!);
            meter.advance(atMs);
            meter.itW = watts;
          }
          for (const atMs of looking) meter.advance(atMs);
          meter.advance(HORIZON_MS);
          return meter.curve().itWms;
        };
        const seldom = metered([]);
        expect(metered(looks)).toEqual(seldom);
        // And to 1e-12 of what all changes add up to, without any bins.
        const within = (fromMs: number, toMs: number): number =>
          Math.max(0, Math.min(toMs, HORIZON_MS) - Math.max(0, fromMs));
        const total =
          levels.reduce((sum, { atMs, watts }, i) => sum + watts * within(atMs, levels[i + 1]?.atMs ?? HORIZON_MS), 0) +
          ahead.reduce((sum, { fromMs, lastsMs, watts }) => sum + watts * within(fromMs, fromMs + lastsMs), 0);
        const binned = seldom.reduce((sum, wms) => sum + wms, 0);
        expect(Math.abs(binned - total)).toBeLessThanOrEqual(1e-12 * total);
      }),
    );
  });
});

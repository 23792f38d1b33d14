import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BitIndex, lowestBits, popCount } from '../../src/cluster/bitIndex.js';

it('agrees with a sorted set on every question, over three levels', () => {
  const member = fc.integer({ min: 0, max: 99_999 });
  fc.assert(
    fc.property(fc.array(fc.tuple(member, fc.boolean()), { maxLength: 200 }), member, (steps, from) => {
      const index = new BitIndex(100_000);
      const naive = new Set<number>();
      for (const [value, add] of steps) {
        if (add && !naive.has(value)) {
          index.add(value);
          naive.add(value);
        } else if (!add && naive.has(value)) {
          index.delete(value);
          naive.delete(value);
        }
      }
      const sorted = [...naive].sort((x, y) => x - y);
      expect(index.count).toBe(naive.size);
      expect(index.first()).toBe(sorted[0] ?? -1);
      expect(index.next(from)).toBe(sorted.find((value) => value >= from) ?? -1);
      for (const value of sorted) expect(index.has(value)).toBe(true);
    }),
  );
});

it('walks members across word, group and block borders', () => {
  const members = [0, 31, 32, 1023, 1024, 32_767, 32_768, 65_535];
  const index = new BitIndex(65_536);
  for (const member of members) index.add(member);
  const walked: number[] = [];
  for (let at = index.first(); at >= 0; at = index.next(at + 1)) walked.push(at);
  expect(walked).toEqual(members);
});

it('counts and takes bits of a whole word, bit 31 included', () => {
  expect(popCount(-1)).toBe(32);
  expect(lowestBits(-1, 32)).toBe(-1);
  expect(lowestBits(0b101100, 2)).toBe(0b1100);
  expect(popCount(lowestBits(-1 << 31, 1))).toBe(1);
});

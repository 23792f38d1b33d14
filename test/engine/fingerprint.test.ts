import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Fingerprint } from '../../src/engine/fingerprint.js';

const hashOf = (values: readonly number[]): string => {
  const fingerprint = new Fingerprint();
  for (const value of values) fingerprint.addWhole(value);
  return fingerprint.text();
};
const whole = fc.integer({ min: -(2 ** 53) + 1, max: 2 ** 53 - 1 });

it('tells apart sequences that differ in one number, in order or in length', () => {
  fc.assert(
    fc.property(fc.array(whole, { minLength: 2, maxLength: 20 }), fc.nat(), whole, (values, at, other) => {
      const changed = values.with(at % values.length, other);
      if (changed[at % values.length] !== values[at % values.length]) expect(hashOf(changed)).not.toBe(hashOf(values));
      expect(hashOf([...values, 0])).not.toBe(hashOf(values));
      expect(hashOf(values)).toBe(hashOf([...values]));
    }),
  );
});

it('sees the high half of a time beyond 32 bits', () => {
  expect(hashOf([2 ** 40])).not.toBe(hashOf([0]));
  expect(hashOf([1])).not.toBe(hashOf([1 + 2 ** 32]));
});

it('keeps its value from release to release', () => {
  expect(hashOf([1, 2, 3, -4, 5e12])).toMatchInlineSnapshot(`"b550ab4d4ef191a0"`);
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalText, sha256 } from '../../src/scenario/canonical.js';
import { closest } from '../../src/scenario/suggest.js';

describe('canonicalText', () => {
  it('sorts keys, leaves out undefined, and has no blanks', () => {
    expect(canonicalText({ b: [1, { d: 'x', c: null }], a: undefined, A: -0 })).toBe(
      '{"A":0,"b":[1,{"c":null,"d":"x"}]}',
    );
  });

  it('is one text for equal values and reads back as the value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalText(value);
        expect(canonicalText(JSON.parse(text))).toBe(text);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('refuses what JSON would change in silence', () => {
    for (const value of [Number.NaN, Infinity, () => 1, new Float64Array(1), undefined, 1n]) {
      expect(() => canonicalText({ value: [value] })).toThrow(/canonical text/);
    }
  });
});

describe('sha256', () => {
  it('hashes parts as if they were one text', () => {
    const empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
    expect(sha256()).toBe(empty);
    expect(sha256('ab', new TextEncoder().encode('c'))).toBe(sha256('abc'));
  });
});

describe('closest', () => {
  const names = ['fcfs', 'frontier-mix', 'gf-fr-hdf', 'DE-LU', 'first-fit'];

  it.each([
    ['fcsf', 'fcfs'],
    ['Frontier_mix', 'frontier-mix'],
    ['gf-fr-hd', 'gf-fr-hdf'],
    ['de-lu', 'DE-LU'],
    ['first', 'first-fit'],
  ])('takes %s for %s', (word, meant) => {
    expect(closest(word, names)).toBe(meant);
  });

  it.each(['', 'x', 'sjf', 'completely-different'])('takes %j for nothing', (word) => {
    expect(closest(word, names)).toBeUndefined();
  });
});

import { describe, expect, it } from 'vitest';
import { formatDeviation, formatNumber, formatPercent, formatWait, plural } from '../../src/report/numbers.js';
import { ENERGY_MWH, pickScale, WAIT_MS } from '../../src/report/scales.js';
import { wrap } from '../../src/report/wrap.js';

describe('numbers', () => {
  it('have a blank between thousands and the decimals asked for', () => {
    expect(formatNumber(1234567.891, 1)).toBe('1 234 567.9');
    expect(formatNumber(-1234, 0)).toBe('-1 234');
    expect(formatNumber(999)).toBe('999');
    expect(formatNumber(0.12345, 4)).toBe('0.1235');
  });

  it('never read NaN, Infinity or minus nought', () => {
    for (const value of [NaN, Infinity, -Infinity]) expect(formatNumber(value, 2)).toBe('n/a');
    expect(formatPercent(NaN)).toBe('n/a');
    expect(formatWait(NaN)).toBe('n/a');
    expect(formatNumber(-0.001, 1)).toBe('0.0');
  });

  it('say the sign of a deviation', () => {
    expect(formatDeviation(0.0214)).toBe('+2.1 %');
    expect(formatDeviation(-0.05)).toBe('-5.0 %');
    expect(formatDeviation(0.00001)).toBe('0.0 %');
  });

  it('take the unit in which they reach 1', () => {
    expect(formatWait(90_000)).toBe('1.5 min');
    expect(formatWait(7_200_000)).toBe('2.0 h');
    expect(pickScale(WAIT_MS, [100]).unit).toBe('s');
    expect(pickScale(ENERGY_MWH, [1000, 2]).unit).toBe('GWh');
    expect(pickScale(ENERGY_MWH, [NaN]).unit).toBe('kWh');
  });

  it('count in singular and plural', () => {
    expect(plural(1, 'job')).toBe('1 job');
    expect(plural(12_345, 'policy', 'policies')).toBe('12 345 policies');
  });
});

describe('wrap', () => {
  it('breaks at blanks, indents what follows and leaves long words whole', () => {
    expect(wrap('one two three', { width: 7 })).toBe('one two\nthree');
    expect(wrap('one two three', { width: 7, indent: '  ', first: '' })).toBe('one two\n  three');
    expect(wrap('incomprehensible', { width: 4 })).toBe('incomprehensible');
  });
});

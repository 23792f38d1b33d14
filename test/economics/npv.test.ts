import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { internalRateOfReturn, presentValueEur, priceAfter, type CashFlow } from '../../src/economics/npv.js';

const yearly = (...eur: readonly number[]): CashFlow[] => eur.map((amount, atYears) => ({ atYears, eur: amount }));

describe('net present value', () => {
  it('of −100, 60, 60 at 10 % is 4.13', () => {
    expect(presentValueEur(0.1, yearly(-100, 60, 60))).toBeCloseTo(4.1322, 4);
  });

  it('of a level payment for ever nears payment / rate', () => {
    expect(presentValueEur(0.05, yearly(0, ...Array<number>(1000).fill(1)))).toBeCloseTo(20, 9);
  });

  it('without interest is the plain sum, whenever money flows', () => {
    expect(
      presentValueEur(0, [
        { atYears: 0.5, eur: 3 },
        { atYears: 17, eur: -1 },
      ]),
    ).toBe(2);
  });
});

describe('falling prices', () => {
  it('fall by 30 % a year to 70, 49 and after half a year 83.7', () => {
    expect([0, 1, 2, 0.5].map((years) => priceAfter(100, 0.3, years))).toEqual([
      100,
      70,
      expect.closeTo(49, 12),
      expect.closeTo(83.666, 3),
    ]);
  });

  it('make a build-out in three phases cheaper than all at once by a geometric series', () => {
    const flows = [0, 1, 2].map((atYears) => ({ atYears, eur: -priceAfter(100, 0.3, atYears) }));
    // Discounted at 8 %: a ratio of 0.7 / 1.08 from one phase to the next.
    const q = 0.7 / 1.08;
    expect(presentValueEur(0.08, flows)).toBeCloseTo((-100 * (1 - q ** 3)) / (1 - q), 9);
  });
});

describe('internal rate of return', () => {
  it('of −100 and 121 after two years is 10 %', () => {
    expect(internalRateOfReturn(yearly(-100, 0, 121))).toBeCloseTo(0.1, 12);
  });

  it('may be negative, or above 100 %', () => {
    expect(internalRateOfReturn(yearly(-100, 50))).toBeCloseTo(-0.5, 12);
    expect(internalRateOfReturn(yearly(-100, 300))).toBeCloseTo(2, 12);
  });

  it('is the rate at which the present value is 0', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 100, max: 1000, noNaN: true }),
        fc.array(fc.double({ min: 1, max: 1000, noNaN: true }), { minLength: 1, maxLength: 12 }),
        (paid, received) => {
          const flows = yearly(-paid, ...received);
          const rate = internalRateOfReturn(flows);
          const scale = flows.reduce((sum, { atYears, eur }) => sum + Math.abs(eur) * (1 + rate!) ** -atYears, 0);
          expect(Math.abs(presentValueEur(rate!, flows)) / scale).toBeLessThan(1e-9);
        },
      ),
    );
  });

  it('is not told where there is none, or several', () => {
    expect(internalRateOfReturn(yearly(100, 50))).toBeUndefined();
    expect(internalRateOfReturn(yearly(-100, 230, -132))).toBeUndefined(); // 10 % and 20 %
    expect(internalRateOfReturn([])).toBeUndefined();
    expect(internalRateOfReturn(yearly(-1, 1e6))).toBeUndefined();
  });
});

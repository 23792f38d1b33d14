import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { annuityEur, capitalRecoveryFactor } from '../../src/economics/annuity.js';
import { presentValueEur } from '../../src/economics/npv.js';

const rate = fc.double({ min: 0, max: 0.3, noNaN: true });
const years = fc.integer({ min: 1, max: 40 });

describe('capital recovery factor', () => {
  it.each([
    [0.08, 5, 0.2505],
    [0.08, 15, 0.1168],
    [0.06, 5, 0.2374],
    [0.1, 5, 0.2638],
    [0, 5, 0.2],
    [0, 14, 1 / 14],
  ])('of %f over %f years is %f', (r, n, expected) => {
    expect(capitalRecoveryFactor(r, n)).toBeCloseTo(expected, 4);
  });

  it('turns into 1/n as interest vanishes, without a jump', () => {
    expect(capitalRecoveryFactor(1e-12, 7)).toBeCloseTo(1 / 7, 11);
    expect(capitalRecoveryFactor(1e-300, 7)).toBeCloseTo(1 / 7, 11);
  });

  it('repays the investment: the payments are worth as much as it', () => {
    fc.assert(
      fc.property(rate, years, (r, n) => {
        const payment = capitalRecoveryFactor(r, n);
        const flows = Array.from({ length: n }, (_, year) => ({ atYears: year + 1, eur: payment }));
        expect(presentValueEur(r, flows)).toBeCloseTo(1, 9);
      }),
    );
  });
});

describe('annuity', () => {
  const it5 = { capexEur: 5000, lifeYears: 5, residualFraction: 0, grantFraction: 0 };

  it('is what the docstring says for 5,000 at 8 % over 5 years', () => {
    expect(annuityEur(0.08, it5)).toBeCloseTo(1252.28, 2);
    expect(annuityEur(0.08, { ...it5, residualFraction: 0.1 })).toBeCloseTo(1167.05, 2);
    expect(annuityEur(0.08, { ...it5, grantFraction: 0.35 })).toBeCloseTo(813.98, 2);
  });

  it('with grant and residual leaves a present value of 0 over the life', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(rate, years, share, share, (r, n, grantFraction, residualFraction) => {
        const annuity = annuityEur(r, { capexEur: 1, lifeYears: n, grantFraction, residualFraction });
        const paid = Array.from({ length: n }, (_, year) => ({ atYears: year + 1, eur: annuity }));
        const bought = [
          { atYears: 0, eur: grantFraction - 1 },
          { atYears: n, eur: residualFraction },
        ];
        expect(presentValueEur(r, [...paid, ...bought])).toBeCloseTo(0, 9);
      }),
    );
  });
});

import { describe, expect, it } from 'vitest';
import { compareWithReference, equalisedBillEur } from '../../src/report/referenceBill.js';
import { referenceText } from '../../src/report/referenceText.js';
import type { Candidate } from '../../src/report/candidates.js';
import type { ReferenceBillSpec, SiteSpec } from '../../src/scenario/runSpec.js';
import { candidatesWith } from './candidate.js';

const YEAR_MS = 365 * 86_400_000;

/** gf-de-jul with 200 MW of IT. */
const reference: ReferenceBillSpec = {
  totalEurMPerYear: 224,
  ktCo2PerYear: 554,
  itW: 200e6,
  loadFactor: 0.8,
  pue: 1.15,
  energyEurPerMWh: 89.3,
  carbonKgPerMWh: 344,
  energyBaseYear: 2025,
  source: 'test',
};
const found = candidatesWith();
const spec: SiteSpec = {
  ...found.candidates[0]!.spec,
  facility: { ...found.candidates[0]!.spec.facility, designItW: 200e6 },
  tariff: { capacityEurPerKwYear: 53.06, networkEurPerMWh: 6.9, leviesEurPerMWh: 34.9, dayAheadAdderEurPerMWh: 0 },
  reference,
};
const candidate: Candidate = { ...found.candidates[0]!, spec, horizonMs: YEAR_MS };

describe('the bill put equal to the reference', () => {
  it('is what paper says: 1,611,840 MWh × 131.1 EUR + 53.06 EUR × 230,000 kW', () => {
    expect(equalisedBillEur(spec, reference, 1)).toBeCloseTo(1_611_840 * 131.1 + 53.06 * 230_000, 3);
    expect(equalisedBillEur(spec, reference, 1)).toBeCloseTo(223_516_024, 0);
  });

  it('pays the reference price as far as the load falls on dear or cheap hours', () => {
    const extra = equalisedBillEur(spec, reference, 1.1) - equalisedBillEur(spec, reference, 1);
    expect(extra).toBeCloseTo(1_611_840 * 89.3 * 0.1, 3);
  });

  it("charges the tariff's adder on every MWh", () => {
    const withAdder = { ...spec, tariff: { ...spec.tariff, dayAheadAdderEurPerMWh: 2 } };
    expect(equalisedBillEur(withAdder, reference, 1) - equalisedBillEur(spec, reference, 1)).toBeCloseTo(3_223_680, 3);
  });

  it('grows with our own IT power, not the reference', () => {
    const larger = { ...spec, facility: { ...spec.facility, designItW: 220e6 } };
    expect(equalisedBillEur(larger, reference, 1) / equalisedBillEur(spec, reference, 1)).toBeCloseTo(1.1, 12);
  });
});

describe('the table beside the reference', () => {
  it('shows reference, simulated and put equal, with the deviation', () => {
    const cheap = compareWithReference(candidate)!;
    const ratio = cheap.simulated.paidToMeanPrice;
    expect(cheap.equalisedEur).toBeCloseTo(equalisedBillEur(spec, reference, ratio), 3);
    expect(cheap.deviationFraction).toBeCloseTo(cheap.equalisedEur / 224e6 - 1, 12);
    expect(referenceText([candidate])).toContain('All within 15 % once put equal.');
  });

  it('names the sites that deviate too far', () => {
    const far = { ...candidate, spec: { ...spec, reference: { ...reference, totalEurMPerYear: 100 } } };
    expect(referenceText([far])).toContain(`Beyond 15 % once put equal: ${candidate.label}.`);
  });

  it('is left out without a reference and for a horizon that is no year', () => {
    expect(referenceText([{ ...candidate, horizonMs: 7 * 86_400_000 }])).toBeUndefined();
    expect(referenceText(found.candidates)).toBeUndefined();
  });
});

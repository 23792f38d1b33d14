import { describe, expect, it } from 'vitest';
import { compareWithReference } from '../../src/report/referenceBill.js';
import { referenceText } from '../../src/report/referenceText.js';
import { billOf } from '../../src/economics/energyBill.js';
import type { BillGroup } from '../../src/scenario/tariffSpec.js';
import type { SiteResult } from '../../src/metrics/runResult.js';
import type { Candidate } from '../../src/report/candidates.js';
import type { ReferenceBillSpec, SiteSpec } from '../../src/scenario/runSpec.js';
import { candidatesWith } from './candidate.js';
import { flatTariff } from '../support/tariffs.js';

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
  tariff: flatTariff({ capacityEurPerKwYear: 53.06, networkEurPerMWh: 6.9, leviesEurPerMWh: 34.9 }),
  reference,
};
/** At load factor 0.75 and PUE 1.05, 82 EUR/MWh paid of a mean of 80, on a peak of 200 MW. */
const simulated: Partial<SiteResult> = {
  facilityMWh: 1_379_700,
  meanItMW: 150,
  pue: 1.05,
  peakFacilityMW: 200,
  meanPriceEurPerMWh: 80,
  carbonKt: 450,
  bill: billOf([
    { name: 'Day-ahead', group: 'supply', eur: 113_135_400, quantity: 1_379_700, unit: 'MWh' },
    { name: 'Network charge', group: 'network', eur: 9_519_930 },
    { name: 'Levies', group: 'levies', eur: 48_151_530 },
    { name: 'Capacity charge', group: 'capacity', eur: 10_612_000 },
  ]),
};
const candidate = candidateAt(simulated);

function candidateAt(site: Partial<SiteResult>, change: Partial<SiteSpec> = {}): Candidate {
  const [first] = candidatesWith(() => site).candidates;
  return { ...first!, spec: { ...spec, ...change }, horizonMs: YEAR_MS };
}
const equalised = (site: Partial<SiteResult>, change: Partial<SiteSpec> = {}): number =>
  compareWithReference(candidateAt(site, change))!.equalisedEur;
const withLine = (group: BillGroup, factor: number): Partial<SiteResult> => ({
  ...simulated,
  bill: billOf(
    simulated.bill!.lines.map((line) => (line.group === group ? { ...line, eur: factor * line.eur } : line)),
  ),
});

describe('the bill put equal to the reference', () => {
  it('is what paper says: 1,611,840 MWh × (82 / 80 × 89.3 + 41.8) EUR + 53.06 EUR × 230,000 kW', () => {
    expect(equalised(simulated)).toBeCloseTo(1_611_840 * (1.025 * 89.3 + 41.8) + 53.06 * 230_000, 3);
    expect(equalised(simulated)).toBeCloseTo(227_114_456.8, 3);
  });

  it.each([
    ['supply', 1_611_840 * 1.025 * 89.3],
    ['network', 1_611_840 * 6.9],
    ['levies', 1_611_840 * 34.9],
    ['capacity', 53.06 * 230_000],
  ] as const)('is made of the simulated %s: twice that group adds %f EUR', (group, eur) => {
    expect(equalised(withLine(group, 2)) - equalised(simulated)).toBeCloseTo(eur, 3);
  });

  it("does not scale the day-ahead line's adder with the price", () => {
    const tariff = { ...spec.tariff, dayAheadAdderEurPerMWh: 2 };
    const [dayAhead, ...others] = simulated.bill!.lines;
    const site = { ...simulated, bill: billOf([{ ...dayAhead!, eur: 113_135_400 + 2 * 1_379_700 }, ...others]) };
    expect(equalised(site, { tariff }) - equalised(simulated)).toBeCloseTo(2 * 1_611_840, 3);
  });

  it('grows with our own design IT power, not with that of the reference', () => {
    const facility = { ...spec.facility, designItW: 220e6 };
    expect(equalised(simulated, { facility }) / equalised(simulated)).toBeCloseTo(1.1, 12);
  });

  it('is the mean over replications of each put equal', () => {
    const sites = [simulated, { ...simulated, meanPriceEurPerMWh: 100 }, { ...simulated, peakFacilityMW: 250 }];
    const { candidates } = candidatesWith((_, replication) => sites[replication]!);
    const together = compareWithReference({ ...candidates[0]!, spec, horizonMs: YEAR_MS })!.equalisedEur;
    const apart = sites.map((site) => equalised(site));
    expect(together).toBeCloseTo(apart.reduce((sum, eur) => sum + eur, 0) / 3, 3);
  });
});

describe('the table beside the reference', () => {
  it('shows reference, simulated and put equal with the deviation, and both carbon sums', () => {
    const text = referenceText([candidate], { Z: 'levels of 2024; price shape 2023' })!;
    expect(text).toMatch(
      /^north +224\.0 +181\.4 +227\.1 +\+1\.4 % +0\.80 \| 0\.75 +1\.15 \| 1\.05 +89\.3 \| 80\.0 +554 \| 450$/m,
    );
    expect(text).toContain('All within 15 % once put equal.');
  });

  it('says why the simulated bill is lower, with the numbers', () => {
    const text = referenceText([candidate], { Z: 'levels of 2024; price shape 2023' })!.replaceAll(/\s+/g, ' ');
    expect(text).toContain(
      'Simulated lower than the reference at north: PUE 1.05 by the cooling model against 1.15; ' +
        'IT load 0.75 against 0.80; energy at 80.0 EUR/MWh (levels of 2024) against 89.3 (2025).',
    );
  });

  it('says why another is higher: only what points that way', () => {
    const dear = { ...simulated, meanPriceEurPerMWh: 120, bill: { ...simulated.bill!, totalEur: 240e6 } };
    const text = referenceText([candidateAt(dear)])!.replaceAll(/\s+/g, ' ');
    expect(text).toContain(
      'higher than the reference at north: energy at 120.0 EUR/MWh (as given) against 89.3 (2025).',
    );
    expect(text).not.toContain('lower');
  });

  it('names the sites that deviate too far, also where nothing can be put equal', () => {
    const far = { ...candidate, spec: { ...spec, reference: { ...reference, totalEurMPerYear: 100 } } };
    expect(referenceText([far])).toContain(`Beyond 15 % once put equal: ${candidate.label}.`);
    const free = referenceText([candidateAt({ ...simulated, meanPriceEurPerMWh: 0 })])!;
    expect(free).toContain('Beyond 15 % once put equal');
    expect(free).not.toMatch(/NaN|Infinity/);
  });

  it('is left out without a reference and for a horizon that is no year', () => {
    expect(referenceText([{ ...candidate, horizonMs: 7 * 86_400_000 }])).toBeUndefined();
    expect(referenceText(found.candidates)).toBeUndefined();
  });
});

import { billOf } from '../../src/economics/energyBill.js';
import { describe, expect, it } from 'vitest';
import type { SiteResult } from '../../src/metrics/runResult.js';
import { planScenario } from '../../src/plan/plan.js';
import { collectCandidates } from '../../src/report/candidates.js';
import { REFERENCE_TOLERANCE_FRACTION } from '../../src/report/referenceBill.js';
import { referenceComparisons } from '../../src/report/referenceText.js';
import { simulate } from '../../src/sim/simulate.js';
import { shipped } from '../plan/planning.js';

/** One replication of the shipped comparison over its whole year. */
const plan = planScenario(shipped.find('scenario', 'eu-five')!, {
  library: shipped,
  readFile: (path) => {
    throw new Error(`eu-five reads ${path}: shipped scenarios read no files`);
  },
  buildVersion: 'test',
  replications: '1',
});
const result = simulate(plan.specs[0]!, plan.inputs);

/** Deviation of each site from its reference once put equal, with what a mistake would make of its result. */
function deviations(mistake: (site: SiteResult) => SiteResult): readonly number[] {
  const results = [{ ...result, sites: result.sites.map(mistake) }];
  const { candidates } = collectCandidates([{ scenario: 'eu-five', specs: plan.specs, results }]);
  return referenceComparisons(candidates).map(({ deviationFraction }) => Math.abs(deviationFraction));
}

describe('a simulated year of eu-five beside the reference', () => {
  it('is within 15 % at all five sites once load factor, PUE and price year are put equal', () => {
    const found = deviations((site) => site);
    expect(found).toHaveLength(5);
    expect(Math.max(...found)).toBeLessThan(REFERENCE_TOLERANCE_FRACTION);
  });

  it('would not be if energy were paid twice, or half', () => {
    for (const factor of [2, 0.5]) {
      const found = deviations(({ bill, ...site }) => ({
        ...site,
        bill: billOf(bill.lines.map((line) => (line.group === 'supply' ? { ...line, eur: factor * line.eur } : line))),
      }));
      expect(Math.min(...found)).toBeGreaterThan(REFERENCE_TOLERANCE_FRACTION);
    }
  });
});

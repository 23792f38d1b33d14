import { describe, expect, it } from 'vitest';
import { collectCandidates } from '../../src/report/candidates.js';
import { compareText } from '../../src/report/compareText.js';
import { jobsCsv } from '../../src/report/replayText.js';
import { runShipped, type GoldenRun } from './run.js';

/** Draws go through Math.log and friends, whose last bit may differ between majors of Node. */
const PINNED_NODE_MAJOR = '20';
const isPinned = process.versions.node.split('.')[0] === PINNED_NODE_MAJOR;

const SMALL_ENOUGH_TO_LIST = 20;

/** What a person reads: the report, then starts and ends of each policy's jobs in minutes where they are few. */
function readable(name: string, { plan, results }: GoldenRun): string {
  const found = collectCandidates([{ scenario: name, specs: plan.specs, results }]);
  const report = compareText(found, {
    questions: [plan.question],
    baseYears: plan.baseYears,
    flagged: { assumptions: plan.assumptions.length, unverified: 0 },
    resampled: false,
    assumptionsCommand: 'gigasim validate --assumptions',
  });
  const listings = plan.specs.map(({ policy }, run) => {
    const jobs = results[run]!.jobs!;
    if (jobs.table.count > SMALL_ENOUGH_TO_LIST) return '';
    return `\nminutes${plan.policies.length > 1 ? `, ${policy.text}` : ''}\n${jobsCsv(jobs, 60_000)}`;
  });
  return `${report}${listings.join('')}`;
}

const TINY = [
  'tiny-easy',
  'tiny-energy',
  'tiny-two-sites',
  'tiny-two-types',
  'tiny-broker',
  'tiny-elastic',
  'tiny-preempt',
  'tiny-failures',
  'tiny-model',
  'tiny-service',
  'tiny-buildout',
  'tiny-power',
];

describe.each(TINY)('%s', (name) => {
  const golden = runShipped(name);

  it('reads as it did', async () => {
    await expect(readable(name, golden)).toMatchFileSnapshot(`./${name}.txt`);
  });

  it.skipIf(!isPinned)(
    `has the fingerprints it had (Node ${PINNED_NODE_MAJOR} alone promises the last bit)`,
    async () => {
      const fingerprints = golden.plan.specs.map(
        ({ policy, replication }, run) => `${policy.text} ${String(replication)} ${golden.results[run]!.fingerprint}\n`,
      );
      await expect(fingerprints.join('')).toMatchFileSnapshot(`./${name}.fingerprints`);
    },
  );
});

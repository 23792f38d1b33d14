import type { RunResult, SiteResult } from '../../src/metrics/runResult.js';
import { collectCandidates, type Candidates } from '../../src/report/candidates.js';
import { inlinePool } from '../../src/pool/inline.js';
import { generatedTask } from '../support/tinyRuns.js';

const outcomes = await inlinePool().run([0, 1, 2].map((replication) => generatedTask(replication)));
const results = outcomes.map((outcome): RunResult => {
  if (!outcome.ok) throw new Error(outcome.error.message);
  return outcome.result;
});

type ChangeSite = (site: SiteResult, replication: number, position: number) => Partial<SiteResult>;

/** Two sites, `north` and `south`, in three replications, with what a test wants changed; `undefined` drops a run. */
export function candidatesWith(change: ChangeSite = () => ({}), drop: readonly number[] = []): Candidates {
  const specs = results.map((_, replication) => generatedTask(replication).spec);
  const changed = results.map((result, replication) =>
    drop.includes(replication)
      ? undefined
      : {
          ...result,
          sites: result.sites.map((site, position) => ({ ...site, ...change(site, replication, position) })),
        },
  );
  return collectCandidates([{ scenario: 'test', specs, results: changed }]);
}

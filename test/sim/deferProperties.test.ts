import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MS_PER_MINUTE } from '../../src/base/units.js';
import { WaitProbe } from '../../src/sim/waitProbe.js';
import { costOfRun, HOUR, runDeferred, type Deferred, type WaitingJob } from '../support/deferred.js';

const NODES = 8;
const RESERVE_MS = 30 * MS_PER_MINUTE;
const prices = fc.array(fc.integer({ min: -50, max: 200 }), { minLength: 24, maxLength: 72 });
const someJobs = (mostGpus: number, most: number) =>
  fc.array(
    fc.record({
      submitMs: fc.integer({ min: 0, max: 48 * 60 }).map((minutes) => minutes * MS_PER_MINUTE),
      gpus: fc.integer({ min: 1, max: mostGpus }),
      runMs: fc.integer({ min: 1, max: 6 * 60 }).map((minutes) => minutes * MS_PER_MINUTE),
      slackMs: fc.integer({ min: 0, max: 30 * 60 }).map((minutes) => minutes * MS_PER_MINUTE),
      jobClass: fc.constantFrom(0, 0, 1),
    }),
    { minLength: 1, maxLength: most },
  );
type Drawn = WaitingJob & { readonly slackMs: number };
const withDeadlines = (jobs: readonly Drawn[]): WaitingJob[] =>
  jobs
    .map(({ slackMs, ...job }) => ({ ...job, deadlineMs: job.submitMs + job.runMs + RESERVE_MS + slackMs }))
    .sort((a, b) => a.submitMs - b.submitMs);
const modes = fc.constantFrom('threshold', 'forecast', 'perfect');
const of = (values: readonly number[]): Deferred => ({ prices: values, deferMs: [24 * HOUR, undefined], nodes: NODES });

describe('whatever the prices, jobs and deadlines', () => {
  it('every job that was held starts the instant it is let go and meets its deadline, however many others come', () => {
    let held = 0;
    fc.assert(
      fc.property(
        prices,
        someJobs(4 * NODES, 40),
        modes,
        fc.constantFrom('easy', 'none'),
        (values, drawn, mode, fill) => {
          const jobs = withDeadlines(drawn);
          const probe = new WaitProbe(jobs.keys());
          const run = runDeferred(`fcfs+${fill}@pack~price-aware(${mode}, spare=0)`, jobs, { ...of(values), probe });
          for (const { job, stretches } of probe.records) {
            const reasons = stretches.map(({ reason }) => reason);
            if (!reasons.includes('deferred')) continue;
            held++;
            expect(reasons).toEqual(['deferred']);
            expect(run.endMs[job]).toBeLessThanOrEqual(jobs[job]!.deadlineMs! - RESERVE_MS);
          }
        },
      ),
    );
    expect(held).toBeGreaterThan(100);
  });

  it('on a machine with room for all, no deadline is missed, nobody waits beyond a day, and nobody else waits', () => {
    fc.assert(
      fc.property(prices, someJobs(4, NODES), modes, (values, drawn, mode) => {
        const jobs = withDeadlines(drawn);
        const run = runDeferred(`fcfs+easy@pack~price-aware(${mode}, spare=0)`, jobs, of(values));
        jobs.forEach(({ submitMs, deadlineMs, jobClass }, job) => {
          expect(run.endMs[job]).toBeLessThanOrEqual(deadlineMs! - RESERVE_MS);
          expect(run.startMs[job]! - submitMs).toBeLessThanOrEqual(jobClass === 1 ? 0 : 24 * HOUR);
        });
      }),
    );
  });

  it('there, no foresight makes a job cheaper than perfect foresight does', () => {
    fc.assert(
      fc.property(
        prices,
        someJobs(4, NODES),
        fc.constantFrom('threshold', 'forecast', 'none'),
        (values, drawn, mode) => {
          const jobs = withDeadlines(drawn);
          const part = mode === 'none' ? 'none' : `price-aware(${mode}, error=1, spare=0)`;
          const costs = (text: string): number[] => {
            const { startMs } = runDeferred(`fcfs+easy@pack~${text}`, jobs, of(values));
            return jobs.map(({ runMs }, job) => costOfRun(values, startMs[job]!, runMs));
          };
          const bound = costs('price-aware(perfect, spare=0)');
          costs(part).forEach((cost, job) => {
            expect(bound[job]).toBeLessThanOrEqual(cost + 1e-4);
          });
        },
      ),
    );
  });
});

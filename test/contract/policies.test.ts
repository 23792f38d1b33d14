import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomStreams } from '../../src/base/random.js';
import { heldGpus } from '../../src/cluster/layout.js';
import { parsePolicy } from '../../src/policy/parse.js';
import { policyNames } from '../../src/policy/registry.js';
import { schedule } from '../../src/sim/schedule.js';
import { jobTable, machine } from '../support/jobs.js';

/** Every composition of registered parts, so a new part is tested by being registered. */
const compositions = policyNames('order').flatMap((order) =>
  policyNames('backfill').flatMap((backfill) =>
    policyNames('placement').map((placement) => `${order}+${backfill}@${placement}`),
  ),
);

const GPUS_PER_NODE = 4;
const NODES = 5;
const aJob = fc.record({
  submitMs: fc.integer({ min: 0, max: 80 }),
  gpus: fc.integer({ min: 1, max: NODES * GPUS_PER_NODE }),
  runMs: fc.integer({ min: 0, max: 25 }),
  over: fc.integer({ min: 0, max: 20 }),
});
const someJobs = fc
  .array(aJob, { minLength: 1, maxLength: 60 })
  .map((jobs) =>
    jobs.map((job) => ({ ...job, estimateMs: job.runMs + job.over })).sort((x, y) => x.submitMs - y.submitMs),
  );

describe.each(compositions)('%s', (text) => {
  const parsed = parsePolicy(text);
  if (!parsed.ok) throw new Error(`${text} is not a policy`);
  const run = (jobs: readonly { submitMs: number; gpus: number; runMs: number }[]) =>
    schedule({
      partitions: [machine(NODES, GPUS_PER_NODE, 2, 2)],
      policy: parsed.policy,
      jobs: jobTable(jobs),
      startMs: 0,
      horizonMs: undefined,
      streams: new RandomStreams('contract'),
    });

  it('starts every job once, not before it was submitted, and lets it run its time', () => {
    fc.assert(
      fc.property(someJobs, (jobs) => {
        const { startMs, endMs } = run(jobs);
        jobs.forEach((job, i) => {
          expect(startMs[i]).toBeGreaterThanOrEqual(job.submitMs);
          expect(endMs[i]).toBe(startMs[i]! + job.runMs);
        });
      }),
    );
  });

  it('never holds more GPUs than there are', () => {
    fc.assert(
      fc.property(someJobs, (jobs) => {
        const { startMs, endMs } = run(jobs);
        const changes = jobs.flatMap((job, i) => {
          const held = heldGpus(job.gpus, GPUS_PER_NODE);
          return [
            { atMs: startMs[i]!, gpus: held },
            { atMs: endMs[i]!, gpus: -held },
          ];
        });
        let held = 0;
        for (const { gpus } of changes.sort((x, y) => x.atMs - y.atMs || x.gpus - y.gpus)) {
          held += gpus;
          expect(held).toBeLessThanOrEqual(NODES * GPUS_PER_NODE);
        }
      }),
    );
  });

  it('leaves no job waiting on an empty machine', () => {
    fc.assert(
      fc.property(someJobs, (jobs) => {
        const { startMs, endMs } = run(jobs);
        jobs.forEach((job, i) => {
          if (startMs[i] === job.submitMs) return;
          // At every instant of its wait something ran, or it started at the instant the machine emptied.
          const busyUntil = Math.max(...jobs.map((_, k) => (startMs[k]! < startMs[i]! ? endMs[k]! : -1)));
          expect(busyUntil).toBeGreaterThanOrEqual(startMs[i]!);
        });
      }),
    );
  });

  it('does the same again', () => {
    fc.assert(
      fc.property(someJobs, (jobs) => {
        expect(run(jobs).fingerprint).toBe(run(jobs).fingerprint);
      }),
      { numRuns: 20 },
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MS_PER_MINUTE } from '../../src/base/units.js';
import { policyNames } from '../../src/policy/registry.js';
import { PLAIN_TRAITS } from '../../src/scenario/classTraits.js';
import type { GridOrderSpec } from '../../src/scenario/gridSpec.js';
import { drawnByBin } from '../../src/sim/drawnByBin.js';
import type { Schedule } from '../../src/sim/schedule.js';
import type { PlainJob } from '../support/jobs.js';
import { checkpointsOf, reliabilityOf } from '../support/faulty.js';
import { facilityW, IDLE_NODE_W, Q, runPowered, wattsAt, type Powered } from '../support/powered.js';
import { stretches } from '../support/stretches.js';

const NODES = 4;
const GPUS = 4 * NODES;
const IDLE_W = NODES * IDLE_NODE_W;
const LEAST = 3;
const OVERHEAD_W = 50;

const aJob = fc.record({
  submitMs: fc.integer({ min: 0, max: 600 }).map((minutes) => minutes * MS_PER_MINUTE + 7),
  gpus: fc.integer({ min: 1, max: GPUS }),
  runMs: fc.integer({ min: 0, max: 300 * MS_PER_MINUTE }),
  overMs: fc.integer({ min: 0, max: 100 * MS_PER_MINUTE }),
  jobClass: fc.integer({ min: 0, max: 1 }),
  priority: fc.integer({ min: 0, max: 2 }),
  fewer: fc.integer({ min: 0, max: 6 }),
  more: fc.integer({ min: 0, max: 6 }),
});
const someJobs = fc.array(aJob, { minLength: 1, maxLength: 25 }).map((jobs) =>
  jobs
    .map(({ overMs, fewer, more, ...job }): PlainJob => ({
      ...job,
      estimateMs: job.runMs + overMs,
      minGpus: Math.max(1, job.gpus - fewer),
      maxGpus: Math.min(GPUS, job.gpus + more),
    }))
    .sort((a, b) => a.submitMs - b.submitMs),
);
const policies = fc
  .tuple(
    fc.constantFrom('fcfs', 'sjf', 'las'),
    fc.constantFrom('none', 'easy', 'greedy', 'conservative', 'easy(3)', 'elastic'),
    fc.constantFrom('pack', 'first-fit', 'spread'),
  )
  .map(([order, backfill, placement]) => `${order}+${backfill}@${placement}`);

/** Orders without overlap, some relative. */
const someOrders = fc
  .array(
    fc.record({
      gap: fc.integer({ min: 4, max: 20 }),
      lasts: fc.integer({ min: 1, max: 16 }),
      notice: fc.integer({ min: 0, max: 8 }),
      limit: fc.oneof(
        fc.record({ limitW: fc.integer({ min: OVERHEAD_W + IDLE_W, max: 4000 }) }),
        fc.record({ reduceFraction: fc.double({ min: 0.05, max: 0.5, noNaN: true }) }),
      ),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((list) => {
    let at = 0;
    return list.map(({ gap, lasts, notice, limit }, index) => {
      const fromMs = (at += gap) * Q;
      at += lasts;
      return { name: `order-${index}`, fromMs, toMs: at * Q, noticeMs: notice * Q, ...limit };
    });
  });

const failing: Partial<Powered> = {
  reliability: reliabilityOf({
    failuresPerGpuDay: 0.4,
    detectionMs: 4 * MS_PER_MINUTE,
    swapMs: MS_PER_MINUTE,
    repairs: [{ name: 'reset', medianMs: 40 * MS_PER_MINUTE, sigma: 0 }],
  }),
  checkpoints: checkpointsOf(20 * MS_PER_MINUTE, MS_PER_MINUTE, 4),
  initialisation: { baseMs: 3 * MS_PER_MINUTE, perDoublingMs: 0, mostMs: 3 * MS_PER_MINUTE },
};
const means = fc.constantFrom<Partial<Powered>>({}, failing);

/** Watts of its jobs in each quarter hour, from the stretches they held GPUs for. */
function jobWms(ran: Schedule): Float64Array {
  const { job, fromMs, toMs, count } = ran.segments!;
  const sums = new Float64Array(ran.curves[0]!.itWms.length);
  for (let row = 0; row < count; row++) {
    expect(job[row]).toBeGreaterThanOrEqual(0);
    const watts = ran.segments!.watts![row]!;
    for (let from = fromMs[row]!; from < toMs[row]!;) {
      const bin = Math.floor(from / Q);
      const to = Math.min(toMs[row]!, (bin + 1) * Q);
      sums[bin]! += watts * (to - from);
      from = to;
    }
  }
  return sums;
}

function audited(ran: Schedule): void {
  const jobs = jobWms(ran);
  const bins = ran.curves[0]!.itWms;
  const slept = bins.map(() => 0);
  for (const of of [ran.slept?.asleep, ran.slept?.waking]) {
    const horizonMs = bins.length * Q;
    const rows = of?.inside(0, horizonMs);
    if (rows !== undefined)
      drawnByBin({ ...rows, count: rows.watts.length, idleW: 0, horizonMs }, Q, bins.length).forEach((wms, bin) => {
        slept[bin]! += wms;
      });
  }
  const idle = bins.map((wms, bin) => wms - jobs[bin]! - slept[bin]!);
  // Whole watts and ms: idle nodes are all that is left, to the last W·ms.
  idle.subarray(0, -1).forEach((wms) => {
    expect(wms).toBe(IDLE_W * Q);
  });
}

describe('a power policy, whatever the jobs, orders and backfill', () => {
  it('peak-guard never lets a quarter hour above its target, and every job ends', () => {
    fc.assert(
      fc.property(
        someJobs,
        policies,
        fc.double({ min: 0, max: 1, noNaN: true }),
        means,
        (jobs, policy, share, more) => {
          // From idle and the largest job at the strongest cap to everything at full power.
          const leastW = OVERHEAD_W + 1.1 * (IDLE_W + GPUS * wattsAt(0, LEAST));
          const mostW = OVERHEAD_W + 1.1 * (IDLE_W + GPUS * wattsAt(0, 0));
          const targetW = Math.ceil(leastW + share * (mostW - leastW));
          const site = { overheadW: OVERHEAD_W, overheadFactor: 1.1, ...more };
          const ran = runPowered(`${policy}~peak-guard(${targetW / 1000} kW, 0.4)`, jobs, site);
          for (const watts of facilityW(ran, site)) expect(watts).toBeLessThanOrEqual(targetW + 1e-6);
          for (const endMs of ran.endMs) expect(endMs).not.toBeNaN();
          audited(ran);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('demand-response meets every order in every quarter hour of it, where all jobs may be pre-empted', () => {
    fc.assert(
      fc.property(someJobs, policies, someOrders, (jobs, policy, orders) => {
        const site: Powered = {
          ...{ overheadW: OVERHEAD_W, orders, overheadFactor: (hour: number) => 1 + 0.01 * (hour % 5) },
        };
        const ran = runPowered(`${policy}~demand-response`, jobs, site);
        const watts = facilityW(ran, site);
        for (const { fromMs, toMs, limitW, reduceFraction } of orders as readonly GridOrderSpec[]) {
          const from = fromMs / Q;
          if (from >= watts.length) continue;
          const baseline = watts.slice(from - 4, from).reduce((sum, w) => sum + w, 0) / 4;
          // No cut goes below what the machines draw idle.
          const idleW = Math.max(
            ...watts
              .slice(from, toMs / Q)
              .map((_, at) => OVERHEAD_W + (1 + 0.01 * (Math.floor((from + at) / 4) % 5)) * IDLE_W),
          );
          const limit = Math.max(limitW ?? (1 - reduceFraction!) * baseline, idleW);
          for (const quarter of watts.slice(from, toMs / Q)) expect(quarter).toBeLessThanOrEqual(limit + 1e-6);
        }
        for (const endMs of ran.endMs) expect(endMs).not.toBeNaN();
        audited(ran);
      }),
      { numRuns: 100 },
    );
  });

  it('with failures, checkpoints and jobs that may not be pre-empted all GPU time is accounted for and every job ends', () => {
    const parts = policyNames('power');
    fc.assert(
      fc.property(someJobs, policies, someOrders, fc.constantFrom(...parts), (jobs, policy, orders, part) => {
        const traits = [{ ...PLAIN_TRAITS, preemptible: false }, PLAIN_TRAITS].slice(
          0,
          1 + Math.max(...jobs.map(({ jobClass = 0 }) => jobClass)),
        );
        const site: Powered = { orders, traits, ...failing };
        const ran = runPowered(`${policy}~${part}`, jobs, site);
        const { attainedGpuMs } = ran.progress.interruptions!;
        const held = new Float64Array(jobs.length);
        for (const [job, gpus, fromMs, toMs] of stretches(ran)) held[job]! += gpus * (toMs - fromMs);
        jobs.forEach((_, job) => {
          expect(ran.endMs[job]).not.toBeNaN();
          expect(attainedGpuMs[job]).toBe(held[job]);
        });
        audited(ran);
        expect(runPowered(`${policy}~${part}`, jobs, site).fingerprint).toBe(ran.fingerprint);
      }),
      { numRuns: 100 },
    );
  });
});

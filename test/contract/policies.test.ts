import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomStreams } from '../../src/base/random.js';
import { MS_PER_HOUR } from '../../src/base/units.js';
import { heldGpus } from '../../src/cluster/layout.js';
import { capsJobs, definitionOf, isDeclared, partsOf, policyNames } from '../../src/policy/registry.js';
import { PLAIN_TRAITS, type ClassTraits } from '../../src/scenario/classTraits.js';
import { schedule, type Schedule } from '../../src/sim/schedule.js';
import { policyOf } from '../support/brokered.js';
import { jobTable, machine, type PlainJob } from '../support/jobs.js';
import { stretches, type Stretch } from '../support/stretches.js';

/**
 * Every registered part, in compositions chosen so that parts that talk to each other meet: each order with each
 * backfill and, under EASY, with each pre-emption; each placement, pre-emption, partition, siting and power policy with
 * each backfill. A new part is tested by being registered.
 */
const orders = policyNames('order');
const backfills = policyNames('backfill');
const compositions = [
  ...orders.flatMap((order) => backfills.map((backfill) => `${order}+${backfill}@pack`)),
  ...orders.flatMap((order) => policyNames('preempt').map((preempt) => `${order}+easy/${preempt}@pack`)),
  ...backfills.flatMap((backfill) => [
    ...policyNames('placement').map((placement) => `fcfs+${backfill}@${placement}`),
    ...policyNames('preempt').map((preempt) => `fcfs+${backfill}/${preempt}@first-fit`),
    ...policyNames('partition').map((partition) => `fcfs+${backfill}@pack:${partition}`),
    ...policyNames('siting').map((siting) => `fcfs+${backfill}@pack^${siting}`),
    ...policyNames('power').map((power) => `fcfs+${backfill}@pack~${power}`),
  ]),
  ...policyNames('power').flatMap((power) => [
    `las+easy/las@pack~${power}`,
    `fcfs+easy@topology:fair^least-queued~${power}`,
    `round-robin+none/time-slice(3 ms)@spread~${power}`,
  ]),
  // Parts that share something: thresholds, estimates, turns, limits of pods; and parameters that change what is kept.
  ...['easy', 'none', 'elastic', 'conservative'].flatMap((backfill) => [
    `las(4, 10 ms, 3)+${backfill}/las(4, 10 ms, 3)@pack`,
    `srtf(estimate)+${backfill}/srtf(estimate)@pack`,
    `round-robin+${backfill}/time-slice(3 ms)@pack`,
    `priority(0)+${backfill}/priority@topology`,
    `unicef+${backfill}/priority@spread:fair^least-queued`,
  ]),
  ...['easy(4)', 'conservative(2)', 'elastic(5 ms)'].flatMap((backfill) => [
    `fcfs+${backfill}@pack`,
    `wfp3+${backfill}@pack`,
    `sjf+${backfill}/time-slice(3 ms)@fgd`,
  ]),
];
const once = [...new Set(compositions)];

const GPUS_PER_NODE = 4;
const NODES = 5;
const PARTITIONS = 2;
const GUARANTEED_MS = 4;
/** Plain and preemptible; never pre-empted and slow elsewhere; important and sub-linear. */
const traits: readonly ClassTraits[] = [
  { ...PLAIN_TRAITS, checkpointMs: 3, restartMs: 2, resizeMs: 1 },
  { ...PLAIN_TRAITS, preemptible: false, speedByPartition: [1, 0.5] },
  { ...PLAIN_TRAITS, priority: 2, speedupExponent: 0.5, resizeMs: 2 },
];
const HOURS = 400;
const price = (eurPerMWh: number) => ({
  ...{ stepMs: MS_PER_HOUR, startMs: 0 },
  values: new Float64Array(HOURS).fill(eurPerMWh),
});
/** Caps that take watts and no speed, so that what a job does is the time it works. */
const CAPS = [1, 0.8, 0.57, 0.3];
const capTable = {
  activeWByClass: CAPS.map((cap) => traits.map(() => 50 * cap)),
  communicatingWByClass: CAPS.map(() => traits.map(() => 10)),
  speedByClass: CAPS.map(() => traits.map(() => 1)),
  suspendedW: 5,
};
const powerControl = { capFractions: CAPS, partitions: [capTable, capTable] };
const signals = [50, 70].map((eurPerMWh) => ({
  priceEurPerMWh: price(eurPerMWh),
  carbonKgPerMWh: price(eurPerMWh),
  overheadW: price(0),
  overheadFactor: price(1.1),
}));

const aJob = fc.record({
  submitMs: fc.integer({ min: 0, max: 80 }),
  gpus: fc.integer({ min: 1, max: NODES * GPUS_PER_NODE }),
  fewer: fc.integer({ min: 0, max: 12 }),
  more: fc.integer({ min: 0, max: 12 }),
  runMs: fc.integer({ min: 0, max: 25 }),
  over: fc.integer({ min: 0, max: 20 }),
  jobClass: fc.integer({ min: 0, max: traits.length - 1 }),
  partition: fc.integer({ min: 0, max: PARTITIONS - 1 }),
  user: fc.integer({ min: 0, max: 3 }),
  priority: fc.integer({ min: 0, max: 2 }),
  elastic: fc.boolean(),
});
const someJobs = fc.array(aJob, { minLength: 1, maxLength: 40 }).map((jobs) =>
  jobs
    .map(({ fewer, more, over, elastic, ...job }) => ({
      ...job,
      estimateMs: job.runMs + over,
      minGpus: elastic ? Math.max(1, job.gpus - fewer) : job.gpus,
      maxGpus: elastic ? Math.min(NODES * GPUS_PER_NODE, job.gpus + more) : job.gpus,
    }))
    .sort((x, y) => x.submitMs - y.submitMs),
);

/** Names the parts for which something is declared, as the reason of a skip. */
function declaring(text: string, what: 'starves'): string[] {
  const policy = policyOf(text);
  return partsOf(policy).flatMap(({ axis, part }) =>
    isDeclared(definitionOf(axis, part)[what], part) ? [`${axis} ${part.name}`] : [],
  );
}

/** Two partitions of 5 nodes, each a site of its own where a broker chooses. */
function run(text: string, jobs: readonly PlainJob[], guaranteedRunMs = GUARANTEED_MS): Schedule {
  const policy = policyOf(text);
  const plain = machine(NODES, GPUS_PER_NODE, 2, 2);
  const power = { ...plain.power, activeWByClass: traits.map(() => 50) };
  return schedule({
    partitions: [0, 1].map((index) => ({ ...plain, power, site: policy.siting === undefined ? 0 : index })),
    policy,
    jobs: jobTable(jobs),
    startMs: 0,
    horizonMs: undefined,
    streams: new RandomStreams('contract'),
    traits,
    guaranteedRunMs,
    signals: [policy.partition, policy.siting, policy.power].every((part) => part === undefined) ? undefined : signals,
    powerControl: capsJobs(policy) ? powerControl : undefined,
  });
}

/** All stretches of GPUs held, whether the policy interrupts or not. */
function held(jobs: readonly PlainJob[], done: Schedule): Stretch[] {
  if (done.segments !== undefined) return stretches(done);
  return jobs
    .map(({ gpus }, id): Stretch => [id, gpus, done.startMs[id]!, done.endMs[id]!])
    .filter(([, , fromMs, toMs]) => toMs > fromMs);
}

describe.each(once)('%s', (text) => {
  const interrupts = policyOf(text).preempt !== undefined;

  it('ends every job once, after exactly its work, on a number of GPUs it can run on', () => {
    fc.assert(
      fc.property(someJobs, (jobs) => {
        const done = run(text, jobs);
        const all = held(jobs, done);
        const books = done.progress.interruptions;
        jobs.forEach((job, id) => {
          const own = all.filter(([of]) => of === id);
          const speed = traits[job.jobClass]!.speedByPartition?.[done.progress.partitionOf[id]!] ?? 1;
          expect(done.startMs[id]).toBeGreaterThanOrEqual(job.submitMs);
          expect(done.endMs[id]).toBeGreaterThanOrEqual(done.startMs[id]!);
          for (const [, gpus] of own) {
            expect(gpus).toBeGreaterThanOrEqual(job.minGpus);
            expect(gpus).toBeLessThanOrEqual(job.maxGpus);
          }
          if (books === undefined) {
            expect(done.endMs[id]).toBe(done.startMs[id]! + Math.ceil(job.runMs / speed));
            return;
          }
          const attained = own.reduce((sum, [, gpus, fromMs, toMs]) => sum + gpus * (toMs - fromMs), 0);
          expect(books.attainedGpuMs[id]).toBe(attained);
          expect(books.lostGpuMs[id]).toBeLessThanOrEqual(attained);
          if (own.some(([, gpus]) => gpus !== job.gpus)) return;
          // Each interruption and each end costs less than 1 ms at the job's speed.
          const productiveMs = (attained - books.lostGpuMs[id]!) / job.gpus;
          expect(productiveMs * speed).toBeGreaterThan(job.runMs - 1e-6);
          expect(productiveMs * speed).toBeLessThan(job.runMs + own.length + 1e-6);
        });
      }),
      { numRuns: 15 },
    );
  });

  it('never holds more GPUs than there are', () => {
    fc.assert(
      fc.property(someJobs, (jobs) => {
        const done = run(text, jobs);
        const changes = held(jobs, done).flatMap(([id, on, fromMs, toMs]) => {
          const gpus = heldGpus(on, GPUS_PER_NODE);
          const partition = done.progress.partitionOf[id]!;
          return [
            { atMs: fromMs, gpus, partition },
            { atMs: toMs, gpus: -gpus, partition },
          ];
        });
        const used = [0, 0];
        for (const { gpus, partition } of changes.sort((x, y) => x.atMs - y.atMs || x.gpus - y.gpus)) {
          used[partition]! += gpus;
          expect(used[partition]).toBeLessThanOrEqual(NODES * GPUS_PER_NODE);
        }
      }),
      { numRuns: 15 },
    );
  });

  it('leaves no job waiting on an empty machine', () => {
    fc.assert(
      fc.property(someJobs, (jobs) => {
        const done = run(text, jobs);
        if ((done.power?.heldJobs ?? 0) > 0) return; // the power policy keeps them out
        const all = held(jobs, done);
        const { partitionOf } = done.progress;
        jobs.forEach((job, id) => {
          if (done.startMs[id] === job.submitMs) return;
          // Up to its start something ran in its partition, or did so up to that very instant.
          const busyUntil = Math.max(
            -1,
            ...all
              .filter(([of, , fromMs]) => partitionOf[of] === partitionOf[id] && fromMs < done.startMs[id]!)
              .map(([, , , toMs]) => toMs),
          );
          expect(busyUntil).toBeGreaterThanOrEqual(done.startMs[id]!);
        });
      }),
      { numRuns: 15 },
    );
  });

  it('does the same again', () => {
    fc.assert(
      fc.property(someJobs, (jobs) => {
        expect(run(text, jobs).fingerprint).toBe(run(text, jobs).fingerprint);
      }),
      { numRuns: 5 },
    );
  });

  it.skipIf(!interrupts)(
    `interrupts no job that may not be, and none before its guaranteed time${interrupts ? '' : ' (skipped: interrupts nobody)'}`,
    () => {
      fc.assert(
        fc.property(someJobs, (jobs) => {
          const done = run(text, jobs);
          const { preemptions } = done.progress.interruptions!;
          const all = stretches(done);
          jobs.forEach((job, id) => {
            if (!traits[job.jobClass]!.preemptible) expect(preemptions[id]).toBe(0);
            // A stretch that another of the job does not follow at once, while it goes on later, was interrupted.
            const own = all.filter(([of]) => of === id);
            let sinceMs = own[0]?.[2] ?? 0;
            own.slice(1).forEach(([, , fromMs], index) => {
              const toMs = own[index]![3];
              if (fromMs === toMs) return;
              expect(toMs - sinceMs).toBeGreaterThanOrEqual(GUARANTEED_MS);
              sinceMs = fromMs;
            });
          });
        }),
        { numRuns: 15 },
      );
    },
  );

  const starving = declaring(text, 'starves').map((part) => `${part} may starve jobs`);
  it.skipIf(starving.length > 0)(
    `starts every job in the end, however long others keep coming${starving.length > 0 ? ` (skipped: ${starving.join(', ')})` : ''}`,
    () => {
      // Machines kept half full for 240 h by jobs of an hour; at 10 h comes one of another kind. With slices and levels
      // of some ms an hour is 20 ms.
      const HOURS = 240;
      const hourMs = text.includes(' ms') ? 20 : MS_PER_HOUR;
      const LOAD = 0.5;
      const all = NODES * GPUS_PER_NODE;
      const small = { gpus: GPUS_PER_NODE, runMs: hourMs, every: hourMs / NODES / LOAD };
      const wide = { gpus: all, runMs: hourMs, every: hourMs / LOAD };
      const cases = [
        { stream: small, victim: { gpus: all, runMs: 5 * hourMs } },
        { stream: wide, victim: { gpus: 1, runMs: 5 * hourMs } },
      ];
      for (const { stream, victim } of cases) {
        const rows: PlainJob[] = [0, 1].flatMap((partition) =>
          Array.from({ length: Math.floor((HOURS * hourMs) / stream.every) }, (_, i) => ({
            ...{ submitMs: Math.floor(i * stream.every), gpus: stream.gpus, runMs: stream.runMs },
            ...{ partition, user: i % 3 },
          })),
        );
        const late = { ...victim, submitMs: 10 * hourMs + 1, user: 3 };
        const jobs = [...rows, late].sort((x, y) => x.submitMs - y.submitMs);
        const done = run(text, jobs, 0);
        expect(done.startMs[jobs.indexOf(late)]).toBeLessThan((HOURS * hourMs) / 2);
      }
    },
  );
});

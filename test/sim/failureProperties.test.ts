import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PartitionSpec, WindowSpec } from '../../src/scenario/runSpec.js';
import type { Schedule } from '../../src/sim/schedule.js';
import { idleItW } from '../../src/sim/idleWatts.js';
import { checkpointsOf, PRE_EMPTION, reliabilityOf, runFaulty, type FaultyMachine } from '../support/faulty.js';
import { machine } from '../support/jobs.js';
import type { RuledJob } from '../support/rules.js';

const QUARTER_MS = 900_000;
const DAY_MS = 86_400_000;
const GPUS = 16;

const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);

const someJobs = fc
  .array(
    fc.record({
      submitMs: fc.integer({ min: -400, max: 900 }),
      gpus: fc.integer({ min: 1, max: 10 }),
      runMs: fc.integer({ min: 0, max: 700 }),
      over: fc.integer({ min: 0, max: 200 }),
      jobClass: fc.integer({ min: 0, max: 1 }),
      stretch: fc.integer({ min: 0, max: 2 }),
      reserved: fc.integer({ min: 0, max: 5 }),
    }),
    { minLength: 1, maxLength: 25, size: 'max' },
  )
  .map((rows) => rows.sort((a, b) => a.submitMs - b.submitMs));
const aWindow = (kind: WindowSpec['kind'], most: number): fc.Arbitrary<WindowSpec> =>
  fc
    .record({
      nodes: fc.integer({ min: 1, max: most }),
      fromMs: fc.integer({ min: -300, max: 900 }),
      spanMs: fc.integer({ min: 1, max: 600 }),
      drainMs: fc.integer({ min: 0, max: 200 }),
    })
    .map(({ spanMs, ...of }) => ({ ...of, name: kind, kind, partition: 0, toMs: of.fromMs + spanMs }));
const someFaults = fc.record({
  seed: fc.integer({ min: 0, max: 1_000_000 }),
  meanGapMs: fc.constantFrom(60, 200, 1000),
  slowGapMs: fc.constantFrom(100, 500),
  repairMs: fc.constantFrom(3, 50, 400),
  spares: fc.integer({ min: 0, max: 2 }),
  intervalMs: fc.constantFrom(0, 15, 60),
  background: fc.boolean(),
  drains: fc.boolean(),
});
const WINDOWS = fc.option(fc.tuple(aWindow('maintenance', 2), aWindow('reservation', 2), aWindow('maintenance', 1)), {
  nil: undefined,
});

type Rows = (RuledJob & { over: number; stretch: number; reserved: number })[];
interface Faults {
  seed: number;
  meanGapMs: number;
  slowGapMs: number;
  repairMs: number;
  spares: number;
  intervalMs: number;
  background: boolean;
  drains: boolean;
}

const PARTS: readonly PartitionSpec[] = [machine(8, 2, 2, 2)].map((of) => ({
  ...of,
  power: { ...of.power, activeWByClass: [50, 70] },
}));

function run(rows: Rows, of: Faults, windows: readonly WindowSpec[] | undefined, policy: string): Schedule {
  const elastic = policy.includes('elastic');
  const jobs = rows.map(({ over, stretch, reserved, ...row }): RuledJob => {
    const takes = windows !== undefined && reserved === 0 && row.submitMs >= 0;
    const sizes =
      elastic && stretch > 0 && row.gpus % 2 === 0 ? { minGpus: 2, maxGpus: Math.min(10, row.gpus * stretch) } : {};
    return { ...row, ...sizes, estimateMs: row.runMs + over, ...(takes ? { reservation: 1 } : {}) };
  });
  const given: FaultyMachine = {
    partitions: PARTS,
    policy,
    windows,
    traits: [
      { checkpointMs: 0, restartMs: 4, resizeMs: 3, speedupExponent: 0.8 },
      { checkpointMs: 25, restartMs: 2, priority: 1, resizeMs: 1 },
    ],
    reliability: {
      name: String(of.seed),
      failuresPerGpuDay: DAY_MS / of.meanGapMs / GPUS,
      repairs: [{ name: 'reset', medianMs: of.repairMs, sigma: 1 }],
      stragglers: { ...reliabilityOf().stragglers!, onsetsPerGpuDay: DAY_MS / of.slowGapMs / GPUS },
      spareNodes: [of.spares],
    },
    checkpoints: of.intervalMs === 0 ? undefined : checkpointsOf(of.intervalMs, 6, 2, of.background ? 2 : undefined),
    // Long after the last job could end, or in the middle of it.
    horizonMs: of.drains ? undefined : QUARTER_MS,
    startMs: -400,
    guaranteedRunMs: 5,
    seed: String(of.seed),
  };
  return runFaulty(jobs, given);
}

const POLICIES = [
  'fcfs+none@first-fit',
  'fcfs+easy@pack',
  'sjf+easy(3)@pack',
  'largest-first+conservative@first-fit',
  'fcfs+greedy@pack',
  'wfp3+easy@pack',
  'priority+easy/priority@pack',
  'las+easy/las@first-fit',
  'fcfs+none/time-slice@pack',
  'round-robin+none/time-slice(20 ms)@pack',
  'fcfs+elastic@pack',
];

/** GPU·ms of the horizon by what they went to, of whatever the run reports. */
function books(ran: Schedule): { parts: number[]; busy: number; idle: number; horizonMs: number } {
  const { usefulGpuMs, stallGpuMs, lostGpuMs, restartGpuMs } = ran.progress.interruptions!.phases!;
  const [curve] = ran.curves;
  return {
    parts: [usefulGpuMs, stallGpuMs, lostGpuMs, restartGpuMs].map(sum),
    busy: sum(curve!.busyGpuMs),
    idle: curve!.freeGpuMs,
    horizonMs: curve!.itWms.length * curve!.binMs,
  };
}

/** Most that windows take: all their nodes, from when they take no new jobs until they are over. */
const awayGpuMs = (windows: readonly WindowSpec[], endMs: number): number =>
  sum(
    windows.map(
      ({ nodes, fromMs, drainMs, toMs }) =>
        2 * nodes * Math.max(0, Math.min(toMs, endMs) - Math.max(0, fromMs - drainMs)),
    ),
  );

describe.each(POLICIES)('failures under %s', (policy) => {
  it('leave every GPU·ms, every watt and every hour of work accounted for, exactly', () => {
    fc.assert(
      fc.property(someJobs, someFaults, WINDOWS, (rows, of, windows) => {
        const ran = run(rows, of, windows, policy);
        const { parts, busy, idle, horizonMs } = books(ran);
        const phases = ran.phases!;
        const { bookedMs } = phases;
        if (!of.drains) expect(bookedMs).toBe(horizonMs);
        const columns = ran.progress.interruptions!.phases!;
        // Every part is whole and none is negative; what jobs held is what it went to.
        for (const column of [columns.usefulGpuMs, columns.stallGpuMs, columns.lostGpuMs, columns.restartGpuMs])
          for (const gpuMs of column) {
            expect(Number.isInteger(gpuMs)).toBe(true);
            expect(gpuMs).toBeGreaterThanOrEqual(0);
          }
        expect(sum(parts)).toBe(busy);
        // All of the run: to the horizon, or to where nothing was left to do. What is missing is withdrawn.
        const withdrawn = GPUS * bookedMs - (busy + idle + phases.spareGpuMs + phases.downGpuMs);
        if (windows === undefined) expect(withdrawn).toBe(0);
        else {
          expect(withdrawn).toBeGreaterThanOrEqual(0);
          expect(withdrawn).toBeLessThanOrEqual(awayGpuMs(windows, bookedMs));
        }
        // By cause as by job.
        expect(sum(phases.lostGpuMs)).toBe(parts[2]);
        expect(sum(phases.interruptions)).toBe(sum(columns.failures));
        // What is restarted without a model was interrupted, or resized.
        if (policy.includes('elastic')) expect(sum(phases.restartGpuMs)).toBeLessThanOrEqual(parts[3]!);
        else expect(sum(phases.restartGpuMs)).toBe(parts[3]);
        if (!policy.includes('/')) expect(phases.lostGpuMs[PRE_EMPTION]).toBe(0);
        // The meter saw the idle machine and the stretches of the jobs.
        const segments = ran.segments!;
        let jobsWms = 0;
        for (let at = 0; at < segments.count; at++)
          jobsWms += segments.watts![at]! * Math.max(0, segments.toMs[at]! - Math.max(0, segments.fromMs[at]!));
        const metered = sum(ran.curves[0]!.itWms) - jobsWms;
        if (of.drains) expect(metered % idleItW(PARTS)).toBe(0);
        else expect(metered).toBe(idleItW(PARTS) * horizonMs);
      }),
      { numRuns: 25 },
    );
  });

  it('let every job end in time, and run on what is in service', () => {
    fc.assert(
      fc.property(someJobs, someFaults, WINDOWS, (rows, of, windows) => {
        const ran = run(rows, { ...of, drains: true }, windows, policy);
        const { rejectedFor } = ran.progress;
        rows.forEach((_, job) => {
          if ((rejectedFor?.[job] ?? 0) !== 0) return;
          expect(Number.isNaN(ran.endMs[job]!)).toBe(false);
        });
        const segments = ran.segments!;
        const held = (gpus: number): number => (gpus < 2 ? gpus : 2 * Math.ceil(gpus / 2));
        const changes: [number, number][] = [];
        for (let at = 0; at < segments.count; at++) {
          changes.push(
            [segments.fromMs[at]!, held(segments.gpus[at]!)],
            [segments.toMs[at]!, -held(segments.gpus[at]!)],
          );
        }
        let now = 0;
        for (const [, gpus] of changes.sort((a, b) => a[0] - b[0] || a[1] - b[1])) {
          now += gpus;
          expect(now).toBeLessThanOrEqual(GPUS);
        }
      }),
      { numRuns: 40 },
    );
  });
});

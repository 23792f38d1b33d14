import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomStreams } from '../../src/base/random.js';
import { MS_PER_MINUTE } from '../../src/base/units.js';
import { PLAIN_TRAITS } from '../../src/scenario/classTraits.js';
import type { WindowSpec } from '../../src/scenario/runSpec.js';
import { schedule, type Schedule, type ScheduleInput } from '../../src/sim/schedule.js';
import { policyOf } from '../support/brokered.js';
import { checkpointsOf, reliabilityOf } from '../support/faulty.js';
import { NodeTimeline, type Span } from '../support/nodeTimeline.js';
import { ACTIVE_W, IDLE_NODE_W, poweredMachine, Q } from '../support/powered.js';
import { ruledTable, type RuledJob } from '../support/rules.js';
import { stretches } from '../support/stretches.js';

const MIN = MS_PER_MINUTE;
const NODES = 6;
const END = 24 * Q;
const SAVED_W = 90;

const someJobs = fc
  .array(
    fc.record({
      submitMs: fc.integer({ min: 0, max: 280 }).map((minutes) => minutes * MIN + 7),
      gpus: fc.integer({ min: 1, max: 16 }),
      runMs: fc.integer({ min: 1, max: 90 * MIN }),
      over: fc.integer({ min: 0, max: 20 * MIN }),
      jobClass: fc.integer({ min: 0, max: 1 }),
      reserved: fc.boolean(),
    }),
    { minLength: 1, maxLength: 16 },
  )
  .map((rows) => [
    // Something happens at the very beginning, so that the twin sees what is in service then.
    { submitMs: 0, gpus: 1, runMs: 1, over: 0, jobClass: 0, reserved: false },
    ...rows.sort((a, b) => a.submitMs - b.submitMs),
  ]);
type Rows = typeof someJobs extends fc.Arbitrary<infer T> ? T : never;

const aWindow = (kind: WindowSpec['kind']): fc.Arbitrary<WindowSpec> =>
  fc
    .record({
      nodes: fc.integer({ min: 1, max: 2 }),
      fromMs: fc.integer({ min: 0, max: 200 }).map((minutes) => minutes * MIN),
      spanMs: fc.integer({ min: 1, max: 120 }).map((minutes) => minutes * MIN),
      drainMs: fc.integer({ min: 0, max: 40 }).map((minutes) => minutes * MIN),
    })
    .map(({ spanMs, ...of }) => ({ ...of, name: kind, kind, partition: 0, toMs: of.fromMs + spanMs }));
const someWindows = fc.tuple(aWindow('maintenance'), aWindow('reservation'), aWindow('maintenance'));

const someSleep = fc.record({
  after: fc.constantFrom(0, 5, 15, 40),
  wake: fc.constantFrom(0, 4, 10, 30),
});
const somePolicy = fc.constantFrom(
  'fcfs+easy@pack',
  'sjf+none@spread',
  'fcfs+greedy@first-fit',
  'fcfs+conservative@pack',
  'priority+easy/priority@pack',
  'las+easy/las@first-fit',
  'fcfs+none/time-slice(20 min)@pack',
);

const failing: Partial<ScheduleInput> = {
  reliability: reliabilityOf({
    ...{ failuresPerGpuDay: 2, detectionMs: 4 * MIN, swapMs: MIN, spareNodes: [1] },
    repairs: [{ name: 'reset', medianMs: 40 * MIN, sigma: 0.5 }],
    stragglers: { onsetsPerGpuDay: 1, speed: 0.5, detectionMs: 15 * MIN, repair: 0 },
  }),
  checkpoints: checkpointsOf(20 * MIN, MIN, 4),
  initialisation: { baseMs: 3 * MIN, perDoublingMs: 0, mostMs: 3 * MIN },
};

interface Twin {
  readonly rows: Rows;
  readonly ran: Schedule;
  readonly asleep: readonly Span[];
  readonly waking: ReadonlyMap<number, readonly Span[]>;
}

function run(rows: Rows, text: string, sleep: { after: number; wake: number }, given: Partial<ScheduleInput>): Twin {
  const { after, wake } = sleep;
  const timeline = new NodeTimeline();
  const jobs = rows.map(({ over, reserved, ...row }): RuledJob => {
    const takes = given.windows !== undefined && reserved;
    return { ...row, estimateMs: row.runMs + over, ...(takes ? { reservation: 1 } : {}) };
  });
  const ran = schedule({
    partitions: [poweredMachine(NODES)],
    policy: policyOf(`${text}~idle-sleep(${after} min, ${wake} min, 0.1)`),
    jobs: ruledTable(jobs),
    startMs: 0,
    horizonMs: END,
    streams: new RandomStreams('sleep'),
    traits: [PLAIN_TRAITS, { ...PLAIN_TRAITS, priority: 1 }],
    probe: timeline.probe,
    ...given,
  });
  return { rows, ran, ...timeline.replay(after * MIN, wake * MIN, END) };
}

const inside = (of: Span, fromMs: number, toMs: number): number =>
  Math.max(0, Math.min(of.toMs, toMs) - Math.max(of.fromMs, fromMs));

/** What each quarter hour must have drawn, W·ms, from who held what and which nodes slept or woke. */
function expectedWms({ rows, ran, asleep, waking }: Twin): number[] {
  const { job, gpus, fromMs, toMs, watts, count } = ran.segments!;
  return Array.from({ length: END / Q }, (_, bin) => {
    const [from, to] = [bin * Q, (bin + 1) * Q];
    let wms = NODES * IDLE_NODE_W * Q;
    for (const span of asleep) wms -= SAVED_W * inside(span, from, to);
    for (let row = 0; row < count; row++) {
      const rowW = watts?.[row] ?? gpus[row]! * ACTIVE_W[rows[job[row]!]!.jobClass]!;
      const [begin, end] = [Math.max(from, fromMs[row]!), Math.min(to, toMs[row]!)];
      if (end <= begin) continue;
      wms += rowW * (end - begin);
      for (const span of waking.get(job[row]!) ?? []) wms -= rowW * inside(span, begin, end);
    }
    return wms;
  });
}

const held = ({ gpus }: { gpus: number }): number => (gpus < 4 ? gpus : 4 * Math.ceil(gpus / 4));
const total = (spans: readonly Span[]): number => spans.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);

describe('sleep, recounted node by node from who held what', () => {
  it('draws the same to the last W·ms in every quarter hour, and makes every job wait for just as long', () => {
    fc.assert(
      fc.property(someJobs, somePolicy, someSleep, (rows, policy, sleep) => {
        const twin = run(rows, policy, sleep, {});
        const { ran, asleep, waking } = twin;
        expect([...ran.curves[0]!.itWms]).toEqual(expectedWms(twin));
        const { asleepNodeMs, savedWms, wakingGpuMs } = ran.power!.sleep!;
        expect(asleepNodeMs).toBe(total(asleep));
        expect(savedWms).toBe(SAVED_W * asleepNodeMs);
        const waits = rows.map((_, job) => total(waking.get(job) ?? []));
        expect(wakingGpuMs).toBe(rows.reduce((sum, row, job) => sum + held(row) * waits[job]!, 0));
        const heldMs = new Float64Array(rows.length);
        for (const [job, , fromMs, toMs] of stretches(ran)) heldMs[job]! += toMs - fromMs;
        rows.forEach(({ runMs }, job) => {
          if (ran.endMs[job]! <= END) expect(heldMs[job]).toBe(runMs + waits[job]!);
        });
      }),
      { numRuns: 200 },
    );
  });

  it('and so with windows, in which nodes are on, and reservations, in which idle ones sleep', () => {
    fc.assert(
      fc.property(someJobs, somePolicy, someSleep, someWindows, (rows, policy, sleep, windows) => {
        const twin = run(rows, policy, sleep, { windows });
        expect([...twin.ran.curves[0]!.itWms]).toEqual(expectedWms(twin));
        expect(twin.ran.power!.sleep!.asleepNodeMs).toBe(total(twin.asleep));
      }),
      { numRuns: 150 },
    );
  });

  it('and so with failures, repairs, spares, slow nodes and pre-emption, where no job works while its nodes wake', () => {
    fc.assert(
      fc.property(someJobs, somePolicy, someSleep, fc.boolean(), someWindows, (rows, policy, sleep, opens, windows) => {
        const twin = run(rows, policy, sleep, { ...failing, ...(opens ? { windows } : {}) });
        const { ran, asleep, waking } = twin;
        expect([...ran.curves[0]!.itWms]).toEqual(expectedWms(twin));
        expect(ran.power!.sleep!.asleepNodeMs).toBe(total(asleep));
        const { restartGpuMs, stallGpuMs } = ran.progress.interruptions!.phases!;
        rows.forEach((row, job) => {
          const waitedGpuMs = held(row) * total(waking.get(job) ?? []);
          expect(restartGpuMs[job]! + stallGpuMs[job]!).toBeGreaterThanOrEqual(waitedGpuMs);
        });
      }),
      { numRuns: 150 },
    );
  });
});

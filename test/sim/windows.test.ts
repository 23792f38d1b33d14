import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { windowNodes } from '../../src/cluster/windowNodes.js';
import type { WindowSpec } from '../../src/scenario/runSpec.js';
import type { Schedule } from '../../src/sim/schedule.js';
import { machine } from '../support/jobs.js';
import { endStates, runRuled, startsOrReasons, type RuledJob, type Rules } from '../support/rules.js';

const starts = (rows: readonly RuledJob[], rules: Rules): (number | string)[] => startsOrReasons(runRuled(rows, rules));
const job = (submitMs: number, gpus: number, runMs: number, more: Partial<RuledJob> = {}): RuledJob => ({
  ...{ submitMs, gpus, runMs },
  ...more,
});
const maintenance = (nodes: number, fromMs: number, toMs: number, more: Partial<WindowSpec> = {}): WindowSpec => ({
  ...{ name: 'service', kind: 'maintenance', partition: 0, nodes, fromMs, toMs, drainMs: 0 },
  ...more,
});
const reservation = (nodes: number, fromMs: number, toMs: number, more: Partial<WindowSpec> = {}): WindowSpec =>
  maintenance(nodes, fromMs, toMs, { name: 'course', kind: 'reservation', ...more });

describe('the nodes of a window', () => {
  it('are the highest-numbered ones that no other window has at the time', () => {
    const windows = [
      maintenance(3, 100, 200),
      maintenance(2, 150, 160, { drainMs: 20 }), // takes nodes from 130: beside the first
      maintenance(2, 200, 300), // begins as the first ends
      maintenance(4, 0, 500, { partition: 1 }),
    ];
    expect(windowNodes(windows, () => 10).map((nodes) => [...nodes])).toEqual([
      [9, 8, 7],
      [6, 5],
      [9, 8],
      [9, 8, 7, 6],
    ]);
  });

  it('are taken from a window that ends while it drains only where there are no others', () => {
    const windows = [maintenance(4, 0, 100), maintenance(7, 100, 200, { drainMs: 50 })];
    expect(windowNodes(windows, () => 10).map((nodes) => [...nodes])).toEqual([
      [9, 8, 7, 6],
      [5, 4, 3, 2, 1, 0, 9],
    ]);
  });

  it('are enough for windows that together never want more than there are', () => {
    const aWindow = fc.record({
      nodes: fc.integer({ min: 1, max: 6 }),
      fromMs: fc.integer({ min: 0, max: 40 }),
      spanMs: fc.integer({ min: 1, max: 20 }),
      drainMs: fc.integer({ min: 0, max: 30 }),
    });
    fc.assert(
      fc.property(fc.array(aWindow, { maxLength: 12 }), (some) => {
        const windows = some.map((of) => maintenance(of.nodes, of.fromMs, of.fromMs + of.spanMs, of));
        const wanted = (at: number): number =>
          windows.reduce((sum, { nodes, fromMs, toMs }) => sum + (fromMs <= at && toMs > at ? nodes : 0), 0);
        const most = Math.max(6, ...windows.map(({ fromMs }) => wanted(fromMs)));
        const chosen = windowNodes(windows, () => most);
        chosen.forEach((nodes, i) => {
          expect(new Set(nodes).size).toBe(windows[i]!.nodes);
          chosen.slice(0, i).forEach((others, k) => {
            const together = windows[k]!.fromMs < windows[i]!.toMs && windows[i]!.fromMs < windows[k]!.toMs;
            if (together) expect([...nodes].filter((node) => others.includes(node))).toEqual([]);
          });
        });
      }),
    );
  });

  it('that are not there stop the run with the numbers', () => {
    const windows = [maintenance(6, 0, 100), maintenance(5, 50, 150, { name: 'second' })];
    expect(() => runRuled([job(0, 1, 1)], { windows })).toThrow(
      /window second: expected 5 nodes of partition main \(10 nodes\) that no other window has at the time, there are 4/,
    );
  });
});

describe('maintenance', () => {
  /*
   * 10 nodes of one GPU, 4 of them (6…9) in service from 50 to 100, no draining. t=0: A takes 8 (nodes 0…7) until 60.
   * t=50: 8 and 9 leave, 6 and 7 are waited for. t=55: B (2 GPUs) finds nothing. t=60: A ends, 6 nodes are free: B starts.
   * t=61: C wants 6, has 4: waits for the end of B at 65, not of the window. t=66: D wants 7, waits until 100.
   */
  it('takes free nodes at once, busy ones when their jobs end, and brings all back', () => {
    const rows = [job(0, 8, 60), job(55, 2, 5), job(61, 6, 5), job(66, 7, 5)];
    expect(starts(rows, { windows: [maintenance(4, 50, 100)] })).toEqual([0, 60, 65, 100]);
  });

  it('drains: from so long before on no new job is placed on its nodes', () => {
    const rows = [job(0, 10, 20), job(0, 10, 5, { estimateMs: 5 }), job(0, 6, 5)];
    // Nodes 6…9 drain from 30 − 15 = 15; the first job is on them until 20. Then 6 nodes are there until 40.
    expect(starts(rows, { windows: [maintenance(4, 30, 40, { drainMs: 15 })] })).toEqual([0, 40, 20]);
  });

  it('waits for a job that runs on, past its own end if need be', () => {
    const rows = [job(0, 10, 100), job(1, 10, 5)];
    expect(starts(rows, { windows: [maintenance(10, 10, 50)] })).toEqual([0, 100]);
  });

  it('of a whole partition lets nothing start between its ends', () => {
    const rows = [job(5, 1, 1), job(12, 1, 1), job(29, 10, 1), job(30, 3, 5)];
    expect(starts(rows, { windows: [maintenance(10, 20, 30, { drainMs: 10 })] })).toEqual([5, 30, 31, 32]);
  });

  it('that ends as another begins hands its nodes on', () => {
    const windows = [maintenance(10, 10, 20), maintenance(10, 20, 30, { name: 'next' })];
    expect(starts([job(15, 1, 1)], { windows })).toEqual([30]);
  });

  it('that drains while another has its nodes takes them over when that ends', () => {
    // The second drains from 0, has to wait for the first (5…10), and takes all until 30.
    const windows = [maintenance(10, 20, 30, { drainMs: 20 }), maintenance(10, 5, 10, { name: 'first' })];
    expect(starts([job(0, 1, 1), job(6, 1, 1), job(12, 1, 1)], { windows })).toEqual([0, 30, 30]);
  });

  it('that began before the run, or is over before it, is where it stands', () => {
    const windows = [maintenance(10, -50, -10), maintenance(10, -5, 20, { name: 'running' })];
    expect(starts([job(0, 1, 1)], { windows })).toEqual([20]);
  });

  /*
   * 4 of 10 nodes are gone until 100 and 6 run A until 30. t=1: B wants 8: the head. Its shadow is 100, when the nodes
   * are back, with spare 10 − 8 = 2. t=2: C (6 GPUs, 60) would end at 90 if started at 30: before the shadow. t=3: D
   * (6, 200) would delay B. t=4: E (2, 200) fits the spare.
   */
  it('is in EASY’s reservation: jobs that end before the nodes are back overtake the head', () => {
    const rows = [job(0, 6, 30), job(1, 8, 10), job(2, 4, 60), job(3, 4, 200), job(4, 2, 200)];
    expect(starts(rows, { windows: [maintenance(4, 0, 100)] })).toEqual([0, 100, 30, 110, 30]);
  });

  it('is in the plan of conservative backfilling in the same way', () => {
    const rows = [job(0, 6, 30), job(1, 8, 10), job(2, 4, 60), job(3, 4, 200), job(4, 2, 200)];
    const windows = [maintenance(4, 0, 100)];
    expect(starts(rows, { windows, policy: 'fcfs+conservative@first-fit' })).toEqual([0, 100, 30, 110, 30]);
  });

  it('after the last job does not lengthen the run', () => {
    const rows = [job(0, 1, 60_000)];
    const [curve] = runRuled(rows, { windows: [maintenance(2, 5e8, 6e8)] }).curves;
    expect(curve!.itWms.length).toBe(1);
  });

  it('longer than the horizon holds its nodes to the end', () => {
    const ran = runRuled([job(1, 10, 10)], { windows: [maintenance(1, 0, 5e9)], horizonMs: 900_000 });
    expect(ran.startMs[0]).toBeNaN();
    // Ten nodes idle throughout, in service or not: 10 × (100 + 10) W.
    expect(ran.curves[0]!.itWms[0]).toBe(1100 * 900_000);
    expect(ran.curves[0]!.freeGpuMs).toBe(9 * 900_000);
  });
});

describe('an advance reservation', () => {
  it('is one of at most 256 partitions of a run', () => {
    const many = Array.from({ length: 256 }, (_, i) => reservation(1, 100 * i, 100 * i + 50));
    expect(() => runRuled([job(0, 1, 1)], { windows: many })).toThrow(
      /at most 255 reservations beside the 1 partitions/,
    );
    expect(starts([job(0, 1, 1)], { windows: many.slice(1) })).toEqual([0]);
  });

  const windows = [reservation(4, 50, 100)];

  /*
   * 4 of 10 nodes from 50 to 100. A and B name it at 0: A (3 GPUs, 20) starts as it opens, B (2, 20) after it. C, of
   * nobody, takes 8 at 0 until 10 and D at 55 wants 7: has 6 until 100. E needs 6: starts at 60.
   */
  it('serves only those who name it, from its beginning on, on its own nodes', () => {
    const rows = [
      job(0, 3, 20, { reservation: 0 }),
      job(0, 2, 20, { reservation: 0 }),
      job(0, 8, 10),
      job(55, 7, 5),
      job(60, 6, 5),
    ];
    expect(starts(rows, { windows })).toEqual([50, 70, 0, 100, 60]);
  });

  it('gets its nodes late where jobs of others run on', () => {
    // Nodes 6…9; the other job holds all ten until 70.
    const rows = [job(0, 10, 70), job(10, 4, 20, { reservation: 0 }), job(10, 1, 5, { reservation: 0 })];
    expect(starts(rows, { windows })).toEqual([0, 70, 90]);
  });

  it('takes no job that cannot end inside it, is larger, or comes too late', () => {
    const rows = [
      job(0, 1, 50, { reservation: 0 }),
      job(0, 1, 10, { reservation: 0, estimateMs: 51 }),
      job(0, 5, 10, { reservation: 0 }),
      job(90, 1, 10, { reservation: 0 }),
      job(91, 1, 10, { reservation: 0 }),
      job(100, 1, 0, { reservation: 0 }),
    ];
    expect(starts(rows, { windows })).toEqual([50, 'reservation', 'reservation', 90, 'reservation', 'reservation']);
  });

  it('sends away what can no longer end inside it when its turn has not come', () => {
    // The first runs 50…80; the second wants 4 GPUs for 21 and could start at 79 at the latest; the third for 20 can.
    const rows = [4, 4, 4].map((gpus, i) => job(0, gpus, [30, 21, 20][i]!, { reservation: 0 }));
    expect(starts(rows, { windows })).toEqual([50, 'reservation', 80]);
  });

  it('kills at its end what outlives its estimate; its GPUs go back to everybody', () => {
    const rows = [job(0, 4, 200, { reservation: 0, estimateMs: 30 }), job(60, 10, 5), job(200, 1, 5)];
    const ran = runRuled(rows, { windows });
    expect([...ran.startMs]).toEqual([50, 100, 200]);
    expect([...ran.endMs]).toEqual([100, 105, 205]);
    expect(endStates(ran)).toEqual(['timeout', 'completed', 'completed']);
  });

  it('that kills a job turns away what depends on it', () => {
    const rows = [job(0, 4, 200, { reservation: 0, estimateMs: 30 }), job(1, 1, 1, { after: [0] })];
    expect(starts(rows, { windows })).toEqual([50, 'dependency']);
  });

  it('reports its jobs in the partition of its nodes, and meters them once', () => {
    const rows = [job(0, 4, 20, { reservation: 0 })];
    const { progress, curves } = runRuled(rows, { windows, horizonMs: 900_000 });
    expect(progress.partitionOf[0]).toBe(0);
    expect(curves[0]!.busyGpuMs[0]).toBe(4 * 20);
    // Idle 10 × 110 W; each busy GPU adds 50 W. GPUs are free in one place or the other, never in both.
    expect(curves[0]!.itWms[0]).toBe(1100 * 900_000 + 4 * 50 * 20);
    expect(curves[0]!.freeGpuMs).toBe(10 * 900_000 - 4 * 20 - 0);
  });

  it('has the place in the machine that its nodes have', () => {
    // 3 racks of 4 nodes; the last 6 nodes are half of rack 1 and rack 2: 4 nodes that pack finds in rack 2.
    const partitions = [machine(12, 1, 4, 4)];
    const rows = [job(0, 4, 10, { reservation: 0 }), job(0, 2, 10, { reservation: 0 }), job(0, 6, 100)];
    const rules = { windows: [reservation(6, 50, 100)], partitions, policy: 'fcfs+easy@pack' };
    expect(starts(rows, rules)).toEqual([50, 50, 0]);
  });
});

const someJobs = fc
  .array(
    fc.record({
      submitMs: fc.integer({ min: 0, max: 120 }),
      gpus: fc.integer({ min: 1, max: 12 }),
      runMs: fc.integer({ min: 0, max: 30 }),
      over: fc.integer({ min: -5, max: 15 }),
      reservation: fc.option(fc.integer({ min: 0, max: 2 }), { nil: undefined, freq: 2 }),
    }),
    { minLength: 1, maxLength: 50 },
  )
  .map((rows) => rows.sort((x, y) => x.submitMs - y.submitMs));
const aWindow = (kind: WindowSpec['kind'], most: number): fc.Arbitrary<WindowSpec> =>
  fc
    .record({
      nodes: fc.integer({ min: 1, max: most }),
      fromMs: fc.integer({ min: 0, max: 120 }),
      spanMs: fc.integer({ min: 1, max: 60 }),
      drainMs: fc.integer({ min: 0, max: 30 }),
    })
    .map(({ spanMs, ...of }) => ({ ...of, name: 'w', kind, partition: 0, toMs: of.fromMs + spanMs }));
// 6 nodes of 2 GPUs: two maintenance windows and a reservation together never ask for more.
const someWindows = fc.tuple(aWindow('maintenance', 2), aWindow('reservation', 2), aWindow('maintenance', 2));
const MACHINE = [machine(6, 2, 2, 2)];

describe.each(['none', 'easy', 'easy(3)', 'conservative', 'greedy'])('windows under %s', (backfill) => {
  const run = (rows: readonly (RuledJob & { over: number })[], windows: readonly WindowSpec[]): Schedule =>
    runRuled(
      rows.map(({ over, ...row }) => ({
        ...row,
        estimateMs: Math.max(0, row.runMs + over),
        reservation: row.reservation === 1 ? 1 : -1,
      })),
      { windows, partitions: MACHINE, policy: `fcfs+${backfill}@pack` },
    );

  it('end with every job run or turned away, and no GPU in two hands', () => {
    fc.assert(
      fc.property(someJobs, someWindows, (rows, windows) => {
        const ran = run(rows, windows);
        const held = (row: RuledJob): number => (row.gpus < 2 ? row.gpus : 2 * Math.ceil(row.gpus / 2));
        const reserved = windows[1];
        rows.forEach((row, i) => {
          const turnedAway = ran.progress.rejectedFor?.[i] ?? 0;
          expect(Number.isNaN(ran.endMs[i]!)).toBe(turnedAway !== 0);
          if (row.reservation !== 1) expect(turnedAway).toBe(0);
          if (turnedAway !== 0) return;
          if (row.reservation === 1) {
            expect(ran.startMs[i]).toBeGreaterThanOrEqual(reserved.fromMs);
            expect(ran.endMs[i]).toBeLessThanOrEqual(reserved.toMs);
          } else expect(ran.endMs[i]! - ran.startMs[i]!).toBe(row.runMs);
        });
        // Nobody starts on nodes out of service: what started since a window drains fits beside its nodes.
        for (const at of new Set(ran.startMs)) {
          const all = rows.filter((_, i) => ran.startMs[i]! <= at && ran.endMs[i]! > at);
          expect(all.reduce((sum, row) => sum + held(row), 0)).toBeLessThanOrEqual(12);
          for (const { kind, nodes, fromMs, toMs, drainMs } of windows) {
            if (at < fromMs - drainMs || at >= toMs) continue;
            const since = rows.filter(
              (row, i) =>
                !(kind === 'reservation' && row.reservation === 1) &&
                ran.startMs[i]! >= fromMs - drainMs &&
                ran.startMs[i]! <= at &&
                ran.endMs[i]! > at,
            );
            expect(since.reduce((sum, row) => sum + held(row), 0)).toBeLessThanOrEqual(12 - 2 * nodes);
          }
          const inside = rows.filter((row, i) => row.reservation === 1 && ran.startMs[i]! <= at && ran.endMs[i]! > at);
          expect(inside.reduce((sum, row) => sum + held(row), 0)).toBeLessThanOrEqual(2 * reserved.nodes);
        }
      }),
      { numRuns: 120 },
    );
  });

  it('beyond the last job change nothing', () => {
    fc.assert(
      fc.property(someJobs, (rows) => {
        const free = rows.map((row) => ({ ...row, reservation: undefined }));
        expect(run(free, [maintenance(6, 1e9, 2e9)]).fingerprint).toBe(run(free, []).fingerprint);
      }),
      { numRuns: 40 },
    );
  });

  it('leave the meter with the watts of the jobs on top of the idle machine', () => {
    fc.assert(
      fc.property(someJobs, someWindows, (rows, windows) => {
        const ran = run(rows, windows);
        const lastMs = Math.max(...[...ran.endMs].filter((end) => !Number.isNaN(end)), rows.at(-1)!.submitMs);
        const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
        let jobsWms = 0;
        rows.forEach((row, i) => {
          if (!Number.isNaN(ran.endMs[i]!)) jobsWms += 50 * row.gpus * (ran.endMs[i]! - ran.startMs[i]!);
        });
        const metered = sum(ran.curves[0]!.itWms) - jobsWms;
        const idleW = 6 * (100 + 2 * 10);
        // The run may go on to the end of a window, or to the last moment a reservation could have taken a job.
        expect(metered % idleW).toBe(0);
        expect(metered / idleW).toBeGreaterThanOrEqual(lastMs);
      }),
      { numRuns: 40 },
    );
  });
});

describe.each(['priority+easy/priority', 'fcfs+none/time-slice', 'las+easy/las'])('windows under %s', (parts) => {
  const traits = [{ priority: 0, restartMs: 1 }, { priority: 1 }];

  it('interrupt jobs as ever, and every job ends, is turned away, or is given up with its reservation', () => {
    fc.assert(
      fc.property(someJobs, someWindows, (rows, windows) => {
        const jobs = rows.map(({ over, ...row }, i) => ({
          ...row,
          estimateMs: Math.max(0, row.runMs + over),
          jobClass: i % 2,
          reservation: row.reservation === 1 ? 1 : -1,
        }));
        const rules = { windows, traits, partitions: MACHINE, guaranteedRunMs: 2, policy: `${parts}@pack` };
        const ran = runRuled(jobs, rules);
        const states = endStates(ran);
        jobs.forEach((row, i) => {
          const turnedAway = (ran.progress.rejectedFor?.[i] ?? 0) !== 0;
          expect(Number.isNaN(ran.endMs[i]!)).toBe(turnedAway);
          if (row.reservation !== 1) {
            expect(turnedAway).toBe(false);
            expect(states[i]).toBe('completed');
          } else if (!turnedAway) {
            expect(ran.startMs[i]).toBeGreaterThanOrEqual(windows[1].fromMs);
            expect(ran.endMs[i]).toBeLessThanOrEqual(windows[1].toMs);
          }
        });
        const segments = ran.segments!;
        for (let at = 0; at < segments.count; at++) {
          if (jobs[segments.job[at]!]!.reservation !== 1) continue;
          expect(segments.fromMs[at]).toBeGreaterThanOrEqual(windows[1].fromMs);
          expect(segments.toMs[at]).toBeLessThanOrEqual(windows[1].toMs);
        }
      }),
      { numRuns: 80 },
    );
  });
});

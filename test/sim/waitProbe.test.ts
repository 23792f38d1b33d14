import { describe, expect, it } from 'vitest';
import { RandomStreams } from '../../src/base/random.js';
import { heldGpus } from '../../src/cluster/layout.js';
import type { BackfillDef, PreemptDef } from '../../src/policy/contracts.js';
import { parsePolicy } from '../../src/policy/parse.js';
import { PLAIN_TRAITS } from '../../src/scenario/classTraits.js';
import type { PartitionSpec } from '../../src/scenario/runSpec.js';
import { HOLD_REASONS } from '../../src/sim/admission.js';
import { schedule, type ScheduleInput } from '../../src/sim/schedule.js';
import { WaitProbe, type WaitReason } from '../../src/sim/waitProbe.js';
import type { JobExtras } from '../../src/workload/jobTable.js';
import { jobTable, machine, type PlainJob } from '../support/jobs.js';

function run(
  policy: string,
  partition: PartitionSpec,
  rows: readonly PlainJob[],
  tracked: Iterable<number>,
  extra: JobExtras = {},
  rules: Partial<ScheduleInput> = {},
) {
  const parsed = parsePolicy(policy);
  if (!parsed.ok) throw new Error(parsed.issues[0]!.message);
  const probe = new WaitProbe(tracked);
  const jobs = { ...jobTable(rows), extra };
  const input: ScheduleInput = {
    partitions: [partition],
    policy: parsed.policy,
    jobs,
    startMs: 0,
    horizonMs: undefined,
    streams: new RandomStreams('probe'),
    ...rules,
  };
  const ran = schedule({ ...input, probe });
  return { ...ran, jobs, probe, plain: () => schedule(input) };
}

/** Reasons of one job as [reason, other, from, to]. */
const reasonsOf = (probe: WaitProbe, job: number): [WaitReason, number, number, number][] =>
  probe.records
    .find((record) => record.job === job)!
    .stretches.map(({ reason, other, fromMs, toMs }) => [reason, other, fromMs, toMs]);

// 4 nodes of 4 GPUs in 2 racks in 2 pods.
const SMALL = machine(4, 4, 2, 1);

describe('a job waits', () => {
  it('for capacity: fewer GPUs are free than it needs', () => {
    const jobs = [
      { submitMs: 0, gpus: 16, runMs: 10 },
      { submitMs: 3, gpus: 8, runMs: 5 },
    ];
    const { probe } = run('fcfs+easy@pack', SMALL, jobs, [0, 1]);
    expect(reasonsOf(probe, 0)).toEqual([]);
    expect(reasonsOf(probe, 1)).toEqual([['capacity', -1, 3, 10]]);
  });

  it('behind another job where jobs start strictly in order', () => {
    const jobs = [
      { submitMs: 0, gpus: 12, runMs: 10 },
      { submitMs: 1, gpus: 16, runMs: 5 },
      { submitMs: 2, gpus: 4, runMs: 5 },
    ];
    const { probe } = run('fcfs+none@pack', SMALL, jobs, [2]);
    expect(reasonsOf(probe, 2)).toEqual([
      ['behind', 1, 2, 10],
      ['capacity', -1, 10, 15],
    ]);
  });

  it('for a reservation it would delay, by name', () => {
    const jobs = [
      { submitMs: 0, gpus: 12, runMs: 10 },
      { submitMs: 1, gpus: 16, runMs: 5 },
      { submitMs: 2, gpus: 4, runMs: 9 },
    ];
    const { probe } = run('fcfs+easy@pack', SMALL, jobs, [2]);
    expect(reasonsOf(probe, 2)).toEqual([
      ['reservation', 1, 2, 10],
      ['capacity', -1, 10, 15],
    ]);
  });

  it('because small jobs hold parts of many nodes: fragmentation', () => {
    const jobs = [
      { submitMs: 0, gpus: 1, runMs: 20 },
      { submitMs: 0, gpus: 1, runMs: 10 },
      { submitMs: 0, gpus: 8, runMs: 10 },
      { submitMs: 1, gpus: 4, runMs: 5 },
    ];
    const { probe } = run('fcfs+easy@spread', SMALL, jobs, [3]);
    // Two jobs of 1 on nodes of their own leave 6 GPUs free, and no whole node.
    expect(reasonsOf(probe, 3)).toEqual([['fragmentation', -1, 1, 10]]);
    expect(probe.records[0]!.stretches[0]!.mostFree).toBe(6);
  });

  it('for nodes of one pod where the placement wants them so', () => {
    const jobs = [
      { submitMs: 0, gpus: 4, runMs: 100 }, // node 0
      { submitMs: 0, gpus: 8, runMs: 10 }, // nodes 2 and 3, the other pod
      { submitMs: 0, gpus: 4, runMs: 20 }, // node 1
      { submitMs: 10, gpus: 4, runMs: 90 }, // node 2
      { submitMs: 15, gpus: 8, runMs: 5 },
    ];
    expect(reasonsOf(run('fcfs+easy@topology', SMALL, jobs, [4]).probe, 4)).toEqual([
      ['capacity', -1, 15, 20],
      ['topology', -1, 20, 100],
    ]);
    expect(reasonsOf(run('fcfs+easy@pack', SMALL, jobs, [4]).probe, 4)).toEqual([['capacity', -1, 15, 20]]);
  });

  it('though it fits, because the policy does not start it', () => {
    const jobs = [
      { submitMs: 0, gpus: 4, runMs: 10 },
      { submitMs: 1, gpus: 4, runMs: 5 },
    ];
    const { probe } = run('fcfs+easy@pack', SMALL, jobs, [1], {}, composed('fcfs+easy@pack', ONE_AT_A_TIME));
    expect(reasonsOf(probe, 1)).toEqual([['policy', -1, 1, 10]]);
  });

  it('because GPUs that would suffice went to a job submitted later that goes first', () => {
    const jobs = [
      { submitMs: 0, gpus: 16, runMs: 10 },
      { submitMs: 1, gpus: 16, runMs: 100 },
      { submitMs: 2, gpus: 12, runMs: 5 },
    ];
    const { probe } = run('sjf+easy@pack', SMALL, jobs, [1]);
    expect(reasonsOf(probe, 1)).toEqual([
      ['capacity', -1, 1, 10],
      ['overtaken', -1, 10, 15],
    ]);
    expect(probe.records[0]!.overtakings).toEqual([{ job: 2, gpus: 12, way: 'order', fromMs: 10, toMs: 15 }]);
  });

  it('because jobs behind it were started early and ran longer than the gap', () => {
    const jobs = [
      { submitMs: 0, gpus: 12, runMs: 10, estimateMs: 30 },
      { submitMs: 1, gpus: 16, runMs: 5 },
      { submitMs: 2, gpus: 4, runMs: 20 },
    ];
    const { probe } = run('fcfs+easy@pack', SMALL, jobs, [1]);
    // Job 2 fits before the end estimated for job 0, which ends early.
    expect(reasonsOf(probe, 1)).toEqual([
      ['capacity', -1, 1, 10],
      ['backfilled', -1, 10, 22],
    ]);
    expect(probe.records[0]!.overtakings).toEqual([{ job: 2, gpus: 4, way: 'backfill', fromMs: 2, toMs: 22 }]);
  });

  it('because its data is being moved to its site, a job it depends on runs, or a user is at a limit', () => {
    const jobs = [
      { submitMs: 0, gpus: 4, runMs: 10 },
      { submitMs: 1, gpus: 4, runMs: 5 },
    ];
    const afterOk = { offsets: Int32Array.of(0, 0, 1), jobs: Int32Array.of(0) };
    expect(reasonsOf(run('fcfs+easy@pack', SMALL, jobs, [1], { afterOk }).probe, 1)).toEqual([
      ['dependency', 0, 1, 10],
    ]);

    const limits = { perUser: { maxJobs: 1 }, qos: [] };
    const limited = run('fcfs+easy@pack', SMALL, jobs, [1], {}, { limits });
    const [[reason, other, fromMs, toMs]] = reasonsOf(limited.probe, 1) as [[WaitReason, number, number, number]];
    expect([reason, HOLD_REASONS[other], fromMs, toMs]).toEqual([
      'limit',
      'running jobs of its user are at their limit (MaxJobs)',
      1,
      10,
    ]);

    const sites = [SMALL, { ...SMALL, site: 1 }];
    const traits = [{ ...PLAIN_TRAITS, dataTB: 2, sites: [1] }];
    const moved = run(
      'fcfs+easy@pack^least-queued',
      SMALL,
      jobs,
      [1],
      {},
      { partitions: sites, traits, transferMsPerTB: 3 },
    );
    expect(reasonsOf(moved.probe, 1)).toEqual([['transfer', -1, 1, 7]]);
  });

  it('for nodes in maintenance, by window, from the time they take no new job', () => {
    const jobs = [
      { submitMs: 0, gpus: 8, runMs: 30 },
      { submitMs: 6, gpus: 8, runMs: 5 },
      { submitMs: 7, gpus: 12, runMs: 5 },
    ];
    const windows = [
      { name: 'earlier', kind: 'maintenance', partition: 0, nodes: 1, fromMs: 1, toMs: 2, drainMs: 0 },
      { name: 'pumps', kind: 'maintenance', partition: 0, nodes: 1, fromMs: 10, toMs: 20, drainMs: 5 },
    ] as const;
    const { probe } = run('fcfs+easy@pack', SMALL, jobs, [1, 2], {}, { windows });
    expect(reasonsOf(probe, 1)).toEqual([['maintenance', 1, 6, 20]]);
    expect(reasonsOf(probe, 2)).toEqual([['capacity', -1, 7, 30]]);
  });
});

/** Interrupts the running job that was submitted last when the head of the queue was submitted before it. */
const YIELDING: PreemptDef = {
  axis: 'preempt',
  name: 'yielding',
  summary: 'for tests',
  create: (_params, context) => ({
    onQueued: () => true,
    onStarted: () => undefined,
    onStopped: () => undefined,
    onTimer: () => false,
    pass: () => {
      const { world, queue, running, decide } = context;
      const head = queue.head();
      if (head < 0 || context.fits(head)) return;
      let last = -1;
      for (let job = running.first(); job >= 0; job = running.next(job)) last = Math.max(last, job);
      if (last > head && world.nowMs - world.startedMs(last) >= 5) decide.preempt(last);
    },
  }),
};

/** Never has two jobs run. */
const ONE_AT_A_TIME: BackfillDef = {
  axis: 'backfill',
  name: 'one-at-a-time',
  summary: 'for tests',
  create: (_params, { queue, decide }) => {
    let running = false;
    return {
      onQueued: () => !running,
      onStarted: () => {
        running = true;
      },
      onReleased: () => {
        running = false;
        return true;
      },
      pass: () => {
        if (!running && queue.length > 0) decide.start(queue.head());
      },
      blockedBy: () => -1,
    };
  },
};

/** A policy of registered parts, and one that is not. */
function composed(text: string, definition: PreemptDef | BackfillDef): Pick<ScheduleInput, 'policy' | 'modules'> {
  const parsed = parsePolicy(text);
  if (!parsed.ok) throw new Error(text);
  const part = { name: definition.name, params: {}, module: 'own' };
  return { policy: { ...parsed.policy, [definition.axis]: part }, modules: new Map([['own', definition]]) };
}

describe('a job whose GPUs later jobs hold', () => {
  // By hand in scenarios/tiny-easy.yaml: the fourth node is free from 6 on, and taken by the last job until 10.
  const tiny = (last: Partial<PlainJob>): PlainJob[] => [
    { submitMs: 0, gpus: 8, runMs: 10 },
    { submitMs: 1, gpus: 12, runMs: 10 },
    { submitMs: 2, gpus: 4, runMs: 4, estimateMs: 6 },
    { submitMs: 3, gpus: 4, runMs: 30 },
    { submitMs: 4, gpus: 4, runMs: 10, ...last },
    { submitMs: 5, gpus: 4, runMs: 4 },
  ];

  it.each(['easy', 'easy(2)', 'conservative'])(
    'waits for the reservation of %s where that would have held it back without them',
    (backfill) => {
      const { probe, startMs } = run(`fcfs+${backfill}@pack`, SMALL, tiny({}), [4]);
      expect([startMs[5], startMs[4]]).toEqual([6, 20]);
      expect(reasonsOf(probe, 4).find(([, , from, to]) => from <= 6 && to > 6)).toEqual(['reservation', 1, 6, 10]);
    },
  );

  it('waits for them where it would have started without them', () => {
    const jobs = [
      { submitMs: 0, gpus: 8, runMs: 10 },
      { submitMs: 0, gpus: 4, runMs: 2, estimateMs: 20 },
      { submitMs: 1, gpus: 16, runMs: 10 },
      { submitMs: 1, gpus: 8, runMs: 4 },
      { submitMs: 1, gpus: 4, runMs: 9 },
    ];
    // Job 3 needs two nodes: at 2 the second is free, had job 4 not taken the first. It would end before job 2's turn.
    const { probe, startMs } = run('fcfs+easy@pack', SMALL, jobs, [3]);
    expect(startMs[4]).toBe(1);
    expect(reasonsOf(probe, 3)).toContainEqual(['backfilled', -1, 2, 10]);
  });

  it('waits behind the head of the queue where jobs start strictly in order', () => {
    const jobs = [
      { submitMs: 0, gpus: 12, runMs: 10 },
      { submitMs: 1, gpus: 8, runMs: 90 },
      { submitMs: 2, gpus: 4, runMs: 20 },
      { submitMs: 3, gpus: 16, runMs: 30 },
    ];
    // Job 2 takes the free node; at 10 there is room for job 1 beside it, but the shorter job 3 goes first.
    const { probe } = run('sjf+none@pack', SMALL, jobs, [1]);
    expect(reasonsOf(probe, 1).map(([reason, other]) => [reason, other])).toContainEqual(['behind', 3]);
  });
});

describe('a job that was pre-empted', () => {
  it('waits for the job that has its GPUs, whatever the order, and one that it went ahead of for the pre-emption', () => {
    const jobs = [
      { submitMs: 0, gpus: 16, runMs: 20, priority: 0 },
      { submitMs: 1, gpus: 16, runMs: 20, priority: 0 },
      { submitMs: 5, gpus: 16, runMs: 3, priority: 1 },
    ];
    const traits = [PLAIN_TRAITS];
    const priority = Float64Array.of(0, 0, 1);
    const { probe, startMs } = run('fcfs+none/priority@pack', SMALL, jobs, [0, 1], { priority }, { traits });
    expect(startMs[2]).toBe(5);
    expect(reasonsOf(probe, 0)).toEqual([['preempted', 2, 5, 8]]);
    expect(reasonsOf(probe, 1).slice(0, 2)).toEqual([
      ['capacity', -1, 1, 5],
      ['jumped', -1, 5, 8],
    ]);
    expect(probe.records[1]!.overtakings[0]).toMatchObject({ job: 2, way: 'preemption', fromMs: 5, toMs: 8 });
  });

  it('waits again, for reasons of its own', () => {
    const jobs = [
      { submitMs: 0, gpus: 8, runMs: 4 },
      { submitMs: 1, gpus: 16, runMs: 10 },
      { submitMs: 2, gpus: 8, runMs: 20 },
      { submitMs: 7, gpus: 16, runMs: 1 },
    ];
    const rules = composed('fcfs+greedy@pack', YIELDING);
    const { probe, startMs, endMs } = run('fcfs+greedy@pack', SMALL, jobs, [1, 2], {}, rules);
    // Job 2 starts beside job 0. When job 3 comes it has run 5 ms, and yields to job 1 that waits for the whole machine.
    expect([startMs[1], startMs[2], endMs[2]]).toEqual([7, 2, 32]);
    expect(reasonsOf(probe, 1)).toEqual([
      ['capacity', -1, 1, 4],
      ['backfilled', -1, 4, 7],
    ]);
    expect(reasonsOf(probe, 2)).toEqual([['preempted', 1, 7, 17]]);
    expect(probe.records[1]!.overtakings).toEqual([{ job: 1, gpus: 16, way: 'taken', fromMs: 7, toMs: 17 }]);
    expect(probe.records[1]!.stretches[0]!.interruptions).toBe(1);
  });
});

describe('a thousand jobs of a congested run', () => {
  const draw = new RandomStreams('a thousand').fork('jobs');
  /** Up to four hours long, so that a pre-emption acts on them. */
  const UNIT = 10_000;
  let submitMs = 0;
  const rows = Array.from({ length: 1000 }, (): PlainJob => {
    submitMs += UNIT * Math.floor(draw() * 120);
    const gpus = draw() < 0.5 ? 1 + Math.floor(draw() * 3) : 4 * (1 + Math.floor(draw() ** 2 * 12));
    const runMs = UNIT * Math.floor(draw() ** 2 * 1500);
    return { submitMs, gpus, runMs, estimateMs: runMs + UNIT * Math.floor(draw() * 800) };
  });
  const cluster = machine(16, 4, 4, 1);
  const all = rows.map((_, job) => job);
  const policies = [
    'fcfs+none@pack',
    'fcfs+easy@pack',
    'fcfs+conservative@random',
    'sjf+easy@first-fit',
    'fair-share+easy@spread',
    'wfp3+greedy@topology',
    'fcfs+greedy/yielding@fgd',
    'las+easy/las@pack',
    'fcfs+easy/time-slice(10 min)@spread',
  ];

  describe.each(policies)('under %s', (text) => {
    const preempts = text.includes('/');
    const policy = text.replace('/yielding', '');
    const rules = policy === text ? {} : composed(policy, YIELDING);
    const { probe, jobs, startMs, endMs, segments, fingerprint, plain } = run(policy, cluster, rows, all, {}, rules);
    const waits = (job: number): [number, number][] => {
      if (segments === undefined) return [[jobs.submitMs[job]!, startMs[job]!]];
      const own: [number, number][] = [];
      for (let at = 0; at < segments.count; at++)
        if (segments.job[at] === job) own.push([segments.fromMs[at]!, segments.toMs[at]!]);
      own.sort((a, b) => a[0] - b[0]);
      if (own.length === 0) own.push([startMs[job]!, endMs[job]!]); // 0 ms long
      return own.map(([from], nth) => [nth === 0 ? jobs.submitMs[job]! : own[nth - 1]![1], from]);
    };

    it('is congested, and the probe changes nothing', () => {
      expect(probe.records.filter(({ stretches }) => stretches.length > 0).length).toBeGreaterThan(200);
      expect(plain().fingerprint).toBe(fingerprint);
      expect(plain().events).toBeGreaterThan(2000);
    });

    it('every wait is covered by its reasons to the ms, without gaps', () => {
      let again = 0;
      for (const { job, stretches } of probe.records) {
        const expected = waits(job).filter(([from, to]) => to > from);
        const covered: [number, number][] = [];
        let until = Number.NaN;
        for (const { fromMs, toMs, interruptions } of stretches) {
          expect(toMs).toBeGreaterThan(fromMs);
          if (fromMs === until) covered.at(-1)![1] = toMs;
          else covered.push([fromMs, toMs]);
          until = toMs;
          if (interruptions > 0) again += toMs - fromMs;
        }
        expect(covered).toEqual(expected);
        const first = stretches.filter(({ interruptions }) => interruptions === 0);
        expect(first.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0)).toBe(
          startMs[job]! - jobs.submitMs[job]!,
        );
      }
      expect(again > 0).toBe(preempts);
    });

    if (preempts) return;

    it('too few GPUs are free exactly when the machine counted anew says so', () => {
      const held = all.map((job) => heldGpus(jobs.gpus[job]!, 4));
      const sumAt = (atMs: number, which: (job: number) => boolean): number =>
        all.reduce((sum, job) => sum + (startMs[job]! <= atMs && atMs < endMs[job]! && which(job) ? held[job]! : 0), 0);
      const tooFew: readonly WaitReason[] = ['capacity', 'overtaken', 'backfilled'];
      for (const { job, stretches } of probe.records.filter((_, at) => at % 7 === 0)) {
        for (const { reason, fromMs, toMs, mostFree } of stretches) {
          for (const atMs of [fromMs, Math.floor((fromMs + toMs) / 2), toMs - 1]) {
            const free = 64 - sumAt(atMs, () => true);
            expect(free).toBeLessThanOrEqual(mostFree);
            // Of one held back by a reservation or the order, later jobs may hold what it would need besides.
            const heldBack = reason === 'reservation' || reason === 'behind';
            if (!heldBack) expect(tooFew.includes(reason)).toBe(free < held[job]!);
            if (!heldBack && !tooFew.includes(reason)) continue;
            const later = sumAt(atMs, (other) => other > job && startMs[other]! >= jobs.submitMs[job]!);
            expect(reason !== 'capacity').toBe(free + later >= held[job]!);
          }
        }
      }
    });
  });

  it('meets the reasons its policy can give', () => {
    const reasons = (policy: string): Set<WaitReason> =>
      new Set(
        run(policy, cluster, rows, all).probe.records.flatMap(({ stretches }) => stretches.map((of) => of.reason)),
      );
    expect([...reasons('fcfs+none@pack')].sort()).toEqual(['behind', 'capacity', 'fragmentation']);
    expect([...reasons('fcfs+easy@pack')].sort()).toEqual(['backfilled', 'capacity', 'fragmentation', 'reservation']);
    expect(reasons('sjf+easy@topology')).toEqual(
      new Set(['overtaken', 'backfilled', 'capacity', 'fragmentation', 'topology', 'reservation']),
    );
  });
});

import { describe, expect, it } from 'vitest';
import { RandomStreams } from '../../src/base/random.js';
import { parsePolicy } from '../../src/policy/parse.js';
import type { PartitionSpec } from '../../src/scenario/runSpec.js';
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
      { submitMs: 0, gpus: 4, runMs: 10 },
      { submitMs: 0, gpus: 8, runMs: 4 },
      { submitMs: 1, gpus: 4, runMs: 4 },
      { submitMs: 5, gpus: 4, runMs: 20 },
      { submitMs: 6, gpus: 8, runMs: 5 },
    ];
    const { probe } = run('fcfs+easy@topology(1)', SMALL, jobs, [4]);
    expect(reasonsOf(probe, 4)).toEqual([]);
    const spread = [
      { submitMs: 0, gpus: 4, runMs: 10 },
      { submitMs: 0, gpus: 4, runMs: 30 },
      { submitMs: 0, gpus: 8, runMs: 30 },
    ];
    const held = run('fcfs+easy@topology(1)', machine(4, 4, 1, 2), [...spread, { submitMs: 1, gpus: 8, runMs: 5 }], [3]);
    expect(reasonsOf(held.probe, 3)).toEqual([['capacity', -1, 1, 30]]);
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
    expect(probe.records[0]!.overtakings).toEqual([{ job: 2, gpus: 12, byOrder: true, fromMs: 10, toMs: 15 }]);
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
    expect(probe.records[0]!.overtakings).toEqual([{ job: 2, gpus: 4, byOrder: false, fromMs: 2, toMs: 22 }]);
  });

  it('although it fits, under a policy that holds it', () => {
    const jobs = [
      { submitMs: 0, gpus: 16, runMs: 10 },
      { submitMs: 1, gpus: 8, runMs: 5 },
    ];
    const { probe, startMs, endMs } = run('fcfs+easy@pack', SMALL, jobs, [1]);
    expect([...startMs]).toEqual([0, 10]);
    expect(endMs[1]).toBe(15);
    expect(probe.records[0]!.stretches).toHaveLength(1);
  });
});

import { describe, expect, it } from 'vitest';
import { MS_PER_DAY } from '../../src/base/units.js';
import { parsePolicy } from '../../src/policy/parse.js';
import { clock, explainPlain, explainText } from '../../src/report/explainText.js';
import { explain, longestWaiting, type Explanation } from '../../src/report/explanation.js';
import { PLAIN_TRAITS } from '../../src/scenario/classTraits.js';
import type { RunSpec } from '../../src/scenario/runSpec.js';
import { simulate } from '../../src/sim/simulate.js';
import { WaitProbe } from '../../src/sim/waitProbe.js';
import type { JobTable } from '../../src/workload/jobTable.js';
import { jobTable, machine, type PlainJob } from '../support/jobs.js';

const MINUTE = 60_000;

function specOf(policy: string, given: Partial<RunSpec>): RunSpec {
  const parsed = parsePolicy(policy);
  if (!parsed.ok) throw new Error(policy);
  return {
    schemaVersion: 1,
    partitions: [machine(4, 4)],
    workload: { kind: 'trace', name: 'log', input: 'log', classNames: ['any'] },
    policy: parsed.policy,
    calendarYear: 2026,
    horizonMs: undefined,
    warmupMs: 0,
    seed: '1',
    replication: 0,
    sites: [],
    ...given,
  };
}

function explained(
  policy: string,
  rows: readonly PlainJob[],
  job: number,
  given: Partial<RunSpec> = {},
  columns: Partial<JobTable> = {},
): { explanation: Explanation; text: string; longest: number } {
  const spec = specOf(policy, given);
  const table = { ...jobTable(rows), ...columns };
  const probe = new WaitProbe([job]);
  const inputs = { series: {}, traces: { log: table }, contentSha256: {} };
  const { jobs, fingerprint } = simulate(spec, inputs, { keepJobs: true, probe });
  const stoppedMs = spec.horizonMs ?? Math.max(...jobs!.endMs);
  const explanation = explain(spec, jobs!, probe.records[0]!, stoppedMs);
  return { explanation, text: explainText(explanation, spec, fingerprint), longest: longestWaiting(jobs!, stoppedMs) };
}

/** Sixteen GPUs. Job 2 would fit at once, and would delay job 1; later job 1 has all. */
const ROWS: readonly PlainJob[] = [
  { submitMs: 0, gpus: 12, runMs: 10 * MINUTE },
  { submitMs: MINUTE, gpus: 16, runMs: 5 * MINUTE },
  { submitMs: 2 * MINUTE, gpus: 3, runMs: 9 * MINUTE },
];

describe('a job that was interrupted', () => {
  it('is waiting again where the run stopped before it got GPUs back', () => {
    const rows = [
      { submitMs: 0, gpus: 16, runMs: 20 * MINUTE },
      { submitMs: 5 * MINUTE, gpus: 16, runMs: 30 * MINUTE, priority: 1 },
    ];
    const { explanation, text } = explained('fcfs+easy/priority@pack', rows, 0, { horizonMs: 15 * MINUTE });
    expect(explanation.state).toBe('waiting');
    expect(text.replaceAll('\n', ' ')).toContain('it had been interrupted and was waiting again then, after 10.0 min');
  });
});

describe('an explanation', () => {
  it('adds up reasons to the wait, by time, and names the job in the way', () => {
    const { explanation, longest } = explained('fcfs+easy@pack', ROWS, 2);
    expect(explanation.first.ms).toBe(13 * MINUTE);
    expect(explanation.first.reasons.map(({ reason, ms, share }) => [reason, ms / MINUTE, share])).toEqual([
      ['reservation', 8, 8 / 13],
      ['capacity', 5, 5 / 13],
    ]);
    expect(explanation.again).toEqual({ ms: 0, reasons: [] });
    expect(explanation.blocker).toBe(1);
    expect(longest).toBe(2);
  });

  it('reads as a report', () => {
    const { text } = explained('fcfs+easy@pack', ROWS, 2);
    expect(text.replace(/fingerprint \w+/, 'fingerprint F').replaceAll(/-{20,}/g, '-----'))
      .toBe(`Job 2 under fcfs+easy@pack, replication 1, seed 1, fingerprint F

needs      3 GPUs of main, up to 9.0 min by its estimate
asked by   user 0, class any
submitted  0 d 00:02:00
started    0 d 00:15:00, after 13.0 min
ended      0 d 00:24:00, completed

It waited from 0 d 00:02:00 to 0 d 00:15:00.

Why it waited 13.0 min

time  share  stretches  because
 min      %
-----
8.00   61.5          1  it would have delayed job 1, which the backfill easy promised a start
5.00   38.5          1  fewer GPUs were free than it needs

Longest stretches of 2

time  most free  from          because
 min       GPUs
-----
8.00          4  0 d 00:02:00  it would have delayed job 1, which the backfill easy promised a start
5.00          0  0 d 00:10:00  fewer GPUs were free than it needs
`);
    expect(explainPlain(explained('fcfs+none@pack', ROWS, 2).explanation)).toBe(
      'reason\tinterruptions\tfrom_ms\tto_ms\twait_ms\tmost_free_gpus\twhat\n' +
        'behind\t0\t120000\t600000\t480000\t4\tjob 1 went first\n' +
        'capacity\t0\t600000\t900000\t300000\t0\tfewer GPUs were free than it needs\n',
    );
  });

  it("shows a trace's own numbers, also of the jobs it names", () => {
    const { explanation } = explained('fcfs+none@pack', ROWS, 2, {}, { originalId: Float64Array.of(70, 80, 90) });
    expect([explanation.job, explanation.blocker]).toEqual([90, 80]);
    expect(explanation.stretches[0]!.text).toBe('job 80 went first');
  });

  it('says which jobs went ahead, and how', () => {
    const rows = [
      { submitMs: 0, gpus: 16, runMs: 10 * MINUTE },
      { submitMs: MINUTE, gpus: 16, runMs: 100 * MINUTE },
      { submitMs: 2 * MINUTE, gpus: 4, runMs: 4 * MINUTE },
      { submitMs: 3 * MINUTE, gpus: 9, runMs: 5 * MINUTE },
    ];
    const { explanation, text } = explained('sjf+easy@pack', rows, 1);
    expect(explanation.overtakers).toEqual([
      { job: 3, gpus: 12, way: 'order', ms: 5 * MINUTE },
      { job: 2, gpus: 4, way: 'order', ms: 4 * MINUTE },
    ]);
    expect(explanation.blocker).toBe(3);
    expect(text).toContain('jobs submitted later held enough GPUs, put first by the order sjf');
    expect(text).toContain('Went ahead while it waited: 2 jobs');
  });

  it.each([
    ['that never waited', 0, {}, 'It did not wait: it started when it was submitted.', 'completed'],
    [
      'that still waits when the run stops',
      2,
      { horizonMs: 14 * MINUTE },
      'The run stopped at 0 d 00:14:00; it was still waiting then, for 12.0 min so far.',
      'waiting',
    ],
    [
      'that comes after the run has stopped',
      2,
      { horizonMs: MINUTE + 1 },
      'The run stopped at 0 d 00:01:00.001, before the job was submitted: it never had to wait.',
      'not submitted',
    ],
    [
      'that is turned away',
      2,
      { traits: [PLAIN_TRAITS], limits: { maxWallMs: 8 * MINUTE, qos: [] } },
      'It was turned away at once: it asked for more time than its limit (MaxWall).',
      'rejected',
    ],
  ] as const)('answers for a job %s', (_, job, given, verdict, state) => {
    const { explanation, text } = explained('fcfs+easy@pack', ROWS, job, given);
    expect(explanation.state).toBe(state);
    expect(text.replaceAll('\n', ' ')).toContain(verdict);
    expect(text.includes('Why it waited')).toBe(state === 'waiting');
  });

  it('counts the wait of a job that still waits up to the end of the run', () => {
    const { explanation } = explained('fcfs+easy@pack', ROWS, 2, { horizonMs: 14 * MINUTE });
    expect(explanation.first.ms).toBe(12 * MINUTE);
  });

  it('counts what jobs waited again after they were pre-empted, apart', () => {
    // By srtf the short job takes the whole machine from the long one after a minute, for three.
    const rows = [
      { submitMs: 0, gpus: 16, runMs: 20 * MINUTE },
      { submitMs: MINUTE, gpus: 16, runMs: 3 * MINUTE },
    ];
    const { explanation, text, longest } = explained('srtf+easy/srtf@pack', rows, 0);
    expect(explanation.first.ms).toBe(0);
    expect(explanation.again.ms).toBe(3 * MINUTE);
    expect(explanation.again.reasons.map(({ reason }) => reason)).toEqual(['preempted']);
    expect(explanation.blocker).toBe(1);
    expect(text).toContain('the pre-emption srtf had taken its GPUs for job 1');
    expect(text).toMatch(/1 +16 +3\.00 {2}on its GPUs, which were taken for it/);
    expect(text).toContain('Pre-empted by srtf, waiting again: 3.0 min after 1 interruption\n');
    expect(longest).toBe(0);
  });

  it('names the job that each pre-emption was for, and several in the sum', () => {
    const rows = [
      { submitMs: 0, gpus: 16, runMs: 20 * MINUTE, priority: 0 },
      { submitMs: MINUTE, gpus: 16, runMs: 2 * MINUTE, priority: 1 },
      { submitMs: 5 * MINUTE, gpus: 16, runMs: MINUTE, priority: 1 },
    ];
    const { explanation } = explained('priority+none/priority@pack', rows, 0, { traits: [PLAIN_TRAITS] });
    const taken = 'the pre-emption priority had taken its GPUs for';
    expect(explanation.stretches.map(({ text }) => text)).toEqual([`${taken} job 1`, `${taken} job 2`]);
    expect(explanation.again.reasons).toMatchObject([{ text: `${taken} several jobs`, ms: 3 * MINUTE, share: 1 }]);
  });

  it('finds no longest wait where nobody waits', () => {
    expect(explained('fcfs+easy@pack', ROWS.slice(0, 1), 0).longest).toBe(-1);
  });
});

describe('a time', () => {
  it.each([
    [0, '0 d 00:00:00'],
    [MS_PER_DAY + 3_723_004, '1 d 01:02:03.004'],
    [-MINUTE, '-0 d 00:01:00'],
  ])('of %d ms reads %s', (ms, text) => {
    expect(clock(ms)).toBe(text);
  });
});

import { describe, expect, it } from 'vitest';
import { errorRecord } from '../../src/base/errors.js';
import { planReplay, type ReplayRequest } from '../../src/plan/replay.js';
import { policyNames } from '../../src/policy/registry.js';
import { simulate } from '../../src/sim/simulate.js';

const swf = (...jobs: readonly (readonly [submit: number, run: number, gpus: number])[]): Uint8Array =>
  new TextEncoder().encode(
    jobs
      .map(
        ([submit, run, gpus], i) => `${i + 1} ${submit} -1 ${run} ${gpus} -1 -1 ${gpus} ${run} -1 1 1 1 1 1 -1 -1 -1\n`,
      )
      .join(''),
  );
const request = (overrides: Partial<ReplayRequest> = {}): ReplayRequest => ({
  file: 't.swf',
  bytes: swf([0, 10, 4], [1, 10, 4], [2, 5, 2]),
  gpus: 6,
  gpusPerNode: 1,
  timeUnit: 's',
  policy: 'fcfs+easy@first-fit',
  buildVersion: 'test',
  ...overrides,
});
const refused = (overrides: Partial<ReplayRequest>) => {
  try {
    planReplay(request(overrides));
  } catch (thrown) {
    return errorRecord(thrown);
  }
  throw new Error('expected a refusal');
};

describe('planReplay', () => {
  it('schedules a trace on a plain machine to its last job, without a site', () => {
    const { spec, inputs } = planReplay(request());
    const { jobs, sites } = simulate(spec, inputs, { keepJobs: true });
    expect(sites).toEqual([]);
    expect([...jobs!.startMs]).toEqual([0, 10_000, 2_000]);
    expect([...jobs!.endMs]).toEqual([10_000, 20_000, 7_000]);
  });

  it('refuses an impossible machine and an unknown policy in one error', () => {
    const { code, issues } = refused({ gpus: 0, gpusPerNode: 33, policy: 'fcfs+esay@pack' });
    expect(code).toBe('usage');
    expect(issues.map(({ path, message, hint }) => [path, message, hint])).toEqual([
      ['--gpus', 'expected a whole number from 1 to 10000000, got 0', undefined],
      ['--gpus-per-node', 'expected a whole number from 1 to 32, got 33', undefined],
      [
        '--policy',
        `expected the backfill to be one of ${policyNames('backfill').join(', ')}, got "esay"`,
        'Did you mean easy?',
      ],
    ]);
    expect(refused({ gpus: 6, gpusPerNode: 4 }).issues[0]!.message).toMatch(/whole nodes of 4 GPUs/);
    expect(refused({ gpus: Number.NaN }).issues).toHaveLength(1);
  });

  it('refuses parts that choose between partitions or sites, of which a replay has one', () => {
    expect(refused({ policy: 'fcfs@pack:fastest^greenest' }).issues.map(({ message }) => message)).toEqual([
      'expected no partition policy, for a replay has one machine; got fastest',
      'expected no siting policy, for a replay has one machine; got greenest',
    ]);
  });

  it('refuses jobs larger than the machine, with the first of them', () => {
    const { code, message } = refused({ gpus: 3 });
    expect(code).toBe('trace.format');
    expect(message).toBe('t.swf: expected jobs of at most 3 GPUs; 2 jobs need more, the first is job 1 with 4');
  });

  it('keys a run by trace, machine, unit and policy', () => {
    const keyOf = (overrides: Partial<ReplayRequest> = {}): string => planReplay(request(overrides)).key;
    const base = keyOf();
    expect(keyOf()).toBe(base);
    for (const change of [
      { gpus: 7 },
      { timeUnit: 'ms' as const },
      { policy: 'fcfs+none@first-fit' },
      { bytes: swf([0, 1, 1]) },
    ]) {
      expect(keyOf(change)).not.toBe(base);
    }
  });
});

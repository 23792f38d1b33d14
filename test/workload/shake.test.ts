import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomStreams } from '../../src/base/random.js';
import { MS_PER_MINUTE } from '../../src/base/units.js';
import { jobsOf, simulate } from '../../src/sim/simulate.js';
import { shakeTrace } from '../../src/workload/shake.js';
import { planText } from '../plan/planning.js';
import { jobTable } from '../support/jobs.js';

const SHAKE = 5 * MS_PER_MINUTE;
const table = (submits: readonly number[]) =>
  jobTable(submits.map((submitMs, i) => ({ submitMs, gpus: 1 + (i % 7), runMs: 1000 * i })));

describe('a shaken trace', () => {
  it('keeps its jobs and their order, and moves none further than asked', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3_600_000 }), { minLength: 1 }), fc.string(), (submits, seed) => {
        const logged = table(submits);
        const { submitMs, ...rest } = shakeTrace(logged, SHAKE, new RandomStreams(seed).fork('shake'));
        const { submitMs: before, ...others } = logged;
        expect(rest).toEqual(others);
        submitMs.forEach((ms, job) => {
          expect(Number.isInteger(ms)).toBe(true);
          expect(Math.abs(ms - before[job]!)).toBeLessThanOrEqual(SHAKE);
          if (job > 0) expect(ms).toBeGreaterThanOrEqual(submitMs[job - 1]!);
        });
      }),
    );
  });

  it('spreads jobs that were submitted together over the whole range', () => {
    const { submitMs } = shakeTrace(
      table(new Array<number>(1000).fill(0)),
      SHAKE,
      new RandomStreams('s').fork('shake'),
    );
    expect(submitMs[0]!).toBeLessThan(-0.98 * SHAKE);
    expect(submitMs[999]!).toBeGreaterThan(0.98 * SHAKE);
    expect(Math.abs(submitMs.reduce((sum, ms) => sum + ms, 0) / 1000)).toBeLessThan(0.1 * SHAKE);
  });

  it('takes deadlines along', () => {
    const logged = table([0, 0, 0, 60_000]);
    const deadlineMs = Float64Array.of(10, 20, Infinity, 90_000);
    const shaken = shakeTrace({ ...logged, extra: { deadlineMs } }, SHAKE, new RandomStreams('s').fork('shake'));
    shaken.extra!.deadlineMs!.forEach((ms, job) => {
      expect(ms - shaken.submitMs[job]!).toBe(deadlineMs[job]! - logged.submitMs[job]!);
    });
  });
});

const LOG = Array.from(
  { length: 60 },
  (_, i) => `${i + 1} ${i * 60} -1 600 8 -1 -1 8 900 -1 1 1 1 1 1 -1 -1 -1\n`,
).join('');
const scenario = (workload: string): string => `version: 1
kind: scenario
question: What does shaking change?
sites: [{ use: gf-fr-hdf, partitions: [{ name: main, hardware: h100-sxm, nodes: 4 }] }]
workload: ${workload}
policy: fcfs+easy@pack
horizon: 3 h
warmup: 0 h
replications: 3
`;
const plan = (workload: string) => planText(scenario(workload), { readFile: () => new TextEncoder().encode(LOG) });

describe('replications of a trace', () => {
  const shaken = plan('{ trace: t.swf, shake: 5 min }');
  const logged = plan('{ trace: t.swf }');

  it('are one run without shaking, and as many as asked with it', () => {
    expect([logged.specs.length, logged.deterministic]).toEqual([1, true]);
    expect([shaken.specs.length, shaken.deterministic]).toEqual([3, false]);
    expect(new Set(shaken.runs.map(({ key }) => key)).size).toBe(3);
  });

  it('begin with the log as it is; the others differ from it and from each other', () => {
    const [first, ...others] = shaken.specs.map((spec) => simulate(spec, shaken.inputs).fingerprint);
    expect(first).toBe(simulate(logged.specs[0]!, logged.inputs).fingerprint);
    expect(new Set([first, ...others]).size).toBe(3);
  });

  it('share the log, which stays as it was', () => {
    const { workload } = shaken.specs[2]!;
    const input = shaken.inputs.traces[(workload as { input: string }).input]!;
    const before = [...input.submitMs];
    const { table: jobs } = jobsOf(shaken.specs[2]!, shaken.inputs);
    expect(jobs.runMs).toBe(input.runMs);
    expect([...input.submitMs]).toEqual(before);
    expect([...jobs.submitMs]).not.toEqual(before);
  });
});

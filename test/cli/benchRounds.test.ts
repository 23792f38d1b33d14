import { describe, expect, it } from 'vitest';
import { SimError, errorRecord } from '../../src/base/errors.js';
import { percent, splitPolicies } from '../../src/cli/commands/bench.js';
import { nextReplications, runBench, type BenchDone } from '../../src/cli/benchRounds.js';
import { execute } from '../../src/cli/execute.js';
import { makeTalk } from '../../src/cli/talk.js';
import { planScenario } from '../../src/plan/plan.js';
import { inlinePool } from '../../src/pool/inline.js';
import { runTask } from '../../src/pool/runTask.js';
import { benchMeasure } from '../../src/report/benchMeasures.js';
import type { RunSpec } from '../../src/scenario/runSpec.js';
import { shipped } from '../plan/planning.js';

const talk = makeTalk({ quiet: true });

interface Bench {
  readonly done: BenchDone;
  /** `policy replication` of the runs that were done, by round. */
  readonly rounds: readonly (readonly string[])[];
}

/** Benches a shipped scenario on this thread; runs of which `fails` are failures. */
async function bench(
  policies: readonly string[],
  more: {
    reps?: number;
    precision?: number;
    most?: number;
    fails?: (spec: RunSpec) => boolean;
    scenario?: string;
  } = {},
): Promise<Bench> {
  const { reps = 2, precision, most = 100, fails = () => false, scenario = 'tiny-two-sites' } = more;
  const rounds: string[][] = [];
  const done = await runBench({
    load: (left, replications) => {
      const doc = shipped.find('scenario', scenario)!;
      const plan = planScenario(doc, {
        library: shipped,
        readFile: () => new Uint8Array(),
        buildVersion: 'test',
        replications: replications ?? reps,
        policies: left ?? policies,
      });
      return Promise.resolve({ argument: scenario, plan });
    },
    baselineOf: (plan) => plan.policies[0]!.text,
    rankBy: benchMeasure('jctMeanMs')!,
    precision,
    maxReplications: most,
    options: {},
    talk,
    executed: (plans, options, say, _, known) => {
      const round: string[] = [];
      rounds.push(round);
      const pool = inlinePool((task, heartbeat) => {
        round.push(`${task.spec.policy.text} ${String(task.spec.replication)}`);
        if (!fails(task.spec)) return runTask(task, heartbeat);
        return { outcome: { ok: false, error: errorRecord(new SimError('policy.contract', 'forced')) }, wallMs: 0 };
      });
      return execute(plans, options, say, () => pool, known);
    },
  });
  return { done, rounds };
}

describe('a benchmark', () => {
  const both = ['fcfs+easy@pack', 'fcfs+none@pack'];

  it('does all runs in one round when no precision is asked for, replication by replication over all policies', async () => {
    const { done, rounds } = await bench(both);
    expect(rounds).toEqual([['0', '1'].flatMap((replication) => both.map((policy) => `${policy} ${replication}`))]);
    expect(done.precision).toBeUndefined();
    expect(done.cases[0]!.replications).toEqual([0, 1]);
  });

  it('adds replications until the interval is narrow enough, and does none of them twice', async () => {
    const { done, rounds } = await bench(both, { precision: 0.2 });
    const { reached, replications, widest } = done.precision!;
    expect(reached).toBe(true);
    expect(widest).toBeLessThanOrEqual(0.2);
    expect(rounds.length).toBeGreaterThan(1);
    const runs = rounds.flat();
    expect(new Set(runs).size).toBe(runs.length);
    expect(runs).toHaveLength(2 * replications);
    expect(done.cases[0]!.policies[0]!.runs).toHaveLength(replications);
  });

  it('ends at the most replications allowed, and says that it came no further', async () => {
    const { done } = await bench(both, { precision: 0.001, most: 6 });
    expect(done.precision).toMatchObject({ reached: false, replications: 6 });
    expect(done.precision!.widest).toBeGreaterThan(0.001);
  });

  it('refuses a maximum below the replications of the first round', async () => {
    await expect(bench(both, { reps: 5, precision: 0.2, most: 4 })).rejects.toThrow(
      '--max-reps: expected at least the 5 replications that the first round does, got 4',
    );
    const { done } = await bench(both, { reps: 2, precision: 0.001, most: 3 });
    expect(done.precision).toMatchObject({ reached: false, replications: 3, most: 3 });
  });

  it('compares with nothing where the baseline failed, in later rounds too, which are without it', async () => {
    const three = [...both, 'sjf+easy@pack'];
    const { done, rounds } = await bench(three, {
      precision: 0.2,
      fails: ({ policy }) => policy.text === 'fcfs+easy@pack',
    });
    expect(rounds.length).toBeGreaterThan(1);
    const [found] = done.cases;
    expect([found!.baseline, found!.baselineAsked]).toEqual([undefined, 'fcfs+easy@pack']);
    expect(found!.policies.map(({ text }) => text)).toEqual(['fcfs+none@pack', 'sjf+easy@pack']);
  });

  it('compares the others where a policy fails, and does not run it again', async () => {
    const three = [...both, 'sjf+easy@pack'];
    const { done, rounds } = await bench(three, {
      precision: 0.2,
      fails: ({ policy, replication }) => policy.text === 'fcfs+none@pack' && replication === 1,
    });
    expect(done.cases[0]!.policies.map(({ text }) => text)).toEqual(['fcfs+easy@pack', 'sjf+easy@pack']);
    expect(done.failed).toMatchObject([{ policy: 'fcfs+none@pack', error: { message: 'forced' } }]);
    expect(
      rounds
        .slice(1)
        .flat()
        .some((run) => run.startsWith('fcfs+none')),
    ).toBe(false);
    expect(done.precision!.reached).toBe(true);
  });

  it('knows which policies look into the future, and which may starve a job', async () => {
    const { done } = await bench(['fcfs+easy@pack', 'srtf+easy@pack', 'srtf(estimate)+easy@pack'], { reps: 1 });
    expect(done.cases[0]!.policies.map(({ label }) => label)).toEqual([
      'fcfs+easy@pack',
      'srtf+easy@pack *~',
      'srtf(estimate)+easy@pack ~',
    ]);
  });

  it('does a deterministic scenario once, whatever precision is asked for', async () => {
    const { done, rounds } = await bench(['fcfs+easy@first-fit', 'fcfs+none@first-fit'], {
      scenario: 'tiny-easy',
      precision: 0.01,
    });
    expect(rounds.flat()).toHaveLength(2);
    expect(done.cases[0]).toMatchObject({ exact: true, replications: [0] });
  });
});

describe('the next number of replications', () => {
  it('grows with the square of what is missing, at least by one, at most fourfold and to the most allowed', () => {
    expect(nextReplications(10, 1.5, 100)).toBe(25);
    expect(nextReplications(10, 1.001, 100)).toBe(12);
    expect(nextReplications(10, 9, 100)).toBe(40);
    expect(nextReplications(40, 9, 100)).toBe(100);
  });
});

describe('options of bench', () => {
  it('split policies at commas outside parentheses', () => {
    expect(splitPolicies('fcfs+easy(2)@pack, las(a, b)+easy@topology(1, 2),x')).toEqual([
      'fcfs+easy(2)@pack',
      'las(a, b)+easy@topology(1, 2)',
      'x',
    ]);
    expect(() => splitPolicies('a,,b')).toThrow('separated by commas');
  });

  it('read a precision as percent or as a fraction of 1', () => {
    expect([percent('2%'), percent('0.02'), percent(' 2.5 % ')]).toEqual([0.02, 0.02, 0.025]);
    for (const wrong of ['', '2', '0', '-1%', 'two', '100%']) expect(() => percent(wrong), wrong).toThrow('2% or 0.02');
  });
});

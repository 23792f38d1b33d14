import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { errorRecord, SimError, type ErrorCode } from '../../src/base/errors.js';
import { brokenPolicies, withoutPolicies } from '../../src/cli/brokenPolicies.js';
import { execute, type FailedRun } from '../../src/cli/execute.js';
import { finishRuns, nextOptions } from '../../src/cli/finish.js';
import { makeTalk } from '../../src/cli/talk.js';
import { inlinePool } from '../../src/pool/inline.js';
import { runTask } from '../../src/pool/runTask.js';
import { planScenario } from '../../src/plan/plan.js';
import { collectCandidates } from '../../src/report/candidates.js';
import { shipped } from '../plan/planning.js';

const plan = planScenario(shipped.find('scenario', 'tiny-two-sites')!, {
  library: shipped,
  readFile: () => new Uint8Array(),
  buildVersion: 'test',
});

let said: string[];
const talk = { ...makeTalk({ quiet: true }), warn: (text: string) => void said.push(text) };
let exitCodeBefore: typeof process.exitCode;
beforeEach(() => {
  said = [];
  exitCodeBefore = process.exitCode;
});
afterEach(() => {
  process.exitCode = exitCodeBefore;
});

/** The exit code of a command whose runs fail with these codes, in order; `ok` for those that do not. */
async function exitCodeWith(fates: readonly (ErrorCode | 'ok')[]): Promise<typeof process.exitCode> {
  let next = 0;
  const pool = inlinePool((task, heartbeat) => {
    const fate = fates[next++ % fates.length]!;
    if (fate === 'ok') return runTask(task, heartbeat);
    return { outcome: { ok: false, error: errorRecord(new SimError(fate, 'forced')) }, wallMs: 0 };
  });
  const executed = await execute([{ argument: 'tiny-two-sites', plan }], {}, talk, () => pool);
  finishRuns(executed, {}, talk, 'gigasim --help');
  return process.exitCode;
}

describe('a command whose runs fail', () => {
  it('ends with 1 for a failed audit, alone or among others, whichever comes first', async () => {
    expect(await exitCodeWith(['audit.failed'])).toBe(1);
    expect(await exitCodeWith(['ok', 'policy.contract', 'audit.failed'])).toBe(1);
    expect(await exitCodeWith(['internal.invariant', 'run.failed', 'ok'])).toBe(1);
  });

  it('ends with 4 for what is not our mistake', async () => {
    expect(await exitCodeWith(['policy.contract', 'ok'])).toBe(4);
    expect(await exitCodeWith(['run.deadlock', 'run.failed'])).toBe(4);
  });

  it('names each failed run with its code', async () => {
    // Done replication by replication over both policies, told in the order of the plan: policy by policy.
    await exitCodeWith(['ok', 'audit.failed', 'audit.failed', 'ok', 'ok', 'ok']);
    const [first, second] = plan.policies.map(({ text }) => text);
    expect(said).toEqual([
      expect.stringMatching(/audit\.failed/),
      expect.stringContaining(`${second!} at tiny-fr and 1 more, replication 1: forced`),
    ]);
    expect(said[0]).toContain(`${first!} at tiny-fr and 1 more, replication 2: forced`);
  });

  it('suggests going on with the other policies only, and nothing where all failed', () => {
    const command = new Command().option('--policy <policy>').option('--seed <seed>').option('--out <folder>');
    command.parse(['--policy', 'any', '--seed', '3', '--out', 'there'], { from: 'user' });
    const [first, second] = plan.policies.map(({ text }) => text);
    const failures = [first!, second!].map((policy): FailedRun => {
      return { run: 'a run', policy, error: errorRecord(new SimError('policy.contract', 'forced')) };
    });
    expect(nextOptions(command, plan, [])).toBe(' --seed 3 --policy any --out there');
    expect(nextOptions(command, plan, failures.slice(0, 1))).toBe(` --seed 3 --policy ${second!} --out there`);
    expect(nextOptions(command, plan, failures)).toBeUndefined();
    const third = { ...plan, policies: [...plan.policies, { ...plan.policies[0]!, text: 'las(1,2)@pack' }] };
    expect(nextOptions(command, third, failures.slice(0, 1))).toBe(
      ` --seed 3 --policy '["${second!}","las(1,2)@pack"]' --out there`,
    );
  });
});

describe('a policy that breaks its contract', () => {
  it('is left out of a comparison, and the others keep their replications', async () => {
    const broken = plan.policies[1]!.text;
    const pool = inlinePool((task, heartbeat) =>
      task.spec.policy.text === broken
        ? { outcome: { ok: false, error: errorRecord(new SimError('policy.contract', 'forced')) }, wallMs: 0 }
        : runTask(task, heartbeat),
    );
    const executed = await execute([{ argument: 'tiny-two-sites', plan }], {}, talk, () => pool);
    const leftOut = brokenPolicies(executed.failed);
    expect(leftOut).toEqual([broken]);
    const found = collectCandidates(executed.done.map((done) => withoutPolicies(done, leftOut)));
    expect(found.dropped).toEqual([]);
    expect(found.replications).toEqual([0, 1, 2]);
    expect(new Set(found.candidates.map(({ policy }) => policy))).toEqual(new Set([plan.policies[0]!.text]));
  });
});

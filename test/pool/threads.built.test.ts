import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { bundlePolicy } from '../../src/io/bundlePolicy.js';
import { inlinePool } from '../../src/pool/inline.js';
import type { RunTask } from '../../src/pool/pool.js';
import { oneRun } from '../../src/pool/oneRun.js';
import { threadsPool } from '../../src/pool/threads.js';
import { bytesOf } from './bytes.js';
import { poolContract } from './contract.js';
import { generatedTask, mixedTasks } from '../support/tinyRuns.js';

const workerFile = resolve(import.meta.dirname, '../../dist/workers/run.js');
const misbehaving = resolve(import.meta.dirname, 'fixtures/misbehaving.js');

beforeAll(() => {
  if (!existsSync(workerFile)) throw new Error('These tests load compiled code: npm run build first.');
});

poolContract('threads', () => threadsPool({ threads: 2, workerFile }));

/** A task for the fixture, which looks at the name of the workload alone. */
const named = (name: string): RunTask => {
  const task = generatedTask(0);
  return { ...task, spec: { ...task.spec, workload: { kind: 'generated', name, generator: null, classNames: [] } } };
};

describe('determinism', () => {
  it('gives identical bytes for inline, 1, 2 and 8 threads, twice, and in shuffled order', async () => {
    const tasks = mixedTasks();
    // The stack of our own mistakes names files, which differ between source and build.
    const sound = tasks.filter((_, index) => index !== 3);
    const expected = bytesOf(await inlinePool().run(sound));
    for (const threads of [1, 2, 8, 2]) {
      expect(bytesOf(await threadsPool({ threads, workerFile }).run(sound))).toBe(expected);
    }
    const order = [2, 0, 3, 1];
    const shuffled = await threadsPool({ threads: 2, workerFile }).run(order.map((index) => sound[index]!));
    const restored = order.map((_, index) => shuffled[order.indexOf(index)]!);
    expect(bytesOf(restored)).toBe(expected);
  });
});

describe("a user's policy that never returns", () => {
  it('is ended and named with the time of the call, and the other runs of the plan survive', async () => {
    const code = bundlePolicy(resolve(import.meta.dirname, '../policy/own/fixtures/loops.js'), './loops.js');
    const sound = generatedTask(0);
    const { policy } = sound.spec;
    const backfill = { name: './loops.js', params: {}, module: code.sha256 };
    const inputs = { ...sound.inputs, policies: { [code.sha256]: code } };
    const loops = { ...sound, inputs, spec: { ...sound.spec, policy: { ...policy, text: './loops.js', backfill } } };
    const pool = threadsPool({ threads: 2, workerFile, policyCallLimitMs: 300 });
    const outcomes = await pool.run([sound, loops, generatedTask(1), loops]);
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, false, true, false]);
    expect(outcomes[1]).toMatchObject({
      error: {
        code: 'policy.contract',
        exitCode: 4,
        message: expect.stringMatching(
          /^policy \.\/loops\.js was called at -\d+ ms and did not return within 0\.3 s/,
        ) as string,
      },
    });
  });
});

describe('one run to be explained', () => {
  const code = bundlePolicy(resolve(import.meta.dirname, '../policy/own/fixtures/loops-when-asked.js'), './asked.js');
  const plain = generatedTask(0);
  const backfill = { name: './asked.js', params: {}, module: code.sha256 };
  const policy = { ...plain.spec.policy, text: './asked.js', backfill };
  const own = {
    ...plain,
    inputs: { ...plain.inputs, policies: { [code.sha256]: code } },
    spec: { ...plain.spec, policy },
  };
  const stopped = { workerFile, policyCallLimitMs: 300 };

  it('brings back why jobs wait, and is ended when a policy does not return from being asked', async () => {
    const { waits } = await oneRun({ ...own, explained: [0] }, stopped);
    expect(waits).toMatchObject([{ job: 0 }]);
    const all = Array.from({ length: 50 }, (_, job) => job);
    await expect(oneRun({ ...own, explained: all }, stopped)).rejects.toThrow(/did not return within 0\.3 s/);
  });

  it('is the same with a policy of ours, on this thread', async () => {
    const { result, waits } = await oneRun({ ...plain, explained: [1] });
    const [outcome] = await inlinePool().run([plain]);
    expect(outcome).toMatchObject({ ok: true, result: { fingerprint: result.fingerprint } });
    expect(waits).toMatchObject([{ job: 1 }]);
  });
});

describe('threads that misbehave', () => {
  const pool = () => threadsPool({ threads: 2, workerFile: misbehaving });

  it('cost one run each when they exit, and the plan goes on', async () => {
    const outcomes = await pool().run([named('a'), named('exit'), named('b'), named('exit'), named('c')]);
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, false, true, false, true]);
    expect(outcomes[1]).toMatchObject({
      error: {
        code: 'run.failed',
        exitCode: 4,
        message: expect.stringMatching(/thread of this run died: .*3/) as string,
      },
    });
    expect(outcomes[2]).toMatchObject({ result: { name: 'b' } });
  });

  it('fail their run when they throw what is no outcome', async () => {
    const [outcome] = await pool().run([named('throw')]);
    expect(outcome).toMatchObject({ error: { code: 'run.failed' } });
  });

  it('fail every run when the worker cannot be loaded', async () => {
    const outcomes = await threadsPool({ threads: 2, workerFile: `${misbehaving}.absent` }).run([
      named('a'),
      named('b'),
    ]);
    for (const outcome of outcomes) expect(outcome).toMatchObject({ error: { code: 'run.failed' } });
  });

  it('are seen at work and stop when asked, with nothing begun after', async () => {
    const stop = new AbortController();
    let furthest = 0;
    const begun = new Set<number>();
    const outcomes = await pool().run([named('until-stopped'), named('until-stopped'), named('a')], {
      signal: stop.signal,
      onProgress: ({ fractions }) => {
        fractions.forEach((fraction, run) => {
          furthest = Math.max(furthest, fraction);
          if (fraction > 0) begun.add(run);
        });
        if (furthest > 0) stop.abort();
      },
    });
    expect(furthest).toBeGreaterThan(0);
    expect(outcomes.map((outcome) => (outcome.ok ? 'ok' : outcome.error.code))).toEqual(
      Array(3).fill('run.interrupted'),
    );
    expect(begun.has(2)).toBe(false);
  });

  it('do not keep the plan when a look at them throws', async () => {
    let looks = 0;
    const run = pool().run([named('until-stopped')], {
      onProgress: () => {
        if (looks++ > 0) throw new Error('terminal gone');
      },
    });
    await expect(run).rejects.toThrow('terminal gone');
  });
});

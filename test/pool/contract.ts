import { describe, expect, it } from 'vitest';
import type { Pool, PoolProgress, RunOutcome } from '../../src/pool/pool.js';
import { simulate } from '../../src/sim/simulate.js';
import { bytesOf } from './bytes.js';
import { brokeredTask, failingTask, generatedTask, mixedTasks, tracedTask } from '../support/tinyRuns.js';

/** What every pool promises, whatever it runs on. */
export function poolContract(name: string, makePool: () => Pool): void {
  describe(`pool contract: ${name}`, () => {
    it('hands back what simulate returns, by index, typed arrays and all', async () => {
      const tasks = [generatedTask(0), tracedTask(), generatedTask(1), brokeredTask(0)];
      const expected = tasks.map(({ spec, inputs }): RunOutcome => ({
        ok: true,
        result: simulate(spec, inputs, { keepJobs: true }),
      }));
      const outcomes = await makePool().run(tasks);
      expect(bytesOf(outcomes)).toBe(bytesOf(expected));
      const first = outcomes[0]!;
      expect(first.ok && first.result.jobs!.startMs).toBeInstanceOf(Float64Array);
      expect(first.ok && first.result.schedule.completed).toBeGreaterThan(50);
    });

    it('keeps the jobs only when asked', async () => {
      const [outcome] = await makePool().run([{ ...generatedTask(0), keepJobs: false }]);
      expect(outcome!.ok && outcome!.result.jobs).toBeUndefined();
    });

    it('leaves the inputs usable for the next plan', async () => {
      const tasks = [tracedTask(), generatedTask(0)];
      const pool = makePool();
      expect(bytesOf(await pool.run(tasks))).toBe(bytesOf(await pool.run(tasks)));
      expect(tasks[0]!.inputs.traces.log!.submitMs[499]).toBe(499_000_000);
    });

    it('makes a failed run an outcome with its code, and does the others', async () => {
      const outcomes = await makePool().run([failingTask(), generatedTask(0)]);
      expect(outcomes.map(({ ok }) => ok)).toEqual([false, true]);
      expect(outcomes[0]).toMatchObject({ error: { code: 'internal.invariant', exitCode: 1 } });
      expect(outcomes[0]).toMatchObject({ error: { message: expect.stringContaining('series absent') as string } });
    });

    it('gives no outcomes for no tasks', async () => {
      expect(await makePool().run([])).toEqual([]);
    });

    it('tells of each outcome once and of progress up to the end', async () => {
      const told: number[] = [];
      const seen: PoolProgress[] = [];
      const tasks = mixedTasks();
      const outcomes = await makePool().run(tasks, {
        onOutcome: (index, outcome, wallMs) => {
          expect(wallMs).toBeGreaterThanOrEqual(0);
          expect(outcome.ok).toBe(index !== 3);
          told.push(index);
        },
        onProgress: (progress) => seen.push({ ...progress, fractions: progress.fractions.slice() }),
      });
      expect(outcomes).toHaveLength(tasks.length);
      expect(told.sort()).toEqual([0, 1, 2, 3, 4]);
      expect(seen[0]).toMatchObject({ doneRuns: 0, runs: 5 });
      expect(seen.at(-1)).toEqual({ doneRuns: 5, runs: 5, fractions: new Float64Array(5).fill(1) });
      for (const [i, progress] of seen.entries()) {
        expect(progress.doneRuns).toBeGreaterThanOrEqual(seen[i - 1]?.doneRuns ?? 0);
        expect(progress.fractions.every((fraction) => fraction >= 0 && fraction <= 1)).toBe(true);
      }
    });

    it('begins nothing when it was stopped before', async () => {
      const outcomes = await makePool().run([generatedTask(0), generatedTask(1)], { signal: AbortSignal.abort() });
      for (const outcome of outcomes)
        expect(outcome).toMatchObject({ error: { code: 'run.interrupted', exitCode: 130 } });
      expect(outcomes).toHaveLength(2);
    });

    it('keeps finished runs and interrupts the rest when stopped on the way', async () => {
      const stop = new AbortController();
      const tasks = Array.from({ length: 20 }, (_, replication) => generatedTask(replication));
      const outcomes = await makePool().run(tasks, {
        signal: stop.signal,
        onOutcome: () => {
          stop.abort();
        },
      });
      expect(outcomes.some(({ ok }) => ok)).toBe(true);
      const rest = outcomes.filter(({ ok }) => !ok);
      expect(rest.length).toBeGreaterThan(10);
      for (const outcome of rest) expect(outcome).toMatchObject({ error: { code: 'run.interrupted' } });
    });

    it('ends the plan with the exception of a hook', async () => {
      const run = makePool().run([generatedTask(0), generatedTask(1), generatedTask(2)], {
        onOutcome: () => {
          throw new Error('disk full');
        },
      });
      await expect(run).rejects.toThrow('disk full');
    });
  });
}

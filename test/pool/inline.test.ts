import { describe, expect, it } from 'vitest';
import { longestFirst } from '../../src/pool/expectedWork.js';
import { Heartbeats } from '../../src/pool/heartbeats.js';
import { inlinePool } from '../../src/pool/inline.js';
import { runTask } from '../../src/pool/runTask.js';
import { sharedInputs } from '../../src/pool/sharedInputs.js';
import { threadsPool } from '../../src/pool/threads.js';
import { poolContract } from './contract.js';
import { generatedTask, tracedTask } from '../support/tinyRuns.js';

poolContract('inline', () => inlinePool());

describe('a run asked to stop', () => {
  it('ends as run.interrupted', () => {
    const heartbeats = new Heartbeats(2);
    heartbeats.stopAll();
    const { outcome, wallMs } = runTask(generatedTask(0), heartbeats.of(1));
    expect(outcome).toMatchObject({ ok: false, error: { code: 'run.interrupted', exitCode: 130 } });
    expect(wallMs).toBeGreaterThanOrEqual(0);
  });

  it('tells in its own place how far it got', () => {
    const heartbeats = new Heartbeats(2);
    runTask(generatedTask(0), heartbeats.of(1));
    expect(heartbeats.fractionDone(0)).toBe(0);
    expect(heartbeats.fractionDone(1)).toBeGreaterThan(0.5);
  });
});

describe('the order of beginning', () => {
  it('is the longest expected first, equal ones by index', () => {
    const day = 86_400_000;
    const tasks = [
      generatedTask(0),
      generatedTask(0, { horizonMs: 9 * day }),
      generatedTask(1),
      generatedTask(0, { horizonMs: 2 * day }),
    ];
    expect(longestFirst(tasks)).toEqual([1, 0, 2, 3]);
  });
});

describe('sharedInputs', () => {
  it('moves every typed array into shared memory, once, and changes no value', () => {
    const { inputs } = tracedTask();
    const shared = sharedInputs({ ...inputs, series: { ...inputs.series, again: inputs.series.price! } });
    const { price, again } = shared.series;
    expect(price!.values.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(again).toBe(price);
    expect([...price!.values]).toEqual([...inputs.series.price!.values]);
    expect(shared.traces.log!.gpus).toEqual(inputs.traces.log!.gpus);
    expect(shared.traces.log!.gpus.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(shared.traces.log!.classNames).toEqual(['any']);
    expect(shared.contentSha256).toEqual(inputs.contentSha256);
  });

  it('takes only the part of a buffer that the array shows, and leaves shared arrays where they are', () => {
    const part = Float64Array.of(1, 2, 3, 4).subarray(1, 3);
    const there = new Float64Array(new SharedArrayBuffer(8));
    const shared = sharedInputs({
      series: { part: { stepMs: 1, values: part }, there: { stepMs: 1, values: there } },
      traces: {},
      contentSha256: {},
    });
    expect([...shared.series.part!.values]).toEqual([2, 3]);
    expect(shared.series.part!.values.buffer.byteLength).toBe(16);
    expect(shared.series.there!.values).toBe(there);
  });
});

describe('threadsPool', () => {
  it.each([0, -1, 1.5, NaN])('refuses %s threads as a usage error', (threads) => {
    expect(() => threadsPool({ threads })).toThrow(expect.objectContaining({ code: 'usage', exitCode: 2 }) as Error);
  });
});

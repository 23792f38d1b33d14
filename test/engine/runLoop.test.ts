import { describe, expect, it } from 'vitest';
import { RANK } from '../../src/engine/ranks.js';
import { MAX_ROUNDS_PER_INSTANT, RunLoop, type Handlers } from '../../src/engine/runLoop.js';

/** Writes down everything that happens, as `time kind`. */
class Recorder implements Handlers {
  readonly seen: string[] = [];
  readonly loop: RunLoop;
  constructor(loop: RunLoop) {
    this.loop = loop;
  }
  onEvent(kind: number, a: number): void {
    this.note(`event ${String(kind)}/${String(a)}`);
    this.loop.requestPass();
  }
  onArrival(index: number): void {
    this.note(`arrival ${String(index)}`);
    this.loop.requestPass();
  }
  onTick(): void {
    this.note('tick');
  }
  onPass(): void {
    this.note('pass');
  }
  private note(what: string): void {
    this.seen.push(`${String(this.loop.nowMs)} ${what}`);
  }
}

describe('run loop', () => {
  it('at one instant: completions, market, arrivals, one pass, samples', () => {
    const loop = new RunLoop(0, Float64Array.of(10, 10), 2, 10);
    loop.queue.push(10, RANK.sample, 4, 0);
    loop.queue.push(10, RANK.completion, 0, 7);
    const recorder = new Recorder(loop);
    recorder.onEvent = (kind, a) => {
      recorder.seen.push(`${String(loop.nowMs)} event ${String(kind)}/${String(a)}`);
    };
    loop.run(recorder, 11, false);
    expect(recorder.seen).toEqual([
      '10 event 0/7',
      '10 tick',
      '10 arrival 0',
      '10 arrival 1',
      '10 pass',
      '10 event 4/0',
    ]);
  });

  it('runs up to, not including, the end', () => {
    const loop = new RunLoop(-5, Float64Array.of(-5, 3, 8), 3, Number.POSITIVE_INFINITY);
    const recorder = new Recorder(loop);
    loop.run(recorder, 8, false);
    expect(recorder.seen).toEqual(['-5 arrival 0', '-5 pass', '3 arrival 1', '3 pass']);
  });

  it('stops when nothing can happen any more, although the tick goes on', () => {
    const loop = new RunLoop(0, Float64Array.of(2), 1, 1);
    const recorder = new Recorder(loop);
    loop.run(recorder, Number.POSITIVE_INFINITY, true);
    expect(recorder.seen).toEqual(['1 tick', '2 tick', '2 arrival 0', '2 pass']);
  });

  it('a pass that causes an event at the same instant gets another round', () => {
    const loop = new RunLoop(0, Float64Array.of(1), 1, Number.POSITIVE_INFINITY);
    const recorder = new Recorder(loop);
    let started = false;
    recorder.onPass = () => {
      recorder.seen.push('pass');
      if (!started) loop.queue.push(loop.nowMs, RANK.completion, 0, 0);
      started = true;
    };
    loop.run(recorder, 2, false);
    expect(recorder.seen).toEqual(['1 arrival 0', 'pass', '1 event 0/0', 'pass']);
  });

  it('lets any number of events complete at one instant', () => {
    const loop = new RunLoop(0, Float64Array.of(1), 1, Number.POSITIVE_INFINITY);
    let left = MAX_ROUNDS_PER_INSTANT + 10;
    const handlers: Handlers = {
      onArrival: () => {
        loop.requestPass();
      },
      onEvent: () => {
        loop.requestPass();
      },
      onTick: () => undefined,
      onPass: () => {
        if (left-- > 0) loop.queue.push(loop.nowMs, RANK.completion, 0, 0);
      },
    };
    loop.run(handlers, 2, false);
    expect(left).toBe(-1);
  });

  it('stops a run whose clock no longer advances and says when', () => {
    const loop = new RunLoop(0, Float64Array.of(3), 1, Number.POSITIVE_INFINITY);
    const handlers: Handlers = {
      onArrival: () => {
        loop.queue.push(3, RANK.pass, 0, 0);
      },
      onEvent: () => {
        loop.requestPass();
      },
      onTick: () => undefined,
      onPass: () => {
        loop.queue.push(loop.nowMs, RANK.pass, 0, 0);
      },
    };
    expect(() => {
      loop.run(handlers, 10, false);
    }).toThrow(new RegExp(`at 3 ms: more than ${String(MAX_ROUNDS_PER_INSTANT)} rounds`));
  });
});

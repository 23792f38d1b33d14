import { describe, expect, it } from 'vitest';
import { RandomStreams } from '../../src/base/random.js';
import type { BackfillDef } from '../../src/policy/contracts.js';
import { parsePolicy } from '../../src/policy/parse.js';
import type { WindowSpec } from '../../src/scenario/runSpec.js';
import { schedule } from '../../src/sim/schedule.js';
import { ruledTable } from '../support/rules.js';
import { machine } from '../support/jobs.js';
import { stretches } from '../support/stretches.js';

/** Interrupts what runs for a head that does not fit, and starts it in the pass that it asks for as nodes leave service. */
const evict: BackfillDef = {
  axis: 'backfill',
  name: 'evict',
  summary: 'the head of the queue evicts',
  resizes: true,
  create: (_, context) => ({
    onQueued: (job) => context.world.nowMs === context.world.submitMs(job),
    onStarted: () => undefined,
    onReleased: () => true,
    onCapacity: () => true,
    blockedBy: () => -1,
    pass: () => {
      const { queue, running, decide, world } = context;
      const head = queue.head();
      if (head < 0) return;
      if (context.fits(head)) decide.start(head);
      else if (running.count > 0 && world.gpus(head) < world.gpus(running.first())) decide.preempt(running.first());
    },
  }),
};

function run(windows: readonly WindowSpec[]) {
  const parsed = parsePolicy('sjf+none@first-fit');
  if (!parsed.ok) throw new Error(parsed.issues[0]!.message);
  return schedule({
    partitions: [machine(10, 1)],
    policy: { ...parsed.policy, backfill: { name: 'evict', params: {}, module: 'evict' } },
    modules: new Map([['evict', evict]]),
    jobs: ruledTable([
      { submitMs: 0, gpus: 10, runMs: 100 },
      { submitMs: 5, gpus: 8, runMs: 10 },
    ]),
    startMs: 0,
    horizonMs: undefined,
    streams: new RandomStreams('passes'),
    windows,
  });
}

describe('a pass asked for in the middle of a pass', () => {
  /*
   * 10 GPUs, all held by the first job, which maintenance waits for with 2 nodes until 50. At 5 the second evicts it:
   * the 2 nodes leave service, the second starts on the other 8, and the first goes on with 95 ms left at 50.
   */
  it('is made at that instant, where nodes leave service with the job that was interrupted', () => {
    const service = { name: 'service', kind: 'maintenance' as const, partition: 0, nodes: 2, drainMs: 0 };
    const ran = run([{ ...service, fromMs: 2, toMs: 50 }]);
    expect(stretches(ran)).toEqual([
      [0, 10, 0, 5],
      [1, 8, 5, 15],
      [0, 10, 50, 145],
    ]);
  });
});

import { describe, expect, it } from 'vitest';
import { RandomStreams } from '../../src/base/random.js';
import type { OrderDef } from '../../src/policy/contracts.js';
import { parsePolicy } from '../../src/policy/parse.js';
import { schedule } from '../../src/sim/schedule.js';
import { jobTable, machine } from '../support/jobs.js';

describe('keys that are taken again', () => {
  it('are made from one state for all partitions, brought up to date once a period', () => {
    const refreshedAt: number[] = [];
    const spy: OrderDef = {
      axis: 'order',
      name: 'spy',
      summary: 'last come first served from the second period on',
      create: (_params, { world }) => {
        let sign = 1;
        return {
          rekeyEveryMs: 100,
          key: (job) => sign * world.submitMs(job),
          refresh: () => {
            refreshedAt.push(world.nowMs);
            sign = -1;
          },
        };
      },
    };
    const parsed = parsePolicy('fcfs+none@first-fit');
    if (!parsed.ok) throw new Error('not a policy');
    // In each partition one job runs until 150; the others arrive before and after the first period.
    const rows = [0, 1].flatMap((partition) => [
      { submitMs: 0, gpus: 2, runMs: 150, partition },
      { submitMs: 10, gpus: 2, runMs: 10, partition },
      { submitMs: 20, gpus: 2, runMs: 10, partition },
      { submitMs: 110 + partition, gpus: 2, runMs: 10, partition },
    ]);
    const { startMs } = schedule({
      partitions: [machine(2, 1), { ...machine(2, 1), name: 'other' }],
      policy: { ...parsed.policy, order: { name: 'spy', params: {}, module: 'spy' } },
      modules: new Map([['spy', spy]]),
      jobs: jobTable(rows),
      startMs: 0,
      horizonMs: undefined,
      streams: new RandomStreams('epoch'),
    });
    // Jobs by submission: 0 and 1 at 0, 2 and 3 at 10, 4 and 5 at 20, 6 at 110, 7 at 111.
    expect(refreshedAt).toEqual([110]);
    expect([...startMs]).toEqual([0, 0, 170, 170, 160, 160, 150, 150]);
  });
});

import { expect, it } from 'vitest';
import { RandomStreams } from '../../../src/base/random.js';
import { MS_PER_HOUR as H } from '../../../src/base/units.js';
import { schedule } from '../../../src/sim/schedule.js';
import { policyOf } from '../../support/brokered.js';
import { jobTable, machine } from '../../support/jobs.js';

const NODES = 5;
const GPUS_PER_NODE = 4;
const HOURS = 480;

/** Hours that a gang of all nodes waits, from hour 10 on, while jobs of a node and an hour keep coming at a load. */
function waitOfGang(policy: string, load: number, runHours: number): number {
  const everyMs = H / NODES / load;
  const stream = Array.from({ length: Math.floor((HOURS * H) / everyMs) }, (_, i) => ({
    ...{ submitMs: Math.floor(i * everyMs), gpus: GPUS_PER_NODE, runMs: H },
  }));
  const gang = { submitMs: 10 * H + 1, gpus: NODES * GPUS_PER_NODE, runMs: runHours * H };
  const jobs = [...stream, gang].sort((a, b) => a.submitMs - b.submitMs);
  const { startMs } = schedule({
    partitions: [machine(NODES, GPUS_PER_NODE)],
    policy: policyOf(policy),
    jobs: jobTable(jobs),
    startMs: 0,
    horizonMs: undefined,
    streams: new RandomStreams('starvation'),
  });
  return (startMs[jobs.indexOf(gang)]! - gang.submitMs) / H;
}

it.each([
  ['wfp3+easy@pack', 0.9, 20],
  ['wfp3+none@pack', 0.5, 5],
  ['unicef+easy@pack', 0.9, 5],
  ['unicef+none@pack', 0.25, 5],
])('under %s at load %d a gang for %d h waits until no more short jobs come', (policy, load, runHours) => {
  expect(waitOfGang(policy, load, runHours)).toBeGreaterThan(HOURS - 10);
  expect(waitOfGang(policy.replace(/\w+/, 'fcfs'), load, runHours)).toBeLessThan(2);
});

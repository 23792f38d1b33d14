import { describe, expect, it } from 'vitest';
import { findPolicy, isDeclared } from '../../../src/policy/registry.js';
import { PLAIN_TRAITS } from '../../../src/scenario/classTraits.js';
import { jobTable } from '../../support/jobs.js';
import { OrderRig } from '../../support/orderRig.js';

const H = 3_600_000;

/** Four jobs that no two of the plain orders sort alike. Areas (GPU·h): 40, 32, 27, 36. */
const four = jobTable([
  { submitMs: 0, gpus: 8, runMs: 4 * H, estimateMs: 5 * H },
  { submitMs: 1, gpus: 16, runMs: 2 * H, estimateMs: 2 * H },
  { submitMs: 2, gpus: 3, runMs: 1 * H, estimateMs: 9 * H },
  { submitMs: 3, gpus: 12, runMs: 3 * H, estimateMs: 3 * H },
]);

describe('orders by what a job asks for', () => {
  it.each([
    ['fcfs', [0, 1, 2, 3]],
    ['sjf', [1, 3, 0, 2]],
    ['sjf(run)', [2, 1, 3, 0]],
    ['ljf', [2, 0, 3, 1]],
    ['smallest-first', [2, 0, 3, 1]],
    ['largest-first', [1, 3, 0, 2]],
    ['smallest-area', [2, 1, 3, 0]],
    ['srtf', [2, 1, 3, 0]],
    ['srtf(estimate)', [1, 3, 0, 2]],
    ['qssf', [2, 1, 3, 0]], // no history: estimate × GPUs
  ])('%s', (text, expected) => {
    expect(new OrderRig(text, four).join(3, 3, 1, 0, 2).at(3)).toEqual(expected);
  });

  it('edf goes by deadline, a missed one too, and puts jobs without one last as they came', () => {
    const deadlineMs = Float64Array.of(Infinity, 9 * H, Infinity, 1);
    const rig = new OrderRig('edf', { ...four, extra: { deadlineMs } });
    expect(rig.join(H, 0, 1, 2, 3).at(H)).toEqual([3, 1, 0, 2]);
  });

  it('f1 adds log₁₀(estimate) × GPUs to 870 log₁₀(submission)', () => {
    const jobs = jobTable([
      { submitMs: 500, gpus: 200, runMs: 1e6 }, // 3·200 + 870·log₁₀(max(1, 0.5)) = 600
      { submitMs: 10_000, gpus: 10, runMs: 1e5 }, // 2·10 + 870·1 = 890
      { submitMs: 100_000, gpus: 1, runMs: 100 }, // 0·1 + 870·2 = 1740
      { submitMs: 100_000, gpus: 400, runMs: 1e6 }, // 3·400 + 870·2 = 2940
    ]);
    const rig = new OrderRig('f1', jobs);
    expect(rig.join(100_000, 3, 2, 1, 0).at(100_000)).toEqual([0, 1, 2, 3]);
    expect([0, 1, 2, 3].map((job) => rig.policy.key(job))).toEqual([600, 890, 1740, 2940]);
  });

  it('orders that know true run times say so, and those that go by estimate do not', () => {
    const clairvoyant = (name: string, by: string): boolean =>
      isDeclared(findPolicy('order', name)?.clairvoyant, { name, params: { by } });
    expect(clairvoyant('sjf', 'estimate')).toBe(false);
    expect(clairvoyant('sjf', 'run')).toBe(true);
    expect(clairvoyant('srtf', 'estimate')).toBe(false);
    expect(clairvoyant('srtf', 'run')).toBe(true);
  });
});

describe('priority with ageing', () => {
  const jobs = jobTable([
    { submitMs: 0, gpus: 1, runMs: 1 },
    { submitMs: 10 * H, gpus: 1, runMs: 1, jobClass: 1 },
    { submitMs: 11 * H, gpus: 1, runMs: 1, jobClass: 1 },
  ]);
  const traits = [PLAIN_TRAITS, { ...PLAIN_TRAITS, priority: 2 }];
  const extra = { priority: Float64Array.of(0, 0, 0.5) };
  const order = (text: string) => new OrderRig(text, { ...jobs, extra }, traits).join(11 * H, 0, 1, 2);

  it('adds class and job, and lets an hour of waiting make up what is asked', () => {
    // At 11 h, ageing 0.2: 0 + 2.2; 2 + 0.2; 2.5 + 0 → 2, then a tie by id.
    expect(order('priority(0.2)').at(11 * H)).toEqual([2, 0, 1]);
    // Ageing 0.3: 3.3; 2.3; 2.5.
    expect(order('priority(0.3)').at(11 * H)).toEqual([0, 2, 1]);
    expect(order('priority(0)').at(11 * H)).toEqual([2, 1, 0]);
  });

  it('starves nobody as long as there is ageing', () => {
    const { starves } = findPolicy('order', 'priority')!;
    expect(isDeclared(starves, { name: 'priority', params: { ageing: 0.1 } })).toBe(false);
    expect(isDeclared(starves, { name: 'priority', params: { ageing: 0 } })).toBe(true);
  });
});

describe('orders by waiting time', () => {
  const jobs = jobTable([
    { submitMs: 0, gpus: 1, runMs: 4 * H },
    { submitMs: 2 * H, gpus: 1, runMs: 1 * H },
    { submitMs: 0, gpus: 8, runMs: 8 * H },
  ]);

  it('wfp3 goes by (wait / estimate)³ · GPUs, at each moment anew', () => {
    const rig = new OrderRig('wfp3', jobs).join(2 * H, 0, 1, 2);
    // Job ids by submission: 0 (1 GPU, 4 h), 1 (8 GPUs, 8 h), 2 (1 GPU, 1 h, since 2 h).
    // 2 h: 0.125; 0.125; 0 → the tie of the first two by id. 2.5 h: 0.244; 0.244; 0.125.
    expect(rig.at(2 * H)).toEqual([0, 1, 2]);
    expect(rig.at(2.5 * H)).toEqual([0, 1, 2]);
    // 3 h: 0.42; 0.42; 1.
    expect(rig.at(3 * H)).toEqual([2, 0, 1]);
    expect(rig.queue.head()).toBe(2);
  });

  it('unicef goes by wait / (log₂(GPUs) · estimate), one GPU counting as two', () => {
    const rig = new OrderRig('unicef', jobs).join(2 * H, 0, 1, 2);
    // 2 h: 2/4; 2/(3·8); 0/1. 2.5 h: 0.625; 0.104; 0.5. 3 h: 0.75; 0.125; 1.
    expect(rig.at(2 * H)).toEqual([0, 1, 2]);
    expect(rig.at(2.5 * H)).toEqual([0, 2, 1]);
    expect(rig.at(3 * H)).toEqual([2, 0, 1]);
  });
});

describe('orders by what a job has received', () => {
  const jobs = jobTable([
    { submitMs: 0, gpus: 2, runMs: 9 * H },
    { submitMs: 1, gpus: 4, runMs: 3 * H },
    { submitMs: 2, gpus: 1, runMs: 2 * H },
    { submitMs: 3, gpus: 1, runMs: 2.5 * H },
  ]);

  it('las goes by levels of GPU time, then by submission', () => {
    const rig = new OrderRig('las(levels=3, threshold=1 h, factor=4)', jobs);
    rig.interruptions.attainedGpuMs.set([H, 4 * H, H - 1, 0]);
    // Levels 1 (from 1 h), 2 (from 4 h), 0, 0.
    expect(rig.join(5 * H, 0, 1, 2, 3).at(5 * H)).toEqual([2, 3, 0, 1]);
  });

  it('las has two levels with 3250 GPU·s between them unless told otherwise', () => {
    const rig = new OrderRig('las', jobs);
    rig.interruptions.attainedGpuMs.set([3_250_000, 3_249_999, 9e9, 0]);
    expect(rig.join(5 * H, 0, 1, 2, 3).at(5 * H)).toEqual([1, 3, 0, 2]);
  });

  it('srtf counts what is left, of the truth or of the estimate', () => {
    const longer = { ...jobs, estimateMs: Float64Array.of(10 * H, 9 * H, 4 * H, 3 * H) };
    const left = (text: string) => {
      const rig = new OrderRig(text, longer);
      rig.interruptions.doneMs.set([8 * H, 0, 0, 1.4 * H]);
      return rig.join(5 * H, 0, 1, 2, 3).at(5 * H);
    };
    // Truly left: 1, 3, 2, 1.1 h. By estimate: 2, 9, 4, 1.6 h.
    expect(left('srtf')).toEqual([0, 3, 2, 1]);
    expect(left('srtf(estimate)')).toEqual([3, 0, 2, 1]);
    expect(left('sjf(run)')).toEqual([2, 3, 1, 0]);
  });

  it('round-robin sends a job that was interrupted behind all that wait', () => {
    const rig = new OrderRig('round-robin', jobs).join(0, 0).join(1, 1).join(2, 2).join(3, 3);
    expect(rig.at(4)).toEqual([0, 1, 2, 3]);
    rig.queue.remove(0);
    rig.join(5, 0);
    expect(rig.at(5)).toEqual([1, 2, 3, 0]);
  });
});

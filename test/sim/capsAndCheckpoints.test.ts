import { expect, it } from 'vitest';
import { MS_PER_MINUTE as MIN } from '../../src/base/units.js';
import { PLAIN_TRAITS } from '../../src/scenario/classTraits.js';
import { checkpointsOf, phasesOf } from '../support/faulty.js';
import { runPowered } from '../support/powered.js';

const job = (atMin: number, runMin: number, more: object = {}) => ({
  ...{ submitMs: atMin * MIN, gpus: 8, runMs: runMin * MIN },
  ...more,
});

it.each(['', '~peak-guard(2.8 kW, 0.4)'])(
  'a change of cap is no checkpoint: who is pre-empted loses all since the last (policy %s)',
  (power) => {
    // The first job has worked for 55 of the 60 minutes to its checkpoint; a job that starts at 50 lowers the cap.
    const traits = [
      { ...PLAIN_TRAITS, checkpointMs: 60 * MIN },
      { ...PLAIN_TRAITS, priority: 10, preemptible: false },
    ];
    const rows = [job(0, 180), job(50, 30), job(55, 10, { jobClass: 1, gpus: 16 })];
    const { progress } = runPowered(`priority+easy/priority@pack${power}`, rows, { traits });
    expect(progress.interruptions!.preemptions[0]).toBe(1);
    expect(progress.interruptions!.lostGpuMs[0]! / 8 / MIN).toBe(55);
  },
);

const order = (name: string, fromMin: number, toMin: number, limitW: number) => ({
  ...{ name, fromMs: fromMin * MIN, toMs: toMin * MIN, noticeMs: 0, limitW },
});

it('a suspended job that is pre-empted loses what no checkpoint holds', () => {
  // Suspended and pre-empted at 60: 20 of the 60 minutes are since the checkpoint at 40.
  const traits = [{ ...PLAIN_TRAITS, checkpointMs: 40 * MIN }];
  const { progress } = runPowered('fcfs+easy@pack~demand-response(0.4)', [job(0, 180), job(0, 120)], {
    traits,
    orders: [order('evening', 60, 120, 700)],
  });
  const { preemptions, lostGpuMs } = progress.interruptions!;
  const victim = preemptions[0] === 1 ? 0 : 1;
  expect(preemptions[victim]).toBe(1);
  expect(lostGpuMs[victim]! / 8 / MIN).toBe(20);
});

it.each([
  ['a cap alone', [order('cap', 60, 105, 1900)]],
  ['a pre-emption alone', [order('shed', 105, 150, 700)]],
  ['a cap, and then a pre-emption', [order('cap', 60, 105, 1900), order('shed', 105, 150, 700)]],
])('effective GPU time is the work that was done, after %s', (_, orders) => {
  const ran = runPowered('fcfs+easy@pack~demand-response(0.4)', [job(0, 180), job(0, 120)], {
    orders,
    checkpoints: checkpointsOf(50 * MIN, MIN, 4),
    initialisation: { baseMs: 3 * MIN, perDoublingMs: 0, mostMs: 3 * MIN },
  });
  const useful = [0, 1].reduce((sum, each) => sum + phasesOf(ran, each)[0]!, 0);
  expect((useful - ran.power!.cappedGpuMs) / 8 / MIN).toBeCloseTo(300, 3);
});

import { expect, it } from 'vitest';
import { sleepLines } from '../../src/report/sleepLines.js';
import { simulate } from '../../src/sim/simulate.js';
import { planText } from '../plan/planning.js';

/** Four H100 nodes that idle at 2,170 W; one job of all of them from 2 to 3 h of a day. */
const scenario = (policy: string): string =>
  [
    'version: 1',
    'kind: scenario',
    'question: What does it save to let idle nodes sleep?',
    'sites: [{ name: a, zone: FR, partitions: [{ name: main, hardware: h100-sxm, nodes: 4 }],',
    '  facility: { liquidFraction: 1, liquidCoolingFraction: 0.02, upsEfficiency: 0.97, distributionEfficiency: 0.99, fixedFraction: 0.01 },',
    '  tariff: { capacityEurPerKwYear: 0, networkEurPerMWh: 0, leviesEurPerMWh: 0 } }]',
    'workload: { jobClasses: [{ name: train, gpuPowerFraction: 0.95 }], jobs: [{ submit: 2 h, gpus: 32, run: 1 h }] }',
    `policy: '${policy}'`,
    'horizon: 1 d',
    'warmup: 0 s',
    '',
  ].join('\n');
const run = (policy: string) => {
  const { specs, inputs } = planText(scenario(policy));
  return simulate(specs[0]!, inputs, {});
};

it('a run says how many nodes slept, what that saved and what it cost, and its audit holds', () => {
  const { schedule, sites } = run('fcfs+easy@pack~idle-sleep(30 min, 6 min)');
  // Asleep from 0.5 to 2 h and, as the job ends at 3.1 h, from 3.6 h on: 21.9 of 24 h. A node saves 2,170 − 109 W.
  const { asleepNodeHours, savedMWh, wakes, wakeMWh, wakingGpuHours } = schedule.power!.sleep!;
  expect(asleepNodeHours).toBeCloseTo(4 * 21.9, 9);
  expect(savedMWh).toBeCloseTo((4 * 21.9 * 2061) / 1e6, 9);
  expect(wakes).toBe(4);
  expect(wakeMWh).toBeCloseTo((4 * 0.1 * 2170) / 1e6, 9);
  expect(wakingGpuHours).toBeCloseTo(3.2, 9);
  expect(schedule.power!.effectiveGpuHours).toBeCloseTo(32, 9);
  expect(sleepLines([schedule])).toEqual([
    [
      'idle sleep',
      '3.6 nodes asleep on average, 180.54 kWh of IT saved; 4 wakes of a node, 0.87 kWh drawn in them; jobs held 3.20 ' +
        'GPU-hours until their nodes were awake',
    ],
  ]);
  const plain = run('fcfs+easy@pack');
  expect(plain.sites[0]!.itMWh - sites[0]!.itMWh).toBeCloseTo(savedMWh, 9);
  expect(sites[0]!.auditEnergyWms.relativeError).toBeLessThan(1e-12);
  expect(sites[0]!.auditCostEur.relativeError).toBeLessThan(1e-12);
  expect(sleepLines([plain.schedule])).toEqual([]);
});

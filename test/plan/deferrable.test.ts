import { describe, expect, it } from 'vitest';
import { changedDeadlines, DEADLINE } from '../../src/metrics/deadlines.js';
import { faultsOf, planText } from './planning.js';

const scenario = (keys: string): string =>
  [
    'version: 1',
    'kind: scenario',
    'question: May they wait?',
    'sites: [{ name: a, zone: FR, partitions: [{ name: main, hardware: h100-sxm, nodes: 4 }], facility: { liquidFraction: 1, liquidCoolingFraction: 0, upsEfficiency: 1, distributionEfficiency: 1, fixedFraction: 0 },',
    '  tariff: { capacityEurPerKwYear: 0, networkEurPerMWh: 0, leviesEurPerMWh: 0 } }]',
    `workload: { jobClasses: [{ name: a, gpuPowerFraction: 0.9${keys} }, { name: b, gpuPowerFraction: 0.9, priority: 1 }], jobs: [{ submit: 0 h, gpus: 8, run: 2 h }] }`,
    'policy: fcfs+easy@pack~price-aware',
    'horizon: 1 d',
    'warmup: 0 s',
    '',
  ].join('\n');
const deferMs = (keys: string) => planText(scenario(keys)).specs[0]!.traits!.map((traits) => traits.deferMs);

describe('a class whose jobs may wait', () => {
  it('may do so for a day unless it says how long, and others not at all', () => {
    expect(deferMs(', deferrable: true')).toEqual([86_400_000, undefined]);
    expect(deferMs(', deferrable: true, deferFor: 3 h')).toEqual([10_800_000, undefined]);
    expect(deferMs(', deferrable: false')).toEqual([undefined, undefined]);
  });

  it('is refused where it says how long but not that', () => {
    const [fault, ...others] = faultsOf(scenario(', deferFor: 3 h'));
    expect(others).toEqual([]);
    expect(fault).toMatchObject({ path: 'workload.jobClasses[0].deferFor' });
    expect(fault!.message).toContain('expected deferrable: true beside it');
  });
});

describe('changed deadlines', () => {
  it('are of jobs known to be met in one run and missed in the other', () => {
    const { none, met, missed } = DEADLINE;
    const here = Uint8Array.of(met, missed, missed, met, none, missed);
    const there = Uint8Array.of(met, met, missed, missed, met, none);
    expect(changedDeadlines(here, there)).toEqual({ newlyMissed: [1], newlyMet: [3] });
  });
});

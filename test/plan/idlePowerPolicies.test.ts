import { describe, expect, it } from 'vitest';
import { sayNotes } from '../../src/cli/notes.js';
import { makeTalk } from '../../src/cli/talk.js';
import { idlePowerPolicies } from '../../src/plan/idlePowerPolicies.js';
import { planText } from './planning.js';

const plan = ({ trait = '', site = '', derating = '' } = {}) =>
  planText(`
version: 1
kind: scenario
question: What do power policies act on?
sites:
  - name: tiny
    zone: DE-LU
    partitions: [{ name: main, hardware: h100-sxm, nodes: 100 }]
    facility: { liquidFraction: 1, liquidCoolingFraction: 0, upsEfficiency: 1, distributionEfficiency: 1, fixedFraction: 0${derating} }
    tariff: { capacityEurPerKwYear: 0, networkEurPerMWh: 0, leviesEurPerMWh: 0 }
    series: { price: { constant: 50 }, carbon: { constant: 300 }, wetBulb: { constant: 10 } }
    ${site}
workload: { jobClasses: [{ name: a, gpuPowerFraction: 0.95${trait} }], jobs: [{ submit: 0 h, gpus: 8, run: 1 h }] }
policy: [fcfs+none@pack, fcfs+none@pack~price-aware, fcfs+none@pack~carbon-aware+demand-response]
horizon: 2 d
warmup: 0 h
`);

const DEFERS = 'no class of jobs says deferrable: true';
const BOUNDS = 'no site has grid.orders, grid.limits, grid.connectionMW or a derating';

describe('power policies that change nothing', () => {
  const notes = (given: Parameters<typeof plan>[0]) => idlePowerPolicies(plan(given));

  it('are told with what they lack, each in its policy', () => {
    expect(notes({})).toEqual([
      `note: price-aware changes nothing in fcfs+none@pack~price-aware: ${DEFERS}`,
      `note: carbon-aware changes nothing in fcfs+none@pack~carbon-aware+demand-response: ${DEFERS}`,
      `note: demand-response changes nothing in fcfs+none@pack~carbon-aware+demand-response: ${BOUNDS}`,
    ]);
  });

  it('are not those that have something to act on', () => {
    const trait = ', deferrable: true';
    expect(notes({ trait })).toEqual([expect.stringContaining(BOUNDS)]);
    for (const grid of [
      '{ connectionMW: 1 }',
      '{ limits: { constant: 1 } }',
      '{ orders: [{ name: a, at: 5 h, for: 3 h, limitMW: 1 }] }',
    ]) {
      expect(notes({ trait, site: `grid: ${grid}` }), grid).toEqual([]);
    }
    expect(notes({ trait, derating: ', derating: {}' })).toEqual([]);
    expect(notes({ trait, site: 'grid: { ramp: { mwPerQuarterHour: 1 } }' })).toHaveLength(1);
  });

  it('are told once in a command that plans them again', () => {
    const said: string[] = [];
    const talk = { ...makeTalk({}), say: (text: string) => void said.push(text) };
    sayNotes([plan(), plan()], talk);
    sayNotes([plan()], talk);
    expect(said).toEqual(idlePowerPolicies(plan()));
  });
});

import { describe, expect, it } from 'vitest';
import { MS_PER_DAY } from '../../src/base/units.js';
import { faultsOf, planText } from './planning.js';

const scenario = (partition: string, { more = '', fixedFraction = 0.1 } = {}): string => `
version: 1
kind: scenario
question: q
sites:
  - name: a
    title: a
    zone: FR
    partitions: [{ name: main, ${partition} }]
    facility:
      liquidFraction: 1
      liquidCoolingFraction: 0
      upsEfficiency: 1
      distributionEfficiency: 1
      fixedFraction: ${fixedFraction}
    tariff: { capacityEurPerKwYear: 0, networkEurPerMWh: 0, leviesEurPerMWh: 0 }
    series: { price: { constant: 50 }, carbon: { constant: 0 }, wetBulb: { constant: 10 } }
workload:
  jobs: [{ submit: 0 h, gpus: 8, run: 1 h }]
policy: fcfs+easy@pack
horizon: 20 d
${more}`;

const faults = (...given: Parameters<typeof scenario>): string[] =>
  faultsOf(scenario(...given)).map(
    ({ path, message, hint }) => `${path}: ${message}${hint === undefined ? '' : ` ${hint}`}`,
  );
const AT = 'sites[0].partitions[0]';

describe('phases of a partition', () => {
  it('are totals by time, in racks, nodes or GPUs, and the last is its size', () => {
    const text = scenario(
      'hardware: gb300-nvl72, phases: [{ at: 0 d, racks: 1 }, { at: 5 d, nodes: 30 }, { at: 9 d, gpus: 288 }]',
    );
    const [spec] = planText(text).specs;
    expect(spec!.partitions[0]).toMatchObject({
      nodes: 72,
      inService: [
        { atMs: 0, nodes: 18 },
        { atMs: 5 * MS_PER_DAY, nodes: 30 },
        { atMs: 9 * MS_PER_DAY, nodes: 72 },
      ],
    });
  });

  it('bring the design IT power of their nodes, of which the fixed load is a fraction', () => {
    const [spec] = planText(
      scenario('hardware: h100-sxm, phases: [{ at: 0 d, nodes: 2 }, { at: 5 d, nodes: 6 }]'),
    ).specs;
    expect(spec!.sites[0]!.facility).toMatchObject({
      designItW: 6 * 11_112,
      builtItW: [
        { atMs: 0, itW: 2 * 11_112 },
        { atMs: 5 * MS_PER_DAY, itW: 6 * 11_112 },
      ],
    });
  });

  it('may be one date, and nothing grows where all is there from the start', () => {
    const [late] = planText(scenario('hardware: h100-sxm, nodes: 4, inService: 5 d')).specs;
    expect(late!.partitions[0]!.inService).toEqual([{ atMs: 5 * MS_PER_DAY, nodes: 4 }]);
    expect(late!.sites[0]!.facility.builtItW).toEqual([
      { atMs: 0, itW: 0 },
      { atMs: 5 * MS_PER_DAY, itW: 4 * 11_112 },
    ]);
    for (const size of ['nodes: 4', 'nodes: 4, inService: 0 d', 'phases: [{ at: 0 d, nodes: 4 }]']) {
      const [spec] = planText(scenario(`hardware: h100-sxm, ${size}`)).specs;
      expect(spec!.partitions[0]).not.toHaveProperty('inService');
      expect(spec!.sites[0]!.facility).not.toHaveProperty('builtItW');
    }
  });

  it('name every fault in one pass', () => {
    const phases = '[{ at: 5 d, nodes: 4 }, { at: 2 d, nodes: 3 }, { at: 90 min, gpus: 12 }]';
    expect(faults(`hardware: h100-sxm, phases: ${phases}`)).toEqual([
      `${AT}.phases[1].at: expected phases in the order of time, each later than the one before; got 2 d after 5 d`,
      `${AT}.phases[1].nodes: expected all that is in service from then on, more than before; got 3 nodes after 4`,
      `${AT}.phases[2].at: expected whole hours (the weather and the fixed load are hourly), got 90 min`,
      `${AT}.phases[2].at: expected phases in the order of time, each later than the one before; got 90 min after 2 d`,
      `${AT}.phases[2].gpus: expected whole nodes of 8 GPUs (h100-sxm), got 12 The nearest is 16.`,
      `${AT}.phases[2].gpus: expected all that is in service from then on, more than before; got 1.5 nodes after 3`,
    ]);
  });

  it('are a size, and say themselves when', () => {
    expect(faults('hardware: h100-sxm, nodes: 4, phases: [{ at: 0 d, nodes: 4 }]')).toEqual([
      expect.stringMatching(
        /partitions\[0\]: expected exactly one of racks, nodes, gpus, phases.*; got nodes and phases$/,
      ),
    ]);
    expect(faults('hardware: h100-sxm, inService: 2 d, phases: [{ at: 0 d, nodes: 4 }]')).toEqual([
      expect.stringMatching(/partitions\[0\]\.inService: expected no inService beside phases/),
    ]);
    expect(faults('hardware: h100-sxm, phases: [{ at: 0 d, nodes: 4, racks: 2 }]')).toEqual([
      `${AT}.phases[0]: expected exactly one of racks, nodes, gpus, got { at, nodes, racks }`,
    ]);
    expect(faults('hardware: h100-sxm, nodes: 4, inService: 30 min')).toEqual([
      `${AT}.inService: expected whole hours (the weather and the fixed load are hourly), got 30 min`,
    ]);
  });

  it('begin before the end of the horizon', () => {
    expect(faults('hardware: h100-sxm, nodes: 4, inService: 30 d')).toEqual([
      `${AT}: expected partition main in service before the end of the horizon, 20 d; it is from 30 d on`,
    ]);
  });

  it('all begin before the end of the horizon', () => {
    const phases = (last: string) =>
      `hardware: h100-sxm, phases: [{ at: 0 d, nodes: 8 }, { at: 19 d, nodes: 12 }, { at: ${last}, nodes: 16 }]`;
    expect(faults(phases('479 h'))).toEqual([]);
    for (const last of ['20 d', '30 d']) {
      expect(faults(phases(last))).toEqual([
        `${AT}.phases[2].at: expected a time before the end of the horizon, 20 d, got ${last}`,
      ]);
    }
    // By dates, phases go on after a run.
    const dates = '[{ at: 2026-01-01, nodes: 8 }, { at: 2027-06-01, nodes: 16 }]';
    expect(faults(`hardware: h100-sxm, buildOut: ${dates}`)).toEqual([]);
  });

  it('have the nodes that windows take when these begin', () => {
    const more = `windows: [{ name: w, kind: maintenance, partition: main, nodes: 3, from: 1 d, for: 1 h, drain: 0 h }]`;
    const phases = 'hardware: h100-sxm, phases: [{ at: 0 d, nodes: 2 }, { at: 5 d, nodes: 6 }]';
    expect(faults(phases, { more })).toEqual([
      'windows[0].nodes: expected at most the 2 nodes of partition main (site a), got 3',
    ]);
    expect(faults(phases, { more: more.replace('1 d', '6 d') })).toEqual([]);
  });
});

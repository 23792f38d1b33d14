import { describe, expect, it } from 'vitest';
import { MS_PER_DAY } from '../../src/base/units.js';
import { mergePlans, mustBeRunApart, type MergeablePlan } from '../../src/plan/mergePlans.js';
import { sensitivityVariants, varied } from '../../src/plan/sensitivity.js';
import { SENSITIVITY_INPUTS, type SensitivityInput } from '../../src/plan/sensitivityInputs.js';
import { changeAt, valuesAt } from '../../src/plan/specPath.js';
import { simulate } from '../../src/sim/simulate.js';
import { GB300_100K } from '../economics/capital.js';
import { brokeredTask, generatedTask } from '../support/tinyRuns.js';

const task = generatedTask(0, { horizonMs: 2 * MS_PER_DAY });
const plan: MergeablePlan = { specs: [task.spec], inputs: task.inputs };
const [asPlanned] = run(plan);

function run({ specs, inputs }: MergeablePlan) {
  return specs.map((spec) => simulate(spec, inputs));
}

const input = (key: string): SensitivityInput => SENSITIVITY_INPUTS.find((one) => one.key === key)!;
const totalsWith = (key: string, change: number): number[] =>
  run(varied(plan, input(key), change))[0]!.sites.map(({ bill }) => bill.totalEur);

describe('a place in plain data', () => {
  const data = { list: [{ kind: 'a', n: 1 }, { kind: 'b', n: 2 }, { kind: 'a' }], deep: { rows: [[1, 2], null, [3]] } };

  it('is every entry, or those with a text, as far as it is there', () => {
    expect(valuesAt(data, 'list[].n')).toEqual([1, 2]);
    expect(valuesAt(data, 'list[kind=a].n')).toEqual([1]);
    expect(valuesAt(data, 'deep.rows[][]')).toEqual([1, 2, 3]);
    expect(valuesAt(data, 'absent[].n')).toEqual([]);
  });

  it('is changed in a copy; the same object comes back where nothing is there', () => {
    const changed = changeAt(data, 'list[kind=b].n', (n) => (n as number) + 5);
    expect(changed.list[1]).toEqual({ kind: 'b', n: 7 });
    expect(data.list[1]!.n).toBe(2);
    expect(changed.deep).toBe(data.deep);
    expect(changeAt(data, 'list[kind=c].n', () => 0)).toBe(data);
  });

  it('meets several conditions', () => {
    const both = [
      { kind: 'energy', group: 'levies', eur: 1 },
      { kind: 'energy', group: 'network', eur: 2 },
    ];
    expect(valuesAt(both, '[kind=energy][group=levies].eur')).toEqual([1]);
  });
});

describe('an input changed by a share', () => {
  it('of the capacity charge changes the bill by that share of the charge, and of nothing else', () => {
    asPlanned!.sites.forEach(({ bill }, site) => {
      expect(totalsWith('capacityCharge', 0.2)[site]! - bill.totalEur).toBeCloseTo(0.2 * bill.capacityEur, 6);
      expect(totalsWith('capacityCharge', -0.5)[site]! - bill.totalEur).toBeCloseTo(-0.5 * bill.capacityEur, 6);
    });
  });

  it.each([
    ['networkCharge', 'networkEur'],
    ['levies', 'leviesEur'],
    ['dayAheadPrice', 'supplyEur'],
  ] as const)('of %s changes the bill by that share of its group', (key, group) => {
    asPlanned!.sites.forEach(({ bill }, site) => {
      expect(totalsWith(key, 0.1)[site]! - bill.totalEur).toBeCloseTo(0.1 * bill[group], 6);
    });
  });

  it('of carbon leaves the bill as it is, to the last bit, and changes the carbon', () => {
    const [changed] = run(varied(plan, input('carbonIntensity'), 0.2));
    changed!.sites.forEach(({ bill, carbonKt }, site) => {
      expect(bill).toEqual(asPlanned!.sites[site]!.bill);
      expect(carbonKt).toBeCloseTo(1.2 * asPlanned!.sites[site]!.carbonKt, 9);
    });
  });

  it('of losses changes what is lost, not what is left: 0.97 of an UPS becomes 0.964 with a fifth more', () => {
    const { specs } = varied(plan, input('upsLosses'), 0.2);
    expect(specs[0]!.sites[0]!.facility.upsEfficiency).toBeCloseTo(1 - 0.03 * 1.2, 12);
    const [changed] = run(varied(plan, input('upsLosses'), 0.2));
    expect(changed!.sites[0]!.pue).toBeGreaterThan(asPlanned!.sites[0]!.pue);
  });

  it('of the losses of a battery changes its line of the bill and none beside', () => {
    const battery = {
      ...{ powerW: 5000, energyMWh: 0.01, roundTripEfficiency: 0.8, uses: ['arbitrage'] as const },
      ...{ restFraction: 0, reserveFraction: 0 },
    };
    const sites = task.spec.sites.map((site) => ({ ...site, battery }));
    const withBattery = { specs: [{ ...task.spec, sites }], inputs: task.inputs };
    const bills = [withBattery, varied(withBattery, input('batteryLosses'), 0.2)].map(
      (each) => run(each)[0]!.sites[0]!.bill,
    );
    const [before, after] = bills.map(({ lines }) => lines);
    expect(after!.filter(({ group }) => group !== 'battery')).toEqual(
      before!.filter(({ group }) => group !== 'battery'),
    );
    // A fifth more of the 0.2 that is lost: it earns less.
    expect(bills[1]!.batteryEur).toBeGreaterThan(bills[0]!.batteryEur);
    expect(bills[0]!.batteryEur).toBeLessThan(0);
  });

  it('of node power keeps watts whole and lets the building grow with them', () => {
    const { specs } = varied(plan, input('itPower'), 0.2);
    expect(specs[0]!.partitions[0]!.power).toMatchObject({
      idleW: 240,
      activeWByClass: [840, 780],
      networkWPerGpu: 24,
    });
    expect(specs[0]!.sites[0]!.facility.designItW).toBe(24_000);
  });

  it('of node power grows what is built of a site in phases too', () => {
    const builtItW = [
      { atMs: 0, itW: 10_000 },
      { atMs: MS_PER_DAY, itW: 20_000 },
    ];
    const sites = task.spec.sites.map((site) => ({ ...site, facility: { ...site.facility, builtItW } }));
    const { specs } = varied({ ...plan, specs: [{ ...task.spec, sites }] }, input('itPower'), 0.2);
    expect(specs[0]!.sites[0]!.facility.builtItW).toEqual([
      { atMs: 0, itW: 12_000 },
      { atMs: MS_PER_DAY, itW: 24_000 },
    ]);
  });

  it('of the load is simulated anew, on another schedule', () => {
    const [changed] = run(varied(plan, input('load'), -0.2));
    expect(changed!.fingerprint).not.toBe(asPlanned!.fingerprint);
    expect(changed!.schedule.offeredLoadTarget).toBeCloseTo(0.64, 9);
  });

  it('leaves the plan itself as it is', () => {
    const before = JSON.stringify(plan.specs);
    const names = Object.keys(plan.inputs.series);
    for (const one of SENSITIVITY_INPUTS) varied(plan, one, 0.2);
    expect(JSON.stringify(plan.specs)).toBe(before);
    expect(Object.keys(plan.inputs.series)).toEqual(names);
  });
});

describe('the variants of a sensitivity', () => {
  it('are two for each input that the plan has: those at 0 and those of nothing here are left out', () => {
    const keys = sensitivityVariants(plan, 0.2, 'bill').map(({ input: { key } }) => key);
    expect(keys).toContain('capacityCharge');
    expect(keys).not.toContain('dayAheadAdder'); // 0 at both sites
    expect(keys).not.toContain('failureRate'); // nothing fails here
    expect(keys).not.toContain('load');
    expect(keys.filter((key) => key === 'levies')).toHaveLength(2);
    expect(sensitivityVariants(plan, 0.2, 'all').map(({ input: { key } }) => key)).toContain('load');
  });

  it('of the bill need no further run, and are settled as separate runs are', () => {
    const variants = sensitivityVariants(plan, 0.2, 'bill');
    const plans = [plan, ...variants.map((variant) => variant.plan)];
    const { runs, inputs, handBack } = mergePlans(plans, 'test');
    expect(runs).toHaveLength(1);
    expect(handBack(runs.map(({ spec }) => simulate(spec, inputs)))).toEqual(plans.map(run));
  });

  it('of inputs of the schedule each need a run of their own', () => {
    const variants = sensitivityVariants(plan, 0.2, 'all');
    const ofSchedule = variants.filter(({ input: { affects } }) => affects === 'schedule');
    const { runs } = mergePlans([plan, ...variants.map((variant) => variant.plan)], 'test');
    expect(ofSchedule.length).toBeGreaterThan(0);
    expect(runs).toHaveLength(1 + ofSchedule.length);
  });

  it('cannot be settled alone where a broker or the market decides', () => {
    const brokered = brokeredTask(0);
    expect(mustBeRunApart(plan)).toEqual([]);
    expect(sensitivityVariants(plan, 0.2, 'capital')).toEqual([]); // sites here give no capital
    expect(mustBeRunApart({ specs: [brokered.spec], inputs: brokered.inputs })).toEqual([brokered.spec.policy.text]);
  });

  it('of capital need no further run under a broker that reads prices, and are settled as separate runs are', () => {
    const { spec, inputs: given } = brokeredTask(0);
    const own: MergeablePlan = {
      specs: [
        {
          ...spec,
          sites: spec.sites.map((site, at) => ({ ...site, capital: { ...GB300_100K, staffFte: 100 * (1 + at) } })),
        },
      ],
      inputs: given,
    };
    const variants = sensitivityVariants(own, 0.2, 'capital');
    expect(variants.map(({ input: { key } }) => key)).toContain('wacc');
    expect(variants.map(({ input: { key } }) => key)).not.toContain('dayAheadPrice');
    const plans = [own, ...variants.map((variant) => variant.plan), varied(own, input('dayAheadPrice'), 0.2)];
    const { runs, inputs, handBack } = mergePlans(plans, 'test');
    expect(runs).toHaveLength(2); // the other price has its own schedule
    expect(handBack(runs.map(({ spec: one }) => simulate(one, inputs)))).toEqual(plans.map(run));
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MS_PER_DAY } from '../../src/base/units.js';
import { mergePlans, mustBeRunApart, type MergeablePlan } from '../../src/plan/mergePlans.js';
import type { RunSpec, SiteSpec } from '../../src/scenario/runSpec.js';
import { simulate } from '../../src/sim/simulate.js';
import { brokeredTask, generatedTask, tracedTask } from '../support/tinyRuns.js';

const base = (replications = 2, change: Partial<RunSpec> = {}): MergeablePlan => {
  const tasks = Array.from({ length: replications }, (_, replication) =>
    generatedTask(replication, { horizonMs: 2 * MS_PER_DAY, ...change }),
  );
  return { specs: tasks.map(({ spec }) => spec), inputs: tasks[0]!.inputs };
};

const withSites = (plan: MergeablePlan, change: (site: SiteSpec) => SiteSpec): MergeablePlan => ({
  ...plan,
  specs: plan.specs.map((spec) => ({ ...spec, sites: spec.sites.map(change) })),
});

const fixedLoad = (fixedFraction: number) => (site: SiteSpec) => ({
  ...site,
  facility: { ...site.facility, fixedFraction },
});

/** Every series under the same name with other values, as another draw of the year has. */
function redrawn(plan: MergeablePlan, factor: number): MergeablePlan {
  const { inputs } = plan;
  const series = Object.fromEntries(
    Object.entries(inputs.series).map(([name, { stepMs, values }]) => [
      name,
      { stepMs, values: name === 'wetBulb' ? values : values.map((value) => factor * value) },
    ]),
  );
  const contentSha256 = Object.fromEntries(
    Object.entries(inputs.contentSha256).map(([name, hash]) => [
      name,
      name === 'wetBulb' || name === 'log' ? hash : `${hash}${String(factor)}`.padEnd(64, '0'),
    ]),
  );
  return { ...plan, inputs: { ...inputs, series, contentSha256 } };
}

const separately = (plans: readonly MergeablePlan[]) =>
  plans.map(({ specs, inputs }) => specs.map((spec) => simulate(spec, inputs)));

function merged(plans: readonly MergeablePlan[]) {
  const { runs, inputs, handBack } = mergePlans(plans, 'test');
  return { runs, back: handBack(runs.map(({ spec }) => simulate(spec, inputs))) };
}

describe('merged plans', () => {
  it('give every plan the results of its own runs, to the last bit', () => {
    const plan = base();
    const plans = [plan, withSites(plan, fixedLoad(0.05)), redrawn(plan, 2), withSites(redrawn(plan, 3), fixedLoad(0))];
    const { runs, back } = merged(plans);
    expect(runs).toHaveLength(plan.specs.length);
    expect(runs[0]!.spec.sites).toHaveLength(8);
    expect(back).toEqual(separately(plans));
    // The comparison would see a difference.
    expect(back[2]![0]!.sites[0]!.bill.totalEur).not.toBe(back[0]![0]!.sites[0]!.bill.totalEur);
  });

  it('settle a site once that several of them have', () => {
    const plan = base(1);
    const north = (site: SiteSpec): SiteSpec => (site.id === 'north' ? fixedLoad(0.05)(site) : site);
    const { runs, back } = merged([plan, withSites(plan, north), plan]);
    expect(runs[0]!.spec.sites.map(({ id }) => id)).toEqual(['north', 'south', 'north']);
    expect(runs[0]!.uses.map(({ positions }) => positions)).toEqual([
      [0, 1],
      [2, 1],
      [0, 1],
    ]);
    expect(back).toEqual(separately([plan, withSites(plan, north), plan]));
  });

  it('simulate anew what changes the schedule', () => {
    const plan = base(1);
    const slower = { ...plan, specs: plan.specs.map((spec) => ({ ...spec, seed: 'other' })) };
    const { runs, back } = merged([plan, slower]);
    expect(runs).toHaveLength(2);
    expect(back).toEqual(separately([plan, slower]));
  });

  it('keep runs apart whose schedule reads the market or a broker, and do equal ones once', () => {
    const task = brokeredTask(0);
    const plan = { specs: [task.spec], inputs: task.inputs };
    const plans = [plan, redrawn(plan, 2), withSites(plan, fixedLoad(0.05)), plan];
    const { runs, back } = merged(plans);
    expect(runs.map(({ uses }) => uses.map(({ plan: index }) => index))).toEqual([[0, 3], [1], [2]]);
    expect(back).toEqual(separately(plans));
  });

  it('keep runs of a broker apart that reads nothing of the market: each site has a load curve of its own', () => {
    const task = brokeredTask(0, 'fcfs+easy@pack:fair^round-robin');
    const plan = { specs: [task.spec], inputs: task.inputs };
    expect(mustBeRunApart(plan)).toEqual([task.spec.policy.text]);
    const plans = [plan, withSites(plan, fixedLoad(0.05))];
    const { runs, back } = merged(plans);
    expect(runs).toHaveLength(2);
    expect(back).toEqual(separately(plans));
  });

  it('give jobs of the same name but of other content their own trace', () => {
    const task = tracedTask();
    const log = task.inputs.traces['log']!;
    const plan = { specs: [task.spec], inputs: task.inputs };
    const other: MergeablePlan = {
      ...plan,
      inputs: {
        ...task.inputs,
        traces: { log: { ...log, runMs: log.runMs.map((ms) => 2 * ms) } },
        contentSha256: { ...task.inputs.contentSha256, log: 'f'.repeat(64) },
      },
    };
    const { runs, back } = merged([plan, other]);
    expect(runs.map(({ spec }) => spec.workload)).toMatchObject([{ input: 'log' }, { input: `log@${'f'.repeat(12)}` }]);
    expect(back).toEqual(separately([plan, other]));
    expect(back[1]![0]!.fingerprint).not.toBe(back[0]![0]!.fingerprint);
  });

  it('keep the names of the inputs of the first plan, and rename others of the same name only', () => {
    const plan = base(1);
    const { inputs, runs } = mergePlans([plan, redrawn(plan, 2)], 'test');
    const [own, , other] = runs[0]!.spec.sites.map(({ series }) => series);
    expect(own).toEqual(plan.specs[0]!.sites[0]!.series);
    expect(other!.wetBulb).toBe('wetBulb');
    expect(other!.price).toBe('price@a20000000000');
    expect(inputs.series[other!.price]!.values[0]).toBe(2 * inputs.series['price']!.values[0]!);
  });

  it('have the key of the run itself where only one plan has it, and another with more sites', () => {
    const plan = base(1);
    const alone = mergePlans([plan], 'test').runs[0]!;
    const more = mergePlans([plan, withSites(plan, fixedLoad(0.05))], 'test').runs[0]!;
    expect(alone.spec).toEqual(plan.specs[0]);
    expect(alone.key).not.toBe(more.key);
    expect(mergePlans([plan, plan], 'test').runs[0]!.key).toBe(alone.key);
  });

  it('hand back nothing for runs that have no result', () => {
    const plan = base(2);
    const { runs, handBack } = mergePlans([plan, withSites(plan, fixedLoad(0.05))], 'test');
    const result = simulate(runs[1]!.spec, plan.inputs);
    const back = handBack([undefined, result]);
    expect(back.map(([first]) => first)).toEqual([undefined, undefined]);
    expect(back[1]![1]!.sites).toEqual(result.sites.slice(2));
  });

  it('are the same whatever the mix of plans', () => {
    const plan = base(1, { horizonMs: MS_PER_DAY });
    const kinds = [plan, withSites(plan, fixedLoad(0.05)), redrawn(plan, 2), withSites(plan, fixedLoad(0.2))];
    const known = separately(kinds);
    fc.assert(
      fc.property(fc.array(fc.nat(kinds.length - 1), { minLength: 1, maxLength: 6 }), (chosen) => {
        const { back } = merged(chosen.map((kind) => kinds[kind]!));
        expect(back).toEqual(chosen.map((kind) => known[kind]!));
      }),
      { numRuns: 12 },
    );
  });
});

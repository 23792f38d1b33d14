import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  changeShare,
  plannedVariants,
  refuseIdleOptions,
  yearList,
  type VariantOptions,
} from '../../src/cli/compareVariants.js';
import { execute, type DonePlan } from '../../src/cli/execute.js';
import { makeTalk } from '../../src/cli/talk.js';
import { inlinePool } from '../../src/pool/inline.js';
import { runTask } from '../../src/pool/runTask.js';
import { planScenario, type Plan } from '../../src/plan/plan.js';
import type { Override } from '../../src/scenario/overrides.js';
import { collectCandidates } from '../../src/report/candidates.js';
import { temporaryFolder } from '../io/temporaryFolder.js';
import { shipped } from '../plan/planning.js';

const planned = (variant: readonly Override[] = [], scenario = 'tiny-two-sites'): Plan =>
  planScenario(shipped.find('scenario', scenario)!, {
    library: shipped,
    readFile: () => new Uint8Array(),
    buildVersion: 'test',
    replications: '2',
    variant,
  });

const talk = makeTalk({ quiet: true });
const options: VariantOptions = { sensitivity: 'bill', sensitivityChange: 0.2, priceYears: ['2022', '2024'] };

let runs = 0;
const pool = () =>
  inlinePool((task, heartbeat) => {
    runs++;
    return runTask(task, heartbeat);
  });

async function compared(given: VariantOptions = options, out?: string, scenario?: string) {
  const plan = planned([], scenario);
  const loaded = { argument: 'test', plan };
  const variants = await plannedVariants(
    [loaded],
    given,
    () => (variant) => Promise.resolve(planned(variant, scenario)),
  );
  runs = 0;
  const executed = await execute(variants.plans, out === undefined ? {} : { out }, talk, pool);
  const results = executed.done.map(({ results: own }) => own);
  const found = collectCandidates([{ scenario: 'test', specs: plan.specs, results: results[0]! }]);
  return { plan, runs, executed, told: variants.told(found, executed.done, []) };
}

const withoutCurves = ({ results, variantResults }: DonePlan) =>
  [results, ...variantResults].map((own) =>
    own.map((result) => [result!.fingerprint, result!.sites.map(({ id, bill }) => [id, bill.totalEur])]),
  );

describe('a change of inputs', () => {
  it('is refused where no input is varied', () => {
    const refusal = (sensitivity: VariantOptions['sensitivity'], ...typed: string[]) => {
      return () => {
        refuseIdleOptions({ ...options, sensitivity }, (name) => typed.includes(name));
      };
    };
    expect(refusal('none', 'sensitivityChange')).toThrow('--sensitivity-change: expected --sensitivity bill or all');
    expect(refusal('none')).not.toThrow();
    expect(refusal('bill', 'sensitivityChange')).not.toThrow();
  });
});

describe('variants of a comparison', () => {
  it('need no more runs than the comparison itself where only the bill changes', async () => {
    const done = await compared();
    expect(done.runs).toBe(done.plan.specs.length);
    expect(done.told.priceYears!.years).toEqual(['2022', '2024']);
    expect(done.told.tornado!.rows.map(({ key }) => key)).toContain('capacityCharge');
  });

  it('leave the results of the comparison as they are without them', async () => {
    const { executed } = await compared();
    const alone = await execute([{ argument: 'test', plan: planned() }], {}, talk, pool);
    expect(executed.done[0]!.results).toEqual(alone.done[0]!.results);
  });

  it('are written beside the runs and found again, all of them', async () => {
    const out = join(temporaryFolder(), 'results');
    const first = await compared(options, out);
    const again = await compared(options, out);
    expect([first.runs, again.runs]).toEqual([first.plan.specs.length, 0]);
    expect(again.executed.done.map(withoutCurves)).toEqual(first.executed.done.map(withoutCurves));
    // The runs of the plan are those that any other command finds, with their tables; variants have none.
    expect(readdirSync(join(out, 'runs')).sort()).toEqual(first.plan.runs.map(({ key }) => key.slice(0, 16)).sort());
    const [variant] = readdirSync(join(out, 'variants', 'runs'));
    expect(readdirSync(join(out, 'variants', 'runs', variant!)).sort()).toEqual([
      'manifest.json',
      'summary.json',
      'timings.json',
    ]);
    const alone = await execute([{ argument: 'test', plan: planned() }], { out }, talk, () =>
      inlinePool(() => {
        throw new Error('found before');
      }),
    );
    expect(alone.done[0]!.results.every((result) => result !== undefined)).toBe(true);
  });

  it('are not made of prices where a broker decides by the market, which is said', async () => {
    const { told } = await compared({ sensitivity: 'bill', sensitivityChange: 0.2 }, undefined, 'tiny-broker');
    expect(told.tornado!.rows).toEqual([]);
    expect(told.tornado!.leftOut[0]!.name).toContain('day-ahead price');
    expect(told.tornado!.leftOut[0]!.why).toContain('--sensitivity all');
  });

  it('are each simulated where the schedule changes', async () => {
    const done = await compared({ sensitivity: 'all', sensitivityChange: 0.2 });
    const ofSchedule = done.told.tornado!.rows.filter(({ affects }) => affects === 'schedule');
    expect(ofSchedule.map(({ key }) => key).sort()).toEqual(['itPower', 'load']);
    expect(done.runs).toBe(done.plan.specs.length * (1 + 2 * ofSchedule.length));
  });

  it('are none where none are asked for', async () => {
    const { told } = await compared({ sensitivity: 'none', sensitivityChange: 0.2 });
    expect(told).toEqual({});
  });
});

describe('options of a comparison', () => {
  it('take a share as 20% or 0.2, and nothing that is none', () => {
    expect([changeShare('20%'), changeShare('0.2'), changeShare(' 5 % ')]).toEqual([0.2, 0.2, 0.05]);
    for (const text of ['0', '1', '100%', '-5%', '', 'x']) expect(() => changeShare(text)).toThrow('between 0 and 1');
  });

  it('take years each once', () => {
    expect(yearList('2022, 2023,prices.csv')).toEqual(['2022', '2023', 'prices.csv']);
    expect(() => yearList('2022,,2023')).toThrow('a gap');
    expect(() => yearList('2022,2022')).toThrow('2022 twice');
  });
});

import { expect, it } from 'vitest';
import { planScenario } from '../../src/plan/plan.js';
import { simulate } from '../../src/sim/simulate.js';
import { shipped } from './planning.js';

/** GPU time of each account of a machine that both would fill alone, under fair-share, as the document says. */
function usage(accounts: string): number[] {
  const plan = planScenario(shipped.find('scenario', 'tiny-policies')!, {
    library: shipped,
    readFile: () => new Uint8Array(),
    buildVersion: 'test',
    set: ['workload.load=3', `workload.accounts=${accounts}`],
    policy: 'fair-share+easy@pack',
    replications: 1,
  });
  const { table, startMs, endMs } = simulate(plan.specs[0]!, plan.inputs, { keepJobs: true }).jobs!;
  const used = [0, 0];
  for (let job = 0; job < table.count; job++) {
    const ranMs = endMs[job]! - startMs[job]!;
    if (ranMs > 0) used[table.extra!.accountOf![job]!]! += ranMs * table.gpus[job]!;
  }
  return used;
}

it('a document that gives accounts other shares moves what fair-share gives them of a full machine', () => {
  const toSecond = (accounts: string): number => {
    const [first, second] = usage(accounts);
    return second! / first!;
  };
  const equal = toSecond('{ sizes: [1, 59] }');
  expect(toSecond('{ sizes: [1, 59], shares: [1, 3] }')).toBeGreaterThan(1.7 * equal);
  expect(toSecond('{ sizes: [1, 59], shares: [3, 1] }')).toBeLessThan(equal / 1.7);
});

it('shares that are not one for each account are refused', () => {
  expect(() => usage('{ sizes: [1, 59], shares: [1] }')).toThrow('has 1 problem');
});

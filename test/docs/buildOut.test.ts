import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runBuildOut } from '../../src/cli/buildOutRuns.js';
import { execute } from '../../src/cli/execute.js';
import { makeTalk } from '../../src/cli/talk.js';
import { inlinePool } from '../../src/pool/inline.js';
import { BUILD_OUT_DEFAULTS } from '../../src/scenario/defaults.js';
import { planText } from '../plan/planning.js';
import { TWO_NODES } from '../support/twoNodes.js';

const text = readFileSync('docs/build-out.md', 'utf8');

describe('docs/build-out.md', () => {
  it('works two years out by hand, to the digits it prints', async () => {
    const { cases } = await runBuildOut({
      load: (variant, buildOut) =>
        Promise.resolve({ argument: 'tiny', plan: planText(TWO_NODES, { variant, buildOut }) }),
      options: {},
      years: 2,
      talk: makeTalk({ quiet: true }),
      executed: (plans, options, talk) => execute(plans, options, talk, () => inlinePool()),
    });
    const cost = cases[0]!.timings[0]!.costs[0]!;
    const [first, second] = cost.years;
    const measured: Readonly<Record<string, number>> = {
      energy2027: first!.energyEur,
      energy2028: second!.energyEur,
      secondNode: second!.purchasesEur,
      residual: second!.residualEur,
      npvOfCost: cost.npvOfCostEur,
      levelised: cost.levelisedEurPerSoldGpuHour,
    };
    const rows = [...text.matchAll(/^\| `(\w+)` \| ([\d.]+) \|/gm)];
    expect(rows.map(([, name]) => name)).toEqual(Object.keys(measured));
    for (const [, name, printed] of rows) {
      const decimals = printed!.split('.')[1]?.length ?? 0;
      expect(`${name} ${measured[name!]!.toFixed(decimals)}`).toBe(`${name} ${printed}`);
    }
  });

  it('names the defaults of its keys', () => {
    for (const [key, { value }] of Object.entries(BUILD_OUT_DEFAULTS)) {
      const row = new RegExp(`^\\| \`buildOut\\.${key}\` \\|.*\\| \`([\\w-]+)\`: [^|]+ \\|$`, 'm').exec(text);
      expect([key, row?.[1]]).toEqual([key, value]);
    }
  });
});

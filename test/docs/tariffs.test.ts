import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { faultsOf, inShort, planText } from '../plan/planning.js';

const text = readFileSync(new URL('../../docs/tariffs.md', import.meta.url), 'utf8');
const examples = [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, yaml]) => yaml!);
const scenario = (tariff: string): string => `version: 1
kind: scenario
question: Does the page's example work?
policy: fcfs+easy@pack
horizon: 2 d
workload: mmc
sites:
  - name: mine
    zone: DE-LU
    partitions: [{ name: main, hardware: h100-sxm, gpus: 1024 }]
    facility: { liquidFraction: 0.85, liquidCoolingFraction: 0.02, upsEfficiency: 1, distributionEfficiency: 1, fixedFraction: 0 }
${tariff.replaceAll(/^/gm, '    ')}`;

describe('docs/tariffs.md', () => {
  it('has a short and a long example', () => {
    expect(examples).toHaveLength(2);
  });

  it.each(examples.map((example, index) => [index, example] as const))('example %i can be planned', (_, example) => {
    expect(faultsOf(scenario(example)).map(inShort)).toEqual([]);
  });

  it('shows every kind of term there is', () => {
    const { supply, charges, rules } = planText(scenario(examples[1]!)).specs[0]!.sites[0]!.tariff;
    expect(supply.map(({ kind }) => kind)).toEqual(['fixed', 'baseload', 'pay-as-produced']);
    expect([...new Set(charges.map(({ kind }) => kind))]).toEqual([
      ...['energy', 'capacity', 'contracted', 'percent', 'minimum-take'],
    ]);
    expect(rules.map(({ kind }) => kind)).toEqual(['band-discount']);
  });
});

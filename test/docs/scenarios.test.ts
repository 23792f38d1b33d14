import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SCENARIO_DEFAULTS } from '../../src/scenario/defaults.js';
import { scenarioSchema } from '../../src/scenario/scenarioSchema.js';
import { planText } from '../plan/planning.js';

const text = readFileSync('docs/scenarios.md', 'utf8');
const rows = [...text.matchAll(/^\| `(\w+)` +\|.*\|([^|]*)\|$/gm)].map(
  ([, key, fallback]) => [key!, fallback!] as const,
);

describe('docs/scenarios.md', () => {
  it('has a row for every key of a scenario, with its default', () => {
    const keys = Object.keys(scenarioSchema.shape).filter((key) => key !== 'version' && key !== 'kind');
    expect(rows.map(([key]) => key)).toEqual(keys);
    const defaults = rows.filter(([, fallback]) => fallback.trim() !== '');
    const plain = (text: string): string => text.replaceAll(/[`"\s]/g, '');
    const shown = (value: unknown): string => plain(typeof value === 'string' ? value : JSON.stringify(value));
    expect(Object.fromEntries(defaults.map(([key, fallback]) => [key, plain(fallback)]))).toEqual(
      Object.fromEntries(Object.entries(SCENARIO_DEFAULTS).map(([key, { value }]) => [key, shown(value)])),
    );
  });

  it('shows limits, windows and policies that can be run', () => {
    const [first, ...parts] = [...text.matchAll(/```yaml\n([^]*?)```/g)].map(([, yaml]) => yaml!);
    expect(parts.length).toBeGreaterThanOrEqual(3);
    for (const part of parts) {
      const keys = [...part.matchAll(/^(\w+):/gm)].map(([, key]) => key!);
      const kept = first!.split('\n').filter((line) => !keys.some((key) => line.startsWith(`${key}:`)));
      expect(planText([...kept, part].join('\n')).specs.length).toBeGreaterThan(0);
    }
  });

  it('shows an example that can be run', () => {
    const [, example] = /```yaml\n([^]*?)```/.exec(text)!;
    expect(planText(example!).specs).toHaveLength(2 * 5);
  });
});

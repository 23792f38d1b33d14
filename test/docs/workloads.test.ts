import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { TRAIT_DEFAULTS } from '../../src/scenario/defaults.js';
import { jobTraitKeys, traitKeys } from '../../src/scenario/traitsSchema.js';

const text = readFileSync('docs/workloads.md', 'utf8');

/** Key and default of each row of the table behind a heading or sentence. */
function rowsBehind(beginning: string): (readonly [string, string])[] {
  const from = text.indexOf('| key |', text.indexOf(beginning));
  const table = text.slice(from, text.indexOf('\n\n', from));
  return [...table.matchAll(/^\| (`[^|]+`) +\|.*\|([^|]*)\|$/gm)].flatMap(([, keys, fallback]) =>
    [...keys!.matchAll(/`(\w+)`/g)].map(([, key]) => [key!, fallback!.replaceAll('`', '').trim()] as const),
  );
}

describe('docs/workloads.md', () => {
  it('has a row for every key that a class can say of its jobs, with its default', () => {
    const rows = new Map(rowsBehind('## Classes of jobs say'));
    expect([...rows.keys()]).toEqual(Object.keys(traitKeys));
    for (const key of ['priority', 'preemptible', 'checkpoint', 'restart', 'resize'] as const) {
      expect(rows.get(key)).toBe(String(TRAIT_DEFAULTS[key].value));
    }
    expect(rows.get('elastic')).toContain(`exponent ${TRAIT_DEFAULTS.speedupExponent.value}`);
  });

  it('has a row for every key that a listed job can say of itself', () => {
    expect(rowsBehind('What else a').map(([key]) => key)).toEqual(Object.keys(jobTraitKeys));
  });
});

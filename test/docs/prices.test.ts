import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { plantTable, yearTable } from '../../bench/pricesMarkdown.js';
import { ZONES } from '../energy/zones.js';
import { shipped } from '../plan/planning.js';

const text = readFileSync('docs/prices.md', 'utf8');

describe('docs/prices.md', () => {
  it('has the means and the plants of the zones as they are (npm run docs:prices)', () => {
    expect(text).toContain(yearTable(ZONES));
    expect(text).toContain(plantTable(ZONES));
  });

  it('has every gigafactory beside what industry pays, with the difference in words', () => {
    const sites = shipped.names('site').filter((name) => name.startsWith('gf-'));
    for (const site of sites) {
      const [, industry, simulated] = new RegExp(`^${site} +I[FG] +([\\d.]+) +([\\d.]+)`, 'm').exec(text)!;
      const difference = Number(simulated) - Number(industry);
      const words = new RegExp(`^${site}: ([\\d.]+) (above|below) industry: supply`, 'm').exec(text)!;
      expect(Number(words[1]) * (words[2] === 'above' ? 1 : -1)).toBeCloseTo(difference, 0);
    }
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { checkpointsSchema } from '../../src/scenario/checkpointsSchema.js';
import { CHECKPOINT_DEFAULTS } from '../../src/scenario/defaults.js';
import { reliabilitySchema } from '../../src/scenario/reliabilitySchema.js';
import { planText, shipped } from '../plan/planning.js';

const text = readFileSync('docs/failures.md', 'utf8');

/** Rows of the table under a heading: the cells of each. */
const rowsUnder = (heading: string): string[][] =>
  text
    .split(/^## /m)
    .find((section) => section.startsWith(heading))!
    .split('\n')
    .filter((line) => /^\| `/.test(line))
    .map((line) => line.split('|').map((cell) => cell.trim().replaceAll('`', '')))
    .map((cells) => cells.slice(1, -1));

const scenario = (more: string) => `version: 1
kind: scenario
question: Does what the text shows run?
sites: [gf-fr-hdf]
workload: frontier-mix
policy: fcfs+easy@pack
horizon: 1 d
${more}`;

describe('docs/failures.md', () => {
  it('has a row for every key of a reliability document', () => {
    const keys = Object.keys(reliabilitySchema.shape).filter(
      (key) => !['version', 'kind', 'name', 'title', 'note'].includes(key),
    );
    const rows = rowsUnder('Keys').map(([key]) => key!);
    expect(rows.filter((key) => !key.includes('.'))).toEqual(keys);
  });

  it('has a row for every key of checkpoints, with its default', () => {
    const rows = rowsUnder('Checkpoints');
    expect(rows.map(([key]) => key)).toEqual(Object.keys(checkpointsSchema.shape));
    for (const [key, , fallback] of rows) {
      const { value } = CHECKPOINT_DEFAULTS[key as keyof typeof CHECKPOINT_DEFAULTS];
      expect(fallback!.split(/[ ,]/)[0]).toBe(String(value));
    }
  });

  it('gives the rate of every shipped document', () => {
    const rates = shipped.names('reliability').map((name) => {
      const rate = z
        .object({ failuresPer1000NodeDays: z.object({ value: z.number() }) })
        .parse(shipped.find('reliability', name)!.value);
      return [name, rate.failuresPer1000NodeDays.value];
    });
    expect(rowsUnder('The documents').map(([name, rate]) => [name, Number(rate)])).toEqual(rates);
  });

  it('shows scenarios that can be run', () => {
    const [, block] = /```yaml\n([^]*?)```/.exec(text)!;
    expect(planText(scenario(block!)).specs[0]!.reliability).toMatchObject({ rateFactor: 2, spareNodes: [4] });
    const inline = [...text.matchAll(/`(reliability: [^`]*)`/g)].map(([, line]) => line!);
    expect(inline.length).toBeGreaterThanOrEqual(2);
    for (const line of inline) expect(planText(scenario(line)).specs.length).toBeGreaterThan(0);
  });
});

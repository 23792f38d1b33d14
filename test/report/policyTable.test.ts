import { describe, expect, it } from 'vitest';
import { parsePolicy } from '../../src/policy/parse.js';
import { listPolicies } from '../../src/policy/registry.js';
import { policyTable } from '../../src/report/policyTable.js';

const { columns, rows } = policyTable();
const column = (title: string): number => columns.findIndex((candidate) => candidate.title === title);
const textAt = (row: readonly unknown[], title: string): string => row[column(title)] as string;
const rowOf = (axis: string, name: string) =>
  rows.find((row) => textAt(row, 'axis') === axis && textAt(row, 'name').split('(')[0] === name)!;

describe('gigasim list policies', () => {
  it('has a row for every part, with where it was published', () => {
    expect(rows).toHaveLength(listPolicies().length);
    for (const { axis, name, summary, cite } of listPolicies()) {
      const what = textAt(rowOf(axis, name), 'what it does');
      expect(what).toContain(summary);
      if (cite !== undefined) expect(what).toContain(cite);
    }
  });

  it('writes each name with its parameters so that it can be typed as it stands', () => {
    const parts = { order: 'fcfs', backfill: 'none', placement: 'pack' };
    for (const row of rows) {
      const axis = textAt(row, 'axis');
      const written = { ...parts, [axis]: textAt(row, 'name') } as Record<string, string | undefined>;
      const optional = (sign: string, part: string | undefined) => (part === undefined ? '' : sign + part);
      const text =
        `${written['order']!}+${written['backfill']!}${optional('/', written['preempt'])}@${written['placement']!}` +
        `${optional(':', written['partition'])}${optional('^', written['siting'])}${optional('~', written['power'])}`;
      expect(parsePolicy(text), text).toMatchObject({ ok: true });
    }
    expect(rowOf('backfill', 'easy')[column('name')]).toMatch(/^easy\(\w+=\d+/);
  });

  it('marks what no real scheduler knows, and with which parameter', () => {
    expect(rowOf('order', 'srtf')[column('knows')]).toBe('clairvoyant');
    expect(rowOf('order', 'sjf')[column('knows')]).toBe('clairvoyant with by=run');
    expect(rowOf('order', 'fcfs')[column('knows')]).toBe('');
  });
});

import { describe, expect, it } from 'vitest';
import { sparkline } from '../../src/report/sparkline.js';
import { left, right, tablePlain, tableText, type ReportTable } from '../../src/report/table.js';

const table: ReportTable = {
  columns: [left('site'), right('cost', 'EUR'), right('peak', 'MW')],
  rows: [
    ['north', { value: 1234.5, decimals: 1, half: 0.25 }, { value: 7, decimals: 0 }],
    ['s\tw', { value: 9.25, decimals: 1, half: 10 }, undefined],
    ['none', { value: NaN, decimals: 1, half: NaN }, { value: Infinity, decimals: 0 }],
  ],
};

describe('a table', () => {
  it('stands numbers right with their ± under one another', () => {
    expect(tableText({ ...table, rows: table.rows.slice(0, 2) }).split('\n')).toEqual([
      'site             cost  peak',
      '                  EUR    MW',
      '----------------------------',
      'north  1 234.5 ±  0.3     7',
      's w        9.3 ± 10.0   n/a',
    ]);
  });

  it('says n/a for what does not exist', () => {
    const text = tableText(table);
    expect(text).not.toMatch(/NaN|Infinity/);
    expect(text.split('\n').at(-1)).toMatch(/^none +n\/a +n\/a$/);
  });

  it('is full precision and one cell a tab for programs, with half-widths in a column of their own', () => {
    expect(tablePlain(table).split('\n')).toEqual([
      'site\tcost [EUR]\tcost [EUR] ±95%\tpeak [MW]',
      'north\t1234.5\t0.25\t7',
      's w\t9.25\t10\t',
      'none\t\t\t',
    ]);
  });

  it('is split where it is too wide, each part beginning with what a row is about', () => {
    const many = Array.from({ length: 12 }, (_, i) => right(`quantity ${String(i)}`, 'EUR/MWh'));
    const row = ['north', ...many.map((_, i) => ({ value: i, decimals: 0 }))];
    const parts = tableText({ columns: [left('site'), ...many], rows: [row] }).split('\n\n');
    expect(parts).toHaveLength(2);
    for (const part of parts) {
      expect(part).toMatch(/^site /);
      expect(part).toContain('\nnorth ');
      for (const line of part.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
    }
  });

  it('breaks a last column of text to stay inside the width', () => {
    const wide = { columns: [left('name'), left('text')], rows: [['a', 'word '.repeat(60).trim()]] };
    for (const line of tableText(wide).split('\n')) expect(line.length).toBeLessThanOrEqual(120);
  });
});

describe('a sparkline', () => {
  it('goes from the lowest to the highest mean', () => {
    expect(sparkline([0, 0, 7, 7, 3, 4], 3)).toBe('▁█▅');
  });

  it('is flat for a constant, short for few values and empty for none', () => {
    expect(sparkline([5, 5, 5], 60)).toBe('▁▁▁');
    expect(sparkline([])).toBe('');
  });
});

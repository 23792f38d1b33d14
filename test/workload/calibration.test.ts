import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { calibrationTable, siteYear } from './calibration.js';

const DOCS = resolve(import.meta.dirname, '../../docs/workloads.md');
const BLOCK = /(<!-- calibration:start -->\n)([\s\S]*?)(\n<!-- calibration:end -->)/;

const thinned = siteYear('frontier-mix');
const full = siteYear('frontier-mix-full');

describe('frontier-mix', () => {
  it('has about 200,000 jobs a site-year, and well over a million unthinned', () => {
    expect(thinned.jobs).toBeGreaterThan(180_000);
    expect(thinned.jobs).toBeLessThan(250_000);
    expect(full.jobs).toBeGreaterThan(1_300_000);
  });

  it('has the end states of Acme by count, unthinned: within five points of Kalos', () => {
    const kalos = [0.541, 0.397, 0.062];
    full.endStateByCount.forEach((share, state) => {
      expect(Math.abs(share - kalos[state]!)).toBeLessThan(0.05);
    });
  });

  it('has the end states of Acme by GPU time: in the span of Seren and Kalos, give or take three points', () => {
    for (const { endStateByTime } of [thinned, full]) {
      const spans = [
        [0.212, 0.313],
        [0.08, 0.124],
        [0.607, 0.664],
      ] as const;
      spans.forEach(([low, high], state) => {
        expect(endStateByTime[state]).toBeGreaterThan(low - 0.03);
        expect(endStateByTime[state]).toBeLessThan(high + 0.03);
      });
    }
  });

  it('has jobs of the size of Kalos, unthinned: mean GPUs within 10 %', () => {
    expect(Math.abs(full.meanGpus / 26.77 - 1)).toBeLessThan(0.1);
  });

  it('spends under 10 % of its GPU time on jobs of at most 8 GPUs', () => {
    expect(full.upTo8ByTime).toBeLessThan(0.1);
  });
});

describe('docs/workloads.md', () => {
  it('shows the table that the generator gives (GIGASIM_WRITE_DOCS=1 writes it)', () => {
    const table = calibrationTable(thinned, full).join('\n');
    const text = readFileSync(DOCS, 'utf8');
    if (process.env['GIGASIM_WRITE_DOCS'] === '1') {
      writeFileSync(
        DOCS,
        text.replace(BLOCK, (_, start: string, __, end: string) => `${start}\n${table}\n${end}`),
      );
      return;
    }
    const cells = (lines: string): string[][] =>
      lines.split('\n').map((line) => line.split('|').map((cell) => cell.trim().replace(/^-+$/, '---')));
    expect(cells(BLOCK.exec(text)![2]!.trim())).toEqual(cells(table));
  });
});

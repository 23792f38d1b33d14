import { describe, expect, it } from 'vitest';
import { compareJson } from '../../src/report/compareJson.js';
import type { Candidate } from '../../src/report/candidates.js';
import { comparePlain, compareText, type CompareContext } from '../../src/report/compareText.js';
import { rankCandidates } from '../../src/report/ranking.js';
import { EUR_PER_GPU_HOUR } from '../../src/report/siteMeasures.js';
import { candidatesWith } from './candidate.js';

const context: CompareContext = {
  questions: ['Which?'],
  baseYears: { Z: 'levels of 2024' },
  flagged: { assumptions: 2, unverified: 1 },
  resampled: false,
  assumptionsCommand: 'gigasim validate x --assumptions',
};
const places = (values: readonly (readonly number[])[]): string[] => {
  const { candidates } = candidatesWith((_, replication, position) => ({
    eurPerGpuHour: values[position]![replication]!,
  }));
  return rankCandidates(candidates, EUR_PER_GPU_HOUR).map(({ index, text }) => `${candidates[index]!.label} ${text}`);
};

describe('ranking', () => {
  it('goes by the paired difference: a small one that is always there is enough', () => {
    expect(
      places([
        [1.01, 2.01, 3.01],
        [1, 2, 3],
      ]),
    ).toEqual(['south 1', 'north 2']);
  });

  it('shares a rank where the paired interval spans 0, however far apart the means', () => {
    expect(
      places([
        [1, 5, 9],
        [6, 5, 5],
      ]),
    ).toEqual(['north 1=', 'south 1=']);
  });

  it('claims nothing where only one candidate has the value, and puts the other last', () => {
    expect(
      places([
        [NaN, 2, 3],
        [4, 5, 6],
      ]),
    ).toEqual(['south ', 'north ']);
  });

  it('ranks those that have the value; the others come last, without a place and without a difference', () => {
    const { candidates } = candidatesWith((_, replication) => ({ eurPerGpuHour: 1 + replication }));
    const [north, south] = candidates as [Candidate, Candidate];
    const unused = (candidate: Candidate): Candidate => ({
      ...candidate,
      label: 'unused',
      runs: candidate.runs.map((run) => ({ ...run, site: { ...run.site, eurPerGpuHour: Infinity } })),
    });
    const dearer = {
      ...south,
      runs: south.runs.map((run) => ({ ...run, site: { ...run.site, eurPerGpuHour: 9 + run.replication } })),
    };
    const four = [unused(north), dearer, unused(south), north];
    const ranked = rankCandidates(four, EUR_PER_GPU_HOUR);
    expect(ranked.map(({ index, text }) => [index, text])).toEqual([
      [3, '1'],
      [1, '2'],
      [0, ''],
      [2, ''],
    ]);
    expect(ranked.slice(2).map(({ againstPrevious }) => againstPrevious)).toEqual([undefined, undefined]);
  });

  it('is exact for one run of what is deterministic: only equal values tie', () => {
    const { candidates } = candidatesWith((_, __, position) => ({ eurPerGpuHour: 2 - position }), [1, 2]);
    const exact = candidates.map((candidate) => ({ ...candidate, exact: true }));
    expect(rankCandidates(exact, EUR_PER_GPU_HOUR).map(({ text }) => text)).toEqual(['1', '2']);
    expect(rankCandidates([exact[0]!, exact[0]!], EUR_PER_GPU_HOUR).map(({ text }) => text)).toEqual(['1=', '1=']);
    expect(rankCandidates([exact[0]!, candidates[1]!], EUR_PER_GPU_HOUR).map(({ text }) => text)).toEqual(['', '']);
  });

  it('claims nothing from one replication', () => {
    const found = candidatesWith(() => ({}), [1, 2]);
    expect(rankCandidates(found.candidates, EUR_PER_GPU_HOUR).map(({ text }) => text)).toEqual(['', '']);
    expect(compareText(found, context)).toContain('nothing is ranked');
  });
});

describe('the comparison', () => {
  it('prints what the sites share once, and says why', () => {
    const text = compareText(candidatesWith(), context);
    expect(text).toContain('common to all 2');
    expect(text.match(/^GPU-hours used/gm)).toHaveLength(1);
    expect(text.match(/utilisation/g)).toHaveLength(1);
  });

  it('leaves out replications that are not complete, and says so', () => {
    const found = candidatesWith(() => ({}), [1]);
    expect(found.replications).toEqual([0, 2]);
    expect(compareJson(found, context)).toMatchObject({ replications: [1, 3], incompleteReplications: [2] });
    expect(compareText(found, context)).toContain('Replication 2 is incomplete and left out.');
    const one = compareText(
      candidatesWith(() => ({}), [0, 2]),
      context,
    );
    expect(one).toContain('Replications 1, 3 are incomplete and left out.');
  });

  it('says what the interval holds', () => {
    const found = candidatesWith();
    expect(compareText(found, context)).toContain('prices, tariffs and assumptions are held fixed');
    const resampled = compareText(found, { ...context, resampled: true }).replaceAll(/\s+/g, ' ');
    expect(resampled).toContain('workload seeds and draws of the price, carbon and weather year; tariffs');
    expect(resampled).not.toContain('prices, tariffs');
  });

  it('asks for more replications where the interval is wider than a quarter of the mean', () => {
    const text = (values: readonly number[]): string =>
      compareText(
        candidatesWith((_, replication) => ({ eurPerGpuHour: values[replication]! })),
        context,
      );
    expect(text([1, 1.01, 1.02])).not.toContain('Too few replications');
    expect(text([1, 2, 3])).toContain('Too few replications');
    expect(text([1, 2, 3])).toContain('--reps 12');
  });

  it('says so when nothing is complete', () => {
    const found = candidatesWith(() => ({}), [0, 1, 2]);
    expect(compareText(found, context)).toContain('No replication is complete');
    expect(comparePlain(found)).toBe('');
    expect(compareJson(found, context)).toMatchObject({ replications: [], ranking: {} });
  });

  it('stays inside 120 columns and never prints NaN or Infinity', () => {
    const text = compareText(
      candidatesWith(() => ({ eurPerGpuHour: Infinity, pue: NaN })),
      context,
    );
    expect(text).not.toMatch(/NaN|Infinity/);
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
  });

  it('is JSON with base units, every replication and the schema version', () => {
    const { candidates } = candidatesWith();
    const json = JSON.parse(JSON.stringify(compareJson(candidatesWith(), context))) as {
      schemaVersion: number;
      candidates: { measures: { totalEur: { mean: number; halfWidth95: number; values: number[] } } }[];
    };
    expect(json.schemaVersion).toBe(3);
    const { totalEur } = json.candidates[0]!.measures;
    expect(totalEur.values).toEqual(candidates[0]!.runs.map(({ site }) => site.bill.totalEur));
    expect(totalEur.halfWidth95).toBeGreaterThan(0);
  });
});

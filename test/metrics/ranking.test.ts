import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rankByMean } from '../../src/metrics/ranking.js';
import { pairedDifference } from '../../src/metrics/statistics.js';

const shape = (columns: readonly (readonly number[])[]) =>
  rankByMean(columns).map(({ index, rank, tied }) => [index, rank, tied]);

describe('rankByMean', () => {
  it('ranks clearly different columns from the lowest mean', () => {
    expect(
      shape([
        [30, 31, 32],
        [10, 11, 12.1],
        [20, 21, 22],
      ]),
    ).toEqual([
      [1, 1, false],
      [2, 2, false],
      [0, 3, false],
    ]);
  });

  it('lets unclear neighbours share a place and counts on after them', () => {
    const columns = [
      [1, 2, 3],
      [10, 12, 11],
      [11, 10.5, 12],
      [20, 21, 22],
    ];
    expect(shape(columns)).toEqual([
      [0, 1, false],
      [1, 2, true],
      [2, 2, true],
      [3, 4, false],
    ]);
  });

  it('claims no first place against a column whose wide spread may hold it', () => {
    // The second is clearly above the first, the third is not, although its mean is higher still.
    const columns = [
      [1, 1, 1],
      [1.1, 1.1, 1.1],
      [0.8, 1.1, 1.45],
    ];
    expect(shape(columns).map(([, rank]) => rank)).toEqual([1, 1, 1]);
  });

  it('never parts two columns whose paired difference is not clear', () => {
    const column = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(fc.array(column, { maxLength: 6 }), (columns) => {
        const places = rankByMean(columns);
        for (const x of places) {
          for (const y of places) {
            if (x.rank >= y.rank) continue;
            expect(pairedDifference(columns[y.index]!, columns[x.index]!).verdict).toBe('higher');
          }
        }
      }),
    );
  });

  it('ties everything on one replication, in order of the mean', () => {
    expect(shape([[3], [1], [2]])).toEqual([
      [1, 1, true],
      [2, 1, true],
      [0, 1, true],
    ]);
  });

  it('keeps the given order among equals and takes one column or none', () => {
    expect(
      shape([
        [5, 5],
        [5, 5],
      ]),
    ).toEqual([
      [0, 1, true],
      [1, 1, true],
    ]);
    expect(shape([[5, 6]])).toEqual([[0, 1, false]]);
    expect(shape([])).toEqual([]);
  });

  it('shows the step from the place before, never a lower one', () => {
    const matrix = fc
      .integer({ min: 1, max: 6 })
      .chain((n) =>
        fc.array(fc.array(fc.integer({ min: 0, max: 50 }), { minLength: n, maxLength: n }), { maxLength: 6 }),
      );
    fc.assert(
      fc.property(matrix, (columns) => {
        const ranked = rankByMean(columns);
        expect(ranked.map((place) => place.index).sort((a, b) => a - b)).toEqual(columns.map((_, i) => i));
        ranked.forEach((place, i) => {
          expect(place.againstPrevious === undefined).toBe(i === 0);
          expect(place.againstPrevious?.verdict).not.toBe('lower');
          if (i > 0 && place.rank !== ranked[i - 1]!.rank) {
            expect(place.rank).toBe(i + 1);
            expect(place.againstPrevious?.verdict).toBe('higher');
          }
        });
      }),
    );
  });
});

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writeParquet } from '../../src/io/parquet.js';
import type { Column } from '../../src/metrics/columns.js';
import { readTable } from './tables.js';
import { temporaryFolder } from './temporaryFolder.js';

const folder = temporaryFolder();
const path = join(folder, 'table.parquet');

describe('writeParquet', () => {
  it('writes INT32, DOUBLE and text that another library reads back', async () => {
    writeParquet(path, [
      { name: 'n', kind: 'int32', values: Int32Array.of(1, -2, 2 ** 31 - 1) },
      { name: 'x', kind: 'double', values: Float64Array.of(0.1, -0, 1e300) },
      { name: 'maybe', kind: 'optionalDouble', values: Float64Array.of(NaN, 5, NaN) },
      { name: 'class', kind: 'label', codes: Uint8Array.of(1, 0, 1), labels: ['small', 'größer'] },
      { name: 'time', kind: 'utcTime', epochMs: Float64Array.of(0, 1_704_067_200_000, 1_704_068_100_500) },
    ]);
    const { rows, types } = await readTable(path);
    expect(rows).toEqual([
      { n: 1, x: 0.1, maybe: null, class: 'größer', time: '1970-01-01T00:00:00.000Z' },
      { n: -2, x: -0, maybe: 5, class: 'small', time: '2024-01-01T00:00:00.000Z' },
      { n: 2147483647, x: 1e300, maybe: null, class: 'größer', time: '2024-01-01T00:15:00.500Z' },
    ]);
    expect(types).toEqual({ n: 'INT32', x: 'DOUBLE', maybe: 'DOUBLE', class: 'BYTE_ARRAY', time: 'BYTE_ARRAY' });
  });

  it('keeps any doubles and integers to the last bit', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer(), fc.nat(2)), {
          maxLength: 50,
        }),
        async (rows) => {
          writeParquet(path, [
            { name: 'x', kind: 'double', values: Float64Array.from(rows, (row) => row[0]) },
            { name: 'n', kind: 'int32', values: Int32Array.from(rows, (row) => row[1]) },
            { name: 'l', kind: 'label', codes: Int32Array.from(rows, (row) => row[2]), labels: ['', 'a', 'b'] },
          ]);
          const read = (await readTable(path)).rows;
          expect(read.map(({ x, n, l }) => [x, n, l])).toEqual(rows.map(([x, n, l]) => [x, n, ['', 'a', 'b'][l]]));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('cuts long tables into groups of 100,000 rows and gives equal bytes twice', async () => {
    const columns: Column[] = [{ name: 'n', kind: 'int32', values: Int32Array.from({ length: 250_000 }, (_, i) => i) }];
    writeParquet(path, columns);
    const first = readFileSync(path);
    writeParquet(path, columns);
    expect(readFileSync(path).equals(first)).toBe(true);
    const { rows, groupRows } = await readTable(path);
    expect(groupRows).toEqual([100_000, 100_000, 50_000]);
    expect(rows[199_999]).toEqual({ n: 199_999 });
  });

  it('refuses columns of unequal length and numbers that are none', () => {
    const n: Column = { name: 'n', kind: 'int32', values: Int32Array.of(1) };
    const two: Column = { name: 'two', kind: 'double', values: Float64Array.of(1, 2) };
    const nan: Column = { name: 'nan', kind: 'double', values: Float64Array.of(NaN) };
    expect(() => {
      writeParquet(path, [n, two]);
    }).toThrow(/column two has 2 rows, the table 1/);
    expect(() => {
      writeParquet(path, [n, nan]);
    }).toThrow(/column nan holds finite numbers/);
  });

  it('says where it could not write', () => {
    writeFileSync(join(folder, 'file'), 'x');
    expect(() => {
      writeParquet(join(folder, 'file', 'a.parquet'), []);
    }).toThrow(expect.objectContaining({ code: 'io.write', exitCode: 2 }) as Error);
  });
});

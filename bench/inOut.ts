import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RandomStreams } from '../src/base/random.js';
import { writeParquet } from '../src/io/parquet.js';
import { jobColumns } from '../src/metrics/jobColumns.js';
import { parseSwf } from '../src/workload/swf.js';
import { measure, type Row } from './harness.js';

const ROWS = 1_000_000;

/** A trace of a million jobs in, a million job records out. */
export async function benchInOut(): Promise<Row[]> {
  const bytes = syntheticSwf();
  const options = { file: 'synthetic', timeUnit: 's', lenient: false, shared: true } as const;
  const read = await measure('io/read SWF, per row', ROWS, ROWS, () => parseSwf(bytes, options).table.count);
  const { table } = parseSwf(bytes, options);
  const outcomes = { table, startMs: table.submitMs, endMs: table.submitMs.map((at, job) => at + table.runMs[job]!) };
  const folder = mkdtempSync(join(tmpdir(), 'gigasim-bench-'));
  try {
    const path = join(folder, 'jobs.parquet');
    const columns = jobColumns(outcomes);
    const written = await measure('io/write jobs.parquet, per row', ROWS, ROWS, () => {
      writeParquet(path, columns);
      return columns.length;
    });
    const megabytes = Math.round(bytes.length / 1e5) / 10;
    return [
      { ...read, megabytes, rowsPerS: Math.round(1e9 / read.nsPerOpP50) },
      { ...written, rowsPerS: Math.round(1e9 / written.nsPerOpP50) },
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function syntheticSwf(): Uint8Array {
  const draw = new RandomStreams('bench').fork('swf');
  const lines: string[] = ['; MaxProcs: 100000'];
  let submitS = 0;
  for (let job = 1; job <= ROWS; job++) {
    submitS += Math.floor(60 * draw());
    const runS = Math.floor(100_000 * draw() ** 4);
    const size = 1 + Math.floor(4096 * draw() ** 6);
    lines.push(
      `${job} ${submitS} ${Math.floor(500 * draw())} ${runS} ${size} -1 -1 ${size} ${2 * runS + 60} -1 1 ${job % 400} 1 -1 1 1 -1 -1`,
    );
  }
  return new TextEncoder().encode(`${lines.join('\n')}\n`);
}

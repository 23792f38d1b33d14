import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { RandomStreams } from '../../src/base/random.js';
import { parsePolicy } from '../../src/policy/parse.js';
import { schedule } from '../../src/sim/schedule.js';
import { parseSwf } from '../../src/workload/swf.js';
import { machine } from '../support/jobs.js';

const FOLDER = resolve(import.meta.dirname, '../../../shared/data/expected');
const unzipped = (name: string): Buffer => gunzipSync(readFileSync(resolve(FOLDER, name)));

/** The KTH SP2 log on 100 processors against the schedule an independent simulator computed. */
describe.skipIf(!existsSync(FOLDER))('the KTH SP2 log (needs ../shared/data/expected beside the project)', () => {
  it.each([
    ['fcfs+none@first-fit', 'fcfs', 219_148.431],
    ['fcfs+easy@first-fit', 'easy', 6_421.135],
    ['fcfs+easy@pack', 'easy', 6_421.135],
    ['fcfs+conservative@pack', 'conservative', 7_036.932],
  ])('under %s every job starts and ends as expected', (policyText, name, meanWaitS) => {
    const { table } = parseSwf(unzipped('kth-sp2-ms.swf.gz'), {
      file: 'kth',
      timeUnit: 'ms',
      lenient: false,
      shared: false,
    });
    const parsed = parsePolicy(policyText);
    if (!parsed.ok) throw new Error('unreachable');
    const streams = new RandomStreams(1);
    const startMs = table.submitMs[0]!;
    const partitions = [machine(100, 1)];
    const ran = schedule({ partitions, policy: parsed.policy, jobs: table, startMs, horizonMs: undefined, streams });
    const expected = unzipped(`kth-sp2-ms.${name}.csv.gz`).toString().trim().split('\n').slice(1);
    const ours = new Set(
      Array.from(ran.startMs, (start, job) =>
        [table.originalId![job], table.submitMs[job], start, ran.endMs[job]].join(','),
      ),
    );
    expect(expected).toHaveLength(27_992);
    expect(expected.filter((line) => !ours.has(line.trim()))).toEqual([]);
    expect(ran.startMs.reduce((sum, start, job) => sum + start - table.submitMs[job]!, 0) / 27_992_000).toBeCloseTo(
      meanWaitS,
      3,
    );
  });
});

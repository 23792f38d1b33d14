import { describe, expect, it } from 'vitest';
import { simulate } from '../../src/sim/simulate.js';
import type { RunResult, ScheduleSummary } from '../../src/metrics/runResult.js';
import {
  benchDifference,
  collectBench,
  rankPolicies,
  type BenchCase,
  type BenchInput,
} from '../../src/report/bench.js';
import { benchJson } from '../../src/report/benchJson.js';
import { benchMeasure, BENCH_MEASURES } from '../../src/report/benchMeasures.js';
import { benchCsv, benchMarkdown, benchPlain, benchText, type BenchContext } from '../../src/report/benchText.js';
import { generatedTask } from '../support/tinyRuns.js';

const HOUR = 3_600_000;
const task = generatedTask(0);
const real = simulate(task.spec, task.inputs);
const jct = benchMeasure('jctMeanMs')!;
const utilisation = benchMeasure('utilisation')!;

type Change = Partial<ScheduleSummary>;

/** Policies a, b, … in replications, each with a summary of its own; `undefined`: the run is missing. */
function benchOf(
  changes: readonly (readonly (Change | undefined)[])[],
  more: Partial<BenchInput> = {},
  baseline = 'a',
): BenchCase {
  const names = ['a', 'b', 'c', 'd'];
  const runs = changes.flatMap((column, policy) => column.map((_, replication) => ({ policy, replication, group: 0 })));
  const results = changes
    .flat()
    .map((change): RunResult | undefined =>
      change === undefined ? undefined : { ...real, schedule: { ...real.schedule, ...change } },
    );
  const [found] = collectBench({
    policies: changes.map((_, index) => ({ text: names[index]!, clairvoyant: index === 1, starves: index === 2 })),
    specs: runs.map(() => task.spec),
    groups: [{ sites: ['north', 'south'], gpus: 64, baseline }],
    ...{ runs, results, deterministic: false, failed: [], ...more },
  });
  return found!;
}

const completing = (hours: number): Change => ({ jct: { ...real.schedule.jct, meanMs: hours * HOUR } });
const columns = (...hours: readonly (readonly number[])[]): Change[][] => hours.map((column) => column.map(completing));

const context: BenchContext = { question: 'Which?', rankBy: jct, resampled: false, ignored: [], failed: [] };
const flat = (text: string): string => text.replaceAll(/\s+/g, ' ');

describe('a policy beside the baseline', () => {
  it('is judged by the paired difference, in the direction that is better for the measure', () => {
    const found = benchOf(columns([10, 20, 30], [9, 19, 29]));
    const { difference, relative, verdict } = benchDifference(found, found.policies[1]!, found.baseline!, jct);
    expect(difference).toMatchObject({ mean: -HOUR, halfWidth: 0 });
    expect(relative.mean).toBeCloseTo(-1 / 20, 12);
    expect(verdict).toBe('better');
    const used = benchOf([
      [{ utilisationFraction: 0.8 }, { utilisationFraction: 0.7 }],
      [{ utilisationFraction: 0.7 }, { utilisationFraction: 0.6 }],
    ]);
    expect(benchDifference(used, used.policies[1]!, used.baseline!, utilisation).verdict).toBe('worse');
  });

  it('is no better where the paired interval spans 0, and equal where every value is', () => {
    const found = benchOf(columns([10, 20, 30], [5, 40, 10], [10, 20, 30]));
    const verdicts = found.policies
      .slice(1)
      .map((policy) => benchDifference(found, policy, found.baseline!, jct).verdict);
    expect(verdicts).toEqual(['no clear difference', 'equal']);
  });

  it('has no verdict better or worse on totals that fall when less work is done', () => {
    const found = benchOf([
      [{ gpuHoursUsed: 5 }, { gpuHoursUsed: 6 }],
      [{ gpuHoursUsed: 4 }, { gpuHoursUsed: 5 }],
    ]);
    expect(benchDifference(found, found.policies[1]!, found.baseline!, benchMeasure('gpuHoursUsed')!).verdict).toBe(
      'lower',
    );
  });

  it('has no verdict where a value is missing in some replication', () => {
    const found = benchOf(columns([10, 20], [9, Number.NaN]));
    expect(benchDifference(found, found.policies[1]!, found.baseline!, jct).verdict).toBeUndefined();
    expect(benchText([found], context)).toMatch(/^b \*.*n\/a +n\/a +n\/a +n\/a$/m);
  });

  it('differs exactly in a deterministic run, beyond the last digits of sums', () => {
    const exact = benchOf(columns([10], [10 + 1e-13], [11]), { deterministic: true });
    const verdicts = exact.policies
      .slice(1)
      .map((policy) => benchDifference(exact, policy, exact.baseline!, jct).verdict);
    expect(verdicts).toEqual(['equal', 'worse']);
    expect(rankPolicies(exact, jct).map(({ text }) => text)).toEqual(['1=', '1=', '3']);
    expect(benchText([exact], context)).toContain('deterministic: one run, differences are exact');
  });

  it('claims nothing from one replication that is drawn', () => {
    const one = benchOf(columns([10], [5]));
    expect(benchDifference(one, one.policies[1]!, one.baseline!, jct).verdict).toBe('one replication');
    expect(rankPolicies(one, jct).map(({ text }) => text)).toEqual(['', '']);
  });
});

describe('the ranking', () => {
  it('begins with the lowest, or the highest where more is better', () => {
    const hours = benchOf(columns([10, 20], [9, 19]));
    expect(rankPolicies(hours, jct).map(({ index }) => index)).toEqual([1, 0]);
    const used = benchOf([
      [{ utilisationFraction: 0.7 }, { utilisationFraction: 0.6 }],
      [{ utilisationFraction: 0.8 }, { utilisationFraction: 0.7 }],
    ]);
    expect(rankPolicies(used, utilisation).map(({ index }) => index)).toEqual([1, 0]);
  });

  it('holds only replications that every policy has', () => {
    const [a, b] = columns([10, 20, 30], [9, 19, 29]);
    const found = benchOf([a!, [b![0], undefined, b![2]]]);
    expect([found.replications, found.dropped]).toEqual([[0, 2], [1]]);
    expect(flat(benchText([found], context))).toContain('Left out, because not every policy has it: 1 replication.');
  });

  it('leaves a failed policy out; where it was the baseline the others keep values and ranks, and nothing is compared', () => {
    const [a, b, c] = columns([10, 20], [9, 19], [8, 18]);
    const found = benchOf([[undefined, a![1]], b!, c!], { failed: ['a'] });
    expect(found.policies.map(({ text }) => text)).toEqual(['b', 'c']);
    expect(found.replications).toEqual([0, 1]);
    const failed = [{ policy: 'a', message: 'It started job 3 twice.' }];
    for (const text of [benchText([found], { ...context, failed }), benchMarkdown([found], { ...context, failed })]) {
      expect(text).toContain('Left out: a. It started job 3 twice.');
      expect(text).toContain('baseline a failed: no differences.');
      expect(text).toMatch(/^[ |]+1 [ |]+c ~/m);
      expect(text).not.toMatch(/relative|against|comparison|(verdict|baseline|better|worse) *\|?$/im);
    }
    const json = JSON.parse(JSON.stringify(benchJson([found], context))) as { cases: unknown[] };
    expect(json.cases[0]).toMatchObject({
      baseline: null,
      baselineFailed: 'a',
      ranking: [{ policy: 'c', rank: 1 }, {}],
    });
    expect(JSON.stringify(json)).not.toMatch(/"(difference|verdict)"/);
    const verdicts = benchCsv([found])
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => line.split(',').slice(-6, -1));
    expect(new Set(verdicts.map(String))).toEqual(new Set([',,,,baseline failed']));
  });

  it('does not let another failed policy cost the baseline its place', () => {
    const [a, b, c] = columns([10, 20], [9, 19], [8, 18]);
    const found = benchOf([[undefined, a![1]], b!, c!], { failed: ['a'] }, 'c');
    expect(found.baseline!.text).toBe('c');
    expect(benchText([found], context)).not.toContain('no differences');
  });
});

describe('the report', () => {
  const found = benchOf(columns([10, 20, 30], [9, 19, 29], [12, 22, 32]));

  it('marks clairvoyant policies and those that starve, and says what the marks mean', () => {
    const text = benchText([found], context);
    expect(text).toMatch(/^ +1 +b \* /m);
    expect(text).toMatch(/^ +3 +c ~ /m);
    expect(text).toMatch(/^\* clairvoyant/m);
    expect(text).toMatch(/^~ starves/m);
    expect(benchText([benchOf(columns([1, 2]))], context)).not.toMatch(/^[*~] /m);
  });

  it('says how many verdicts there are and that about one in twenty is chance', () => {
    const [, count, chance] = /of these (\d+) comparisons, about (\d+) would/.exec(flat(benchText([found], context)))!;
    expect(Number(chance)).toBe(Math.ceil(Number(count) / 20));
  });

  it('warns where policies leave different shares of the jobs unfinished', () => {
    const left = (unfinished: number): Change => ({ ...completing(10), submitted: 100, unfinished });
    const uneven = benchText(
      [
        benchOf([
          [left(1), left(1)],
          [left(9), left(9)],
        ]),
      ],
      context,
    );
    expect(flat(uneven)).toContain('From 1.0 % to 9.0 % of the jobs had not ended');
    const even = benchText(
      [
        benchOf([
          [left(9), left(9)],
          [left(9), left(9)],
        ]),
      ],
      context,
    );
    expect(even).not.toContain('had not ended');
  });

  it('sums energy, cost and carbon over the sites, and says so', () => {
    const total = real.sites.reduce((sum, { bill }) => sum + bill.totalEur, 0);
    expect(benchMeasure('totalEur')!.of(found.policies[0]!.runs[0]!)).toBe(total);
    // Two sites pay for the same GPU-hours: the price of one is the mean of theirs.
    const mean = real.sites.reduce((sum, { eurPerGpuHour }) => sum + eurPerGpuHour, 0) / 2;
    expect(benchMeasure('eurPerGpuHour')!.of(found.policies[0]!.runs[0]!)).toBeCloseTo(mean, 12);
    expect(flat(benchText([found], context))).toContain('sums over north + south; --json has each site');
  });

  it('says what precision was asked for and what it took', () => {
    const precision = { asked: 0.02, widest: 0.019, replications: 30, most: 30, reached: true };
    expect(flat(benchText([found], { ...context, precision }))).toContain(
      '--precision 2.0 %: 30 replications were needed; mean JCT is known to 1.9 % of its mean or better',
    );
    const short = { ...precision, widest: 0.03, reached: false };
    expect(flat(benchText([found], { ...context, precision: short }))).toContain(
      'was not reached in 30 replications, the most that --max-reps 30 allows: mean JCT is known to 3.0 %',
    );
    const none = { ...precision, widest: Number.NaN, reached: false };
    expect(flat(benchText([found], { ...context, precision: none }))).toContain(
      '--precision 2.0 % cannot be reached: some policy has no mean JCT in 30 replications.',
    );
  });

  it('leaves out of tables what is 0 for all, and keeps it for programs', () => {
    expect(benchText([found], context)).not.toContain('pre-emptions');
    expect(benchPlain([found])).toContain('\tpreemptions\t');
  });

  it('has a row for each policy and measure in CSV, quoted where a comma is in it', () => {
    const lines = benchCsv([found]).trimEnd().split('\n');
    const measures = BENCH_MEASURES.filter(({ ofPhases }) => ofPhases !== true);
    expect(lines).toHaveLength(1 + 3 * measures.length);
    expect(lines[0]).toContain('policy,measure,unit,better,replications,mean');
    const row = lines.find((line) => line.startsWith('north south,b,jctMeanMs'))!;
    const [, , , , , replications, mean, , difference] = row.split(',');
    expect([replications, mean, difference]).toEqual(['3', '19', '-1']);
  });

  it('has units in CSV that say what is counted, and whether one run says all', () => {
    const rows = (one: BenchCase): string[][] =>
      benchCsv([one])
        .trimEnd()
        .split('\n')
        .map((line) => line.split(','));
    const units = Object.fromEntries(rows(found).map((row) => row.slice(2, 4) as [string, string]));
    expect(units).toMatchObject({
      ...{ boundedSlowdownMean: '1', unfinished: 'jobs', queueMean: 'jobs', timedOut: 'jobs', rejected: 'jobs' },
      ...{ jainIndex: '1', rhoMean: '1', utilisation: '%', fragmentation: '%', preemptions: '1', resizes: '1' },
      ...{ gpuHoursUsed: 'million GPU-hours', lostGpuHours: 'million GPU-hours', jctMeanMs: 'h' },
      ...{ eurPerGpuHour: 'EUR/GPU-hour', kgCo2PerGpuHour: 'kg CO2/GPU-hour', totalEur: 'EUR million' },
    });
    const exact = benchOf(columns([10], [11]), { deterministic: true });
    expect(rows(found).map((row) => row.at(-1))).toEqual([
      'deterministic',
      ...rows(found)
        .slice(1)
        .map(() => 'no'),
    ]);
    expect(new Set(rows(exact).map((row) => row.at(-1)))).toEqual(new Set(['deterministic', 'yes']));
  });

  it('says which options changed nothing where nothing is drawn at random', () => {
    const ignored = ['--reps', '--precision'];
    const exact = benchOf(columns([10], [11]), { deterministic: true });
    expect(flat(benchText([exact], { ...context, ignored }))).toContain(
      'one run of each policy says all: --reps and --precision changed nothing.',
    );
    expect(flat(benchText([found], { ...context, ignored }))).not.toContain('changed nothing');
  });

  it('is a document with headings and tables in Markdown', () => {
    const text = benchMarkdown([found], context);
    expect(text).toContain('## Ranked by mean JCT (mean ± 95 % interval, 3 replications)');
    expect(text).toContain('| rank | policy | mean JCT, h | difference, h | relative | verdict |');
    expect(text).toContain('### b * against a');
    expect(text).toMatch(/^\| mean JCT, h \| .* \| better \|$/m);
  });

  it('is JSON in base units with every value, every site and null for what does not exist', () => {
    const document = JSON.parse(JSON.stringify(benchJson([found], context))) as {
      cases: {
        replications: number[];
        policies: {
          measures: Record<string, Record<string, unknown>>;
          replications: { replication: number; sites: unknown[] }[];
        }[];
      }[];
    };
    const [base, other] = document.cases[0]!.policies;
    expect(other!.measures['jctMeanMs']).toMatchObject({
      values: [9 * HOUR, 19 * HOUR, 29 * HOUR],
      difference: { mean: -HOUR },
      verdict: 'better',
    });
    expect(base!.measures['jctMeanMs']).not.toHaveProperty('verdict');
    expect(base!.measures['waitMean4096upMs']).toMatchObject({ mean: null });
    expect(other!.replications[0]!.sites).toHaveLength(2);
    expect(other!.replications.map(({ replication }) => replication)).toEqual([1, 2, 3]);
    expect(document.cases[0]!.replications).toEqual([1, 2, 3]);
  });
});

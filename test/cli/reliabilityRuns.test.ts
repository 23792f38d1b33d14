import { describe, expect, it } from 'vitest';
import { errorRecord, SimError } from '../../src/base/errors.js';
import { execute } from '../../src/cli/execute.js';
import {
  countList,
  intervalList,
  rateList,
  sizeList,
  type ReliabilityOptions,
} from '../../src/cli/reliabilityOptions.js';
import { firstOfEach, runReliability, type ReliabilityDone } from '../../src/cli/reliabilityRuns.js';
import { makeTalk } from '../../src/cli/talk.js';
import { inlinePool } from '../../src/pool/inline.js';
import { runTask } from '../../src/pool/runTask.js';
import type { RunSpec } from '../../src/scenario/runSpec.js';
import { shipped } from '../plan/planning.js';
import { planScenario } from '../../src/plan/plan.js';

const talk = makeTalk({ quiet: true });
const FAILS = 'reliability={use: llama3, rateFactor: 50, spares: {nodes: 1}}';
const usual = { set: [], color: false, rankBy: 'ettr', maxRuns: 500 } as const;

/** Sweeps tiny-two-sites with failures on this thread; runs of which `fails` are failures. */
async function sweep(
  options: Partial<ReliabilityOptions>,
  more: { fails?: (spec: RunSpec) => boolean; set?: readonly string[] } = {},
): Promise<ReliabilityDone> {
  const { fails = () => false, set = [FAILS] } = more;
  return await runReliability({
    load: (variant) => {
      const plan = planScenario(shipped.find('scenario', 'tiny-two-sites')!, {
        library: shipped,
        readFile: () => new Uint8Array(),
        buildVersion: 'test',
        replications: 2,
        policy: 'fcfs+easy@pack',
        set: [...set],
        variant,
      });
      return Promise.resolve({ argument: 'tiny-two-sites', plan });
    },
    options: { ...usual, ...options },
    talk,
    buildVersion: 'test',
    executed: (plans, runOptions, say) => {
      const pool = inlinePool((task, heartbeat) => {
        if (!fails(task.spec)) return runTask(task, heartbeat);
        return { outcome: { ok: false, error: errorRecord(new SimError('policy.contract', 'forced')) }, wallMs: 0 };
      });
      return execute(plans, runOptions, say, () => pool);
    },
  });
}

const refusal = async (done: Promise<unknown>): Promise<string> => {
  const thrown = await done.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(SimError);
  const { code, message, issues } = thrown as SimError;
  return [code, message, ...issues.map(({ hint }) => hint)].join(' ');
};

describe('a sweep of a scenario', () => {
  it('changes one thing at a time from what the scenario says, and its runs are those of the scenario so changed', async () => {
    const { sites, own } = await sweep({ only: 'site', intervals: ['daly', 3_600_000], spares: [0, 2], rates: [1] });
    expect(own).toEqual({ interval: 'daly', spares: 1, rateFactor: 50 });
    const [found] = sites;
    expect(found!.cells.map(({ setting: { interval, spares, rateFactor } }) => [interval, spares, rateFactor])).toEqual(
      [
        ['daly', 1, 50],
        [3_600_000, 1, 50],
        ['daly', 0, 50],
        ['daly', 2, 50],
        ['daly', 1, 1],
      ],
    );
    const changed = planScenario(shipped.find('scenario', 'tiny-two-sites')!, {
      library: shipped,
      readFile: () => new Uint8Array(),
      buildVersion: 'test',
      replications: 2,
      policy: 'fcfs+easy@pack',
      set: [FAILS, 'reliability.spares.nodes=2'],
    });
    const spec = changed.specs[1]!;
    expect(spec.reliability!.spareNodes).toEqual([2]);
    const { outcome } = runTask({ spec, inputs: changed.inputs, keepJobs: false }, new Int32Array(8));
    const fingerprint = outcome.ok ? outcome.result.fingerprint : 'failed';
    expect(found!.cells[3]!.runs[1]!.fingerprint).toBe(fingerprint);
  });

  it('with --grid does every combination, each once', async () => {
    const { sites } = await sweep({ only: 'site', grid: true, intervals: [3_600_000], spares: [0], rates: [1, 50] });
    const settings = sites[0]!.cells.map(({ setting }) => JSON.stringify(setting));
    expect(settings).toHaveLength(8);
    expect(new Set(settings).size).toBe(8);
  });

  it('leaves out a cell whose runs fail, and compares the others', async () => {
    const fails = ({ sites, reliability }: RunSpec): boolean => sites.length > 0 && reliability!.spareNodes[0] === 2;
    const { sites, failed } = await sweep(
      { only: 'site', intervals: ['daly'], spares: [0, 2], rates: [50] },
      { fails },
    );
    expect(sites[0]!.leftOut.map(({ spares }) => spares)).toEqual([2]);
    expect(sites[0]!.cells.map(({ setting }) => setting.spares)).toEqual([1, 0]);
    expect(sites[0]!.replications).toEqual([0, 1]);
    expect(failed.map(({ run }) => run)).toEqual([
      expect.stringMatching(/^interval Daly's, 2 spare nodes, rate x 50: .* replication 1$/),
      expect.stringMatching(/ replication 2$/),
    ]);
    expect(firstOfEach(failed)).toMatchObject([{ run: expect.stringMatching(/, and 1 more run alike$/) as string }]);
  });

  it('compares the replications that are there where one run fails', async () => {
    const fails = ({ sites, replication, checkpoints }: RunSpec): boolean =>
      sites.length > 0 && replication === 0 && checkpoints!.intervalMs === 3_600_000;
    const { sites } = await sweep({ only: 'site', intervals: [3_600_000], spares: [1], rates: [50] }, { fails });
    expect(sites[0]!.replications).toEqual([1]);
    expect(sites[0]!.leftOut).toEqual([]);
  });

  it('sweeps lone gangs by size and interval, with the closed form beside', async () => {
    const { gangs, sites } = await sweep({ only: 'gang', gpus: [64, 8], intervals: [1_800_000] });
    expect(sites).toEqual([]);
    expect(gangs.map(({ gpus }) => gpus)).toEqual([8, 64]);
    for (const { cells } of gangs) {
      expect(cells.map(({ interval }) => interval)).toEqual(['daly', 1_800_000]);
      for (const { runs, closedForm } of cells) {
        expect(runs).toHaveLength(2);
        expect(Math.abs(runs[0]!.goodput.ettrFraction - closedForm)).toBeLessThan(0.05);
      }
    }
  });

  it('keeps to the values asked for, and to the own one', async () => {
    const { sites } = await sweep({ only: 'site', intervals: ['daly'], spares: [1], rates: [50] });
    expect(sites[0]!.cells).toHaveLength(1);
  });

  it('refuses a scenario in which nothing fails, and says what to add', async () => {
    expect(await refusal(sweep({}, { set: [] }))).toMatch(
      /^scenario\.invalid .*without reliability.*Add "reliability: llama3"/,
    );
  });

  it('refuses more runs than allowed before it does any, with their number and what to do', async () => {
    expect(
      await refusal(sweep({ maxRuns: 9, only: 'site', intervals: ['daly', 1000], spares: [0, 1], rates: [1, 2, 50] })),
    ).toMatch(/^usage expected at most 9 runs \(--max-runs\), got 10: .*Name fewer values/);
    expect(await refusal(sweep({ maxRuns: 10, grid: true }))).toContain('Leave out --grid');
  });

  it('refuses a gang larger than what spares leave of the machine, and more spares than there are nodes', async () => {
    expect(await refusal(sweep({ gpus: [128] }))).toContain('--gpus: expected at most 120');
    const done = sweep({ only: 'site', spares: [16] });
    expect(await refusal(done)).toContain('scenario.invalid');
    const { issues } = (await done.catch((error: unknown) => error)) as SimError;
    expect(issues[0]).toMatchObject({ file: '--spares' });
  });
});

describe('lists of values', () => {
  it('are read with their units, each value once', () => {
    expect(intervalList('daly, 5min,1h,60 min')).toEqual(['daly', 300_000, 3_600_000]);
    expect(countList('0,16,16')).toEqual([0, 16]);
    expect(rateList('.5,1,2')).toEqual([0.5, 1, 2]);
    expect(sizeList('1024')).toEqual([1024]);
  });

  it.each([
    [intervalList, '5', /durations with a unit.*got 5\./],
    [intervalList, '0s', /got 0s/],
    [intervalList, 'daly,', /got nothing/],
    [countList, '-1', /whole numbers from 0 up/],
    [countList, '1.5', /got 1\.5/],
    [sizeList, '0', /from 1 up/],
    [rateList, '1e3', /numbers from 0 up/],
    [rateList, '-1', /got -1/],
  ])('%o refuse %s', (read, text, message) => {
    expect(() => read(text)).toThrow(message);
  });
});

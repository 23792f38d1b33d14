import { describe, expect, it } from 'vitest';
import type { Setting } from '../../src/plan/reliabilitySweep.js';
import {
  against,
  alongAxis,
  asGood,
  bestOf,
  ETTR,
  GOODPUT,
  inCommon,
  lossesOf,
  runsOf,
  type GangCase,
  type SiteCase,
} from '../../src/report/reliability.js';
import { gangAnswers, siteAnswers } from '../../src/report/reliabilityAnswer.js';
import { reliabilityJson } from '../../src/report/reliabilityJson.js';
import {
  reliabilityCsv,
  reliabilityPlain,
  reliabilityText,
  type ReliabilityContext,
} from '../../src/report/reliabilityText.js';
import { REPORT_WIDTH } from '../../src/report/wrap.js';
import { goodputOf, runsWith } from './goodputs.js';

const MINUTE = 60_000;
const own: Setting = { interval: 'daly', spares: 4, rateFactor: 1 };

/** Useful GPU-hours of 900 by setting, a number for each replication. */
function siteOf(cells: readonly (readonly [Partial<Setting>, readonly number[]])[]): SiteCase {
  const all = cells.map(([changed, useful]) => ({ setting: { ...own, ...changed }, runs: runsWith(...useful) }));
  const { cells: kept, replications } = inCommon(all);
  const leftOut = all.map(({ setting }) => setting).filter((one) => !kept.some(({ setting }) => setting === one));
  return { policy: 'fcfs+easy@pack', sites: ['north'], gpus: 1000, own, cells: kept, replications, leftOut };
}

const noisy = [-3, 0, 3];
const around = (mean: number): number[] => noisy.map((by) => mean + by);

const site = siteOf([
  [{}, around(800)],
  [{ interval: 5 * MINUTE }, around(855)],
  [{ interval: 10 * MINUTE }, [852, 854, 857]],
  [{ interval: 60 * MINUTE }, around(700)],
  [{ spares: 0 }, around(780)],
  [{ spares: 16 }, [799, 798, 806]],
  [{ rateFactor: 2 }, around(750)],
  [{ rateFactor: 0.5 }, around(820)],
]);

const figures = { mttfMs: 60 * MINUTE, stallMs: 1000, writeMs: 61_000, restartMs: 300_000, dalyMs: 30_000 };
const gangs: readonly GangCase[] = [
  {
    gpus: 512,
    partition: 'main',
    spareNodes: 4,
    figures,
    cells: [
      { interval: 'daly', effectiveMs: MINUTE, closedForm: 0.95, firstOrder: 0.94, runs: runsWith(850, 855, 860) },
      {
        interval: 30 * MINUTE,
        effectiveMs: 30 * MINUTE,
        closedForm: 0.7,
        firstOrder: 0.6,
        runs: runsWith(600, 610, 620),
      },
    ],
    replications: [0, 1, 2],
  },
];

const context: ReliabilityContext = {
  question: 'How often?',
  document: 'llama3',
  by: ETTR,
  full: false,
  ownIntervals: ['debug'],
  beyondClosedForm: ['lemon nodes'],
};
const flat = (text: string): string => text.replaceAll(/\s+/g, ' ');

describe('cells of a sweep', () => {
  it('are compared in the replications that all of them have', () => {
    const [first, second] = [runsWith(800, 810, 820), runsWith(700, 710, 720).slice(1)];
    const { cells, replications } = inCommon([{ runs: first }, { runs: second }, { runs: [] }]);
    expect(replications).toEqual([1, 2]);
    expect(cells.map(({ runs }) => runs.map(({ replication }) => replication))).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });

  it('without a run in common have nothing to compare', () => {
    const [first, second] = [runsWith(800, 810).slice(0, 1), runsWith(700, 710).slice(1)];
    expect(inCommon([{ runs: first }, { runs: second }])).toEqual({ cells: [], replications: [] });
  });

  it('keep the place of a run that is missing', () => {
    const result = { fingerprint: 'f', schedule: { goodput: goodputOf(800) } } as Parameters<typeof runsOf>[0][number];
    expect(runsOf([undefined, result]).map(({ replication }) => replication)).toEqual([1]);
  });

  it('are judged by the paired difference, in which more is better', () => {
    const [daly, five, ten, hour] = alongAxis(site, 'interval') as [never, never, never, never];
    const { difference, verdict } = against(daly, five, ETTR);
    expect(verdict).toBe('worse');
    expect(difference.mean).toBeCloseTo(-55 / 900, 12);
    expect(against(five, daly, ETTR).verdict).toBe('better');
    expect(against(ten, five, ETTR).verdict).toBe('no clear difference');
    expect(against(five, five, ETTR).verdict).toBe('equal');
    expect(asGood([daly, five, ten, hour], ETTR)).toEqual([five, ten]);
  });

  it('may be best by ETTR and not by goodput', () => {
    const many = { runs: [{ replication: 0, fingerprint: 'a', goodput: goodputOf(500, { ettrFraction: 0.9 }) }] };
    const few = { runs: [{ replication: 0, fingerprint: 'b', goodput: goodputOf(600, { ettrFraction: 0.8 }) }] };
    expect(bestOf([few, many], ETTR)).toBe(many);
    expect(bestOf([few, many], GOODPUT)).toBe(few);
  });

  it('lie along an axis where everything else is as the scenario has it', () => {
    const grid = siteOf([
      [{}, [1, 2]],
      [{ spares: 0 }, [1, 2]],
      [{ spares: 0, rateFactor: 2 }, [1, 2]],
      [{ rateFactor: 2 }, [1, 2]],
    ]);
    expect(alongAxis(grid, 'spares').map(({ setting }) => setting.spares)).toEqual([0, 4]);
    expect(alongAxis(grid, 'rateFactor').map(({ setting }) => setting.rateFactor)).toEqual([1, 2]);
    expect(alongAxis(grid, 'interval')).toHaveLength(1);
  });

  it('have losses that make up what ETTR leaves of 1', () => {
    const goodput = goodputOf(700, {
      ...{ stallGpuHours: 50, lostGpuHours: 80, restartGpuHours: 70, repairWaitGpuHours: 100, ettrFraction: 0.7 },
    });
    const { stall, lost, restart, repairWait } = lossesOf({ runs: [{ replication: 0, fingerprint: '', goodput }] });
    expect([stall, lost, restart, repairWait]).toEqual([[0.05], [0.08], [0.07], [0.1]]);
  });
});

describe('the answer of a sweep', () => {
  it('names the best interval and those that may be as good, how many spares are enough, and what failures cost', () => {
    expect(siteAnswers(site, ETTR)).toEqual([
      'Best checkpoint interval: 5 min, with ETTR 95.00 ± 0.83 %; 10 min is not clearly worse. Nothing shorter was tried: --intervals takes more.',
      '4 spare nodes a partition suffice for ETTR: not clearly worse than 16, the best; 0 is clearly worse than that.',
      'With 2 times the rate of failures ETTR falls by 5.56 points, and useful time falls by that of 50 of the 1 000 GPUs.',
    ]);
  });

  it('says where checkpoints keep the storage busy', () => {
    const busy = goodputOf(800, { storageLoadFraction: [0.95] });
    const cells = site.cells.map((cell) =>
      cell.setting.interval === 'daly' ? { ...cell, runs: cell.runs.map((run) => ({ ...run, goodput: busy })) } : cell,
    );
    expect(siteAnswers({ ...site, cells }, ETTR)).toContain(
      "Checkpoints keep the storage up to 95 % busy at Daly's: writes queue, and more is lost at a failure.",
    );
  });

  it('concludes nothing from one replication', () => {
    const one = siteOf([
      [{}, [800]],
      [{ spares: 0 }, [700]],
    ]);
    expect(siteAnswers(one, ETTR)).toEqual([expect.stringContaining('One replication cannot tell')]);
  });

  it('asks for more spares where the most that were tried are clearly the best', () => {
    const rising = siteOf([
      [{}, around(700)],
      [{ spares: 8 }, around(800)],
    ]);
    expect(siteAnswers(rising, ETTR)).toEqual([
      '8 spare nodes a partition, the most tried, are clearly better than fewer: --spares takes more.',
    ]);
  });

  it('tells spares that are clearly worse from those that are not, beside the best of the table', () => {
    const fewer = siteOf([
      [{}, around(780)],
      [{ spares: 0 }, around(800)],
      [{ spares: 1 }, [799, 801, 798]],
      [{ spares: 16 }, around(700)],
    ]);
    const table = reliabilityText([fewer], [], context);
    expect(table).toMatch(/^4 \(scenario\) .* worse by 2\.22$/m);
    expect(siteAnswers(fewer, ETTR)).toEqual([
      "0 spare nodes a partition suffice for ETTR, the best; the scenario's 4 and 16 are clearly worse, 1 is not clearly worse.",
    ]);
  });

  it('says nothing of useful time where it shows no clear difference', () => {
    const goodput = (useful: number, goodputFraction: number) => goodputOf(useful, { goodputFraction });
    const cellOf = (rateFactor: number, values: readonly (readonly [number, number])[]) => ({
      setting: { ...own, rateFactor },
      runs: values.map(([useful, share], replication) => {
        return { replication, fingerprint: 'f', goodput: goodput(useful, share) };
      }),
    });
    const cells = [
      cellOf(1, [
        [800, 0.5],
        [810, 0.5],
      ]),
      cellOf(2, [
        [700, 0.52],
        [710, 0.49],
      ]),
    ];
    expect(siteAnswers({ ...site, cells, replications: [0, 1] }, ETTR)).toEqual([
      'With 2 times the rate of failures ETTR falls by 11.11 points.',
    ]);
  });

  it('says of the best at either end that nothing beyond it was tried', () => {
    const rising = siteOf([
      [{}, around(700)],
      [{ interval: 5 * MINUTE }, around(750)],
      [{ interval: 10 * MINUTE }, around(800)],
    ]);
    expect(siteAnswers(rising, ETTR)[0]).toMatch(/ Nothing longer was tried: --intervals takes more\.$/);
    const inside = siteOf([
      ...[700, 800, 750].map((mean, at) => [{ interval: (at + 1) * MINUTE }, around(mean)] as const),
      [{}, around(700)],
    ]);
    expect(siteAnswers(inside, ETTR)[0]).not.toContain('was tried');
    const [gang] = gangs;
    const longest = gang!.cells.map((cell, at) => ({ ...cell, runs: gang!.cells[1 - at]!.runs }));
    expect(gangAnswers([{ ...gang!, cells: longest }])[0]).toMatch(
      /does best at 30 min: .* Nothing longer was tried\.$/,
    );
  });

  it('blames spares, not the interval, where a gang waits for repair most of what it loses', () => {
    const goodput = goodputOf(700, {
      lostGpuHours: 20,
      restartGpuHours: 10,
      repairWaitGpuHours: 270,
      ettrFraction: 0.7,
    });
    const runs = [0, 1].map((replication) => ({ replication, fingerprint: 'f', goodput }));
    const [gang] = gangs;
    const waiting = { ...gang!, cells: gang!.cells.map((cell) => ({ ...cell, runs })) };
    expect(gangAnswers([waiting])[1]).toBe(
      'Of what a gang of 512 GPUs loses, up to 90 % is waiting for repair: the 4 spare nodes of partition main are the trouble, not the interval, and the closed form does not hold.',
    );
    expect(reliabilityText([], [waiting], context)).toMatch(/^ *512 +30 min .* 2\.00 +1\.00 +27\.00 +70\.00$/m);
  });

  it('says so where none is needed, and where the rate shows nothing', () => {
    const flatSite = siteOf([
      [{}, [700, 720, 710]],
      [{ spares: 0 }, [710, 711, 712]],
      [{ rateFactor: 2 }, [710, 711, 712]],
    ]);
    expect(siteAnswers(flatSite, ETTR)).toEqual([
      "0 spare nodes a partition suffice for ETTR, the best; the scenario's 4 is not clearly worse.",
      'With 2 times the rate of failures ETTR shows no clear difference.',
    ]);
  });

  it('says where a write puts off what Daly would have, and how far the closed form is off', () => {
    expect(gangAnswers(gangs)).toEqual([
      "A lone gang of 512 GPUs does best at Daly's, put off to the 60 s that a write takes: ETTR 95.00 ± 1.38 %.",
      'The closed form is off by at most 2.22 points (512 GPUs at 30 min), and inside the interval in 2 of 2 cases.',
    ]);
  });
});

describe('the report', () => {
  const text = reliabilityText([site], gangs, context);

  it('shows each value beside the best, the scenario marked, and rates beside the scenario', () => {
    expect(text).toMatch(/^5 min +95\.00 ± 0\.83 +85\.50 .* best$/m);
    expect(text).toMatch(/^Daly's \(scenario\) .* worse by 6\.11$/m);
    expect(text).toMatch(/^10 min .* no clear difference$/m);
    expect(text).toMatch(/^x 1 \(scenario\) .* scenario$/m);
    expect(text).toMatch(/^x 0\.5 .* better by 2\.22$/m);
    expect(text).toMatch(/^4 \(scenario\) +88\.89 /m);
  });

  it('shows lone gangs by size and interval, the best marked, and the closed form', () => {
    expect(text).toMatch(/^ *512 +Daly's +60 +95\.00 ± 1\.38 \* +0\.00 +\d\.\d\d +\d\.\d\d +0\.00 +95\.00$/m);
    expect(text).toMatch(/^ *512 +30 min +1 800 +67\.78 ± 2\.76 .* 70\.00$/m);
    expect(text).toMatch(/^ *512 +1\.00 +300 +1\.0 +61 +30$/m);
  });

  it('names what no cell changes and what the closed form does not know', () => {
    expect(flat(text)).toContain('Own checkpoint intervals, which no cell changes: debug.');
    expect(flat(text)).toContain('The closed form knows nothing of lemon nodes.');
    expect(flat(text)).toContain('Failures as llama3.');
  });

  it('says which interval was run where a write takes longer than the one asked for', () => {
    const floors = { least: { gpus: 4, ms: 1400 }, most: { gpus: 512, ms: 75_000 } };
    const short = siteOf([
      [{}, around(800)],
      [{ interval: 1 }, around(700)],
      [{ interval: 60_000 }, around(750)],
      [{ interval: 5 * MINUTE }, around(780)],
    ]);
    const shown = reliabilityText([{ ...short, floors }], [], context);
    expect(shown).toMatch(/^1 ms \(1\.4 s–75 s\) /m);
    expect(shown).toMatch(/^1 min \(60 s–75 s\) /m);
    expect(shown).toMatch(/^5 min  /m);
    expect(flat(shown)).toContain('Intervals shorter than the write of a checkpoint are put off to it');
    expect(flat(reliabilityText([short], [], context))).not.toContain('put off');
    expect(reliabilityJson([{ ...short, floors }], [], context)).toMatchObject({ cases: [{ writeFloors: floors }] });
  });

  it('cuts an interval that runs past all of a share', () => {
    const wide = siteOf([
      [{}, [880, 895]],
      [{ spares: 0 }, [880, 881]],
    ]);
    const shown = reliabilityText([wide], [], context);
    expect(shown).toMatch(/^4 \(scenario\) +98\.61 \(88\.0–100\.0\) /m);
    expect(shown).toMatch(/^0 +97\.83 ± 0\.71 /m);
    expect(Math.max(...shown.split('\n').map((line) => line.length))).toBeLessThanOrEqual(REPORT_WIDTH);
  });

  it('calls what one replication shows just that', () => {
    const one = siteOf([
      [{}, [800]],
      [{ spares: 0 }, [700]],
    ]);
    expect(reliabilityText([one], [], context)).toMatch(/^0 .* one replication$/m);
  });

  it('stays inside the width of a report', () => {
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(REPORT_WIDTH);
  });

  it('of a full product is a table for each rate, with the best of each marked', () => {
    const grid = siteOf([
      [{}, around(800)],
      [{ spares: 0 }, around(700)],
      [{ interval: 5 * MINUTE }, [803, 799, 801]],
      [{ interval: 5 * MINUTE, spares: 0 }, around(750)],
    ]);
    const product = reliabilityText([grid], [], { ...context, full: true });
    expect(product).toMatch(/^Daly's +77\.78 ± 0\.83 +88\.89 ± 0\.83 =$/m);
    expect(flat(product)).toContain(
      'Best of all combinations: interval 5 min, 4 spare nodes, rate x 1, with ETTR 89.00 ± 0.55 %; 1 other not clearly worse.',
    );
    expect(product).toMatch(/^5 min +83\.33 ± 0\.83 +89\.00 ± 0\.55 \*$/m);
  });

  it('names cells without a whole run, and says where nothing is left', () => {
    const broken = siteOf([
      [{}, around(800)],
      [{ spares: 0 }, []],
      [{ spares: 8 }, around(810)],
    ]);
    expect(flat(reliabilityText([broken], [], context))).toContain(
      "Left out, because no run of it is whole: interval Daly's, 0 spare nodes, rate x 1.",
    );
    expect(reliabilityText([siteOf([[{}, []]])], [], context)).toContain('nothing to show');
  });

  it('has a row for each cell in full precision, with tabs or commas', () => {
    const [heading, ...rows] = reliabilityPlain([site], gangs).trimEnd().split('\n');
    expect(rows).toHaveLength(site.cells.length + 2);
    const columns = heading!.split('\t');
    const value = (row: number, column: string): string => rows[row]!.split('\t')[columns.indexOf(column)]!;
    expect([value(1, 'interval'), value(1, 'spare nodes'), value(1, 'ETTR')]).toEqual(['300 s', '4', '0.95']);
    expect([value(8, 'gang [GPUs]'), value(8, 'effective interval [s]'), value(8, 'closed form')]).toEqual([
      '512',
      '60',
      '0.95',
    ]);
    expect(reliabilityCsv([site], gangs).split('\n')[0]).toBe(columns.join(','));
  });

  it('as JSON has every run, each cell beside the best and the own one, and no number that is none', () => {
    const json = reliabilityJson([site], gangs, context);
    const { cases, gangs: alone } = JSON.parse(JSON.stringify(json)) as {
      cases: { best: unknown; cells: Record<string, unknown>[]; answer: string[] }[];
      gangs: { bestInterval: unknown; cells: Record<string, unknown>[] }[];
    };
    expect(json).toMatchObject({ schemaVersion: 1, command: 'reliability', rankBy: 'ettr', grid: false });
    expect(cases[0]!.best).toEqual({ interval: { ms: 5 * MINUTE }, spareNodes: 4, rateFactor: 1 });
    expect(cases[0]!.answer).toHaveLength(3);
    expect(cases[0]!.cells[0]).toMatchObject({
      isOwn: true,
      againstOwn: null,
      againstBest: { ettr: { verdict: 'worse' } },
    });
    expect(cases[0]!.cells[0]!['replications']).toHaveLength(3);
    expect(alone[0]).toMatchObject({ bestInterval: 'daly', mttfMs: 3_600_000 });
    expect(alone[0]!.cells[1]).toMatchObject({ closedFormEttr: 0.7, isAsGoodAsBest: false });
    const single = JSON.stringify(reliabilityJson([siteOf([[{}, [800]]])], [], context));
    expect(single).toContain('"halfWidth95":null');
  });
});

import { describe, expect, it } from 'vitest';
import { buildOutYears } from '../../src/plan/buildOutYears.js';
import { stepsOfYear, yearsFrom } from '../../src/plan/datedPhases.js';
import { dateEpochMs } from '../../src/energy/calendar.js';
import { TWO_NODES } from '../support/twoNodes.js';
import { faultsOf, planText } from './planning.js';

const DAY = 86_400_000;
const asked = (windowYears = 6) => ({ buildOut: { timing: 'as-planned', windowYears } }) as const;
const messages = (text: string, windowYears?: number): string[] =>
  faultsOf(text, asked(windowYears)).map(({ path, message, hint }) => [path, message, hint].join(' | '));

describe('a partition that grows by dates', () => {
  it('has in a year what was there before it from the start, and what joins in it at its date', () => {
    const at = (month: number, year = 2028) => dateEpochMs(year, month, 1);
    const steps = [
      { atMs: at(1, 2027), nodes: 1 },
      { atMs: at(7), nodes: 2 },
      { atMs: at(10), nodes: 5 },
      { atMs: at(1, 2030), nodes: 9 },
    ];
    expect(stepsOfYear(steps, 2027)).toEqual([{ atMs: 0, nodes: 1 }]);
    expect(stepsOfYear(steps, 2028)).toEqual([
      { atMs: 0, nodes: 1 },
      { atMs: 182 * DAY, nodes: 2 },
      { atMs: 274 * DAY, nodes: 5 },
    ]);
    expect(stepsOfYear(steps, 2029)).toEqual([{ atMs: 0, nodes: 5 }]);
    expect(stepsOfYear(steps, 2030)).toEqual([{ atMs: 0, nodes: 9 }]);
    expect(stepsOfYear(steps.slice(1), 2027)).toEqual([{ atMs: 547 * DAY, nodes: 2 }]);
    expect(yearsFrom(2027, at(7))).toBeCloseTo(1 + 182 / 366, 12);
  });

  it('is in a plain run what its calendar year has of it', () => {
    const [spec] = planText(TWO_NODES, { set: ['calendarYear=2028', 'horizon=366 d'] }).specs;
    expect(spec!.partitions[0]).toMatchObject({
      nodes: 2,
      inService: [
        { atMs: 0, nodes: 1 },
        { atMs: 182 * DAY, nodes: 2 },
      ],
    });
    const [before] = planText(TWO_NODES).specs;
    expect(before!.partitions[0]!.nodes).toBe(1);
    expect(before!.partitions[0]!.inService).toBeUndefined();
    expect(faultsOf(TWO_NODES, { set: ['calendarYear=2026'] }).map(({ message }) => message)).toEqual([
      expect.stringContaining('expected partition main in service before the end of the horizon'),
    ]);
  });

  it('is planned year by year under three timings, without the years before anything is there', () => {
    const { buildOuts } = planText(TWO_NODES, asked(3));
    expect(buildOutYears(buildOuts!).map(({ timing, calendarYear }) => `${timing} ${calendarYear}`)).toEqual([
      ...['as-planned 2027', 'as-planned 2028', 'as-planned 2029'],
      ...['all-at-first 2027', 'all-at-first 2028', 'all-at-first 2029'],
      ...['all-at-last 2028', 'all-at-last 2029'],
    ]);
    const [, , , , leap] = buildOutYears(buildOuts!);
    expect(leap!.overrides.map(({ text }) => text)).toEqual(['calendarYear=2028', 'horizon=8784 h']);
  });

  it('leaves sites out of a year in which they have not begun', () => {
    const second = TWO_NODES.replace(
      'workload:',
      `  - { use: gf-fr-hdf, name: later, partitions: [${LATER}] }\nworkload:`,
    );
    const sitesOf = (year: number) =>
      planText(second, { set: [`calendarYear=${year}`], buildOut: { timing: 'as-planned' } }).groups.flatMap(
        ({ sites }) => sites,
      );
    expect(sitesOf(2027)).toEqual(['tiny']);
    expect(sitesOf(2029)).toEqual(['tiny', 'later']);
  });
});

const LATER = '{ name: main, hardware: h100-sxm, buildOut: [{ at: 2029-01-01, nodes: 4 }] }';

describe('a build-out that cannot be', () => {
  it('has all its faults told at once: order, sizes, dates outside the window', () => {
    const bad = TWO_NODES.replace(
      'buildOut: [{ at: 2027-01-01, nodes: 1 }, { at: 2028-07-01, nodes: 2 }]',
      'buildOut: [{ at: 2027-06-01, gpus: 20 }, { at: 2027-01-01, nodes: 2 }, { at: 2035-01-01, nodes: 2 }, { at: 2036-13-01, nodes: 3 }]',
    ).replace('horizon: 365 d', 'horizon: 365');
    expect(messages(bad)).toEqual([
      expect.stringContaining(
        'sites[0].partitions[0].buildOut[2].at | expected a date in the window, 2027 to 2032; got 2035-01-01',
      ),
      expect.stringContaining('buildOut[3].at | expected a date such as 2027-07-01'),
      expect.stringContaining('horizon'),
    ]);
    const order = bad.replace(', { at: 2036-13-01, nodes: 3 }', '').replace('horizon: 365\n', 'horizon: 365 d\n');
    expect(messages(order)).toEqual([
      expect.stringContaining(
        'buildOut[0].gpus | expected whole nodes of 8 GPUs (h100-sxm), got 20 | The nearest is 24.',
      ),
      expect.stringContaining(
        'buildOut[1].at | expected phases in the order of time, each later than the one before; got 2027-01-01 after 2027-06-01',
      ),
      expect.stringContaining(
        'buildOut[1].nodes | expected all that is in service from then on, more than before; got 2 nodes after 2.5',
      ),
      expect.stringContaining('buildOut[2].at | expected a date in the window, 2027 to 2032; got 2035-01-01'),
      expect.stringContaining(
        'buildOut[2].nodes | expected all that is in service from then on, more than before; got 2 nodes after 2',
      ),
    ]);
  });

  it('asks for a size or dates, not both, and for no time beside the dates', () => {
    const both = TWO_NODES.replace(
      'hardware: h100-sxm',
      'hardware: h100-sxm\n        nodes: 3\n        inService: 3 d',
    );
    expect(messages(both).map((text) => text.split(' | ')[1])).toEqual([
      'expected exactly one of racks, nodes, gpus, phases, buildOut; got nodes and buildOut',
      'expected no inService beside phases or buildOut, each of which says when it is in service, got "3 d"',
    ]);
  });

  it('needs dates of every partition, beginning in one year, and something in the first year', () => {
    const plain = TWO_NODES.replace(/buildOut: .*/, 'nodes: 2');
    expect(messages(plain)[0]).toContain('expected buildOut, the dates at which site tiny grows; got a size alone');
    const [late] = messages(TWO_NODES.replace('calendarYear: 2027', 'calendarYear: 2026'));
    expect(late).toContain(
      'calendarYear | expected a phase in the first year of the window, 2026; the first is in 2027',
    );
    expect(late).toContain('Set calendarYear: 2027.');
    const apart = TWO_NODES.replace('    facility:', `      - ${LATER.replace('main', 'other')}\n    facility:`);
    expect(messages(apart)).toEqual([
      expect.stringContaining(
        'partitions[1].buildOut[0].at | expected all partitions of a site to begin in one calendar year',
      ),
    ]);
  });

  it('needs prices, and a window no longer than the building lasts', () => {
    expect(messages(TWO_NODES, 16)).toEqual([
      expect.stringContaining('expected a window of at most the 15 years that the building lasts, got 16'),
    ]);
    const unpriced = TWO_NODES.replace('hardware: h100-sxm', 'hardware: mi300x');
    expect(messages(unpriced)).toEqual([
      expect.stringContaining('expected prices of all that is bought, got no serverEurPerGpu of mi300x'),
    ]);
    const free = TWO_NODES.replace(/ {4}capital: .*\n/, '').replace(/finance: .*\n/, '');
    expect(messages(free)).toEqual([
      expect.stringContaining('expected what site tiny is bought for, got no capital and no finance | Add finance: {}'),
    ]);
  });
});

import { describe, expect, it } from 'vitest';
import { errorRecord, SimError } from '../../src/base/errors.js';
import { runBuildOut, type BuildOutDone } from '../../src/cli/buildOutRuns.js';
import { execute } from '../../src/cli/execute.js';
import { makeTalk } from '../../src/cli/talk.js';
import { inlinePool } from '../../src/pool/inline.js';
import { runTask } from '../../src/pool/runTask.js';
import { buildOutJson } from '../../src/report/buildOutJson.js';
import { buildOutPlain, buildOutText, waitingText } from '../../src/report/buildOutText.js';
import type { RunSpec } from '../../src/scenario/runSpec.js';
import { planText } from '../plan/planning.js';
import { TWO_NODES } from '../support/twoNodes.js';

const talk = makeTalk({ quiet: true });

interface Chain {
  readonly years?: number;
  readonly set?: readonly string[];
  readonly fails?: (spec: RunSpec) => boolean;
}

/** Simulates the years on this thread, and notes what was run; runs of which `fails` are failures. */
async function chained(
  text: string,
  { years = 2, set = [], fails = () => false }: Chain = {},
): Promise<BuildOutDone & { readonly ran: readonly RunSpec[] }> {
  const ran: RunSpec[] = [];
  const done = await runBuildOut({
    load: (variant, buildOut) =>
      Promise.resolve({ argument: 'tiny', plan: planText(text, { variant, buildOut, set }) }),
    options: {},
    years,
    talk,
    executed: (plans, options, say) =>
      execute(plans, options, say, () =>
        inlinePool((task, heartbeat) => {
          ran.push(task.spec);
          if (!fails(task.spec)) return runTask(task, heartbeat);
          return { outcome: { ok: false, error: errorRecord(new SimError('policy.contract', 'forced')) }, wallMs: 0 };
        }),
      ),
  });
  return { ...done, ran };
}

/** EUR a MWh: day-ahead, network and levies. */
const EUR_PER_MWH = 65;
const NODE_IDLE_W = 3082;
const JOB_WH = 8 * 750 * 1000;
/** Two years; half of the second, a leap year, from 1 July on. */
const [HOURS_2027, HOURS_2028, HOURS_FROM_JULY] = [8760, 8784, 4416];
const LATER = 1 + 182 / 366;

const billEur = (nodeHours: number): number => ((NODE_IDLE_W * nodeHours + JOB_WH) * 1.05 * EUR_PER_MWH) / 1e6;

/** The same with drawn jobs on 16 and then 32 nodes, two replications. */
const DRAWN = TWO_NODES.replace(/ {2}jobClasses:[\s\S]*?\npolicy/, 'POLICY')
  .replace('workload:\nPOLICY', 'workload: { use: frontier-mix, load: 0.5 }\npolicy')
  .replace('nodes: 1 }', 'nodes: 16 }')
  .replace('2028-07-01, nodes: 2', '2028-01-01, nodes: 32')
  .replace('warmup: 0 h', 'warmup: 0 h\nreplications: 2');

describe('a chain of two years on paper', () => {
  const NODE_EUR = 8 * (26_000 + 4500);
  const discounted = (eur: number, atYears: number): number => eur / 1.1 ** atYears;
  // Two years old, a node is worth no more than it then costs new: 0.49 of its first price; the book says 0.64.
  const LEFT_EUR = 0.49 * NODE_EUR;

  it('pays each year its own bill, and for each node the price of its date', async () => {
    const { cases } = await chained(TWO_NODES);
    const [planned] = cases[0]!.timings;
    const cost = planned!.costs[0]!;
    const [first, second] = [billEur(HOURS_2027), billEur(HOURS_2028 + HOURS_FROM_JULY)];
    expect(cost.years.map(({ energyEur }) => energyEur)).toEqual([expect.closeTo(first, 6), expect.closeTo(second, 6)]);
    expect(first).toBeCloseTo(2252.13534, 6);
    expect(second).toBeCloseTo(3186.0738, 6);
    expect(cost.years.map(({ gpusAtEnd, soldGpuHours }) => [gpusAtEnd, soldGpuHours])).toEqual([
      [8, 8000],
      [16, 8000],
    ]);
    const secondEur = NODE_EUR * 0.7 ** LATER;
    expect(cost.years.map(({ purchasesEur }) => purchasesEur)).toEqual([NODE_EUR, expect.closeTo(secondEur, 6)]);
    const npv =
      NODE_EUR +
      discounted(secondEur, LATER) -
      discounted(2 * LEFT_EUR, 2) +
      discounted(1000 + first, 0.5) +
      discounted(1000 + second, 1.5);
    expect(cost.npvOfCostEur).toBeCloseTo(npv, 5);
    const hours = discounted(8000, 0.5) + discounted(8000, 1.5);
    expect(cost.levelisedEurPerSoldGpuHour).toBeCloseTo(npv / hours, 9);
    expect(cost.levelisedEurPerUsefulGpuHour).toBeUndefined();
    expect(cost.facilityMWh).toBeCloseTo((first + second) / EUR_PER_MWH, 9);
    expect(cost.carbonKt).toBeCloseTo(((first + second) / EUR_PER_MWH) * 0.3e-3, 12);
  });

  it('has all nodes at the first date, or none before the last one', async () => {
    const { cases } = await chained(TWO_NODES);
    const [, atFirst, atLast] = cases[0]!.timings.map(({ costs }) => costs[0]!);
    expect(atFirst!.years.map(({ energyEur }) => energyEur)).toEqual([
      expect.closeTo(billEur(2 * HOURS_2027), 6),
      expect.closeTo(billEur(2 * HOURS_2028), 6),
    ]);
    expect(atFirst!.years.map(({ purchasesEur }) => purchasesEur)).toEqual([2 * NODE_EUR, 0]);
    expect(atLast!.years.map(({ energyEur }) => energyEur)).toEqual([
      0,
      expect.closeTo(billEur(2 * HOURS_FROM_JULY), 6),
    ]);
    expect(atLast!.soldGpuHours).toBe(8000);
    // Staff is paid from July on: 184 of 366 days.
    expect(atLast!.years.map(({ operationEur }) => operationEur)).toEqual([0, expect.closeTo((1000 * 184) / 366, 6)]);
  });

  it('is cheaper by the hour the later it is bought where prices fall steeply, and dearer where they do not fall', async () => {
    const levelised = async (decline: number): Promise<number[]> => {
      const set = [`finance.hardwarePriceDeclineFraction=${decline}`, 'finance.residualFraction=0'];
      const { cases } = await chained(TWO_NODES, { set });
      return cases[0]!.timings.map(({ costs }) => costs[0]!.levelisedEurPerSoldGpuHour);
    };
    const steep = await levelised(0.9);
    expect(steep[2]).toBeLessThan(steep[0]!);
    expect(steep[0]).toBeLessThan(steep[1]!);
    const flat = await levelised(0);
    // One job a year fills one node: two of them are dearer from the start.
    expect(flat[1]).toBeGreaterThan(flat[0]!);
  });

  it('draws each year apart, and simulates once what two timings have in common', async () => {
    const { cases, ran } = await chained(DRAWN, { years: 3 });
    // 2027 with 16 and with 32 nodes; 2028 and 2029 with 32, whatever the timing.
    expect(ran.map(({ calendarYear, partitions }) => `${calendarYear} ${partitions[0]!.nodes}`).sort()).toEqual(
      ['2027 16', '2027 32', '2028 32', '2029 32'].flatMap((run) => [run, run]),
    );
    expect(new Set(ran.map(({ calendarYear, seed }) => `${calendarYear} ${seed}`)).size).toBe(3);
    const [of] = cases;
    expect(of!.replications).toEqual([0, 1]);
    const hours = of!.timings.map(({ costs }) => costs.map(({ years }) => years[2]!.soldGpuHours));
    expect(hours[0]).toEqual(hours[1]);
    expect(hours[0]).toEqual(hours[2]);
    expect(hours[0]![0]).not.toBe(hours[0]![1]);
  });

  it('leaves a replication out of which a year failed, and says where nothing is left', async () => {
    const fails = ({ calendarYear, replication }: RunSpec): boolean => calendarYear === 2028 && replication === 0;
    const partly = await chained(DRAWN, { fails });
    expect(partly.cases[0]!.replications).toEqual([1]);
    const said = waitingText(partly.cases[0]!);
    expect(said).toHaveLength(2);
    for (const line of said)
      expect(line).toMatch(/costs EUR \d+\.\d{4} (less|more) per .* one replication cannot tell that from noise\.$/);
    expect(partly.cases[0]!.timings.map(({ costs }) => costs.length)).toEqual([1, 1, 1]);
    const { cases, failed } = await chained(TWO_NODES, { fails: ({ calendarYear }) => calendarYear === 2028 });
    expect(failed.length).toBeGreaterThan(0);
    expect(cases[0]!.replications).toEqual([]);
    const context = { question: 'Q?', baseYears: {} };
    expect(buildOutText(cases, context)).toContain('no replication of which every year was simulated');
    expect(JSON.parse(JSON.stringify(buildOutJson(cases, context)))).toMatchObject({ cases: [{ replications: [] }] });
  });
});

describe('what is said of a build-out', () => {
  const context = { question: 'Q?', baseYears: { 'DE-LU': 'levels of 2024' } };

  it('has a row for each year and one for all, what it comes to, and the alternatives', async () => {
    const { cases } = await chained(TWO_NODES, { set: ['finance.revenueEurPerGpuHour=30'] });
    const text = buildOutText(cases, context);
    expect(text).toMatch(/^2027 +8 +0\.2 /m);
    expect(text).toMatch(/^all +n\/a /m);
    expect(text).toMatch(/^net present value with revenue +EUR M /m);
    expect(text).toMatch(/^paid back after +years /m);
    expect(text).toMatch(/^all at the last date .*cheaper$/m);
    expect(text).toMatch(/GPUs all at the first date: an hour costs EUR \d+\.\d{4} more per sold GPU-hour/);
    expect(text).toContain('with as many of them inside the');
    expect(text).toMatch(/Prices of electricity and\s+carbon are the same in all years: DE-LU levels of 2024\./);
    const tables = buildOutPlain(cases).split('\n\n');
    expect(tables).toHaveLength(3);
    expect(tables[0]!.split('\n').map((line) => line.split('\t').slice(0, 4))).toEqual([
      ['site', 'policy', 'year', 'GPUs [at its end]'],
      ['tiny', 'fcfs+none@first-fit', '2027', '8'],
      ['tiny', 'fcfs+none@first-fit', '2028', '16'],
      ['tiny', 'fcfs+none@first-fit', 'all', ''],
    ]);
  });

  it('is one JSON document in base units, without a number that is none', async () => {
    const { cases } = await chained(TWO_NODES);
    const text = JSON.stringify(buildOutJson(cases, context));
    const document = JSON.parse(text) as Record<string, unknown>;
    expect(document).toMatchObject({
      schemaVersion: 1,
      command: 'buildout',
      question: 'Q?',
      cases: [
        {
          site: 'tiny',
          calendarYear: 2027,
          windowYears: 2,
          facility: 'each-phase',
          grid: 'first-phase',
          levelisedOver: 'sold',
          replications: [1],
          phases: [
            { atYears: 0, gpus: 8, hardwareEur: 244_000 },
            { atYears: expect.closeTo(LATER, 12) as number, gpus: 8, hardwareEur: 244_000 },
          ],
          timings: [
            { timing: 'as-planned', levelisedEurPerGpuHour: { n: 1, halfWidth: null } },
            { timing: 'all-at-first', againstPlan: { verdict: 'higher' } },
            { timing: 'all-at-last', costs: [{ years: [{ gpusAtEnd: 0 }, { gpusAtEnd: 16 }] }] },
          ],
        },
      ],
    });
    expect(text).not.toContain('NaN');
  });
});

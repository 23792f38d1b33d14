import { readFileSync, writeFileSync } from 'node:fs';
import type { StepSeries } from '../src/base/stepSeries.js';
import { MS_PER_HOUR } from '../src/base/units.js';
import { SeriesIntegral } from '../src/energy/prefix.js';
import { openLibrary } from '../src/io/library.js';
import { parseYaml } from '../src/io/yaml.js';
import { changedDeadlines, deadlineOutcomes } from '../src/metrics/deadlines.js';
import type { JobOutcomes, RunResult, SiteResult } from '../src/metrics/runResult.js';
import { estimate, pairedDifference, type Estimate } from '../src/metrics/statistics.js';
import { planScenario, type Plan } from '../src/plan/plan.js';
import type { RunSpec } from '../src/scenario/runSpec.js';
import { simulate } from '../src/sim/simulate.js';

/**
 * What deferring jobs saves and whom it keeps waiting, over seeds, loads and kinds of foresight: the tables of
 * docs/deferral.md. Prints them (all, or the one named) and, with `write` behind its name, writes it there.
 *
 * Cost: about two seconds a run of a year; 330 such, two thirds of them of a quarter of one.
 */
const DOCUMENT = 'docs/deferral.md';
const SCENARIO = 'price-aware';
const REPLICATIONS = 20;
const BASELINE = 'none';
const POLICIES = [
  'price-aware(threshold)',
  'price-aware',
  'price-aware(perfect)',
  'carbon-aware',
  'carbon-aware(perfect)',
];
/** Of the capacity: as shipped; what the sweep of deadlines has beside, on a quarter of a year; where nobody queues. */
const SHIPPED_LOAD = 0.5;
const LOADS = [0.5, 0.6, 0.7, 0.8, 0.9];
const SWEPT = ['price-aware', 'carbon-aware'];
const SWEEP = ['horizon=91 d'];
const DEFERRABLE: ReadonlySet<string> = new Set(['fine-tuning', 'batch-inference']);
const LOW_LOAD = 0.2;
const LOW_REPLICATIONS = 5;

interface Run {
  readonly schedule: RunResult['schedule'];
  readonly site: SiteResult;
  readonly outcomes: Uint8Array;
  readonly table: JobOutcomes['table'];
  /** What a MWh of the deferrable jobs that began and ended in the horizon cost at day-ahead, and emitted. */
  readonly deferrableEurPerMWh: number;
  readonly deferrableKgPerMWh: number;
}

interface Case {
  readonly load: number;
  readonly power: string;
  readonly set?: readonly string[];
  readonly replications?: number;
}

function planned({ load, power, set = [], replications = REPLICATIONS }: Case): Plan {
  const source = readFileSync(`scenarios/${SCENARIO}.yaml`, 'utf8');
  return planScenario(parseYaml(source, `${SCENARIO}.yaml`), {
    library: openLibrary(['scenarios']),
    readFile: (path: string) => readFileSync(path),
    buildVersion: 'bench',
    set: [`workload.load=${String(load)}`, ...set],
    policies: [`priority+easy@pack~${power}`],
    replications,
  });
}

function runsOf(of: Case): Run[] {
  const { specs, inputs } = planned(of);
  process.stderr.write('.');
  return specs.map((spec): Run => {
    const { schedule, sites, jobs } = simulate(spec, inputs, { keepJobs: true });
    const { price, carbon } = spec.sites[0]!.series;
    return {
      schedule,
      site: sites[0]!,
      outcomes: deadlineOutcomes(jobs!, 0, spec.horizonMs!)!,
      table: jobs!.table,
      deferrableEurPerMWh: perDeferrableMWh(jobs!, spec, inputs.series[price]!),
      deferrableKgPerMWh: perDeferrableMWh(jobs!, spec, inputs.series[carbon]!),
    };
  });
}

/** Mean of a series over the watts of deferrable jobs. */
function perDeferrableMWh({ table, startMs, endMs }: JobOutcomes, spec: RunSpec, series: StepSeries): number {
  const integral = new SeriesIntegral(series);
  const watts = spec.partitions[0]!.power.activeWByClass;
  let value = 0;
  let energy = 0;
  for (let job = 0; job < table.count; job++) {
    const jobClass = table.classOf[job]!;
    if (!DEFERRABLE.has(table.classNames[jobClass]!)) continue;
    const [from, to] = [startMs[job]!, endMs[job]!];
    if (!(from >= 0 && to <= spec.horizonMs!)) continue;
    const of = table.gpus[job]! * watts[jobClass]!;
    value += of * integral.between(from, to);
    energy += of * (to - from);
  }
  return value / energy;
}

const text = ({ mean, halfWidth }: Estimate, unit: number, digits: number): string =>
  `${(mean / unit).toFixed(digits)} ± ${(halfWidth / unit).toFixed(digits)}`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);

/** A policy's effects against none, paired by seed. */
class Effects {
  readonly runs: readonly Run[];
  readonly none: readonly Run[];

  constructor(runs: readonly Run[], none: readonly Run[]) {
    this.runs = runs;
    this.none = none;
  }

  paired(of: (run: Run) => number, sign: 1 | -1): Estimate {
    const values = (runs: readonly Run[]): number[] => runs.map((run) => sign * of(run));
    return pairedDifference(values(this.runs), values(this.none)).difference;
  }

  /** Share of the baseline's. */
  share(of: (run: Run) => number): Estimate {
    return estimate(this.runs.map((run, at) => 1 - of(run) / of(this.none[at]!)));
  }

  /** Per MWh drawn. */
  lowered(of: (site: SiteResult) => number): Estimate {
    return this.share(({ site }) => of(site) / site.facilityMWh);
  }

  perLostGpuHour(): string {
    const lost = this.paired(({ schedule }) => schedule.gpuHoursUsed, -1);
    if (lost.mean <= lost.halfWidth) return 'none clearly lost';
    return (this.paired(({ site }) => site.bill.totalEur, -1).mean / lost.mean).toFixed(2);
  }

  /** Newly missed and newly met deadlines of classes that are deferrable, or of the others, over all seeds. */
  changed(deferrable: boolean): readonly [number, number] {
    const counts = this.runs.map(({ outcomes, table: { classOf, classNames } }, at) => {
      const own = (job: number): boolean => DEFERRABLE.has(classNames[classOf[job]!]!) === deferrable;
      const { newlyMissed, newlyMet } = changedDeadlines(outcomes, this.none[at]!.outcomes);
      return [newlyMissed.filter(own).length, newlyMet.filter(own).length] as const;
    });
    return [sum(counts.map(([missed]) => missed)), sum(counts.map(([, met]) => met))];
  }
}

function savings(load: number, policies: readonly string[], replications: number): string {
  const none = runsOf({ load, power: BASELINE, replications });
  const rows = policies.map((power) => {
    const effects = new Effects(runsOf({ load, power, replications }), none);
    const bill = (of: (bill: SiteResult['bill']) => number): Estimate =>
      effects.paired(({ site }) => of(site.bill), -1);
    return [
      power,
      text(
        bill(({ totalEur }) => totalEur),
        1e3,
        0,
      ),
      text(
        bill(({ supplyEur }) => supplyEur),
        1e3,
        0,
      ),
      `${text(
        effects.lowered(({ bill: { supplyEur } }) => supplyEur),
        0.01,
        2,
      )} %`,
      `${text(
        effects.share(({ deferrableEurPerMWh }) => deferrableEurPerMWh),
        0.01,
        1,
      )} %`,
      text(
        effects.paired(({ site }) => site.carbonKt, -1),
        1e-3,
        0,
      ),
      `${text(
        effects.lowered(({ carbonKt }) => carbonKt),
        0.01,
        2,
      )} %`,
      `${text(
        effects.share(({ deferrableKgPerMWh }) => deferrableKgPerMWh),
        0.01,
        1,
      )} %`,
      text(
        effects.paired(({ schedule }) => schedule.gpuHoursUsed, -1),
        1e3,
        1,
      ),
      effects.perLostGpuHour(),
      text(
        effects.paired(({ schedule }) => schedule.jct.p95Ms, 1),
        MS_PER_HOUR,
        1,
      ),
      text(estimate(effects.runs.map(({ schedule }) => schedule.power!.heldMeanMs)), MS_PER_HOUR, 1),
      String(effects.changed(true)[0] + effects.changed(false)[0]),
    ];
  });
  const money = ['EUR saved, thousand', 'of it supply', 'supply of a MWh cheaper by', 'of a MWh of deferrable jobs'];
  const carbon = ['t CO2 saved', 'carbon of a MWh lower by', 'of a MWh of deferrable jobs'];
  const jobs = ['GPU-hours lost, thousand', 'EUR saved per GPU-hour lost', 'p95 completion time added, h', 'held, h'];
  return table(['policy', ...money, ...carbon, ...jobs, 'deadlines newly missed'], rows);
}

function deadlines(): string {
  const rows: string[][] = [];
  for (const load of LOADS) {
    const none = runsOf({ load, power: BASELINE, set: SWEEP });
    for (const power of SWEPT) {
      const effects = new Effects(runsOf({ load, power, set: SWEEP }), none);
      const [ownMissed, ownMet] = effects.changed(true);
      const [missed, met] = effects.changed(false);
      rows.push([
        String(load),
        power,
        `${(100 * estimate(none.map(({ schedule }) => schedule.utilisationFraction)).mean).toFixed(1)} %`,
        String(sum(effects.runs.map(({ schedule }) => schedule.deadlines!.jobs))),
        String(sum(none.map(({ schedule }) => schedule.deadlines!.missed))),
        String(sum(effects.runs.map(({ schedule }) => schedule.power!.heldJobs))),
        `${String(ownMissed)} (${String(ownMet)})`,
        `${String(missed)} (${String(met)})`,
        `${text(
          effects.lowered(({ bill: { supplyEur } }) => supplyEur),
          0.01,
          2,
        )} %`,
        text(
          effects.paired(({ schedule }) => schedule.gpuHoursUsed, -1),
          1e3,
          1,
        ),
      ]);
    }
  }
  const head = ['load', 'policy', 'GPUs busy', 'deadlines', 'missed without', 'jobs held'];
  const rest = ['newly missed (met): deferrable', 'others', 'supply of a MWh cheaper by', 'GPU-hours lost, thousand'];
  return table([...head, ...rest], rows);
}

const [, , what = '', write = ''] = process.argv;
const TABLES: Readonly<Record<string, () => string>> = {
  savings: () => savings(SHIPPED_LOAD, POLICIES, REPLICATIONS),
  deadlines,
  bound: () => savings(LOW_LOAD, ['price-aware(perfect)', 'carbon-aware(perfect)'], LOW_REPLICATIONS),
};
const wanted = Object.keys(TABLES).filter((name) => what === '' || what === name);
if (wanted.length === 0) throw new Error(`expected one of ${Object.keys(TABLES).join(', ')}, got ${what}`);
const written = wanted.map((name) => [name, TABLES[name]!()] as const);
let document = readFileSync(DOCUMENT, 'utf8');
for (const [name, content] of written) {
  process.stdout.write(`${content}\n\n`);
  const [begin, end] = [`<!-- begin: ${name} -->`, `<!-- end: ${name} -->`];
  const [from, to] = [document.indexOf(begin), document.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${DOCUMENT}: expected ${begin} before ${end}`);
  document = `${document.slice(0, from + begin.length)}\n\n${content}\n\n${document.slice(to)}`;
}
if (write === 'write') writeFileSync(DOCUMENT, document);

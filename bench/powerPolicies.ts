import { readFileSync, writeFileSync } from 'node:fs';
import { MS_PER_HOUR } from '../src/base/units.js';
import { openLibrary } from '../src/io/library.js';
import { parseYaml } from '../src/io/yaml.js';
import { estimate, pairedDifference, type Estimate } from '../src/metrics/statistics.js';
import { planScenario, type Plan } from '../src/plan/plan.js';
import { comparePeaks, effectiveGpuHours, peakMW, runsOf, type PowerRun } from './powerCases.js';

const DOCUMENT = 'docs/power-policies.md';
const REPLICATIONS = 5;
/** Of the capacity: as shipped, and more than it can do, so that what is lost is not made up for later. */
const LOADS = [0.85, 1.1];
const TARGETS = ['0.9', '0.75'];

function planned(file: string, set: readonly string[], policy: string): Plan {
  const library = openLibrary(['scenarios']);
  const text = readFileSync(`scenarios/${file}.yaml`, 'utf8');
  return planScenario(parseYaml(text, `${file}.yaml`), {
    ...{ library, readFile: (path: string) => readFileSync(path), buildVersion: 'bench' },
    ...{ set, policies: [policy], replications: REPLICATIONS },
  });
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  return line(head) + line(head.map(() => '---')) + rows.map(line).join('');
}

const between = (of: Estimate, unit: number, digits: number): string =>
  `${(of.mean / unit).toFixed(digits)} ± ${(of.halfWidth / unit).toFixed(digits)}`;
const over = (runs: readonly PowerRun[], of: (run: PowerRun) => number, unit = 1, digits = 1): string =>
  between(estimate(runs.map(of)), unit, digits);

/** What a policy saved and lost against `~none`, paired by seed. */
function effects(runs: readonly PowerRun[], none: readonly PowerRun[]): string[] {
  const paired = (of: (run: PowerRun) => number, sign: 1 | -1): Estimate =>
    pairedDifference(
      runs.map((run) => sign * of(run)),
      none.map((run) => sign * of(run)),
    ).difference;
  const saved = paired(({ site }) => site.bill.totalEur, -1);
  const lost = paired(effectiveGpuHours, -1);
  const clear = Math.abs(lost.mean) > lost.halfWidth;
  return [
    between(saved, 1e6, 2),
    between(
      paired(({ site }) => site.carbonKt, -1),
      1e-3,
      0,
    ),
    between(lost, 1e6, 2),
    between(
      paired(({ schedule }) => schedule.jct.p95Ms, 1),
      MS_PER_HOUR,
      1,
    ),
    clear && lost.mean > 0 ? (saved.mean / lost.mean).toFixed(3) : 'no clear loss',
  ];
}
const EFFECTS = [
  'EUR saved, million',
  't CO2 saved',
  'effective GPU-hours lost, million',
  'p95 completion time added, h',
  'EUR saved per GPU-hour lost',
];

function peakTables(): string {
  const rows: string[][] = [];
  const costs: string[][] = [];
  for (const load of LOADS) {
    const plan = (policy: string): Plan => planned('peak-shaving', [`workload.load=${String(load)}`], policy);
    const none = runsOf(plan('fcfs+easy@pack~none'));
    for (const target of TARGETS) {
      const { guard, fixed, hundredths, gained, verdict } = comparePeaks(plan, `peak-guard(${target})`);
      rows.push([
        String(load),
        target,
        over(none, peakMW),
        over(guard, peakMW, 1, 2),
        over(fixed, peakMW, 1, 2),
        [...new Set(hundredths)]
          .sort((a, b) => a - b)
          .map((cap) => (cap / 100).toFixed(2))
          .join(', '),
        over(guard, effectiveGpuHours, 1e6, 2),
        over(fixed, effectiveGpuHours, 1e6, 2),
        `${between(gained, 0.01, 2)} % (${verdict})`,
        over(guard, ({ schedule }) => schedule.completed, 1, 0),
        over(fixed, ({ schedule }) => schedule.completed, 1, 0),
        over(guard, ({ schedule }) => schedule.jct.p95Ms, MS_PER_HOUR),
        over(fixed, ({ schedule }) => schedule.jct.p95Ms, MS_PER_HOUR),
      ]);
      costs.push([String(load), `peak-guard(${target})`, ...effects(guard, none)]);
      costs.push([String(load), `cap with its peak`, ...effects(fixed, none)]);
      process.stderr.write('.');
    }
  }
  const head = ['load', 'target', 'peak without, MW', 'with the guard', 'with the cap', 'cap, share of TDP'];
  const work = ['effective GPU-hours, million: guard', 'cap', 'guard − cap'];
  const jobs = ['jobs completed: guard', 'cap', 'p95 completion time, h: guard', 'cap'];
  return `${table([...head, ...work, ...jobs], rows)}\n${table(['load', 'policy', ...EFFECTS], costs)}`;
}

function curtailmentTables(): string {
  const rows: string[][] = [];
  const costs: string[][] = [];
  for (const load of LOADS) {
    const set = [`workload.load=${String(load)}`];
    const none = runsOf(planned('curtailment', set, 'fcfs+easy@pack~none'));
    for (const part of [
      'none',
      'demand-response',
      'demand-response(0.57)',
      'demand-response(means=cap)',
      'demand-response(1)',
    ]) {
      const runs = part === 'none' ? none : runsOf(planned('curtailment', set, `fcfs+easy@pack~${part}`));
      for (const kind of ['phoenix', 'london']) {
        const orders = (run: PowerRun) => run.site.grid!.orders.filter(({ name }) => name.startsWith(kind));
        const sum = (of: (run: PowerRun) => number): number => runs.reduce((all, run) => all + of(run), 0);
        const quarters = sum((run) => orders(run).reduce((all, { deliveredMW }) => all + deliveredMW.length, 0));
        const met = sum((run) => orders(run).reduce((all, { quarterHoursMet }) => all + quarterHoursMet, 0));
        rows.push([
          String(load),
          part,
          kind === 'phoenix' ? '25 %, 3 h' : '30 %, 10 h',
          `${String(sum((run) => orders(run).filter((order) => order.met).length))} of ${String(sum((run) => orders(run).length))}`,
          `${String(met)} of ${String(quarters)}`,
          over(runs, (run) => orders(run).reduce((all, { shortfallMWh }) => all + shortfallMWh, 0)),
          over(runs, (run) => Math.max(0, ...orders(run).map(({ worst }) => worst?.shortfallMW ?? 0))),
        ]);
      }
      if (part === 'none') continue;
      costs.push([
        String(load),
        part,
        over(runs, ({ schedule }) => schedule.power!.suspensions, 1, 0),
        over(runs, ({ schedule }) => schedule.preemptions, 1, 0),
        ...effects(runs, none),
      ]);
      process.stderr.write('.');
    }
  }
  const head = ['load', 'policy', 'order', 'orders met', 'quarter hours met', 'shortfall, MWh a year', 'worst, MW'];
  return `${table(head, rows)}\n${table(['load', 'policy', 'suspensions', 'pre-emptions', ...EFFECTS], costs)}`;
}

const SECTIONS: Readonly<Record<string, () => string>> = { peak: peakTables, curtailment: curtailmentTables };

/** `npm run validate:power [-- SECTION…]`: writes the tables between the markers of docs/power-policies.md. */
function main(wanted: readonly string[]): void {
  for (const name of wanted.length > 0 ? wanted : Object.keys(SECTIONS)) {
    const section = SECTIONS[name];
    if (section === undefined) throw new Error(`expected some of ${Object.keys(SECTIONS).join(', ')}; got ${name}`);
    const text = section();
    const [begin, end] = [`<!-- begin: ${name} -->\n`, `<!-- end: ${name} -->`];
    const document = readFileSync(DOCUMENT, 'utf8');
    const [from, to] = [document.indexOf(begin), document.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`${DOCUMENT}: expected ${begin.trim()} and ${end}`);
    writeFileSync(DOCUMENT, `${document.slice(0, from + begin.length)}\n${text}\n${document.slice(to)}`);
    process.stderr.write(`${name} written\n`);
  }
}

if (process.argv[1]?.endsWith('powerPolicies.js')) main(process.argv.slice(2));

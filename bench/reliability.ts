import { readFileSync, writeFileSync } from 'node:fs';
import { MS_PER_HOUR, MS_PER_MINUTE, MS_PER_S } from '../src/base/units.js';
import { openLibrary } from '../src/io/library.js';
import { estimate } from '../src/metrics/statistics.js';
import { planScenario, type Plan } from '../src/plan/plan.js';
import {
  bestInterval,
  causeMix,
  chiSquareQuantile,
  deltaSpares,
  dispersion,
  ettrCase,
  llamaRuns,
  publishedCause,
  simulatedMttfHours,
  type EttrCase,
} from './reliabilityCases.js';
import { closedFormWriteMs, steppedWriteMs } from './sharedWrites.js';

const RSC_1 = 6.5;
const RSC_2 = 2.34;
/** Wanted; what comes out is in the table. */
const HALF_WIDTH = 0.0075;
const REPLICATIONS = 40;
const DOCUMENT = 'docs/reliability.md';

const percent = (fraction: number, digits = 1): string => `${(100 * fraction).toFixed(digits)} %`;
const signed = (fraction: number, digits = 1): string =>
  `${fraction >= 0 ? '+' : '−'}${percent(Math.abs(fraction), digits)}`;
const whole = (count: number): string => count.toLocaleString('en-US');

function duration(ms: number): string {
  if (ms < 2 * MS_PER_MINUTE) return `${Number((ms / MS_PER_S).toFixed(1))} s`;
  return ms < 2 * MS_PER_HOUR ? `${Number((ms / MS_PER_MINUTE).toFixed(1))} min` : `${(ms / MS_PER_HOUR).toFixed(1)} h`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  return line(head) + line(head.map(() => '---')) + rows.map(line).join('');
}

function ettrTable(): string {
  const cases: EttrCase[] = [];
  for (const per1000NodeDays of [RSC_1, RSC_2])
    for (let gpus = 512; gpus <= 131_072; gpus *= 2)
      for (const [stallS, restartMin] of [
        [10, 5],
        [60, 5],
        [180, 10],
      ] as const)
        for (const intervalMs of [MS_PER_HOUR, undefined]) {
          const stallMs = stallS * MS_PER_S;
          const restartMs = restartMin * MS_PER_MINUTE;
          cases.push(ettrCase({ gpus, per1000NodeDays, intervalMs, stallMs, restartMs }, HALF_WIDTH, REPLICATIONS));
          process.stderr.write('.');
        }
  const covered = cases.filter((each) => each.covered).length;
  const widest = Math.max(...cases.map(({ found }) => found.halfWidth / found.mean));
  const apart = (each: EttrCase): number => each.found.mean / each.exact - 1;
  const firstOrder = cases.filter(({ isFirstOrder }) => isFirstOrder);
  const errors = firstOrder.map((each) => Math.abs(each.firstOrder / each.found.mean - 1));
  const within = errors.filter((error) => error <= 0.05).length;
  const rows = cases.map((each) => {
    const { gang, exact, found } = each;
    return [
      String(gang.per1000NodeDays),
      whole(gang.gpus),
      duration(gang.stallMs),
      duration(gang.restartMs),
      duration(gang.intervalMs),
      exact.toFixed(4),
      `${found.mean.toFixed(4)} ± ${percent(found.halfWidth / found.mean, 2)}`,
      `${signed(apart(each), 2)}${each.covered ? '' : ' (outside)'}`,
      each.isFirstOrder ? signed(each.firstOrder / found.mean - 1) : '',
    ];
  });
  return (
    `The formula lies in the 95 % interval in ${covered} of ${cases.length} cases (expected: ${(0.95 * cases.length).toFixed(0)} ± ` +
    `${(2 * Math.sqrt(0.0475 * cases.length)).toFixed(0)}); the widest half-width is ${percent(widest, 2)}. ` +
    `Where (R + τ/2)/M < 0.2 the first order is within 5 % in ${within} of ${errors.length} cases, at most ${percent(Math.max(...errors))} off.\n\n` +
    table(['/1000 node-days', 'GPUs', 'C', 'R', 'τ', 'formula', 'simulated', 'apart', 'first order'], rows)
  );
}

function bestTable(): string {
  const cases = [512, 4096, 16_384, 131_072].flatMap((gpus) =>
    [10, 60, 300].map((stallS) => ({ gpus, per1000NodeDays: RSC_1, stallMs: stallS * MS_PER_S, restartMs: 300_000 })),
  );
  const found = cases.map((gang) => {
    process.stderr.write('.');
    return { gang, best: bestInterval(gang, 2000, 10) };
  });
  const brackets = found.filter(({ best }) => best.belowMs <= best.dalyMs && best.dalyMs <= best.aboveMs).length;
  const rows = found.map(({ gang, best }) => [
    whole(gang.gpus),
    duration(gang.stallMs),
    duration(best.dalyMs),
    duration(best.bestMs),
    `${duration(best.belowMs)} to ${duration(best.aboveMs)}`,
    best.bestEttr.toFixed(4),
    best.dalyEttr.toFixed(4),
  ]);
  return (
    `The neighbours of the best interval bracket Daly's in ${brackets} of ${found.length} cases.\n\n` +
    table(['GPUs', 'C', "Daly's", 'best in the grid', 'its neighbours', 'ETTR there', "at Daly's"], rows)
  );
}

const LLAMA_SEEDS = 40;
/** Interruptions as the paper prints them. */
const PUBLISHED = 419;

function llamaPlan(replications: number): Plan {
  const library = openLibrary(['scenarios']);
  return planScenario(library.find('scenario', 'llama3-54-days')!, {
    library,
    readFile: (path) => readFileSync(path),
    buildVersion: 'validation',
    replications,
  });
}

/** Shares of the causes by the published table, which counts all switches together. */
function publishedShares(plan: Plan): Map<string, number> {
  const shares = new Map<string, number>();
  for (const { name, share } of plan.specs[0]!.reliability!.causes)
    shares.set(publishedCause(name), (shares.get(publishedCause(name)) ?? 0) + share);
  return shares;
}

function llamaTable(): string {
  const plan = llamaPlan(LLAMA_SEEDS);
  const runs = llamaRuns(plan);
  const counts = runs.map(({ interruptions }) => interruptions);
  const count = estimate(counts);
  const ettr = estimate(runs.map((run) => run.ettr));
  const shares = publishedShares(plan);
  const mix = causeMix(runs, shares);
  const spread = dispersion(counts);
  const mean = (values: readonly number[]): number => estimate(values).mean;
  const range = `${Math.min(...counts)} to ${Math.max(...counts)}`;
  const [low, high] = [-1.96, 1.96].map((z) => chiSquareQuantile(LLAMA_SEEDS - 1, z).toFixed(1));
  const rows = [
    ['interruptions in 54 days', `${PUBLISHED}`, `${count.mean.toFixed(1)} ± ${count.halfWidth.toFixed(1)}, ${range}`],
    [
      'spread over seeds',
      'Poisson: √mean = ' + Math.sqrt(count.mean).toFixed(1),
      `${count.sd.toFixed(1)}; dispersion χ²(${LLAMA_SEEDS - 1}) = ${spread.toFixed(1)}, 95 % within ${low} to ${high}`,
    ],
    [
      `causes of all ${whole(mix.total)}`,
      'counts of Table 5',
      `χ²(${mix.freedom}) = ${mix.chi2.toFixed(1)}, 95 % below ${chiSquareQuantile(mix.freedom, 1.645).toFixed(1)}`,
    ],
    [
      'effective training time',
      '> 90 %',
      `${percent(ettr.mean)} ± ${percent(ettr.halfWidth)}, lowest ${percent(Math.min(...runs.map((run) => run.ettr)))}`,
    ],
    ['of the rest: restarts', '', percent(mean(runs.map((run) => run.restartFraction)))],
    ['lost since a checkpoint', '', percent(mean(runs.map((run) => run.lostFraction)), 2)],
    ['checkpoint stall', '', percent(mean(runs.map((run) => run.stallFraction)), 2)],
  ];
  const causes = [...shares].map(([cause, share]) => [
    cause,
    (share * PUBLISHED).toFixed(0),
    mean(runs.map(({ byCause }) => byCause.get(cause) ?? 0)).toFixed(1),
  ]);
  return (
    table(['', 'published', `simulated, ${LLAMA_SEEDS} seeds`], rows) +
    '\n' +
    table(['cause', 'published', 'mean'], causes)
  );
}

function metaTable(): string {
  const mttf = [
    [1024, '7.9 h measured'],
    [16_384, '1.8 h projected'],
    [131_072, '0.23 h projected'],
  ] as const;
  const mttfRows = mttf.map(([gpus, published]) => {
    const { rate, found } = simulatedMttfHours(gpus, RSC_1);
    return [
      `MTTF of ${whole(gpus)} GPUs, RSC-1`,
      published,
      `${rate.toFixed(2)} h by the rate`,
      `${found.mean.toFixed(2)} ± ${found.halfWidth.toFixed(2)} h`,
    ];
  });
  const projections = [
    ['2,048 GPUs, RSC-1, τ 1 h, C 10 s, R 10 min', '> 0.9', 2048, RSC_1, 60, 10, 10],
    ['4,096 GPUs, RSC-1, τ 1 h, C 10 s, R 10 min', '> 0.9', 4096, RSC_1, 60, 10, 10],
    ['4,096 GPUs, RSC-1, τ 1 h, C 5 min, R 10 min', '> 0.9', 4096, RSC_1, 60, 300, 10],
    ['4,096 GPUs, RSC-1, τ 5 min, C 10 s, R 10 min', '0.93, size not said', 4096, RSC_1, 5, 10, 10],
    ['100,000 GPUs, RSC-2, τ 2 min, C 0.1 s, R 2 min', '0.9', 100_000, RSC_2, 2, 0.1, 2],
    ['100,000 GPUs, RSC-2, τ 2 min, C 5 s, R 2 min', '0.9', 100_000, RSC_2, 2, 5, 2],
    ['12,000 GPUs, rate 6.5, Daly, C 5 min, R 5 min', '< 0.9', 12_000, RSC_1, undefined, 300, 5],
    ['12,000 GPUs, rate 1, Daly, C 5 min, R 5 min', '0.9', 12_000, 1, undefined, 300, 5],
    ['12,000 GPUs, rate 6.5, Daly, C 10 s, R 5 min', '0.9', 12_000, RSC_1, undefined, 10, 5],
  ] as const;
  const rows = projections.map(([text, published, gpus, per1000NodeDays, intervalMin, stallS, restartMin]) => {
    const intervalMs = intervalMin === undefined ? undefined : intervalMin * MS_PER_MINUTE;
    const stallMs = stallS * MS_PER_S;
    const restartMs = restartMin * MS_PER_MINUTE;
    const { exact, found } = ettrCase({ gpus, per1000NodeDays, intervalMs, stallMs, restartMs }, HALF_WIDTH, 40);
    return [`ETTR of ${text}`, published, exact.toFixed(3), `${found.mean.toFixed(3)} ± ${found.halfWidth.toFixed(3)}`];
  });
  return table(['', 'Meta', 'formula', 'simulated'], [...mttfRows, ...rows]);
}

function sparesTable(): string {
  const rows = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((spares) => {
    const cells = [2.2 * MS_PER_HOUR, 5 * MS_PER_MINUTE].flatMap((recoveryMs) => {
      const { monthsWithoutWait, availability } = deltaSpares(recoveryMs, spares, 400);
      return [percent(monthsWithoutWait), percent(availability, 2)];
    });
    return [String(spares), percent(spares / 152), ...cells];
  });
  return table(
    [
      'spares',
      'of 152 nodes',
      '2.2 h: months without a wait',
      'availability',
      '5 min: months without a wait',
      'availability',
    ],
    rows,
  );
}

function storageTable(): string {
  const loads = [0.1, 0.2, 0.4, 0.6, 0.8];
  const rows = [1, 0.25, 0.05].flatMap((link) =>
    [2, 5, 20, 100].map((count) => [
      percent(link, 0),
      String(count),
      ...loads.map((load) => {
        // Alone a write would last longer than the period.
        if (load / count >= link) return '';
        const writers = { count, load, link };
        return signed(closedFormWriteMs(writers) / steppedWriteMs(writers, Math.ceil(40_000 / count)) - 1);
      }),
    ]),
  );
  const inStep = [2, 5, 20, 100].map((count) => {
    const of = (load: number): string => {
      const writers = { count, load, link: 1, inStep: true };
      return signed(closedFormWriteMs(writers) / steppedWriteMs(writers, 1) - 1, 0);
    };
    return ['100 %, in step', String(count), ...loads.map(of)];
  });
  return table(['link', 'jobs', ...loads.map((load) => `load ${load}`)], [...rows, ...inStep]);
}

const SECTIONS: Readonly<Record<string, () => string>> = {
  ettr: ettrTable,
  interval: bestTable,
  llama3: llamaTable,
  meta: metaTable,
  spares: sparesTable,
  storage: storageTable,
};

/** `npm run validate:reliability [-- SECTION…]`: writes the tables between the markers of docs/reliability.md. */
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

if (process.argv[1]?.endsWith('reliability.js')) main(process.argv.slice(2));

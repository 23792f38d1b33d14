import { join } from 'node:path';
import { openLibrary } from '../src/io/library.js';
import { builtInScenariosFolder } from '../src/io/package.js';
import { readBytes } from '../src/io/files.js';
import { planScenario, type Plan } from '../src/plan/plan.js';
import { quantiles } from '../src/metrics/quantiles.js';
import { simulate } from '../src/sim/simulate.js';
import { cpuSeconds, print } from './harness.js';

const ROUNDS = 5;

/** A million jobs as they are; with failures and checkpoints; and with models on the classes of large and medium jobs too. */
const VARIANTS: Readonly<Record<string, readonly string[]>> = {
  plain: [],
  failures: ['reliability=llama3'],
  'failures and models': [
    'reliability=llama3',
    'workload={use: million-jobs}',
    'workload.classes[0].model=llama-3.1-405b',
    'workload.classes[1].model=llama-3-8b',
  ],
};

/** Whole runs (jobs drawn, scheduled, summed up, settled, audited) of the variants in turn, and their ratios of CPU time. */
export function benchFailures(): void {
  const folder = builtInScenariosFolder();
  const library = openLibrary([folder]);
  const readFile = (path: string): Uint8Array => readBytes(join(folder, path));
  const doc = library.find('scenario', 'million-jobs')!;
  const plans = new Map<string, Plan>(
    Object.entries(VARIANTS).map(([name, set]) => [
      name,
      planScenario(doc, { library, readFile, buildVersion: 'bench', replications: '1', set }),
    ]),
  );
  const seconds = new Map<string, number[]>([...plans.keys()].map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, { specs, inputs }] of plans) {
      const cpu = process.cpuUsage();
      const { schedule, fingerprint } = simulate(specs[0]!, inputs);
      seconds.get(name)!.push(cpuSeconds(cpu));
      if (round > 0) continue;
      const { submitted, events, queueMean, goodput } = schedule;
      const failed = goodput?.failures.reduce((sum, { interruptions }) => sum + interruptions, 0) ?? 0;
      print({ name: 'failures/run', variant: name, submitted, events, queueMean, failed, checksum: fingerprint });
    }
  }
  for (const [name, of] of seconds) {
    const ratios = of.map((each, round) => each / seconds.get('plain')![round]!);
    print({
      name: 'failures/whole run, medians of 5 in turn',
      variant: name,
      cpuS: median(of),
      againstPlain: median(ratios),
    });
  }
}

const median = (values: readonly number[]): number =>
  Math.round(100 * quantiles(Float64Array.from(values), [0.5])[0]!) / 100;

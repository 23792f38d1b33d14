import { join } from 'node:path';
import { RandomStreams } from '../src/base/random.js';
import { openLibrary } from '../src/io/library.js';
import { builtInScenariosFolder } from '../src/io/package.js';
import { readBytes } from '../src/io/files.js';
import { planScenario } from '../src/plan/plan.js';
import { threadsPool } from '../src/pool/threads.js';
import type { RunSpec } from '../src/scenario/runSpec.js';
import { schedule } from '../src/sim/schedule.js';
import { simulate } from '../src/sim/simulate.js';
import { generateJobs } from '../src/workload/generate.js';
import type { ResolvedGenerator } from '../src/workload/resolved.js';
import type { RunInputs } from '../src/workload/runInputs.js';
import { cpuSeconds, print } from './harness.js';

const WARM_RUNS = 5;

/**
 * A whole site-year of a scenario's first run: generation, schedule and settlement apart, first in the
 * process and warm, then as many runs as threads on 1 and 2 threads.
 */
export async function benchSiteYear(scenario: string): Promise<void> {
  const folder = builtInScenariosFolder();
  const library = openLibrary([folder]);
  const doc = library.find('scenario', scenario);
  if (!doc) throw new Error(`no scenario ${scenario}`);
  const readFile = (path: string): Uint8Array => readBytes(join(folder, path));
  const plan = planScenario(doc, { library, readFile, buildVersion: 'bench', replications: '1' });
  const spec = plan.specs[0]!;

  const cpu = process.cpuUsage();
  const { schedule: did, fingerprint } = simulate(spec, plan.inputs);
  print({
    name: 'site-year/first in process',
    scenario,
    simulateCpuS: round(cpuSeconds(cpu)),
    peakRssMB: peakRssMB(),
    gpus: did.gpus,
    submitted: did.submitted,
    events: did.events,
    offeredLoad: round(did.offeredLoadRealised),
    utilisation: round(did.utilisationFraction),
    queuedMean: Math.round(did.queueMean),
    queuedMax: did.queueMax,
    checksum: fingerprint,
  });
  const warm = Array.from({ length: WARM_RUNS }, () => onePass(spec, plan.inputs));
  const median = (pick: (run: Parts) => number): number => warm.map(pick).sort((x, y) => x - y)[WARM_RUNS >> 1]!;
  const scheduleCpuS = median((run) => run.scheduleCpuS);
  print({
    name: 'site-year/warm, median of 5',
    scenario,
    generateCpuS: median((run) => run.generateCpuS),
    scheduleCpuS,
    simulateCpuS: median((run) => run.simulateCpuS),
    eventsPerCpuS: Math.round(did.events / scheduleCpuS),
    peakRssMB: peakRssMB(),
  });

  let cpuPerRun = 0;
  for (const threads of [1, 2]) {
    const runs = 2 * threads;
    const tasks = Array.from({ length: runs }, (_, replication) => ({
      spec: { ...spec, replication },
      inputs: plan.inputs,
    }));
    const threadsCpu = process.cpuUsage();
    const startedMs = performance.now();
    const outcomes = await threadsPool({ threads }).run(tasks);
    const perRun = cpuSeconds(threadsCpu) / runs;
    const checksum = outcomes
      .map((outcome) => (outcome.ok ? outcome.result.fingerprint : outcome.error.message))
      .join(' ');
    print({
      name: 'site-year/threads',
      scenario,
      threads,
      runs,
      wallSPerRun: round((performance.now() - startedMs) / 1000 / runs),
      cpuSPerRun: round(perRun),
      cpuAgainstOneThread: threads === 1 ? 1 : round(perRun / cpuPerRun),
      peakRssMB: peakRssMB(),
      checksum,
    });
    cpuPerRun = perRun;
  }
}

/** CPU seconds of one run: its generation, its schedule, and the whole with summary, settlement and audit. */
interface Parts {
  readonly generateCpuS: number;
  readonly scheduleCpuS: number;
  readonly simulateCpuS: number;
}

function onePass(spec: RunSpec, inputs: RunInputs): Parts {
  const { workload, partitions, horizonMs, warmupMs, calendarYear, policy } = spec;
  if (workload.kind !== 'generated' || horizonMs === undefined) {
    throw new Error('a generated workload with a horizon is needed');
  }
  const streams = new RandomStreams(`${spec.seed}/${String(spec.replication)}`);
  let cpu = process.cpuUsage();
  const { table } = generateJobs(workload.generator as ResolvedGenerator, {
    partitions: partitions.map(({ name, nodes, gpusPerNode }) => ({ name, gpus: nodes * gpusPerNode, gpusPerNode })),
    horizonMs,
    warmupMs,
    calendarYear,
    streams,
  });
  const generateCpuS = round(cpuSeconds(cpu));
  cpu = process.cpuUsage();
  schedule({ partitions, policy, jobs: table, startMs: -warmupMs, horizonMs, streams });
  const scheduleCpuS = round(cpuSeconds(cpu));
  cpu = process.cpuUsage();
  simulate(spec, inputs);
  return { generateCpuS, scheduleCpuS, simulateCpuS: round(cpuSeconds(cpu)) };
}

const round = (value: number): number => Math.round(value * 1000) / 1000;
const peakRssMB = (): number => Math.round(process.resourceUsage().maxRSS / 1024);

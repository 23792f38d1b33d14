import { Option, type Command } from 'commander';
import { MS_PER_S } from '../../base/units.js';
import { bundlePolicy } from '../../io/bundlePolicy.js';
import { contentOf, ensureWritableFile, readBytes, writeFileAtomic } from '../../io/files.js';
import { buildId } from '../../io/package.js';
import { planReplay } from '../../plan/replay.js';
import { oneRun } from '../../pool/oneRun.js';
import { formatNumber } from '../../report/numbers.js';
import { countsText, jobsCsv, replayPlain, replayText, traceSpan } from '../../report/replayText.js';
import {
  addCommonOptions,
  fileName,
  numeric,
  outOption,
  refuseOptions,
  talkOf,
  type CommonOptions,
} from '../options.js';
import { openResults } from '../results.js';
import { shellWord } from '../shellWord.js';
import { readStdin } from '../stdin.js';

interface ReplayOptions extends CommonOptions {
  readonly gpus: number;
  readonly gpusPerNode: number;
  readonly timeUnit: 's' | 'ms';
  readonly policy: string;
  readonly jobs?: string;
  readonly lenient?: boolean;
  readonly out?: string;
}

export function define(command: Command): void {
  command
    .argument('<trace>', 'a log in the Standard Workload Format, plain or gzipped, or -')
    .requiredOption('--gpus <n>', 'size of the machine', numeric)
    .option('--gpus-per-node <n>', '1 to 32', numeric, 8)
    .addOption(new Option('--time-unit <unit>', "unit of the trace's times").choices(['s', 'ms']).default('s'))
    .addOption(
      new Option('--policy <policy>', 'order+backfill@placement').env('GIGASIM_POLICY').default('fcfs+easy@first-fit'),
    )
    .option('--jobs <file>', 'write job,submit,start,end,gpus as CSV, - for standard output', fileName)
    .option('--lenient', 'skip and count malformed lines')
    .addOption(outOption('write a folder with manifest.json, summary.json and jobs.parquet'));
  refuseOptions(addCommonOptions(command), {
    set: 'there is no scenario to change. --gpus, --gpus-per-node and --policy say all about the machine',
    seed: 'nothing is drawn at random in a replay',
    reps: 'nothing is drawn at random in a replay, so every repetition would be the same',
    threads: 'a replay is one run, and a run takes one thread',
  });
  command.action(replay);
}

async function replay(file: string, options: ReplayOptions): Promise<void> {
  const talk = talkOf(options);
  const { jobs: csvFile } = options;
  if (csvFile !== undefined && csvFile !== '-') ensureWritableFile(csvFile, '--jobs');
  const results = options.out === undefined ? undefined : openResults(options.out);
  const readAt = performance.now();
  const bytes = file === '-' ? contentOf('<stdin>', await readStdin()) : readBytes(file);
  const { gpus, gpusPerNode, timeUnit, policy, lenient = false } = options;
  const plan = planReplay({
    file: file === '-' ? '<stdin>' : file,
    bytes,
    gpus,
    gpusPerNode,
    timeUnit,
    lenient,
    policy,
    buildVersion: buildId(),
    loadPolicy: bundlePolicy,
  });
  const startedAt = performance.now();
  const { result } = await oneRun({ spec: plan.spec, inputs: plan.inputs, keepJobs: true });
  const endedAt = performance.now();

  const { counts } = plan.trace;
  const jobs = result.jobs!;
  const span = traceSpan(result, jobs);
  const replayed = { file, policy: plan.spec.policy.text, result, counts, span };
  const csv = csvFile === undefined ? undefined : jobsCsv(jobs, timeUnit === 's' ? MS_PER_S : 1);
  if (csvFile === '-') talk.data(csv!);
  else if (options.json) {
    const document = { schemaVersion: 1, command: 'replay', file, policy: replayed.policy, key: plan.key, counts };
    const { fingerprint, schedule } = result;
    talk.json({ ...document, ...span, fingerprint, schedule });
  } else talk.data(options.plain ? replayPlain(replayed) : replayText(replayed));
  if (csvFile !== undefined && csvFile !== '-') {
    writeFileAtomic(csvFile, csv!);
    talk.say(`wrote ${csvFile}`);
  }
  if (results !== undefined) {
    const timings = {
      wallMs: Math.round(endedAt - startedAt),
      threads: 1,
      node: process.version,
      finishedAt: new Date(),
    };
    talk.say(`wrote ${results.write(plan, result, timings)}`);
  }
  if (counts.malformed > 0) talk.warn(countsText(counts));
  const jobsPerS = (1000 * counts.jobs) / (endedAt - startedAt);
  talk.say(
    `${formatNumber(jobsPerS)} jobs/s (${((endedAt - startedAt) / 1000).toFixed(2)} s; ` +
      `reading took ${((startedAt - readAt) / 1000).toFixed(2)} s)`,
  );
  talk.detail(`run key ${plan.key}`);
  if (file === '-') return;
  const same = process.argv.slice(2).map(shellWord).join(' ');
  talk.say(
    csvFile === undefined
      ? `next: gigasim ${same} --jobs jobs.csv   the schedule job by job`
      : 'next: gigasim list policies   what else --policy takes',
  );
}

import { Option, type Command } from 'commander';
import { SimError } from '../../base/errors.js';
import type { JobOutcomes } from '../../metrics/runResult.js';
import { shownReplication } from '../../report/numbers.js';
import { explainPlain, explainText } from '../../report/explainText.js';
import { explain, longestWaiting, type Explanation } from '../../report/explanation.js';
import { oneRun } from '../../pool/oneRun.js';
import { jobsOf } from '../../sim/simulate.js';
import type { RunSpec } from '../../scenario/runSpec.js';
import type { JobTable } from '../../workload/jobTable.js';
import { chooseRun, differenceOf, type ChosenRun, type RunChoice } from '../explainedRun.js';
import { addCommonOptions, refuseOptions, talkOf, wholeNumber, type CommonOptions } from '../options.js';

interface ExplainOptions extends CommonOptions, RunChoice {
  readonly job?: string;
}

export function define(command: Command): void {
  command
    .argument('<run>', 'a run folder written by --out, or a scenario')
    .option('--job <id>', 'number of the job, as in jobs.parquet (default: the one that waited longest)')
    .addOption(
      new Option('--policy <policy>', 'which run, where there are several; of a scenario, any policy').env(
        'GIGASIM_POLICY',
      ),
    )
    .addOption(new Option('--replication <n>', 'which replication, from 1').argParser(wholeNumber))
    .option('--site <id>', 'which site, where sites have runs of their own')
    .addOption(
      new Option('--set <path=value>', 'override any key of the scenario; repeatable')
        .argParser((value: string, before: readonly string[]) => [...before, value])
        .default([], 'none'),
    )
    .addOption(new Option('--seed <seed>', 'seed of all random streams of the scenario').env('GIGASIM_SEED'));
  refuseOptions(addCommonOptions(command), {
    reps: 'one run is explained. --replication says which',
    threads: 'one run is explained, and a run takes one thread',
    out: 'nothing is kept of the run. gigasim run takes it',
  });
  command.action(explainJob);
}

async function explainJob(argument: string, options: ExplainOptions, command: Command): Promise<void> {
  const talk = talkOf(options);
  const asked = options.job === undefined ? undefined : jobNumber(options.job);
  const run = await chooseRun(argument, options, command);
  const { spec, inputs } = run;
  const job = asked === undefined ? await longestOf(run) : rowOf(jobsOf(spec, inputs).table, asked);
  const { result, waits } = await oneRun({ spec, inputs, keepJobs: true, explained: [job] });
  const { jobs, fingerprint } = result;
  const explained = explain(spec, jobs!, waits![0]!, stoppedMs(spec, jobs!));
  const difference = differenceOf(run, fingerprint);
  if (difference !== undefined) talk.warn(difference);
  else if (run.recorded !== undefined) talk.detail(`same fingerprint as ${run.recorded.folder}`);
  if (options.json) talk.json(documentOf(argument, run, explained, fingerprint));
  else talk.data(options.plain ? explainPlain(explained) : explainText(explained, spec, fingerprint));
  const next = explained.blocker;
  if (next !== undefined) talk.say(`next: gigasim explain ${run.words} --job ${next}   the job it waited for`);
}

/** The run is simulated once more to find it. */
async function longestOf({ spec, inputs }: ChosenRun): Promise<number> {
  const { result } = await oneRun({ spec, inputs, keepJobs: true });
  const jobs = result.jobs!;
  const longest = longestWaiting(jobs, stoppedMs(spec, jobs));
  if (longest >= 0) return longest;
  throw new SimError(
    'usage',
    'expected a job that waited, no job of this run did. Name one with --job to see when it ran',
  );
}

/** Horizon, or the last end of a run that drains. */
const stoppedMs = ({ horizonMs }: RunSpec, { endMs }: JobOutcomes): number =>
  horizonMs ?? endMs.reduce((last, end) => (end > last ? end : last), 0);

function jobNumber(text: string): number {
  const id = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(id)) return id;
  throw new SimError('usage', `--job: expected the number of a job, got ${JSON.stringify(text)}`);
}

function rowOf({ count, originalId }: JobTable, id: number): number {
  const row = originalId === undefined ? id : originalId.subarray(0, count).indexOf(id);
  if (row >= 0 && row < count) return row;
  const numbers =
    originalId === undefined ? [0, count - 1] : [extreme(originalId, count, -1), extreme(originalId, count, 1)];
  const what = count === 0 ? 'the run has none' : `the run has ${count}, ${numbers[0]!} to ${numbers[1]!}`;
  throw new SimError('usage', `--job: expected a job of the run, got ${id}; ${what}`);
}

const extreme = (ids: Float64Array, count: number, sign: 1 | -1): number =>
  sign * ids.subarray(0, count).reduce((most, id) => Math.max(most, sign * id), -Infinity);

function documentOf(argument: string, run: ChosenRun, explained: Explanation, fingerprint: string): object {
  const { policy, seed, replication } = run.spec;
  const { folder, fingerprint: before, version } = run.recorded ?? {};
  const recorded =
    folder === undefined ? null : { folder, fingerprint: before, version, equal: before === fingerprint };
  const document = { schemaVersion: 2, command: 'explain', run: argument, policy: policy.text, seed };
  return {
    ...document,
    replication: shownReplication(replication),
    fingerprint,
    recorded,
    ...explained,
    blocker: explained.blocker ?? null,
  };
}

import { RandomStreams } from '../../src/base/random.js';
import { parsePolicy } from '../../src/policy/parse.js';
import { PLAIN_TRAITS, type ClassTraits } from '../../src/scenario/classTraits.js';
import type { PartitionSpec, PolicySpec } from '../../src/scenario/runSpec.js';
import { schedule, type Schedule, type ScheduleInput } from '../../src/sim/schedule.js';
import { jobTable, machine, type PlainJob } from './jobs.js';

export function policyOf(text: string): PolicySpec {
  const parsed = parsePolicy(text);
  if (!parsed.ok) throw new Error(`${text}: ${parsed.issues[0]!.message}`);
  return parsed.policy;
}

/** A partition of so many nodes of 4 GPUs at a site. */
export const at = (site: number, nodes: number, activeW = 50): PartitionSpec => {
  const plain = machine(nodes, 4);
  return { ...plain, site, power: { ...plain.power, activeWByClass: [activeW] } };
};

export const traits = (given: Partial<ClassTraits>): readonly ClassTraits[] => [{ ...PLAIN_TRAITS, ...given }];

/** Runs to the last job's end. */
export function run(
  text: string,
  partitions: readonly PartitionSpec[],
  rows: readonly PlainJob[],
  given: Partial<ScheduleInput> = {},
): Schedule {
  return schedule({
    partitions,
    policy: policyOf(text),
    jobs: jobTable(rows),
    startMs: Math.min(0, ...rows.map(({ submitMs }) => submitMs)),
    horizonMs: undefined,
    streams: new RandomStreams('broker'),
    ...given,
  });
}

/** Partitions the jobs ran in, in order of submission. */
export const placesOf = ({ progress }: Schedule): number[] => [...progress.partitionOf];

import { formatDuration } from '../base/units.js';
import type { Plan } from '../plan/plan.js';
import type { SwfDependencyCounts } from '../workload/swf.js';
import { plural } from './numbers.js';
import { left, right, type ReportTable } from './table.js';
import { wrap } from './wrap.js';

/** What a sound scenario will run. `jobs` is the count of the first run, warm-up included. */
export function planText(scenario: string, plan: Plan, jobs: number): string {
  const { specs, policies, groups, replications, assumptions, question } = plan;
  const [first] = specs;
  const sites = new Set(groups.flatMap((group) => group.sites));
  const brokers = policies.filter(({ siting }) => siting !== undefined).length;
  const separate = groups.filter(({ brokered }) => brokered !== true).length;
  const schedules = [
    ...(brokers < policies.length
      ? [`${plural(policies.length - brokers, 'policy', 'policies')} × ${plural(separate, 'schedule')}`]
      : []),
    ...(brokers > 0 ? [`${plural(brokers, 'policy', 'policies')} × 1 broker over all sites`] : []),
  ];
  const lines = [
    `${scenario}: ok`,
    question,
    `${plural(specs.length, 'run')}: ${schedules.length > 1 ? `(${schedules.join(' + ')})` : schedules.join('')} × ` +
      plural(replications, 'replication') +
      (plan.deterministic ? ' (deterministic: more would be equal)' : ''),
    `sites: ${[...sites].join(', ')}`,
    `policies: ${policies.map(({ text }) => text).join(', ')}`,
    `${plural(jobs, 'job')} of ${first?.workload.name ?? 'no workload'} in the first run`,
    ...(plan.trace?.dependencies === undefined ? [] : [dependenciesText(plan.trace.dependencies)]),
    `horizon ${formatDuration(first?.horizonMs ?? 0)} after a warm-up of ${formatDuration(first?.warmupMs ?? 0)}, seed ${first?.seed ?? ''}`,
    `${plural(assumptions.length, 'flagged figure')} behind the results (--assumptions lists them)`,
  ];
  return lines.map((line, i) => wrap(line, i === 0 ? {} : { indent: '    ', first: '  ' })).join('\n');
}

/** What became of the preceding jobs that a trace names. */
function dependenciesText({ kept, unknown, afterStopped }: SwfDependencyCounts): string {
  return (
    `${plural(kept, 'dependency', 'dependencies')} of jobs; left out: ` +
    `${afterStopped} on a job that failed or was cancelled, ${unknown} on none that comes before`
  );
}

/** `--print-config`: each key with its value and its source. */
export function configTable({ config }: Plan): ReportTable {
  return {
    columns: [left('key'), left('from'), left('value')],
    rows: config.map(({ key, value, from, reason }) => [
      key,
      from,
      (typeof value === 'string' ? value : JSON.stringify(value)) + (reason === undefined ? '' : ` (${reason})`),
    ]),
  };
}

/** Every flagged figure behind the results. */
export function assumptionsTable({ assumptions }: Plan): ReportTable {
  return {
    columns: [left('document'), left('figure'), right('value'), left('flag'), left('source'), left('note')],
    rows: assumptions.map(({ document, path, value, flag, source, note }) => [
      document,
      path,
      value === undefined ? '' : String(value),
      flag,
      source ?? '',
      note ?? '',
    ]),
  };
}

/** The plan for programs. */
export function planJson(scenario: string, plan: Plan, jobs: number): Record<string, unknown> {
  const { question, runs, groups, policies, replications, assumptions, baseYears, config } = plan;
  return {
    scenario,
    question,
    policies: policies.map(({ text }) => text),
    groups,
    replications,
    jobsInFirstRun: jobs,
    ...(plan.trace?.dependencies === undefined ? {} : { dependencies: plan.trace.dependencies }),
    runs,
    baseYears,
    config,
    assumptions,
  };
}

import { canonicalText, sha256 } from '../scenario/canonical.js';
import type { RunSpec } from '../scenario/runSpec.js';
import type { RunInputs } from '../workload/runInputs.js';

/** Names of the inputs a run reads, sorted. */
export function inputNames(spec: RunSpec): readonly string[] {
  const names = new Set(spec.sites.flatMap(({ series }) => [series.price, series.carbon, series.wetBulb]));
  if (spec.workload.kind === 'trace') names.add(spec.workload.input);
  return [...names].sort();
}

/**
 * What a result is filed under: sha256 of the canonical RunSpec (its schema version inside), the content of
 * every input it reads, and the build. Equal keys, equal results. User policies, when there are any, add
 * their bundle's hash here.
 *
 * Only what can change a result counts: inputs stand in it by their content, whatever they and their files are
 * called, and a site's title and a trace's path are left out.
 */
export function runKey(spec: RunSpec, inputs: Pick<RunInputs, 'contentSha256'>, buildVersion: string): string {
  const contentOf = (name: string): string => inputs.contentSha256[name]!;
  const { workload, sites } = spec;
  const nameless = {
    ...spec,
    workload:
      workload.kind === 'trace'
        ? { kind: workload.kind, input: contentOf(workload.input), classNames: workload.classNames }
        : workload,
    sites: sites.map(({ series, ...site }) => ({
      ...site,
      title: undefined,
      series: {
        price: contentOf(series.price),
        carbon: contentOf(series.carbon),
        wetBulb: contentOf(series.wetBulb),
      },
    })),
  };
  return sha256(canonicalText({ spec: nameless, build: buildVersion }));
}

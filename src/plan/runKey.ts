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
 */
export function runKey(spec: RunSpec, inputs: Pick<RunInputs, 'contentSha256'>, buildVersion: string): string {
  const content = Object.fromEntries(inputNames(spec).map((name) => [name, inputs.contentSha256[name]!]));
  return sha256(canonicalText({ spec, inputs: content, build: buildVersion }));
}

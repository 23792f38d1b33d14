import { canonicalText, sha256 } from '../scenario/canonical.js';
import { partsOf } from '../policy/registry.js';
import type { PolicyPartSpec, PolicySpec, RunSpec } from '../scenario/runSpec.js';
import type { TariffSpec } from '../scenario/tariffSpec.js';
import type { RunInputs } from '../workload/runInputs.js';

/** Names of the inputs a run reads, sorted. */
export function inputNames(spec: RunSpec): readonly string[] {
  const names = new Set(spec.sites.flatMap(({ series }) => Object.values(series).filter((name) => name !== undefined)));
  for (const { tariff } of spec.sites) for (const name of profileNames(tariff)) names.add(name);
  for (const { grid } of spec.sites) if (grid?.limitSeries !== undefined) names.add(grid.limitSeries);
  if (spec.workload.kind === 'trace') names.add(spec.workload.input);
  return [...names].sort();
}

/**
 * What a result is filed under: sha256 of the canonical RunSpec (its schema version inside), the content of
 * every input it reads, and the build. Equal keys, equal results. Users' own policies stand in it by the hash of
 * their code.
 *
 * Only what can change a result counts: inputs stand in it by their content, whatever they and their files are
 * called, and a site's title and a trace's path are left out.
 */
export function runKey(spec: RunSpec, inputs: Pick<RunInputs, 'contentSha256'>, buildVersion: string): string {
  const contentOf = (name: string): string => inputs.contentSha256[name]!;
  const { workload, sites, policy } = spec;
  const nameless = {
    ...spec,
    policy: namelessPolicy(policy),
    workload:
      workload.kind === 'trace'
        ? {
            kind: workload.kind,
            input: contentOf(workload.input),
            classNames: workload.classNames,
            // The first replication is the log as it is.
            shakeMs: spec.replication > 0 ? workload.shakeMs : undefined,
          }
        : workload,
    sites: sites.map(({ series, ...site }) => ({
      ...site,
      title: undefined,
      tariff: namelessTariff(site.tariff, contentOf),
      grid: site.grid && { ...site.grid, limitSeries: site.grid.limitSeries && contentOf(site.grid.limitSeries) },
      series: Object.fromEntries(
        Object.entries(series).map(([quantity, name]) => [quantity, name === undefined ? name : contentOf(name)]),
      ),
    })),
  };
  return sha256(canonicalText({ spec: nameless, build: buildVersion }));
}

/** Generation profiles that supply contracts name. */
const profileNames = ({ supply }: TariffSpec): readonly string[] =>
  supply.flatMap((term) => (term.kind === 'pay-as-produced' ? [term.series] : []));

/** A tariff with the content of its profiles in place of their names. */
function namelessTariff(tariff: TariffSpec, contentOf: (name: string) => string): TariffSpec {
  if (profileNames(tariff).length === 0) return tariff;
  const supply = tariff.supply.map((term) =>
    term.kind === 'pay-as-produced' ? { ...term, series: contentOf(term.series) } : term,
  );
  return { ...tariff, supply };
}

/** A policy without the paths of its files: their code says what they do. */
function namelessPolicy(policy: PolicySpec): unknown {
  const parts = partsOf(policy);
  if (parts.every(({ part }) => part.module === undefined)) return policy;
  const nameless = (part: PolicyPartSpec): unknown => (part.module === undefined ? part : { ...part, name: undefined });
  const single = parts.filter(({ axis }) => axis !== 'power').map(({ axis, part }) => [axis, nameless(part)] as const);
  return { ...policy, text: undefined, ...Object.fromEntries(single), power: policy.power?.map(nameless) };
}

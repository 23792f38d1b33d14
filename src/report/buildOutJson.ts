import type { Estimate } from '../metrics/statistics.js';
import { againstPlan, estimateOf, hoursKind, hoursOf, levelisedEur, type BuildOutCase } from './buildOut.js';
import type { BuildOutContext } from './buildOutText.js';
import { shownReplication } from './numbers.js';

/** Build-outs as one document: base units, nothing rounded; every replication with all its years. */
export function buildOutJson(cases: readonly BuildOutCase[], context: BuildOutContext): Record<string, unknown> {
  return {
    schemaVersion: 1,
    command: 'buildout',
    ...context,
    cases: cases.map((of) => {
      const { planned, policy, exact, replications, timings } = of;
      const { capital, ...spec } = planned.spec;
      const kind = hoursKind(of);
      return {
        site: planned.site,
        policy,
        calendarYear: planned.calendarYear,
        ...spec,
        finance: capital.finance,
        exact,
        levelisedOver: kind,
        replications: replications.map(shownReplication),
        timings: timings.map((timing) => ({
          timing: timing.timing,
          ...(replications.length === 0
            ? {}
            : {
                levelisedEurPerGpuHour: estimateJson(estimateOf(timing.costs, levelisedEur(kind))),
                gpuHours: estimateJson(estimateOf(timing.costs, hoursOf(kind))),
                npvOfCostEur: estimateJson(estimateOf(timing.costs, ({ npvOfCostEur }) => npvOfCostEur)),
                ...(timing.timing === 'as-planned' ? {} : { againstPlan: difference(of, timing) }),
              }),
          costs: timing.costs,
        })),
      };
    }),
  };
}

function difference(of: BuildOutCase, timing: BuildOutCase['timings'][number]): Record<string, unknown> {
  const { difference: eur, verdict } = againstPlan(of, timing, levelisedEur(hoursKind(of)));
  return { levelisedEurPerGpuHour: estimateJson(eur), verdict };
}

/** NaN is not JSON: a spread that nobody knows is null. */
const estimateJson = ({ n, mean, halfWidth }: Estimate): Record<string, unknown> => ({
  n,
  mean: Number.isFinite(mean) ? mean : null,
  halfWidth: Number.isFinite(halfWidth) ? halfWidth : null,
});

import { estimate, type Estimate } from '../metrics/statistics.js';
import type { Setting } from '../plan/reliabilitySweep.js';
import { shownReplication } from './numbers.js';
import {
  against,
  asGood,
  bestOf,
  ETTR,
  isOwn,
  lossesOf,
  RELIABILITY_MEASURES,
  valuesOf,
  type GangCase,
  type ReliabilityMeasure,
  type Replicated,
  type SiteCase,
} from './reliability.js';
import { gangAnswers, siteAnswers } from './reliabilityAnswer.js';
import type { ReliabilityContext } from './reliabilityText.js';

/** Changes when a member of the document below changes its meaning or goes away. */
export const RELIABILITY_SCHEMA_VERSION = 1;

/** Everything the sweep found, in base units and shares of 1, for programs; what does not exist is null. */
export function reliabilityJson(
  sites: readonly SiteCase[],
  gangs: readonly GangCase[],
  { question, document, by, full }: ReliabilityContext,
): Record<string, unknown> {
  return {
    schemaVersion: RELIABILITY_SCHEMA_VERSION,
    command: 'reliability',
    question,
    reliability: document,
    rankBy: by.key,
    grid: full,
    cases: sites.map((found) => caseJson(found, by)),
    gangs: gangs.map(gangJson),
    gangAnswer: gangAnswers(gangs),
  };
}

function caseJson(found: SiteCase, by: ReliabilityMeasure): Record<string, unknown> {
  const { policy, sites, gpus, own, cells, replications, leftOut } = found;
  if (cells.length === 0)
    return { policy, sites, gpus, own: settingJson(own), cells: [], leftOut: leftOut.map(settingJson) };
  const [best, good] = [bestOf(cells, by), asGood(cells, by)];
  const ownCell = cells.find((cell) => isOwn(found, cell));
  return {
    ...{ policy, sites, gpus, own: settingJson(own), replications: replications.map(shownReplication) },
    best: settingJson(best.setting),
    answer: siteAnswers(found, by),
    cells: cells.map((cell) => ({
      ...settingJson(cell.setting),
      ...{ isOwn: cell === ownCell, isBest: cell === best, isAsGoodAsBest: good.includes(cell) },
      ...replicatedJson(cell),
      againstOwn: ownCell === undefined || cell === ownCell ? null : differenceJson(cell, ownCell),
      againstBest: cell === best ? null : differenceJson(cell, best),
    })),
    leftOut: leftOut.map(settingJson),
    writeFloors: found.floors ?? null,
  };
}

function gangJson({ gpus, partition, spareNodes, figures, cells, replications }: GangCase): Record<string, unknown> {
  const some = cells.length > 0;
  const good = some ? asGood(cells, ETTR) : [];
  return {
    ...{ gpus, partition, spareNodes, replications: replications.map(shownReplication) },
    ...Object.fromEntries(Object.entries(figures).map(([key, value]) => [key, finite(value as number)])),
    bestInterval: some ? intervalJson(bestOf(cells, ETTR).interval) : null,
    cells: cells.map((cell) => ({
      interval: intervalJson(cell.interval),
      effectiveIntervalMs: finite(cell.effectiveMs),
      isAsGoodAsBest: good.includes(cell),
      closedFormEttr: finite(cell.closedForm),
      firstOrderEttr: finite(cell.firstOrder),
      ...replicatedJson(cell),
    })),
  };
}

const intervalJson = (interval: Setting['interval']): unknown => (interval === 'daly' ? interval : { ms: interval });

const settingJson = ({ interval, spares, rateFactor }: Setting): Record<string, unknown> => ({
  interval: intervalJson(interval),
  spareNodes: spares ?? null,
  rateFactor,
});

function replicatedJson(cell: Replicated): Record<string, unknown> {
  return {
    measures: Object.fromEntries(
      RELIABILITY_MEASURES.map((measure) => {
        const values = valuesOf(cell, measure);
        return [measure.key, { ...estimateJson(estimate(values)), values: values.map(finite) }];
      }),
    ),
    losses: Object.fromEntries(
      Object.entries(lossesOf(cell)).map(([key, shares]) => [key, estimateJson(estimate(shares))]),
    ),
    replications: cell.runs.map(({ replication, fingerprint, goodput }) => {
      return { replication: shownReplication(replication), fingerprint, goodput };
    }),
  };
}

const differenceJson = (cell: Replicated, other: Replicated): Record<string, unknown> =>
  Object.fromEntries(
    RELIABILITY_MEASURES.map((measure) => {
      const { difference, verdict } = against(cell, other, measure);
      return [measure.key, { ...estimateJson(difference), verdict }];
    }),
  );

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

const estimateJson = ({ mean, halfWidth }: Estimate): Record<string, unknown> => ({
  mean: finite(mean),
  halfWidth95: finite(halfWidth),
});

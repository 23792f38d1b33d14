import { formatDuration } from '../base/units.js';
import { checkpointsSchema, defaultStorage, type Checkpoints, type Storage } from '../scenario/checkpointsSchema.js';
import { CHECKPOINT_DEFAULTS, RELIABILITY_DEFAULTS, STORAGE_DEFAULTS } from '../scenario/defaults.js';
import type { DurationFigure } from '../scenario/durationFigure.js';
import type { Figure } from '../scenario/figure.js';
import type { CheckpointSpec, FailureCause, ReliabilitySpec, StorageSpec } from '../scenario/reliabilitySpec.js';
import { partOf } from '../scenario/layeredDoc.js';
import { reliabilitySchema, type Reliability } from '../scenario/reliabilitySchema.js';
import type { RunSpec } from '../scenario/runSpec.js';
import type { Scenario } from '../scenario/scenarioSchema.js';
import type { Library, SourceDoc, SourcePath } from '../scenario/sourceDoc.js';
import { flaggedIn, type FlaggedFigure } from './assumptions.js';
import { effectiveEntry, type ConfigEntry } from './config.js';
import type { Faults } from './faults.js';
import type { SizedPartition } from './partitions.js';
import { resolveDocument } from './references.js';
import { checkReliability } from './reliabilityFaults.js';
import type { ResolvedSite, SiteParts } from './sites.js';
import { spareNodes } from './spares.js';

/** What the scenario says of failures and checkpoints, all defaults filled in. */
export interface ResolvedReliability {
  /** `undefined`: nothing fails. */
  readonly reliability: { readonly doc: SourceDoc; readonly value: Reliability } | undefined;
  /** `undefined`: nothing fails and nothing was said of them. */
  readonly checkpoints: Checkpoints | undefined;
}

/** Its name in place of a document's: nothing fails. */
const NONE = 'none';

const SUPPLIED = { version: 1, kind: 'reliability', name: 'inline', title: "the scenario's own" };

/** Failures and checkpoints of a scenario, their faults noted; without what has one. */
export function resolveReliability(given: {
  readonly doc: SourceDoc;
  readonly fields: Partial<Scenario>;
  readonly library: Library;
  readonly sites: readonly SiteParts[];
  readonly faults: Faults;
}): ResolvedReliability {
  const { doc, fields, library, sites, faults } = given;
  const { reliability: reference, checkpoints } = fields;
  const fails = reference !== undefined && reference !== NONE;
  const found = fails ? resolveDocument(library, doc, ['reliability'], 'reliability', SUPPLIED, faults) : undefined;
  if (found !== undefined) checkReliability(found, sites, faults);
  const value = found && faults.check(reliabilitySchema, found);
  return {
    reliability: found && value && { doc: found, value },
    checkpoints: checkpoints ?? (fails ? checkpointsSchema.parse({}) : undefined),
  };
}

/** What a run needs of them; nothing where nothing fails and no checkpoint costs anything. */
export function reliabilitySpecs(
  { reliability, checkpoints }: ResolvedReliability,
  partitions: readonly SizedPartition[],
  sites: readonly ResolvedSite[],
): Pick<RunSpec, 'reliability' | 'checkpoints' | 'initialisation'> {
  return {
    ...(reliability === undefined ? {} : { reliability: reliabilitySpec(reliability.value, partitions) }),
    ...(checkpoints === undefined ? {} : { checkpoints: checkpointSpec(checkpoints, sites) }),
    ...(reliability === undefined ? {} : { initialisation: initialisationSpec(reliability.value) }),
  };
}

function reliabilitySpec(document: Reliability, partitions: readonly SizedPartition[]): ReliabilitySpec {
  const { lemons, burnIn, stragglers } = document;
  const repairNames = Object.keys(document.repairs);
  const perGpuDay = (per1000NodeDays: Figure): number =>
    per1000NodeDays.value / (1000 * document.referenceGpusPerNode.value);
  const total = document.causes.reduce((sum, { count, share }) => sum + (count ?? share)!.value, 0);
  return {
    name: document.name,
    failuresPerGpuDay: perGpuDay(document.failuresPer1000NodeDays),
    rateFactor: document.rateFactor.value,
    causes: document.causes.map(({ name, count, share, scope, repair }): FailureCause => ({
      name,
      share: (count ?? share)!.value / total,
      scope,
      ...(repair === undefined ? {} : { repair: repairNames.indexOf(repair) }),
    })),
    repairs: Object.entries(document.repairs).map(([name, { median, sigma }]) => {
      return { name, medianMs: median.ms, sigma: sigma.value };
    }),
    ...(lemons === undefined || lemons.fraction.value === 0
      ? {}
      : { lemons: { fraction: lemons.fraction.value, rateFactor: lemons.rateFactor.value } }),
    ...(burnIn === undefined ? {} : { burnIn: { shape: burnIn.shape.value, untilMs: burnIn.until.ms } }),
    ...(stragglers === undefined
      ? {}
      : {
          stragglers: {
            onsetsPerGpuDay: perGpuDay(stragglers.onsetsPer1000NodeDays),
            speed: stragglers.speed.value,
            detectionMs: stragglers.detection.ms,
            repair: repairNames.indexOf(stragglers.repair),
          },
        }),
    detectionMs: document.detection.ms,
    swapMs: document.swap.ms,
    spareNodes: partitions.map(({ spareNodes = 0 }) => spareNodes),
  };
}

function initialisationSpec({ initialisation }: Reliability): RunSpec['initialisation'] {
  const { base, perDoubling, most } = initialisation;
  return { baseMs: base.ms, perDoublingMs: perDoubling.ms, mostMs: most.ms };
}

/** GB (10^9 bytes) a second in bytes a millisecond. */
const bytesPerMs = ({ value }: Figure): number => value * 1e6;

function checkpointSpec(checkpoints: Checkpoints, sites: readonly ResolvedSite[]): CheckpointSpec {
  const { mode, interval, storageShare, hostCopyGBPerS, nodeGBPerS, stateGBPerGpu } = checkpoints;
  return {
    mode,
    ...(interval === 'daly' ? { storageShare: storageShare.value } : { intervalMs: interval }),
    storage: sites.map(storageSpec),
    nodeBytesPerMs: bytesPerMs(nodeGBPerS),
    copyBytesPerMsPerGpu: bytesPerMs(hostCopyGBPerS),
    stateBytesPerGpu: stateGBPerGpu.value * 1e9,
  };
}

/** A site's storage: its own, or what its size suggests. */
function storageOf({ site, partitions }: ResolvedSite): Storage {
  return site.storage ?? defaultStorage(partitions.reduce((sum, { gpus }) => sum + gpus, 0));
}

function storageSpec(site: ResolvedSite): StorageSpec {
  const { writeGBPerS, readGBPerS } = storageOf(site);
  return { writeBytesPerMs: bytesPerMs(writeGBPerS), readBytesPerMs: bytesPerMs(readGBPerS) };
}

/** What must be equal of sites that share a schedule. */
export const checkpointStorage = ({ checkpoints }: ResolvedReliability, site: ResolvedSite): StorageSpec | undefined =>
  checkpoints && storageSpec(site);

/** The sites with the spares of their partitions. More spares than nodes are a fault of their own, and then none. */
export function withSpares(sites: readonly SiteParts[], { reliability }: ResolvedReliability): readonly SiteParts[] {
  if (reliability === undefined) return sites;
  return sites.map((site) => {
    const partitions = site.partitions?.map((partition) => {
      const spares = spareNodes(reliability.value.spares, partition);
      return spares === 0 || spares >= partition.nodes ? partition : { ...partition, spareNodes: spares };
    });
    return { ...site, partitions, whole: site.whole && partitions && { ...site.whole, partitions } };
  });
}

/** Flagged figures of failures, checkpoints and storage that the runs rest on. */
export function flaggedReliability(
  { reliability, checkpoints }: ResolvedReliability,
  sites: readonly ResolvedSite[],
): FlaggedFigure[] {
  if (checkpoints === undefined) return [];
  return [
    ...(reliability === undefined ? [] : flaggedIn(`reliability ${reliability.value.name}`, reliability.value)),
    ...flaggedIn('scenario', { checkpoints }),
    ...sites.flatMap((site) => flaggedIn(`site ${site.site.name}`, { storage: storageOf(site) })),
  ];
}

/** What is in force of failures, checkpoints and storage, and who said so. */
export function reliabilityConfig(
  { reliability, checkpoints }: ResolvedReliability,
  scenario: SourceDoc,
  sites: readonly ResolvedSite[],
): ConfigEntry[] {
  return [
    ...(reliability === undefined ? [] : documentConfig(reliability.doc, reliability.value)),
    ...(checkpoints === undefined ? [] : checkpointConfig(checkpoints, scenario)),
    ...(checkpoints === undefined
      ? []
      : sites.flatMap((site, index) => {
          const storage = storageOf(site);
          return (['writeGBPerS', 'readGBPerS'] as const).map((key) =>
            effectiveEntry(site.doc, `sites[${index}]`, ['storage', key], storage[key], STORAGE_DEFAULTS[key]),
          );
        })),
  ];
}

const written = ({ ms }: DurationFigure): string => formatDuration(ms);

function documentConfig(doc: SourceDoc, value: Reliability): ConfigEntry[] {
  const D = RELIABILITY_DEFAULTS;
  const entry = (path: SourcePath, used: string | Figure, fallback: { readonly reason: string }): ConfigEntry =>
    effectiveEntry(doc, 'reliability', path, used, fallback);
  const { initialisation, burnIn, stragglers, spares } = value;
  return [
    entry(['referenceGpusPerNode'], value.referenceGpusPerNode, D.referenceGpusPerNode),
    entry(['rateFactor'], value.rateFactor, D.rateFactor),
    ...(burnIn === undefined
      ? []
      : [
          entry(['burnIn', 'shape'], burnIn.shape, D.burnInShape),
          entry(['burnIn', 'until'], written(burnIn.until), D.burnInUntil),
        ]),
    ...(stragglers === undefined
      ? []
      : [
          entry(['stragglers', 'onsetsPer1000NodeDays'], stragglers.onsetsPer1000NodeDays, D.stragglerOnsets),
          entry(['stragglers', 'speed'], stragglers.speed, D.stragglerSpeed),
          entry(['stragglers', 'detection'], written(stragglers.detection), D.stragglerDetection),
        ]),
    entry(['detection'], written(value.detection), D.detection),
    entry(['swap'], written(value.swap), D.swap),
    entry(['initialisation', 'base'], written(initialisation.base), D.initialisationBase),
    entry(['initialisation', 'perDoubling'], written(initialisation.perDoubling), D.initialisationPerDoubling),
    entry(['initialisation', 'most'], written(initialisation.most), D.initialisationMost),
    ...(spares.nodes === undefined
      ? [entry(['spares', 'fraction'], spares.fraction, D.spareFraction)]
      : [entry(['spares', 'nodes'], spares.nodes, D.spareFraction)]),
  ];
}

function checkpointConfig(checkpoints: Checkpoints, scenario: SourceDoc): ConfigEntry[] {
  const { interval } = checkpoints;
  const doc = partOf(scenario, ['checkpoints']);
  return (Object.keys(CHECKPOINT_DEFAULTS) as (keyof Checkpoints)[]).map((key) => {
    const used = key === 'interval' && interval !== 'daly' ? formatDuration(interval) : checkpoints[key];
    return effectiveEntry(doc, 'checkpoints', [key], used, CHECKPOINT_DEFAULTS[key]);
  });
}

import { PHASE_POWER_DEFAULTS } from '../scenario/defaults.js';
import type { LibraryKind, SourceDoc, SourcePath } from '../scenario/sourceDoc.js';
import { formatPath, isPlainObject } from '../scenario/sourcePath.js';
import { usedOfZone, type PriceChoice } from './priceYear.js';
import type { ResolvedSite } from './sites.js';
import type { ResolvedWorkload } from './workloadTypes.js';

/** A figure behind the results that no checked source gives. */
export interface FlaggedFigure {
  /** Document it stands in, e.g. `hardware gb300-nvl72`. */
  readonly document: string;
  /** Path inside that document. */
  readonly path: string;
  /** `undefined` for a table or a model choice. */
  readonly value: number | undefined;
  /** Key of docs/sources.md, where there is one. */
  readonly source: string | undefined;
  /** `assumption`: our own choice. `unverified`: given somewhere, not checked. */
  readonly flag: 'assumption' | 'unverified';
  readonly note: string | undefined;
}

/** The catalogue's figures that every run uses. */
const USED_HARDWARE: ReadonlySet<string> = new Set([
  'gpusPerNode',
  'nodesPerRack',
  'racksPerPod',
  'tdpW',
  'gpuIdleW',
  'nonGpuRatedW',
  'nonGpuIdleFraction',
  'nonGpuBusyFraction',
  'networkWPerGpu',
]);

/** And those that throughput follows from. */
const USED_IN_TRAINING: ReadonlySet<string> = new Set([
  'peakTflops',
  'matmulTflops',
  'hbmGB',
  'hbmTBPerS',
  'scaleUpGpus',
  'scaleUpGBPerS',
  'nicGbitPerS',
  'oversubscription',
]);

/** And those that only runs with phases use. */
const USED_IN_PHASES: ReadonlySet<string> = new Set(Object.keys(PHASE_POWER_DEFAULTS));

/**
 * Every flagged figure the plan uses, each document once, in order of first use.
 *
 * @param phases - jobs have phases in which they are not productive
 */
export function flaggedFigures(
  sites: readonly ResolvedSite[],
  workload: ResolvedWorkload,
  { phases, prices }: { readonly phases: boolean; readonly prices: PriceChoice },
): readonly FlaggedFigure[] {
  const seen = new Set<SourceDoc>();
  const found: FlaggedFigure[] = [];
  const visit = (kind: LibraryKind, name: string, doc: SourceDoc, value: unknown): void => {
    if (seen.has(doc)) return;
    seen.add(doc);
    collect(`${kind} ${name}`, value, [], found);
  };
  const zones = new Set<string>();
  for (const { site, doc, zone, zoneDoc, partitions } of sites) {
    // Of storage see plan/reliability.ts: it matters where checkpoints do; of capital plan/capital.ts.
    visit('site', site.name, doc, { ...site, storage: undefined, capital: undefined });
    for (const { hardware, hardwareDoc } of partitions) {
      const used = Object.entries(hardware).filter(
        ([key]) =>
          USED_HARDWARE.has(key) ||
          (phases && USED_IN_PHASES.has(key)) ||
          (workload.models !== undefined && USED_IN_TRAINING.has(key)),
      );
      visit('hardware', hardware.name, hardwareDoc, Object.fromEntries(used));
    }
    for (const { hardware } of partitions) {
      for (const { document, doc: stackDoc } of workload.stacksOn?.(hardware.name) ?? []) {
        visit('stack', document.name, stackDoc, document);
      }
    }
    if (zones.has(zone.id)) continue;
    zones.add(zone.id);
    visit('zone', zone.id, zoneDoc, usedOfZone(zone, sites, prices));
  }
  visit('workload', workload.name, workload.doc, workload.value);
  // What its authors publish beside the shape counts for nothing.
  for (const of of workload.models ?? []) {
    if (of !== undefined) visit('model', of.model.name, of.doc, { ...of.document, published: undefined });
  }
  return found;
}

/** Those in a part of a document. */
export function flaggedIn(document: string, part: unknown): readonly FlaggedFigure[] {
  const found: FlaggedFigure[] = [];
  collect(document, part, [], found);
  return found;
}

function collect(document: string, at: unknown, path: SourcePath, found: FlaggedFigure[]): void {
  if (Array.isArray(at)) {
    at.forEach((item, index) => {
      collect(document, item, [...path, index], found);
    });
    return;
  }
  if (!isPlainObject(at)) return;
  const flag = at['assumption'] === true ? 'assumption' : at['unverified'] === true ? 'unverified' : undefined;
  if (flag !== undefined) {
    const { value, source, note } = at;
    found.push({
      document,
      path: formatPath(path),
      value: typeof value === 'number' ? value : undefined,
      source: typeof source === 'string' ? source : undefined,
      flag,
      note: typeof note === 'string' ? note : undefined,
    });
  }
  for (const [key, value] of Object.entries(at)) collect(document, value, [...path, key], found);
}

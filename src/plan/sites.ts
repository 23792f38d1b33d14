import { facilitySpec } from '../power/facility.js';
import { SITE_DEFAULTS } from '../scenario/defaults.js';
import type { ReferenceBillSpec, SiteSpec } from '../scenario/runSpec.js';
import { siteSchema, type Site } from '../scenario/siteSchema.js';
import type { Library, SourceDoc } from '../scenario/sourceDoc.js';
import { formatPath, isPlainObject, valueAt } from '../scenario/sourcePath.js';
import type { TariffSpec } from '../scenario/tariffSpec.js';
import { zoneSchema, type ZoneCalibration } from '../scenario/zoneSchema.js';
import type { Scenario } from '../scenario/scenarioSchema.js';
import { W_PER_MW } from '../base/units.js';
import { buildingConfig } from './buildings.js';
import { builtItSteps } from './buildOut.js';
import { effectiveEntry, type ConfigEntry } from './config.js';
import type { PlannedTime } from './datedPhases.js';
import type { Faults } from './faults.js';
import { gridConfig, gridSpecs, type ResolvedGrid } from './grid.js';
import { checkPartitionNames, designItW, sizePartitions, type SizedPartition } from './partitions.js';
import { findDocument, resolveDocument } from './references.js';

/** A site with everything it refers to. */
export interface ResolvedSite {
  readonly doc: SourceDoc;
  readonly site: Site;
  readonly zone: ZoneCalibration;
  readonly zoneDoc: SourceDoc;
  readonly partitions: readonly SizedPartition[];
}

/** What of a site is sound, so that a fault in one part hides none in another. */
export interface SiteParts {
  readonly doc: SourceDoc;
  /** Its place in the scenario where it has no name. */
  readonly name: string;
  readonly partitions: readonly SizedPartition[] | undefined;
  /** `undefined` when anything has a fault. */
  readonly whole: ResolvedSite | undefined;
}

/** The scenario's sites in its order, as far as they are sound; their faults are noted. Those that cannot be found are left out. */
export function resolveSites(
  library: Library,
  doc: SourceDoc,
  references: Scenario['sites'] | undefined,
  faults: Faults,
  time?: PlannedTime,
): readonly SiteParts[] {
  const resolved: SiteParts[] = [];
  const firstOf = new Map<string, number>();
  references?.forEach((reference: unknown, index) => {
    if (reference === undefined) return; // a hole: its fault is noted
    const path = ['sites', index];
    const siteDoc = resolveDocument(library, doc, path, 'site', suppliedKeys(reference), faults);
    if (siteDoc === undefined) return;
    noteDuplicate(doc, index, siteDoc, firstOf, faults);
    const name = valueAt(siteDoc.value, ['name']);
    const called = typeof name === 'string' && name !== '' ? name : formatPath(path);
    resolved.push(resolveSite(library, siteDoc, called, faults, time));
  });
  return resolved;
}

/** What a site written inside a scenario need not say. */
function suppliedKeys(reference: unknown): Readonly<Record<string, unknown>> {
  const name = isPlainObject(reference) ? reference['name'] : undefined;
  return { version: 1, kind: 'site', ...(typeof name === 'string' && name !== '' ? { title: name } : {}) };
}

function noteDuplicate(
  doc: SourceDoc,
  index: number,
  siteDoc: SourceDoc,
  firstOf: Map<string, number>,
  faults: Faults,
): void {
  const name = valueAt(siteDoc.value, ['name']);
  if (typeof name !== 'string') return;
  const earlier = firstOf.get(name);
  if (earlier === undefined) {
    firstOf.set(name, index);
    return;
  }
  const hint = `Remove one, or name it apart: { use: ${name}, name: ${name}-2, … }.`;
  faults.at(doc, ['sites', index], `expected each site once; ${name} is sites[${earlier}] already`, hint);
}

function resolveSite(
  library: Library,
  doc: SourceDoc,
  name: string,
  faults: Faults,
  time: PlannedTime | undefined,
): SiteParts {
  const zoneName = valueAt(doc.value, ['zone']);
  const zoneDoc =
    typeof zoneName === 'string' && zoneName !== ''
      ? findDocument(library, doc, ['zone'], 'zone', zoneName, faults)
      : undefined;
  const zone = zoneDoc && faults.check(zoneSchema, zoneDoc);
  checkPartitionNames(library, doc, faults);
  const site = faults.check(siteSchema, doc);
  const partitions = sizePartitions(library, doc, faults, time);
  const whole = site && zoneDoc && zone && partitions && { doc, site, zone, zoneDoc, partitions };
  return { doc, name, partitions, whole };
}

/** What a site leaves to its defaults, or sets. */
export function siteConfig({ doc, site }: ResolvedSite, index: number): ConfigEntry[] {
  const prefix = `sites[${index}]`;
  const { dayAheadAdderEurPerMWh: adder } = site.tariff;
  const { dayAheadAdderEurPerMWh, seriesTimeZone } = SITE_DEFAULTS;
  return [
    effectiveEntry(doc, prefix, ['tariff', 'dayAheadAdderEurPerMWh'], adder, dayAheadAdderEurPerMWh),
    ...(site.series ? [effectiveEntry(doc, prefix, ['series', 'timeZone'], site.series.timeZone, seriesTimeZone)] : []),
    ...buildingConfig({ doc, site }, prefix),
    ...gridConfig({ doc, site }, prefix),
  ];
}

/** The site as a run needs it; `series` are names among the inputs. */
export function siteSpec(
  { site, partitions }: ResolvedSite,
  series: SiteSpec['series'],
  grid: ResolvedGrid,
  tariff: TariffSpec,
): SiteSpec {
  return {
    id: site.name,
    title: site.title,
    zone: site.zone,
    facility: { ...facilitySpec(site.facility, designItW(partitions)), ...builtItSteps(partitions) },
    tariff,
    reference: site.reference && referenceSpec(site.reference),
    series,
    ...gridSpecs(site, grid),
  };
}

function referenceSpec({ itMW, ...rest }: NonNullable<Site['reference']>): ReferenceBillSpec {
  return { ...rest, itW: itMW * W_PER_MW };
}

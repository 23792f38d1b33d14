import type { StepSeries } from '../base/stepSeries.js';
import { MS_PER_HOUR, MS_PER_QUARTER_HOUR, formatDuration, parseDurationMs } from '../base/units.js';
import { hoursOfYear } from '../energy/calendar.js';
import { parseSeriesCsv } from '../energy/seriesCsv.js';
import { representativeYear, resampledYear, type ZoneYear } from '../energy/zoneYear.js';
import { sha256 } from '../scenario/canonical.js';
import { issueAt } from '../scenario/issues.js';
import type { SiteSpec } from '../scenario/runSpec.js';
import { QUANTITIES, type Quantity, type SeriesSource } from '../scenario/seriesSource.js';
import type { SourceDoc } from '../scenario/sourceDoc.js';
import type { ZoneCalibration } from '../scenario/zoneSchema.js';
import type { Faults } from './faults.js';
import { fileBeside, type ReadFile } from './files.js';
import type { ResolvedSite } from './sites.js';

/** Series in shared memory by name, with the hash of their content. */
export interface SeriesInputs {
  readonly series: Record<string, StepSeries>;
  readonly contentSha256: Record<string, string>;
}

/** Puts a series among the inputs, in memory that all threads see; a name already there is kept. */
function addSeries(inputs: SeriesInputs, name: string, { stepMs, values }: StepSeries): void {
  if (Object.hasOwn(inputs.series, name)) return;
  inputs.contentSha256[name] = sha256(
    `${stepMs}\n`,
    new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  );
  const shared = new Float64Array(new SharedArrayBuffer(values.byteLength));
  shared.set(values);
  inputs.series[name] = { stepMs, values: shared };
}

interface OwnContext {
  readonly inputs: SeriesInputs;
  readonly readFile: ReadFile;
  readonly faults: Faults;
  readonly calendarYear: number;
  readonly horizonMs: number;
}

/**
 * The series that sites bring themselves, as far as they can be read.
 *
 * @returns the name among the inputs by quantity, for those the site does not leave to its zone
 */
export function addOwnSeries(resolved: ResolvedSite, context: OwnContext): Partial<Record<Quantity, string>> {
  const { site, doc } = resolved;
  const names: Partial<Record<Quantity, string>> = {};
  for (const quantity of QUANTITIES) {
    const source = site.series?.[quantity];
    if (site.series === undefined || source === undefined) continue;
    const name = `${quantity}/${site.name}/own`;
    names[quantity] = name;
    const series = ownSeries(doc, quantity, source, site.series.timeZone, context);
    if (series !== undefined) addSeries(context.inputs, name, series);
  }
  return names;
}

function ownSeries(
  doc: SourceDoc,
  quantity: Quantity,
  source: SeriesSource,
  timeZone: string,
  { readFile, faults, calendarYear, horizonMs }: OwnContext,
): StepSeries | undefined {
  if (typeof source !== 'string') return writtenSeries(source, horizonMs);
  const path = ['series', quantity];
  const file = fileBeside(doc, path, source);
  return faults.reading(
    () => issueAt(doc, path, ''),
    () => parseSeriesCsv(readFile(file), { file, timeZone, calendarYear, horizonMs, quantity }),
  );
}

/** A constant or steps, in quarter hours over the horizon. */
function writtenSeries(source: Exclude<SeriesSource, string>, horizonMs: number): StepSeries {
  const stepMs = MS_PER_QUARTER_HOUR;
  const values = new Float64Array(Math.ceil(horizonMs / stepMs));
  const steps = 'constant' in source ? [{ from: '0 h', value: source.constant }] : source.steps;
  // Each step overwrites the rest; there are few.
  for (const { from, value } of steps) values.fill(value, Math.min(values.length, parseDurationMs(from)! / stepMs));
  return { stepMs, values };
}

/** Which draw of a zone's year: the canonical one, or one for a replication. */
export type YearDraw = { readonly kind: 'representative' } | { readonly kind: 'resample'; readonly seed: string };

interface ZoneContext {
  readonly inputs: SeriesInputs;
  readonly calendarYear: number;
  readonly draw: YearDraw;
}

/** Names of a site's three series, its own or its zone's; a zone's year is generated when first asked for. */
export function siteSeriesNames(
  zone: ZoneCalibration,
  own: Partial<Record<Quantity, string>>,
  context: ZoneContext,
): SiteSpec['series'] {
  const label = context.draw.kind === 'representative' ? 'representative' : context.draw.seed;
  const nameOf = (quantity: Quantity): string => own[quantity] ?? `${quantity}/${zone.id}/${label}`;
  const names = { price: nameOf('price'), carbon: nameOf('carbon'), wetBulb: nameOf('wetBulb') };
  if (QUANTITIES.some((quantity) => !Object.hasOwn(context.inputs.series, names[quantity]))) {
    const year = zoneYear(zone, context);
    const values = { price: year.priceEurPerMWh, carbon: year.carbonKgPerMWh, wetBulb: year.wetBulbC };
    for (const quantity of QUANTITIES) {
      if (own[quantity] !== undefined) continue;
      addSeries(context.inputs, names[quantity], { stepMs: MS_PER_HOUR, values: values[quantity] });
    }
  }
  return names;
}

function zoneYear(zone: ZoneCalibration, { calendarYear, draw }: ZoneContext): ZoneYear {
  return draw.kind === 'representative'
    ? representativeYear(zone, calendarYear)
    : resampledYear(zone, calendarYear, draw.seed);
}

/** Whether a site takes any series from its zone. */
export const usesZoneYear = ({ site }: ResolvedSite): boolean =>
  QUANTITIES.some((quantity) => site.series?.[quantity] === undefined);

/** Why a zone's year does not cover the horizon, if so: it is one calendar year long and is not repeated. */
export function horizonBeyondYear(calendarYear: number, horizonMs: number): string | undefined {
  const yearMs = hoursOfYear(calendarYear) * MS_PER_HOUR;
  if (horizonMs <= yearMs) return undefined;
  return `expected at most ${formatDuration(yearMs)}, for which zones have price, carbon and weather series (the year ${calendarYear}); got ${formatDuration(horizonMs)}`;
}

/** Years behind a zone's levels and shapes, for the report. */
export function baseYearText(zone: ZoneCalibration): string {
  const { baseYear, price, carbon } = zone;
  const shapes = carbon.kind === 'series' ? `carbon shape ${carbon.year}` : 'carbon constant at its annual mean';
  return `levels of ${baseYear.year}; price shape ${price.year}, ${shapes}`;
}

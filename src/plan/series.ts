import type { StepSeries } from '../base/stepSeries.js';
import { MS_PER_HOUR, MS_PER_QUARTER_HOUR, formatDuration, parseDurationMs } from '../base/units.js';
import { hoursOfYear } from '../energy/calendar.js';
import { isTimeZone } from '../energy/localTime.js';
import { parseSeriesCsv } from '../energy/seriesCsv.js';
import { representativeYear, resampledYear, type ZoneYear } from '../energy/zoneYear.js';
import { sha256 } from '../scenario/canonical.js';
import { SITE_DEFAULTS } from '../scenario/defaults.js';
import { issueAt } from '../scenario/issues.js';
import type { SiteSpec } from '../scenario/runSpec.js';
import {
  QUANTITIES,
  seriesSource,
  type Quantity,
  type SeriesQuantity,
  type SeriesSource,
} from '../scenario/seriesSource.js';
import type { SourceDoc, SourcePath } from '../scenario/sourceDoc.js';
import { valueAt } from '../scenario/sourcePath.js';
import { didYouMean } from '../scenario/suggest.js';
import type { ZoneCalibration } from '../scenario/zoneSchema.js';
import type { Faults } from './faults.js';
import { fileBeside, type ReadFile } from './files.js';
import type { SiteParts } from './sites.js';

/** Series in shared memory by name, with the hash of their content. */
export interface SeriesInputs {
  readonly series: Record<string, StepSeries>;
  readonly contentSha256: Record<string, string>;
}

/** Puts a series among the inputs, in memory that all threads see; a name already there is kept. */
export function addSeries(inputs: SeriesInputs, name: string, { stepMs, values }: StepSeries): void {
  if (Object.hasOwn(inputs.series, name)) return;
  inputs.contentSha256[name] = sha256(
    `${stepMs}\n`,
    new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  );
  const shared = new Float64Array(new SharedArrayBuffer(values.byteLength));
  shared.set(values);
  inputs.series[name] = { stepMs, values: shared };
}

export interface OwnContext {
  readonly inputs: SeriesInputs;
  readonly readFile: ReadFile;
  readonly faults: Faults;
  readonly calendarYear: number;
  readonly horizonMs: number | undefined;
}

/**
 * The series that a site brings itself, as far as they can be read, whether or not the rest of it is sound.
 *
 * @returns the name among the inputs by quantity, for those the site does not leave to its zone
 */
export function addOwnSeries({ doc, name: site }: SiteParts, context: OwnContext): Partial<Record<Quantity, string>> {
  const names: Partial<Record<Quantity, string>> = {};
  const timeZone = soundTimeZone(doc, context.faults);
  for (const quantity of QUANTITIES) {
    const value = valueAt(doc.value, ['series', quantity]);
    if (value === undefined) continue;
    const name = `${quantity}/${site}/own`;
    names[quantity] = name;
    // A source with a fault of its own is noted by the site's schema.
    const source = seriesSource(quantity).safeParse(value).data;
    const series =
      source === undefined
        ? undefined
        : writtenOrRead(doc, { path: ['series', quantity], quantity, source, timeZone }, context);
    if (series !== undefined) addSeries(context.inputs, name, series);
  }
  return names;
}

/** The zone of the site's files; `undefined` when it is no time zone, which is noted here or by the site's schema. */
function soundTimeZone(doc: SourceDoc, faults: Faults): string | undefined {
  const path = ['series', 'timeZone'];
  const name = valueAt(doc.value, path) ?? SITE_DEFAULTS.seriesTimeZone.value;
  if (typeof name !== 'string' || name === '') return undefined;
  if (isTimeZone(name)) return name;
  const message = `expected UTC or a time zone such as Europe/Berlin, got ${JSON.stringify(name)}`;
  faults.at(doc, path, message, didYouMean(name, ['UTC', ...Intl.supportedValuesOf('timeZone')]));
  return undefined;
}

/** A source and where it stands. */
interface PlacedSource {
  readonly path: SourcePath;
  readonly quantity: SeriesQuantity;
  readonly source: SeriesSource;
  /** `undefined`: it is no time zone, which is noted. */
  readonly timeZone: string | undefined;
}

/** The series of a source, as far as it can be had; what is wrong with it is noted. */
export function writtenOrRead(
  doc: SourceDoc,
  { path, quantity, source, timeZone }: PlacedSource,
  { readFile, faults, calendarYear, horizonMs }: OwnContext,
): StepSeries | undefined {
  if (horizonMs === undefined) return undefined;
  if (typeof source !== 'string') {
    noteLateSteps(doc, path, source, horizonMs, faults);
    return writtenSeries(source, horizonMs);
  }
  if (timeZone === undefined) return undefined; // nothing can be said of the file's times
  const file = fileBeside(doc, path, source);
  return faults.reading(
    () => issueAt(doc, path, ''),
    () => parseSeriesCsv(readFile(file), { file, timeZone, calendarYear, horizonMs, quantity }),
  );
}

type WrittenSource = Exclude<SeriesSource, string>;

/** A step that would never begin is a slip of the unit, or of the horizon. */
function noteLateSteps(
  doc: SourceDoc,
  path: SourcePath,
  source: WrittenSource,
  horizonMs: number,
  faults: Faults,
): void {
  if ('constant' in source) return;
  source.steps.forEach(({ from }, index) => {
    if (parseDurationMs(from)! < horizonMs) return;
    const message = `expected a time before the horizon of ${formatDuration(horizonMs)}, got ${from}`;
    faults.at(doc, [...path, 'steps', index, 'from'], message);
  });
}

/** A constant or steps, in quarter hours over the horizon. */
function writtenSeries(source: WrittenSource, horizonMs: number): StepSeries {
  const stepMs = MS_PER_QUARTER_HOUR;
  const values = new Float64Array(Math.ceil(horizonMs / stepMs));
  const steps = 'constant' in source ? [{ from: '0 h', value: source.constant }] : source.steps;
  // Each step overwrites the rest; there are few.
  for (const { from, value } of steps) values.fill(value, Math.min(values.length, parseDurationMs(from)! / stepMs));
  return { stepMs, values };
}

/** Which draw of a zone's year: the canonical one, or one for a replication. */
export type YearDraw = { readonly kind: 'representative' } | { readonly kind: 'resample'; readonly seed: string };

/** Names among the inputs of the series that a site brings itself. */
export type OwnSeriesNames = Partial<Record<Quantity | 'heatDemand', string>>;

interface ZoneContext {
  readonly inputs: SeriesInputs;
  readonly calendarYear: number;
  readonly draw: YearDraw;
  /** The zone's air temperature too, where the weather is the zone's. */
  readonly dryBulb: boolean;
}

/** Names of a site's series, its own or its zone's; a zone's year is generated when first asked for. */
export function siteSeriesNames(zone: ZoneCalibration, own: OwnSeriesNames, context: ZoneContext): SiteSpec['series'] {
  const label = context.draw.kind === 'representative' ? 'representative' : context.draw.seed;
  const nameOf = (quantity: Quantity): string => own[quantity] ?? `${quantity}/${zone.id}/${label}`;
  const names = { price: nameOf('price'), carbon: nameOf('carbon'), wetBulb: nameOf('wetBulb') };
  const dryBulb = context.dryBulb && own.wetBulb === undefined ? `dryBulb/${zone.id}/${label}` : undefined;
  const wanted = [...Object.values(names), ...(dryBulb === undefined ? [] : [dryBulb])];
  if (wanted.some((name) => !Object.hasOwn(context.inputs.series, name))) {
    const year = zoneYear(zone, context);
    const values = { price: year.priceEurPerMWh, carbon: year.carbonKgPerMWh, wetBulb: year.wetBulbC };
    for (const quantity of QUANTITIES) {
      if (own[quantity] !== undefined) continue;
      addSeries(context.inputs, names[quantity], { stepMs: MS_PER_HOUR, values: values[quantity] });
    }
    if (dryBulb !== undefined) addSeries(context.inputs, dryBulb, { stepMs: MS_PER_HOUR, values: year.dryBulbC });
  }
  const { heatDemand } = own;
  return {
    ...names,
    ...(dryBulb === undefined ? {} : { dryBulb }),
    ...(heatDemand === undefined ? {} : { heatDemand }),
  };
}

function zoneYear(zone: ZoneCalibration, { calendarYear, draw }: ZoneContext): ZoneYear {
  return draw.kind === 'representative'
    ? representativeYear(zone, calendarYear)
    : resampledYear(zone, calendarYear, draw.seed);
}

/** Whether a site takes any series from its zone. */
export const usesZoneYear = ({ doc }: Pick<SiteParts, 'doc'>): boolean =>
  QUANTITIES.some((quantity) => valueAt(doc.value, ['series', quantity]) === undefined);

/** Why a zone's year does not cover the horizon, if so: it is one calendar year long and is not repeated. */
export function horizonBeyondYear(calendarYear: number, horizonMs: number): string | undefined {
  const yearMs = hoursOfYear(calendarYear) * MS_PER_HOUR;
  if (horizonMs <= yearMs) return undefined;
  return `expected at most ${formatDuration(yearMs)}, for which zones have price, carbon and weather series (the year ${calendarYear}); got ${formatDuration(horizonMs)}`;
}

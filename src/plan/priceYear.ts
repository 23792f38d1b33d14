import type { StepSeries } from '../base/stepSeries.js';
import { parsePriceYearCsv } from '../energy/priceYearFile.js';
import { priceYearsOf, yearFactors, type YearFactors } from '../energy/priceYear.js';
import { sha256 } from '../scenario/canonical.js';
import { issueAt } from '../scenario/issues.js';
import type { SiteSpec } from '../scenario/runSpec.js';
import type { Scenario } from '../scenario/scenarioSchema.js';
import type { SourceDoc } from '../scenario/sourceDoc.js';
import { valueAt } from '../scenario/sourcePath.js';
import { listed } from '../scenario/suggest.js';
import type { ZoneCalibration } from '../scenario/zoneSchema.js';
import { fileBeside } from './files.js';
import { addSeries, type OwnContext, type SeriesInputs } from './series.js';
import type { ResolvedSite, SiteParts } from './sites.js';

/** At what levels prices and carbon stand: `priceYear` and `levels` of a scenario. */
export interface PriceChoice {
  /** Absent: each zone's base year, or a file. */
  readonly year?: number | undefined;
  readonly file?:
    | {
        /** As written, for messages. */
        readonly path: string;
        /** By zone, the name among the inputs. */
        readonly series: ReadonlyMap<string, string>;
      }
    | undefined;
  /** Factors on day-ahead prices and on carbon, of whatever source. */
  readonly levels: { readonly price: number; readonly carbon: number };
}

/** The `priceYear` that says each zone's base year. */
const BASE_YEAR = 'base';

/** The override that `--price-year` is; a path is taken from the folder the command is given in. */
export const priceYearOverride = (text: string): string =>
  `priceYear=${/^\d+$/.test(text) ? text : JSON.stringify(text)}`;

interface ChoiceContext extends OwnContext {
  readonly doc: SourceDoc;
  readonly fields: Partial<Pick<Scenario, 'priceYear' | 'levels'>>;
  readonly sites: readonly SiteParts[];
  /** Names that a column of a file may have. */
  readonly knownZones: readonly string[];
}

/** The scenario's choice, with the prices of its file read; what no zone can give is noted. */
export function resolvePriceChoice(context: ChoiceContext): PriceChoice {
  const { fields, doc, sites, faults } = context;
  const { priceYear } = fields;
  const levels = { price: fields.levels?.price ?? 1, carbon: fields.levels?.carbon ?? 1 };
  if (priceYear === undefined || priceYear === BASE_YEAR) return { levels };
  for (const { doc: site, name } of sites) {
    if (valueAt(site.value, ['series', 'price']) === undefined) continue;
    const message = `expected sites with the prices of their zone; ${name} brings its own (series.price)`;
    faults.at(doc, ['priceYear'], message, 'Leave out one of the two. levels.price scales prices of any source.');
  }
  const zones = zonesOf(sites);
  if (typeof priceYear === 'string') return { levels, file: readFileOf(priceYear, zones, context) };
  for (const zone of zones) {
    if (yearFactors(zone, priceYear) !== undefined) continue;
    const message = `expected a year that zone ${zone.id} has a mean price of, ${listed(priceYearsOf(zone).map(String))}; got ${priceYear}`;
    const hint = 'A CSV file of prices can stand in its place: --price-year prices.csv';
    faults.at(doc, ['priceYear'], message, hint);
  }
  return { levels, year: priceYear };
}

const zonesOf = (sites: readonly SiteParts[]): ZoneCalibration[] => [
  ...new Map(sites.flatMap(({ whole }) => (whole === undefined ? [] : [[whole.zone.id, whole.zone]]))).values(),
];

function readFileOf(
  path: string,
  zones: readonly ZoneCalibration[],
  { doc, faults, readFile, inputs, calendarYear, horizonMs, knownZones }: ChoiceContext,
): PriceChoice['file'] {
  const file = fileBeside(doc, ['priceYear'], path);
  const names = zones.map(({ id }) => id);
  const prices =
    horizonMs === undefined
      ? undefined
      : faults.reading(
          () => issueAt(doc, ['priceYear'], ''),
          () => parsePriceYearCsv(readFile(file), { file, calendarYear, horizonMs, zones: names, knownZones }),
        );
  const series = new Map<string, string>();
  for (const [zone, values] of prices ?? []) {
    // By content, so that the prices of two files can stand side by side.
    const name = `price/${zone}/file-${contentOf(values)}`;
    addSeries(inputs, name, values);
    series.set(zone, name);
  }
  return { path, series };
}

const contentOf = ({ stepMs, values }: StepSeries): string =>
  sha256(`${stepMs}\n`, new Uint8Array(values.buffer, values.byteOffset, values.byteLength)).slice(0, 12);

/**
 * The names of a site's series at the levels chosen; scaled series are added to the inputs beside those they are
 * made from. Without a choice the names are what they were.
 *
 * @param own - names of the series that the site brings itself: a price year changes those of zones alone
 */
export function seriesAtLevels(
  names: SiteSpec['series'],
  zone: ZoneCalibration,
  own: { readonly price?: string; readonly carbon?: string },
  { choice, inputs }: { readonly choice: PriceChoice; readonly inputs: SeriesInputs },
): SiteSpec['series'] {
  const { levels, file } = choice;
  const year = factorsOf(zone, choice);
  const ofFile = file?.series.get(zone.id);
  const priceFactor = (ofFile !== undefined || own.price !== undefined ? 1 : year.price) * levels.price;
  const carbonFactor = (own.carbon !== undefined ? 1 : year.carbon) * levels.carbon;
  return {
    ...names,
    price: scaled(inputs, ofFile ?? names.price, priceFactor),
    carbon: scaled(inputs, names.carbon, carbonFactor),
  };
}

const factorsOf = (zone: ZoneCalibration, { year }: PriceChoice): YearFactors =>
  yearFactors(zone, year ?? zone.baseYear.year)!;

/** The series times a factor, under a name that tells the factor. */
function scaled(inputs: SeriesInputs, of: string, factor: number): string {
  if (factor === 1) return of;
  const name = `${of}*${factor}`;
  const { stepMs, values } = inputs.series[of]!;
  addSeries(inputs, name, { stepMs, values: Float64Array.from(values, (value) => value * factor) });
  return name;
}

/** The years that prices of some site can be scaled to, ascending; none where a site brings its own prices. */
export function knownPriceYears(
  sites: readonly Pick<ResolvedSite, 'zone'>[],
  own: readonly { readonly price?: string }[],
): readonly number[] {
  if (own.some(({ price }) => price !== undefined)) return [];
  return [...new Set(sites.flatMap(({ zone }) => priceYearsOf(zone)))].sort((a, b) => a - b);
}

/** Years behind a zone's levels and shapes, and what they are scaled by, for the report. */
export function levelText(zone: ZoneCalibration, choice: PriceChoice): string {
  const { baseYear, price, carbon } = zone;
  const { year, file, levels } = choice;
  const { carbonYear } = factorsOf(zone, choice);
  const times = [
    ...(levels.price === 1 ? [] : [`prices × ${levels.price}`]),
    ...(levels.carbon === 1 ? [] : [`carbon × ${levels.carbon}`]),
  ];
  const none = year === undefined || carbonYear === year ? '' : ` (no figure for ${year})`;
  const level =
    file !== undefined
      ? [`prices of ${file.path}`, `carbon of ${baseYear.year}`]
      : year === undefined || year === baseYear.year
        ? [`levels of ${baseYear.year}`]
        : [`prices of ${year}`, `carbon of ${carbonYear}${none}`];
  const carbonShape = carbon.kind === 'series' ? `carbon shape ${carbon.year}` : 'carbon constant at its annual mean';
  const shapes = [...(file === undefined ? [`price shape ${price.year}`] : []), carbonShape];
  return `${[...level, ...times].join(', ')}; ${shapes.join(', ')}`;
}

/** The part of a zone that a run uses: figures of other years, of other plants and of statistics stay out. */
export function usedOfZone(
  zone: ZoneCalibration,
  sites: readonly Pick<ResolvedSite, 'zone' | 'site'>[],
  { year }: Pick<PriceChoice, 'year'>,
): Record<string, unknown> {
  const used = year === undefined || year === zone.baseYear.year ? undefined : year;
  const ofYear = <T>(years: Readonly<Record<string, T>> | undefined): Record<string, T> | undefined =>
    used === undefined || years?.[used] === undefined ? undefined : { [used]: years[used] };
  const plants = sites
    .filter((site) => site.zone.id === zone.id)
    .flatMap(({ site }) => site.tariff.supply ?? [])
    .flatMap((term) => (term.kind === 'pay-as-produced' && term.technology !== undefined ? [term.technology] : []));
  const factors = zone.generation?.capacityFactor ?? {};
  return {
    ...zone,
    priceYears: ofYear(zone.priceYears),
    carbonYears: ofYear(zone.carbonYears),
    eurostat: undefined,
    generation:
      plants.length === 0
        ? undefined
        : { capacityFactor: Object.fromEntries([...new Set(plants)].map((plant) => [plant, factors[plant]])) },
  };
}

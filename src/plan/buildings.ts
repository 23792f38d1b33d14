import type { StepSeries } from '../base/stepSeries.js';
import { MS_PER_HOUR } from '../base/units.js';
import { isTimeZone } from '../energy/localTime.js';
import { localBins } from '../energy/localBins.js';
import { parseSeriesCsv } from '../energy/seriesCsv.js';
import { wasteHeatC } from '../power/buildingSpecs.js';
import type { Carbon } from '../scenario/carbonSchema.js';
import { assumed, CARBON_DEFAULTS, FACILITY_DEFAULTS, SITE_DEFAULTS } from '../scenario/defaults.js';
import { facilitySchema, heatDemandSchema, type Facility, type HeatDemandSource } from '../scenario/facilitySchema.js';
import type { CarbonSpec, IndicatorSpec } from '../scenario/facilitySpec.js';
import type { Figure } from '../scenario/figure.js';
import { issueAt } from '../scenario/issues.js';
import type { Site } from '../scenario/siteSchema.js';
import { valueAt } from '../scenario/sourcePath.js';
import { flaggedIn, type FlaggedFigure } from './assumptions.js';
import { effectiveEntry, type ConfigEntry } from './config.js';
import type { Faults } from './faults.js';
import { fileBeside } from './files.js';
import { addSeries, type OwnContext } from './series.js';
import type { ResolvedSite, SiteParts } from './sites.js';

const DEMAND_PATH = ['facility', 'heatReuse', 'demand'];

/** The name of a site's heat demand among the inputs; nothing where it reuses none, or none is sound. */
export function addHeatDemand(site: SiteParts, context: OwnContext): { readonly heatDemand?: string } {
  noteColdHeat(site, context.faults);
  const series = heatDemand(site, context);
  if (series === undefined) return {};
  const name = `heatDemand/${site.name}/own`;
  addSeries(context.inputs, name, series);
  return { heatDemand: name };
}

/**
 * The heat that a site's network asks for, hour by hour, or as its file has it.
 *
 * @returns `undefined` where no heat is reused, or the demand has a fault (which is noted here or by the site's schema)
 */
function heatDemand({ doc, whole }: SiteParts, context: OwnContext): StepSeries | undefined {
  const { faults, readFile, calendarYear, horizonMs } = context;
  const source = heatDemandSchema.safeParse(valueAt(doc.value, DEMAND_PATH)).data;
  if (source === undefined || horizonMs === undefined) return undefined;
  if (typeof source !== 'string') return whole && writtenDemand(source, whole, calendarYear, horizonMs);
  const timeZone = valueAt(doc.value, ['series', 'timeZone']) ?? SITE_DEFAULTS.seriesTimeZone.value;
  if (typeof timeZone !== 'string' || !isTimeZone(timeZone)) return undefined; // noted with the site's other series
  const file = fileBeside(doc, DEMAND_PATH, source);
  return faults.reading(
    () => issueAt(doc, DEMAND_PATH, ''),
    () => parseSeriesCsv(readFile(file), { file, timeZone, calendarYear, horizonMs, quantity: 'heatDemand' }),
  );
}

function writtenDemand(
  source: Exclude<HeatDemandSource, string>,
  { zone }: ResolvedSite,
  calendarYear: number,
  horizonMs: number,
): StepSeries {
  const hours = Math.ceil(horizonMs / MS_PER_HOUR);
  const values = new Float64Array(hours);
  if ('constantMW' in source) return { stepMs: MS_PER_HOUR, values: values.fill(source.constantMW.value) };
  const { monthlyMW, hourly } = source;
  const local = localBins(zone.timeZone, calendarYear, MS_PER_HOUR, hours);
  for (let hour = 0; hour < hours; hour++) {
    values[hour] = monthlyMW[local.month[hour]!]! * (hourly?.[local.hour[hour]!] ?? 1);
  }
  return { stepMs: MS_PER_HOUR, values };
}

/** Waste heat colder than the network wants reaches nobody without a heat pump. */
function noteColdHeat({ doc, whole }: SiteParts, faults: Faults): void {
  const facility = whole?.site.facility ?? facilitySchema.safeParse(valueAt(doc.value, ['facility'])).data;
  if (facility?.heatReuse === undefined) return;
  const { heatPumpCop, supplyC } = facility.heatReuse;
  const sourceC = wasteHeatC(facility);
  if (heatPumpCop !== undefined || supplyC.value <= sourceC) return;
  const message = `expected at most ${sourceC} °C, what leaves the IT with this cooling (facility.wasteHeatC), got ${supplyC.value}`;
  const hint = 'Give heatReuse.heatPumpCop, or a warmer loop.';
  faults.at(doc, ['facility', 'heatReuse', 'supplyC'], message, hint);
}

/** Whether a site says anything of its building or its contracts that indicators are made of. */
export function wantsIndicators({ facility, carbon }: Pick<Site, 'facility' | 'carbon'>): boolean {
  const { cooling, water, heatReuse, derating, intakeC, inOperationFrom, country, batteryToGridMW } = facility;
  const said = [cooling, water, heatReuse, derating, intakeC, facility.wasteHeatC, inOperationFrom, country];
  return carbon !== undefined || batteryToGridMW !== undefined || said.some((key) => key !== undefined);
}

/** What the indicators and the carbon account of a site need; nothing for one that asks for neither. */
export function reportSpecs(
  { site, zone }: Pick<ResolvedSite, 'site' | 'zone'>,
  calendarYear: number,
): { readonly indicators?: IndicatorSpec; readonly carbon?: CarbonSpec } {
  return {
    ...(wantsIndicators(site) ? { indicators: indicatorSpec(site.facility, zone.id, calendarYear) } : {}),
    ...(site.carbon === undefined ? {} : { carbon: carbonSpec(site.carbon) }),
  };
}

function indicatorSpec(facility: Facility, zone: string, calendarYear: number): IndicatorSpec {
  const { country, inOperationFrom, intakeC, batteryToGridMW } = facility;
  return {
    country: country ?? zone.slice(0, 2),
    inOperationFrom: inOperationFrom ?? `${String(calendarYear)}-01-01`,
    calendarYear,
    intakeC: intakeC?.value ?? FACILITY_DEFAULTS.intakeC.value,
    wasteHeatC: wasteHeatC(facility),
    ...(batteryToGridMW === undefined ? {} : { batteryToGridKw: batteryToGridMW.value * 1000 }),
  };
}

const carbonSpec = (carbon: Carbon): CarbonSpec => ({
  guaranteesFraction: carbon.guaranteesFraction.value,
  contractKgPerMWh: carbon.contractKgPerMWh.value,
  ...(carbon.residualKgPerMWh === undefined ? {} : { residualKgPerMWh: carbon.residualKgPerMWh.value }),
  shadowEurPerT: carbon.shadowEurPerT.value,
});

/** Figures of ours that the indicators of these sites rest on, each site by itself. */
export function flaggedBuildings(sites: readonly ResolvedSite[]): readonly FlaggedFigure[] {
  return sites
    .filter(({ site }) => wantsIndicators(site))
    .flatMap(({ site: { name, facility } }) => {
      const isLiquid = facility.cooling !== 'air' && facility.liquidFraction.value > 0;
      const { intakeC, wasteHeatAirC, wasteHeatLiquidC } = FACILITY_DEFAULTS;
      const used = {
        ...(facility.water === undefined ? {} : { water: waterDefaults(facility.water, isLiquid) }),
        ...(facility.intakeC === undefined ? { intakeC: { ...assumed(intakeC), source: 'lei-masanet-2020' } } : {}),
        ...(facility.wasteHeatC === undefined && facility.cooling !== 'warm-water'
          ? { wasteHeatC: assumed(isLiquid ? wasteHeatLiquidC : wasteHeatAirC) }
          : {}),
      };
      return flaggedIn(`site ${name}`, { facility: used });
    });
}

const FIGURES_OF = {
  dry: [],
  adiabatic: ['adiabaticFromWetBulbC', 'adiabaticLitresPerKwh'],
  tower: ['cyclesOfConcentration'],
} as const;

/** Those that a site leaves out of the ways in which its heat goes outside. */
function waterDefaults(water: NonNullable<Facility['water']>, isLiquid: boolean): Record<string, unknown> {
  const ways = new Set([...(isLiquid ? [water.liquid] : []), water.air]);
  const left = [...ways].flatMap((way) => FIGURES_OF[way]).filter((key) => water[key] === undefined);
  return Object.fromEntries(left.map((key) => [key, assumed(FACILITY_DEFAULTS[key])]));
}

interface Default {
  readonly value: string | number;
  readonly reason: string;
}

/** What a site's building and carbon account leave to their defaults, or set: of the parts it has. */
export function buildingConfig({ doc, site }: Pick<ResolvedSite, 'doc' | 'site'>, prefix: string): ConfigEntry[] {
  const { facility, carbon } = site;
  const entries: ConfigEntry[] = [];
  const of = (path: readonly string[], used: object | undefined, defaults: Readonly<Record<string, Default>>): void => {
    if (used === undefined) return;
    const given = used as Readonly<Record<string, string | Figure | undefined>>;
    for (const [key, fallback] of Object.entries(defaults)) {
      entries.push(effectiveEntry(doc, prefix, [...path, key], given[key] ?? fallback.value, fallback));
    }
  };
  const { approachK, riseK, chillerCop, heatReuseEfficiency, ...rest } = FACILITY_DEFAULTS;
  of(['facility'], facility.cooling === 'warm-water' ? facility : undefined, { approachK, riseK, chillerCop });
  of(['facility', 'water'], facility.water, {
    liquid: rest.liquidRejection,
    air: rest.airRejection,
    cyclesOfConcentration: rest.cyclesOfConcentration,
    adiabaticFromWetBulbC: rest.adiabaticFromWetBulbC,
    adiabaticLitresPerKwh: rest.adiabaticLitresPerKwh,
  });
  of(['facility', 'heatReuse'], facility.heatReuse, { efficiency: heatReuseEfficiency });
  of(['facility', 'derating'], facility.derating, {
    fromWetBulbC: rest.deratingFromWetBulbC,
    perKFraction: rest.deratingPerKFraction,
  });
  const { guaranteesFraction, contractKgPerMWh, shadowEurPerT } = CARBON_DEFAULTS;
  of(['carbon'], carbon, { guaranteesFraction, contractKgPerMWh, shadowEurPerT });
  return entries;
}

import { MS_PER_HOUR } from '../base/units.js';
import { hoursOfYear } from '../energy/calendar.js';
import type { CapitalSpec, FinanceSpec } from '../scenario/capitalSpec.js';
import { capitalSchema, type Capital } from '../scenario/capitalSchema.js';
import { CAPITAL_DEFAULTS, FINANCE_DEFAULTS, SCENARIO_DEFAULTS } from '../scenario/defaults.js';
import type { Figure } from '../scenario/figure.js';
import { assumedAfter, financeSchema, type Finance } from '../scenario/financeSchema.js';
import type { Hardware } from '../scenario/hardwareSchema.js';
import { joiningNodes, nodesAt, type Growing } from '../scenario/inService.js';
import type { Site } from '../scenario/siteSchema.js';
import type { SourceDoc } from '../scenario/sourceDoc.js';
import { flaggedIn, type FlaggedFigure } from './assumptions.js';
import { effectiveEntry, type ConfigEntry } from './config.js';
import { designItW, type SizedPartition } from './partitions.js';
import type { ResolvedSite } from './sites.js';

const W_PER_KW = 1000;
const KW_PER_MW = 1000;

/** What a site's capital is made of: its figures, and those of the hardware it has. */
export type CapitalSite = {
  readonly partitions: readonly (Pick<SizedPartition, 'hardware' | 'gpus' | 'nodes' | 'gpuCapW'> & Growing)[];
} & { readonly site: Pick<Site, 'capital' | 'grid' | 'battery'> };

/** Whether a site is costed: it gives its capital, or the scenario its terms. */
const isCosted = ({ site }: Pick<CapitalSite, 'site'>, finance: Finance | undefined): boolean =>
  site.capital !== undefined || finance !== undefined;

/** What a site costs to buy and keep, as a run needs it; or what is missing for that; nothing where nobody asks. */
export function capitalSpecs(
  of: CapitalSite,
  finance: Finance | undefined,
  calendarYear: number = SCENARIO_DEFAULTS.calendarYear.value,
): { readonly capital?: CapitalSpec; readonly capitalGaps?: readonly string[] } {
  if (!isCosted(of, finance)) return {};
  const figures = capitalFigures(of, finance, calendarYear);
  const gaps = figures.hardware.flatMap(({ name, server, networkStorage }) => [
    ...(server === undefined ? [`serverEurPerGpu of ${name}`] : []),
    ...(networkStorage === undefined ? [`networkStorageEurPerGpu of ${name}`] : []),
  ]);
  if (gaps.length > 0) return { capitalGaps: [...new Set(gaps)] };
  const { facility, battery, capital, staffFte, connectionKw, designItKw } = figures;
  return {
    capital: {
      hardware: figures.hardware.map(({ name, bought, server, networkStorage }) => ({
        name,
        ...bought,
        serverEurPerGpu: server!.value,
        networkStorageEurPerGpu: networkStorage!.value,
      })),
      designItKw,
      facilityEurPerKwIt: facility.eurMPerMW * 1000,
      connectionKw,
      gridEurPerKw: capital.gridEurPerKw.value,
      ...(battery === undefined ? {} : { battery }),
      staffFte: staffFte.value,
      staffEurPerFteYear: capital.staffEurPerFteYear.value,
      waterEurPerM3: capital.waterEurPerM3.value,
      finance: financeSpec(financeOf(finance)),
    },
  };
}

const financeOf = (finance: Finance | undefined): Finance => finance ?? financeSchema.parse({});
const capitalOf = ({ capital }: Pick<Site, 'capital'>): Capital => capital ?? capitalSchema.parse({});

/** A partition in the steps in which it is bought and comes into service, each at the prices of its time. */
function purchases(partition: CapitalSite['partitions'][number], calendarYear: number) {
  const { hardware, nodes, gpus } = partition;
  const perNode = gpus / nodes;
  const yearMs = hoursOfYear(calendarYear) * MS_PER_HOUR;
  const later = joiningNodes(partition).map((step) => {
    const years = step.atMs / yearMs;
    return { hardware, gpus: step.nodes * perNode, boughtAfterYears: years, inServiceAfterYears: years };
  });
  const first = { hardware, gpus: nodesAt(partition, 0) * perNode };
  return first.gpus > 0 ? [first, ...later] : later;
}

function capitalFigures({ site, partitions }: CapitalSite, finance: Finance | undefined, calendarYear: number) {
  const capital = capitalOf(site);
  const hardware = partitions
    .flatMap((partition) => purchases(partition, calendarYear))
    .map(({ hardware: of, ...bought }) => ({
      name: of.name,
      bought,
      server: capital.serverEurPerGpu ?? of.serverEurPerGpu,
      networkStorage: capital.networkStorageEurPerGpu ?? of.networkStorageEurPerGpu,
    }));
  const designItKw = designItW(partitions) / W_PER_KW;
  const connectionKw =
    site.grid?.connectionMW === undefined
      ? designItKw * capital.connectionPerIt.value
      : site.grid.connectionMW.value * KW_PER_MW;
  return {
    ...{ capital, hardware, designItKw, connectionKw },
    facility: facilityPrice(capital, partitions),
    staffFte: capital.staffFte ?? staffOf(connectionKw),
    battery: batteryPrice(site, financeOf(finance)),
  };
}

/** Of the site, or of the catalogue weighted with the power of each partition. */
function facilityPrice(
  capital: Capital,
  partitions: CapitalSite['partitions'],
): { readonly eurMPerMW: number; readonly defaulted: boolean } {
  const of = ({ facilityEurMPerMWIt }: Hardware): Figure => facilityEurMPerMWIt ?? CAPITAL_DEFAULTS.facilityEurMPerMWIt;
  const own = capital.facilityEurMPerMWIt;
  if (own !== undefined) return { eurMPerMW: own.value, defaulted: false };
  const sum = partitions.reduce((total, one) => total + of(one.hardware).value * designItW([one]), 0);
  return {
    eurMPerMW: sum / designItW(partitions),
    defaulted: partitions.some(({ hardware }) => hardware.facilityEurMPerMWIt === undefined),
  };
}

/** Few people run a small machine, and few more a larger one. */
function staffOf(connectionKw: number): Figure {
  const { staffFteBase, staffFtePerMW } = CAPITAL_DEFAULTS;
  const value = Math.round(staffFteBase.value + (staffFtePerMW.value * connectionKw) / KW_PER_MW);
  return assumedAfter({ value, reason: staffFteBase.reason });
}

function batteryPrice({ battery }: Pick<Site, 'battery'>, finance: Finance): CapitalSpec['battery'] {
  if (battery === undefined) return undefined;
  const { energyMWh, eurPerKWh } = battery;
  return {
    energyKWh: energyMWh.value * KW_PER_MW,
    eurPerKWh: eurPerKWh?.value ?? finance.batteryUsdPerKWh.value / finance.usdPerEur.value,
  };
}

function financeSpec(finance: Finance): FinanceSpec {
  const { lifeYears, maintenanceFraction } = finance;
  return {
    wacc: finance.wacc.value,
    lifeYears: {
      it: lifeYears.it.value,
      facility: lifeYears.facility.value,
      grid: lifeYears.grid.value,
      battery: lifeYears.battery.value,
    },
    grantFraction: finance.grantFraction.value,
    residualFraction: finance.residualFraction.value,
    insuranceFraction: finance.insuranceFraction.value,
    maintenanceFraction: {
      it: maintenanceFraction.it.value,
      facility: maintenanceFraction.facility.value,
      battery: maintenanceFraction.battery.value,
    },
    hardwarePriceDeclineFraction: finance.hardwarePriceDeclineFraction.value,
  };
}

/** Flagged figures behind the costs of these sites: of the scenario's terms, of each site, and of each hardware once. */
export function flaggedCapital(sites: readonly ResolvedSite[], finance: Finance | undefined): FlaggedFigure[] {
  const costed = sites.filter((site) => isCosted(site, finance));
  if (costed.length === 0) return [];
  const hardware = new Map(
    costed.flatMap(({ partitions }) => partitions.map((one) => [one.hardware.name, one.hardware])),
  );
  const terms = financeOf(finance);
  const priced = costed.some(({ site }) => site.battery !== undefined && site.battery.eurPerKWh === undefined);
  return [
    ...flaggedIn('scenario', {
      finance: { ...terms, ...(priced ? {} : { usdPerEur: undefined, batteryUsdPerKWh: undefined }) },
    }),
    ...costed.flatMap((of) => flaggedIn(`site ${of.site.name}`, { capital: siteFigures(of, finance) })),
    ...[...hardware].flatMap(([name, of]) => flaggedIn(`hardware ${name}`, pricesOf(of))),
  ];
}

const pricesOf = ({ serverEurPerGpu, networkStorageEurPerGpu, facilityEurMPerMWIt }: Hardware) => ({
  serverEurPerGpu,
  networkStorageEurPerGpu,
  facilityEurMPerMWIt,
});

/** Of what a site gives or leaves to us, what its cost rests on. */
function siteFigures(of: ResolvedSite, finance: Finance | undefined): Readonly<Record<string, Figure | undefined>> {
  const { capital, staffFte, facility } = capitalFigures(of, finance, SCENARIO_DEFAULTS.calendarYear.value);
  return {
    ...capital,
    ...(of.site.grid?.connectionMW === undefined ? {} : { connectionPerIt: undefined }),
    staffFte,
    ...(facility.defaulted ? { facilityEurMPerMWIt: assumedAfter(CAPITAL_DEFAULTS.facilityEurMPerMWIt) } : {}),
  };
}

/** The terms of the scenario and the figures of its sites that a cost rests on, with who set each. */
export function capitalConfig(
  doc: SourceDoc,
  sites: readonly ResolvedSite[],
  finance: Finance | undefined,
): ConfigEntry[] {
  if (!sites.some((site) => isCosted(site, finance))) return [];
  const { lifeYears, maintenanceFraction, ...terms } = financeOf(finance);
  const { lifeYears: years, maintenanceFraction: maintained, ...fallbacks } = FINANCE_DEFAULTS;
  const entries = (at: readonly string[], used: object, defaults: object): ConfigEntry[] =>
    Object.entries(used as Record<string, Figure>).flatMap(([key, value]) => {
      const fallback = (defaults as Record<string, { reason: string }>)[key];
      // Revenue has none: nothing is said of it where nobody gives it.
      return fallback === undefined ? [] : [effectiveEntry(doc, '', [...at, key], value, fallback)];
    });
  return [
    ...entries(['finance'], terms, fallbacks),
    ...entries(['finance', 'lifeYears'], lifeYears, years),
    ...entries(['finance', 'maintenanceFraction'], maintenanceFraction, maintained),
    ...sites.flatMap((site, index) => (isCosted(site, finance) ? siteEntries(site, index) : [])),
  ];
}

function siteEntries({ doc, site }: ResolvedSite, index: number): ConfigEntry[] {
  const { gridEurPerKw, connectionPerIt, staffEurPerFteYear, waterEurPerM3 } = capitalOf(site);
  const entry = (key: keyof typeof CAPITAL_DEFAULTS, used: Figure): ConfigEntry =>
    effectiveEntry(doc, `sites[${index}]`, ['capital', key], used, CAPITAL_DEFAULTS[key]);
  return [
    entry('gridEurPerKw', gridEurPerKw),
    ...(site.grid?.connectionMW === undefined ? [entry('connectionPerIt', connectionPerIt)] : []),
    entry('staffEurPerFteYear', staffEurPerFteYear),
    entry('waterEurPerM3', waterEurPerM3),
  ];
}

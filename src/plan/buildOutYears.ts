import type { BuildOutPhase, BuildOutSpec } from '../economics/holdings.js';
import { BUILD_OUT_TIMINGS, timedPhases, type BuildOutTiming } from '../economics/buildOutTimings.js';
import { hoursOfYear, yearStartEpochMs } from '../energy/calendar.js';
import { buildOutSchema } from '../scenario/buildOutSchema.js';
import { date } from '../scenario/date.js';
import type { Override } from '../scenario/overrides.js';
import type { Scenario } from '../scenario/scenarioSchema.js';
import type { SourceDoc } from '../scenario/sourceDoc.js';
import { valueAt } from '../scenario/sourcePath.js';
import { capitalSpecs } from './capital.js';
import { epochMs, yearsFrom } from './datedPhases.js';
import type { Faults } from './faults.js';
import { designItW, type SizedPartition } from './partitions.js';
import type { ResolvedSite, SiteParts } from './sites.js';

const W_PER_KW = 1000;

/** A site that grows over the years of a window, with what it is bought for. */
export interface PlannedBuildOut {
  readonly site: string;
  readonly title: string;
  /** First year of the window. */
  readonly calendarYear: number;
  /** Phases as planned. */
  readonly spec: BuildOutSpec;
}

/** One year of the window to be simulated, and what a plan is told for it. */
export interface BuildOutYearChoice {
  readonly timing: BuildOutTiming;
  /** 0 is the first of the window. */
  readonly index: number;
  readonly calendarYear: number;
  readonly overrides: readonly Override[];
}

/** Whether a site has anything in service before the end of a calendar year, as far as it can be told. */
export const hasBegun = ({ partitions }: SiteParts, calendarYear: number): boolean =>
  partitions?.every(
    ({ buildOut }) => buildOut === undefined || buildOut[0]!.atMs < yearStartEpochMs(calendarYear + 1),
  ) ?? true;

/**
 * The sites' build-outs over so many years from a calendar year on. What they lack for it is noted: dates, or dates
 * inside the window; a window no longer than a building lasts; prices; something in service in the first year.
 */
export function plannedBuildOuts(
  sites: readonly SiteParts[],
  window: { readonly doc: SourceDoc; readonly calendarYear: number; readonly years: number },
  fields: Pick<Partial<Scenario>, 'finance' | 'buildOut'>,
  faults: Faults,
): PlannedBuildOut[] {
  const { doc, calendarYear } = window;
  const before = faults.issues.length;
  for (const site of sites) checkDates(site, window, faults);
  const known = sites.flatMap(({ partitions }) => partitions ?? []);
  const firsts = known.flatMap(({ buildOut }) => (buildOut === undefined ? [] : [buildOut[0]!.atMs]));
  if (
    faults.issues.length === before &&
    firsts.length > 0 &&
    Math.min(...firsts) >= yearStartEpochMs(calendarYear + 1)
  ) {
    const first = calendarYear + Math.floor(yearsFrom(calendarYear, Math.min(...firsts)));
    const message = `expected a phase in the first year of the window, ${calendarYear}; the first is in ${first}`;
    faults.at(doc, ['calendarYear'], message, `Set calendarYear: ${first}.`);
  }
  return sites.flatMap(({ whole }): PlannedBuildOut[] => {
    if (whole === undefined || whole.partitions.some(({ buildOut }) => buildOut === undefined)) return [];
    const spec = buildOutSpec(whole, window, fields, faults);
    return spec === undefined ? [] : [{ site: whole.site.name, title: whole.site.title, calendarYear, spec }];
  });
}

function checkDates(
  { doc, name, partitions }: SiteParts,
  { calendarYear, years }: { readonly calendarYear: number; readonly years: number },
  faults: Faults,
): void {
  const listed = valueAt(doc.value, ['partitions']);
  if (!Array.isArray(listed)) return;
  listed.forEach((entry: unknown, index) => {
    const path = ['partitions', index];
    const phases = valueAt(entry, ['buildOut']);
    if (phases === undefined) {
      const hint = 'For example buildOut: [{ at: 2027-01-01, racks: 278 }, { at: 2028-07-01, racks: 695 }].';
      faults.at(doc, path, `expected buildOut, the dates at which site ${name} grows; got a size alone`, hint);
      return;
    }
    if (!Array.isArray(phases)) return; // noted by the schema
    phases.forEach((phase: unknown, step) => {
      const at = date.safeParse(valueAt(phase, ['at'])).data;
      if (at === undefined) return; // noted by the schema
      const atMs = epochMs(at);
      if (atMs >= yearStartEpochMs(calendarYear) && atMs < yearStartEpochMs(calendarYear + years)) return;
      const span = `${calendarYear} to ${calendarYear + years - 1}`;
      const message = `expected a date in the window, ${span}; got ${at}`;
      faults.at(doc, [...path, 'buildOut', step, 'at'], message, 'Move it, set calendarYear or ask for more --years.');
    });
  });
  const firstYears = (partitions ?? []).map(({ buildOut = [] }) => buildOut[0]).filter((first) => first !== undefined);
  const yearOf = (atMs: number): number => Math.floor(yearsFrom(calendarYear, atMs));
  firstYears.forEach(({ atMs }, index) => {
    if (index === 0 || yearOf(atMs) === yearOf(firstYears[0]!.atMs)) return;
    const message = 'expected all partitions of a site to begin in one calendar year, since its jobs need all of them';
    faults.at(doc, ['partitions', index, 'buildOut', 0, 'at'], message);
  });
}

function buildOutSpec(
  { doc, site, partitions }: ResolvedSite,
  { calendarYear, years }: { readonly calendarYear: number; readonly years: number },
  fields: Pick<Partial<Scenario>, 'finance' | 'buildOut'>,
  faults: Faults,
): BuildOutSpec | undefined {
  const whole = partitions.map((partition) => sized(partition, partition.buildOut!.at(-1)!.nodes));
  const { capital, capitalGaps } = capitalSpecs({ site, partitions: whole }, fields.finance, calendarYear);
  if (capital === undefined) {
    const missing = capitalGaps?.join(', ');
    const message =
      missing === undefined
        ? `expected what site ${site.name} is bought for, got no capital and no finance`
        : `expected prices of all that is bought, got no ${missing}`;
    faults.at(doc, ['name'], message, missing === undefined ? 'Add finance: {} to the scenario.' : 'Give capital.');
    return undefined;
  }
  const { facility } = capital.finance.lifeYears;
  if (years > facility) {
    faults.at(
      doc,
      ['name'],
      `expected a window of at most the ${facility} years that the building lasts, got ${years}`,
    );
    return undefined;
  }
  const prices = capital.hardware.map((of) => of.serverEurPerGpu + of.networkStorageEurPerGpu);
  const revenue = fields.finance?.revenueEurPerGpuHour;
  return {
    capital,
    phases: phasesOf(whole, prices, calendarYear),
    windowYears: years,
    ...(fields.buildOut ?? buildOutSchema.parse({})),
    ...(revenue === undefined ? {} : { revenueEurPerGpuHour: revenue.value }),
  };
}

/** A partition of so many nodes, all of them there. */
function sized(partition: SizedPartition, nodes: number): SizedPartition {
  return { ...partition, nodes, gpus: nodes * partition.gpusPerNode, inService: undefined };
}

/** What joins at each date, over all partitions. */
function phasesOf(
  partitions: readonly SizedPartition[],
  prices: readonly number[],
  calendarYear: number,
): BuildOutPhase[] {
  const dates = [...new Set(partitions.flatMap(({ buildOut }) => buildOut!.map(({ atMs }) => atMs)))];
  return dates
    .sort((a, b) => a - b)
    .map((atMs) => {
      const joining = partitions.map((partition) => {
        const steps = partition.buildOut!;
        const at = steps.findIndex((step) => step.atMs === atMs);
        return sized(partition, at < 0 ? 0 : steps[at]!.nodes - (steps[at - 1]?.nodes ?? 0));
      });
      return {
        atYears: yearsFrom(calendarYear, atMs),
        gpus: joining.reduce((sum, { gpus }) => sum + gpus, 0),
        hardwareEur: joining.reduce((sum, { gpus }, index) => sum + gpus * prices[index]!, 0),
        itKw: designItW(joining) / W_PER_KW,
      };
    });
}

/** The years of the window in which anything is in service, by timing, each as a scenario of its own. */
export function buildOutYears(sites: readonly PlannedBuildOut[]): BuildOutYearChoice[] {
  const { calendarYear, spec } = sites[0]!;
  return BUILD_OUT_TIMINGS.flatMap((timing) => {
    const first = Math.min(...sites.map((site) => timedPhases(site.spec.phases, timing)[0]!.atYears));
    return Array.from({ length: spec.windowYears }, (_, index) => index)
      .filter((index) => first < index + 1)
      .map((index): BuildOutYearChoice => {
        const year = calendarYear + index;
        const set = (text: string): Override => ({ text, from: 'buildout' });
        const overrides = [set(`calendarYear=${year}`), set(`horizon=${hoursOfYear(year)} h`)];
        return { timing, index, calendarYear: year, overrides };
      });
  });
}

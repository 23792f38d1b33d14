import { z } from 'zod';
import { invariant } from '../base/errors.js';
import { MS_PER_HOUR, W_PER_MW } from '../base/units.js';
import { flatCharges, tariffSpec } from '../economics/tariff.js';
import { generationProfile, technologiesOf } from '../energy/generationProfile.js';
import { isTimeZone } from '../energy/localTime.js';
import { SITE_DEFAULTS } from '../scenario/defaults.js';
import { hoursShape } from '../scenario/hoursSchema.js';
import type { SourceDoc, SourcePath } from '../scenario/sourceDoc.js';
import { isPlainObject, valueAt } from '../scenario/sourcePath.js';
import { didYouMean, listed } from '../scenario/suggest.js';
import { FLAT_KEYS } from '../scenario/tariffSchema.js';
import { BILL_GROUPS, TERM_NAMES, type TariffSpec } from '../scenario/tariffSpec.js';
import { TECHNOLOGIES, type Technology } from '../scenario/technology.js';
import { cellText, classTable } from '../scenario/timeClasses.js';
import type { ZoneCalibration } from '../scenario/zoneSchema.js';
import type { Faults } from './faults.js';
import { designItW, type SizedPartition } from './partitions.js';
import {
  addSeries,
  horizonBeyondYear,
  writtenOrRead,
  type OwnContext,
  type SeriesInputs,
  type YearDraw,
} from './series.js';
import type { ResolvedSite, SiteParts } from './sites.js';

/** A term as it stands in the document, sound or not. */
interface Written {
  readonly path: SourcePath;
  readonly kind: unknown;
  readonly name: string | undefined;
  readonly value: Readonly<Record<string, unknown>>;
}

/** The flat keys, the name of the term each becomes, and which charges stand in its place. */
const FLAT_TERMS = {
  capacityEurPerKwYear: { name: TERM_NAMES.capacity, group: 'capacity' },
  networkEurPerMWh: { name: TERM_NAMES.network, group: 'network' },
  leviesEurPerMWh: { name: TERM_NAMES.levies, group: 'levies' },
} as const satisfies Record<(typeof FLAT_KEYS)[number], object>;

/** Kinds of charges that a rule may act on. */
const DISCOUNTABLE: readonly unknown[] = ['energy', 'capacity', 'contracted'];

/**
 * What is wrong between the terms of a site's tariff, whether or not the rest of it is sound, and the profiles of plants
 * that it brings as files. What is wrong with a term by itself is noted by the site's schema.
 */
export function checkTariff(site: SiteParts, context: OwnContext): void {
  const { doc } = site;
  const { faults } = context;
  if (!isPlainObject(valueAt(doc.value, ['tariff']))) return;
  const [supply, charges, rules] = ['supply', 'charges', 'rules'].map((key) => writtenTerms(doc, key));
  checkTimeZone(doc, faults);
  checkNames(doc, [...supply!, ...charges!, ...rules!], faults);
  checkShares(doc, supply!, faults);
  checkSizes(site, supply!, faults);
  checkFlat(doc, charges!, faults);
  for (const charge of charges!) {
    if (charge.kind === 'energy') checkEnergy(doc, charge, faults);
    if (charge.kind === 'contracted') checkClasses(doc, charge, 'periods', false, faults);
  }
  checkPercents(doc, supply!, charges!, faults);
  checkRules(doc, charges!, rules!, faults);
  for (const plant of supply!) {
    checkTechnology(site, plant, context);
    readProfile(site, plant, context);
  }
}

function writtenTerms(doc: SourceDoc, key: string): Written[] {
  const terms = valueAt(doc.value, ['tariff', key]);
  if (!Array.isArray(terms)) return [];
  return terms.flatMap((value: unknown, index): Written[] => {
    if (!isPlainObject(value)) return [];
    const { name, kind } = value;
    return [{ path: ['tariff', key, index], kind, name: typeof name === 'string' ? name : undefined, value }];
  });
}

function checkTimeZone(doc: SourceDoc, faults: Faults): void {
  const path = ['tariff', 'timeZone'];
  const name = valueAt(doc.value, path);
  if (typeof name !== 'string' || name === '' || isTimeZone(name)) return;
  const message = `expected UTC or a time zone such as Europe/Berlin, got ${JSON.stringify(name)}`;
  faults.at(doc, path, message, didYouMean(name, ['UTC', ...Intl.supportedValuesOf('timeZone')]));
}

/** Percents and rules find lines by name, and readers do. */
function checkNames(doc: SourceDoc, terms: readonly Written[], faults: Faults): void {
  const taken = new Map<string, string>(BILL_GROUPS.map((group) => [group, 'that of a group of lines']));
  taken.set(TERM_NAMES.dayAhead, 'that of what is bought at day-ahead');
  for (const key of FLAT_KEYS) {
    if (valueAt(doc.value, ['tariff', key]) !== undefined) taken.set(FLAT_TERMS[key].name, `that of ${key}`);
  }
  for (const { path, name } of terms) {
    if (name === undefined) continue;
    const owner = taken.get(name);
    if (owner !== undefined) faults.at(doc, [...path, 'name'], `expected a name of its own, got ${name}, ${owner}`);
    else taken.set(name, `that of ${String(path[1])}[${String(path[2])}]`);
  }
}

/** A figure's number, bare or with its source. */
function numberAt(doc: SourceDoc, path: SourcePath): number | undefined {
  const value = valueAt(doc.value, [...path, 'value']) ?? valueAt(doc.value, path);
  return typeof value === 'number' ? value : undefined;
}

/** Beyond this rounding is no excuse: three thirds are a whole. */
const ROUNDING = 1e-9;

function checkShares(doc: SourceDoc, supply: readonly Written[], faults: Faults): void {
  let sum = 0;
  const shares: string[] = [];
  for (const { kind, path } of supply) {
    const share = kind === 'fixed' ? numberAt(doc, [...path, 'share']) : undefined;
    if (share === undefined || !(share >= 0 && share <= 1)) continue;
    sum += share;
    shares.push(String(share));
    if (sum <= 1 + ROUNDING || sum - share > 1 + ROUNDING) continue;
    const message = `expected fixed shares of at most 1 (100 %) together, got ${shares.join(' + ')} = ${Number(sum.toPrecision(12))}`;
    faults.at(doc, [...path, 'share'], message, 'Lower the shares; what they leave is bought at day-ahead.');
  }
}

/** Blocks of more than this multiple of the design IT power cannot be for the site: no building doubles its draw. */
const MOST_BLOCKS = 2;

/** Nor can contracts of more than this: a plant yields a tenth to a half of its capacity over a year. */
const MOST_CONTRACTS = 10;

/** What is sure never to be used is a slip: of the unit, or of the shares before it. */
function checkSizes({ doc, partitions }: SiteParts, supply: readonly Written[], faults: Faults): void {
  const shares = supply.flatMap(({ kind, path }) => (kind === 'fixed' ? [numberAt(doc, [...path, 'share']) ?? 0] : []));
  const open = 1 - shares.reduce((sum, share) => sum + share, 0);
  const delivering = supply.filter(({ kind }) => kind === 'baseload' || kind === 'pay-as-produced');
  if (Math.abs(open) <= ROUNDING) {
    const message = 'expected something left to cover; fixed shares make 100 % already';
    for (const { path } of delivering) faults.at(doc, path, message, 'Lower the shares, or remove the contract.');
    return;
  }
  if (partitions === undefined || !(open > 0)) return;
  const leftMW = (open * largestItW(partitions)) / W_PER_MW;
  const left = open === 1 ? 'the design IT power' : 'what fixed shares leave of the design IT power';
  const mostBlocksMW = MOST_BLOCKS * leftMW;
  const mostMW = MOST_CONTRACTS * leftMW;
  let blocksMW = 0;
  let allMW = 0;
  for (const { kind, path } of delivering) {
    const at = [...path, kind === 'baseload' ? 'powerMW' : 'capacityMW'];
    const sizeMW = numberAt(doc, at);
    if (sizeMW === undefined || !(sizeMW > 0)) continue;
    if (kind === 'baseload') {
      blocksMW += sizeMW;
      if (blocksMW > mostBlocksMW) {
        const message = `expected blocks of at most ${mostBlocksMW.toFixed(3)} MW together, twice ${left}; got ${megawatts(blocksMW)}`;
        if (blocksMW - sizeMW <= mostBlocksMW) faults.at(doc, at, message, 'Is the unit right?');
        continue; // no fault of the plants beside it
      }
    }
    allMW += sizeMW;
    if (allMW <= mostMW || allMW - sizeMW > mostMW) continue;
    const message = `expected contracts of at most ${mostMW.toFixed(3)} MW together, ten times ${left} (a plant yields a tenth to a half of its capacity); got ${megawatts(allMW)}`;
    faults.at(doc, at, message, 'Is the unit right?');
  }
}

const megawatts = (mw: number): string => `${Number(mw.toPrecision(12))} MW`;

/** The design IT power, W; of a site that grows over years that of its last one, for which contracts may be made early. */
const largestItW = (partitions: readonly SizedPartition[]): number =>
  designItW(partitions.map((one) => ({ ...one, nodes: Math.max(one.nodes, one.buildOut?.at(-1)?.nodes ?? 0) })));

/** A charge given both ways would be paid twice. */
function checkFlat(doc: SourceDoc, charges: readonly Written[], faults: Faults): void {
  for (const key of FLAT_KEYS) {
    if (valueAt(doc.value, ['tariff', key]) === undefined) continue;
    const twice = charges.filter((charge) => groupOf(charge) === FLAT_TERMS[key].group);
    if (twice.length === 0) continue;
    const names = twice.map(({ name, path }) => name ?? `charges[${String(path[2])}]`);
    const message = `expected either ${key} or charges of ${FLAT_TERMS[key].group}, got both (${listed(names)})`;
    faults.at(
      doc,
      ['tariff', key],
      message,
      'Remove one; a charge of the list is changed by its index: charges: { 0: … }.',
    );
  }
}

const groupOf = ({ kind, value }: Written): unknown =>
  kind === 'capacity' || kind === 'contracted' ? 'capacity' : kind === 'energy' ? value['group'] : undefined;

function checkEnergy(doc: SourceDoc, charge: Written, faults: Faults): void {
  const has = (key: string): boolean => charge.value[key] !== undefined;
  if (!has('eurPerMWh') && !has('classes')) {
    faults.at(
      doc,
      charge.path,
      'expected eurPerMWh, classes or both (eurPerMWh then for all other hours); got neither',
    );
  }
  if (has('classes') && has('reduced')) {
    const message = 'expected classes or a reduced rate, not both: which hours would be reduced is not known';
    faults.at(doc, [...charge.path, 'reduced'], message, 'Make two charges of them.');
  }
  if (has('reduced') && !has('eurPerMWh') && !has('classes')) return;
  checkClasses(doc, charge, 'classes', has('eurPerMWh'), faults);
}

const hoursSchema = z.object(hoursShape);

/** Classes that overlap, and hours of none where there is no price for those. */
function checkClasses(doc: SourceDoc, charge: Written, key: string, open: boolean, faults: Faults): void {
  const entries: unknown = charge.value[key];
  if (!Array.isArray(entries) || entries.length === 0) return;
  const hours = entries.map((entry: unknown) => hoursSchema.safeParse(entry).data);
  if (!hours.every((one) => one !== undefined)) return; // noted by the site's schema
  const nameOf = (index: number): string => {
    const entry: unknown = entries[index];
    const name = isPlainObject(entry) ? entry['name'] : undefined;
    return typeof name === 'string' ? name : `${key}[${index}]`;
  };
  const { overlaps, uncovered } = classTable(hours);
  for (const { earlier, later, cell } of overlaps) {
    const message = `expected no hour in two of ${key}; ${nameOf(later)} overlaps with ${nameOf(earlier)}, first in ${cellText(cell)}`;
    faults.at(doc, [...charge.path, key, later], message);
  }
  if (uncovered === undefined || open) return;
  const rest = key === 'classes' ? ', or eurPerMWh for all other hours' : '';
  const message = `expected every hour in one of ${key}${rest}; none has ${cellText(uncovered)}`;
  faults.at(doc, [...charge.path, key], message, 'An entry without months, days and hours holds always.');
}

/** Names of flat figures that are given. */
const flatNames = (doc: SourceDoc): string[] => {
  const given = (key: (typeof FLAT_KEYS)[number]): number | undefined => numberAt(doc, ['tariff', key]);
  return flatCharges({
    capacityEurPerKwYear: given('capacityEurPerKwYear'),
    networkEurPerMWh: given('networkEurPerMWh'),
    leviesEurPerMWh: given('leviesEurPerMWh'),
  }).map(({ name }) => name);
};

const namesOf = (terms: readonly Written[]): string[] =>
  terms.flatMap(({ name }) => (name === undefined ? [] : [name]));

function checkPercents(doc: SourceDoc, supply: readonly Written[], charges: readonly Written[], faults: Faults): void {
  const known = [TERM_NAMES.dayAhead, ...flatNames(doc), ...namesOf(supply)];
  known.push(...namesOf(charges.filter(({ kind }) => kind !== 'percent')));
  const groups = BILL_GROUPS.filter((group) => group !== 'battery');
  for (const charge of charges) {
    if (charge.kind !== 'percent') continue;
    checkOf(doc, charge, [...groups, ...known], 'a group, a term or an earlier percent', faults);
    known.push(...namesOf([charge]));
  }
}

function checkRules(doc: SourceDoc, charges: readonly Written[], rules: readonly Written[], faults: Faults): void {
  const known = [...flatNames(doc), ...namesOf(charges.filter(({ kind }) => DISCOUNTABLE.includes(kind)))];
  const discounted = new Map<string, string>();
  for (const rule of rules) {
    checkOf(doc, rule, known, 'an energy, capacity or contracted charge', faults);
    checkTiers(doc, rule, faults);
    textsOf(rule).forEach((name, index) => {
      const other = discounted.get(name);
      if (other === undefined) discounted.set(name, rule.name ?? 'another rule');
      else faults.at(doc, [...rule.path, 'of', index], `expected each charge once; ${name} is discounted by ${other}`);
    });
  }
}

const textsOf = ({ value }: Written): string[] => {
  const of = value['of'];
  return Array.isArray(of) ? of.filter((name: unknown) => typeof name === 'string') : [];
};

function checkOf(doc: SourceDoc, term: Written, known: readonly string[], what: string, faults: Faults): void {
  textsOf(term).forEach((name, index) => {
    if (known.includes(name)) return;
    const names = known.length === 0 ? 'there are none' : listed(known);
    const message = `expected the name of ${what} (${names}), got ${JSON.stringify(name)}`;
    faults.at(doc, [...term.path, 'of', index], message, didYouMean(name, known));
  });
}

function checkTiers(doc: SourceDoc, { path, value }: Written, faults: Faults): void {
  const tiers = value['tiers'];
  if (!Array.isArray(tiers)) return;
  const seen = new Set<number>();
  tiers.forEach((_, index) => {
    const at = [...path, 'tiers', index, 'fromHours'];
    const hours = numberAt(doc, at);
    if (hours === undefined) return;
    if (seen.has(hours)) faults.at(doc, at, `expected each tier once, got ${hours} h again`);
    seen.add(hours);
  });
}

/** Name among the inputs of a plant's own profile. */
const ownProfile = (site: string, term: string): string => `generation/${site}/${term}`;

function readProfile({ doc, name: site }: SiteParts, { path, value, name }: Written, context: OwnContext): void {
  const { profile } = value;
  if (typeof profile !== 'string' || profile === '' || name === undefined) return;
  const written = valueAt(doc.value, ['series', 'timeZone']) ?? SITE_DEFAULTS.seriesTimeZone.value;
  // A zone that is none is noted with the site's series.
  const timeZone = typeof written === 'string' && isTimeZone(written) ? written : undefined;
  const placed = { path: [...path, 'profile'], quantity: 'generation', source: profile, timeZone } as const;
  const series = writtenOrRead(doc, placed, context);
  if (series !== undefined) addSeries(context.inputs, ownProfile(site, name), series);
}

/** The zone's year of a technology must be there, and as long as the horizon. */
function checkTechnology(site: SiteParts, { path, value }: Written, context: OwnContext): void {
  const { doc, whole } = site;
  const { faults, calendarYear, horizonMs } = context;
  const technology = TECHNOLOGIES.find((one) => one === value['technology']);
  if (technology === undefined) return;
  const at = [...path, 'technology'];
  const beyond = horizonMs === undefined ? undefined : horizonBeyondYear(calendarYear, horizonMs);
  if (beyond !== undefined) faults.at(doc, at, `the zone's profile ends before the horizon: ${beyond}`);
  if (whole === undefined || technologiesOf(whole.zone).includes(technology)) return;
  const known = technologiesOf(whole.zone);
  const expected = known.length === 0 ? 'a profile of its own (profile: file.csv)' : `one of ${listed(known)}`;
  faults.at(doc, at, `zone ${whole.zone.id} has no profile of ${technology}: expected ${expected}`);
}

interface TariffContext {
  readonly inputs: SeriesInputs;
  readonly calendarYear: number;
  readonly draw: YearDraw;
}

/** The tariff of a sound site; its own profiles are among the inputs, those of its zone are added to them. */
export function siteTariff({ site, zone }: Pick<ResolvedSite, 'site' | 'zone'>, context: TariffContext): TariffSpec {
  return tariffSpec(site.tariff, zone.timeZone, ({ name, technology }) =>
    technology === undefined ? ownProfile(site.name, name) : addZoneProfile(zone, technology, context),
  );
}

/** @returns its name among the inputs */
function addZoneProfile(
  zone: ZoneCalibration,
  technology: Technology,
  { inputs, calendarYear, draw }: TariffContext,
): string {
  const resampled = draw.kind === 'resample';
  const name = `generation/${zone.id}/${technology}${resampled ? `/${draw.seed}` : ''}`;
  if (Object.hasOwn(inputs.series, name)) return name;
  const seed = resampled ? draw.seed : zone.representativeSeed;
  const values = generationProfile(zone, technology, calendarYear, seed);
  invariant(values !== undefined, `zone ${zone.id} has no profile of ${technology}`);
  addSeries(inputs, name, { stepMs: MS_PER_HOUR, values });
  return name;
}

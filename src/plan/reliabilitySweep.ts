import { formatDuration, MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE, MS_PER_S } from '../base/units.js';
import type { Override } from '../scenario/overrides.js';
import type { RunSpec } from '../scenario/runSpec.js';
import { effectiveIntervalMs, gangFigures } from '../training/gangReliability.js';
import { gangPlace, loneGang, type GangPlace } from './loneGang.js';

/** What a sweep varies of failures and checkpoints. */
export interface Setting {
  /** Work between checkpoints, ms, or Daly's optimum for each job. */
  readonly interval: 'daly' | number;
  /** Spare nodes of each partition; `undefined`: as the scenario has them, a number of its own for each. */
  readonly spares: number | undefined;
  /** Multiplies the rate of failures. */
  readonly rateFactor: number;
}

export type SweepAxis = keyof Setting;

/** Values of each axis, ascending (`daly` first), the scenario's own among them. */
export interface SweepGrid {
  readonly interval: readonly Setting['interval'][];
  readonly spares: readonly Setting['spares'][];
  readonly rateFactor: readonly number[];
}

/** What the user asked for; absent: values around the scenario's own. */
export interface AskedGrid {
  readonly interval?: readonly Setting['interval'][] | undefined;
  readonly spares?: readonly number[] | undefined;
  readonly rateFactor?: readonly number[] | undefined;
}

/** What the scenario itself says. @param bases - a run on each of its machines, with failures and checkpoints */
export function ownSetting(bases: readonly RunSpec[]): Setting {
  const [first, ...others] = bases.flatMap(({ reliability }) => reliability!.spareNodes);
  const { reliability, checkpoints } = bases[0]!;
  return {
    interval: checkpoints!.intervalMs ?? 'daly',
    spares: others.every((spares) => spares === first) ? first : undefined,
    rateFactor: reliability!.rateFactor,
  };
}

/** Values to be tried on each axis. */
export function sweepGrid(bases: readonly RunSpec[], asked: AskedGrid): SweepGrid {
  const own = ownSetting(bases);
  return {
    interval: withOwn(asked.interval ?? defaultIntervals(gangPlace(bases)), own.interval),
    spares: withOwn(asked.spares ?? defaultSpares(bases), own.spares),
    rateFactor: withOwn(asked.rateFactor ?? defaultRates(own.rateFactor), own.rateFactor),
  };
}

/** The cells of the sweep, the scenario's own first: along each axis from it, or the full product. */
export function sweepSettings(own: Setting, grid: SweepGrid, full: boolean): Setting[] {
  const all = full
    ? grid.rateFactor.flatMap((rateFactor) =>
        grid.spares.flatMap((spares) => grid.interval.map((interval) => ({ interval, spares, rateFactor }))),
      )
    : [
        ...grid.interval.map((interval) => ({ ...own, interval })),
        ...grid.spares.map((spares) => ({ ...own, spares })),
        ...grid.rateFactor.map((rateFactor) => ({ ...own, rateFactor })),
      ];
  const byKey = new Map([own, ...all].map((setting) => [settingKey(setting), setting]));
  return [...byKey.values()];
}

const settingKey = ({ interval, spares, rateFactor }: Setting): string => `${interval} ${spares} ${rateFactor}`;

/** Equal in everything but, perhaps, one axis. */
export const differsOnlyIn = (axis: SweepAxis, a: Setting, b: Setting): boolean =>
  settingKey({ ...a, [axis]: b[axis] }) === settingKey(b);

/** What turns the scenario into the one of a cell, named after the options that say so. */
export function settingOverrides(setting: Setting, own: Setting, bases: readonly RunSpec[]): Override[] {
  const { interval, spares, rateFactor } = setting;
  const overrides: Override[] = [];
  if (interval !== own.interval) {
    const text = interval === 'daly' ? interval : formatDuration(interval);
    overrides.push({ text: `checkpoints.interval=${text}`, from: '--intervals' });
  }
  if (spares !== own.spares && spares !== undefined) {
    const byName = JSON.stringify(
      Object.fromEntries(bases.flatMap(({ partitions }) => partitions.map(({ name }) => [name, spares]))),
    );
    overrides.push({ text: `reliability.spares.partitions=${byName}`, from: '--spares' });
  }
  if (rateFactor !== own.rateFactor) {
    overrides.push({ text: `reliability.rateFactor=${rateFactor}`, from: '--rates' });
  }
  return overrides;
}

/** Sizes of lone gangs to be tried: powers of four of 1,024 GPUs (of a node on a small machine), and nearly all of it. */
export function defaultGangs({ base, partition, mostGpus }: GangPlace): number[] {
  const unit = mostGpus >= 2 * GANG_STEP ? GANG_STEP : base.partitions[partition]!.gpusPerNode;
  const most = Math.floor(mostGpus / unit) * unit;
  const smaller: number[] = [];
  for (let gpus = unit; gpus * NEARLY < most; gpus *= 4) smaller.push(gpus);
  return [...smaller.slice(-MOST_SMALLER), most];
}

const GANG_STEP = 1024;
const NEARLY = 1.25;
const MOST_SMALLER = 4;

const NICE_MS = [
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * MS_PER_S),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MS_PER_MINUTE),
  ...[1, 2, 4, 8, 12].map((hours) => hours * MS_PER_HOUR),
  ...[1, 2, 4, 7, 14, 28].map((days) => days * MS_PER_DAY),
];

/**
 * Daly's, and round ones from what is best for a gang on nearly the whole machine (or what its writes take, where that is
 * longer) to 32 times it: the optimum of all smaller jobs lies among them. One is shorter, to show that nothing is gained there.
 */
function defaultIntervals(place: GangPlace): Setting['interval'][] {
  const figures = gangFigures(loneGang(place, place.mostGpus));
  const from = effectiveIntervalMs(figures, 'daly');
  if (!Number.isFinite(from)) return ['daly', MS_PER_HOUR];
  const wanted = [0.4, 1, 3.2, 10, 32].map((factor) => nearest(NICE_MS, from * factor));
  return ['daly', ...new Set(wanted)];
}

/** None, a quarter of the scenario's, its own, and four times as many, where that leaves half of the nodes. */
function defaultSpares(bases: readonly RunSpec[]): number[] {
  const own = Math.max(...bases.flatMap(({ reliability }) => reliability!.spareNodes));
  const most = Math.floor(Math.min(...bases.flatMap(({ partitions }) => partitions.map(({ nodes }) => nodes))) / 2);
  const wanted =
    own === 0 ? [0, ...[1, 4, 16].map((share) => Math.ceil((most * share) / 2048))] : [0, own / 4, 4 * own];
  return [...new Set(wanted.map(Math.round))].filter((spares) => spares <= most);
}

/** Half and twice the scenario's. */
const defaultRates = (own: number): number[] => (own === 0 ? [1, 2] : [own / 2, 2 * own]);

function nearest(values: readonly number[], wanted: number): number {
  const distance = (value: number): number => Math.abs(Math.log(value / wanted));
  return values.reduce((best, value) => (distance(value) < distance(best) ? value : best));
}

function withOwn<T extends 'daly' | number | undefined>(values: readonly T[], own: T): T[] {
  const rank = (value: T): number => (typeof value === 'number' ? value : -1);
  return [...new Set([...values, own])].sort((a, b) => rank(a) - rank(b));
}

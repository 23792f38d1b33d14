import { MS_PER_S } from '../base/units.js';
import { estimate, meanOf } from '../metrics/statistics.js';
import type { SweepAxis } from '../plan/reliabilitySweep.js';
import { formatNumber, formatPercent, plural } from './numbers.js';
import {
  against,
  alongAxis,
  asGood,
  bestOf,
  ETTR,
  GOODPUT,
  isOwn,
  valuesOf,
  type GangCase,
  type ReliabilityMeasure,
  type Replicated,
  type SiteCase,
  type SiteCell,
} from './reliability.js';
import { AXES, intervalText, pointsText, settingText, storageLoad } from './reliabilityTables.js';

/** What the sweep answers, each in a sentence; nothing where the axis has one value. */
export function siteAnswers(found: SiteCase, by: ReliabilityMeasure): string[] {
  const { replications } = found;
  if (replications.length === 0) return [];
  if (replications.length === 1)
    return ['One replication cannot tell a difference from noise, so nothing is concluded: --reps 5 says more.'];
  return [
    intervalAnswer(found, by),
    storageAnswer(found),
    sparesAnswer(found, by),
    rateAnswer(found),
    productAnswer(found, by),
  ].filter((text) => text !== undefined);
}

function swept(found: SiteCase, axis: SweepAxis): readonly SiteCell[] | undefined {
  const cells = alongAxis(found, axis);
  return cells.length > 1 ? cells : undefined;
}

function intervalAnswer(found: SiteCase, by: ReliabilityMeasure): string | undefined {
  const cells = swept(found, 'interval');
  if (cells === undefined) return undefined;
  const best = bestOf(cells, by);
  const text = AXES.interval.text;
  const rivals = asGood(cells, by).filter((cell) => cell !== best);
  const among =
    rivals.length === 0
      ? ', clearly ahead of the others'
      : `; ${listText(rivals.map(({ setting }) => text(setting)))} ${rivals.length === 1 ? 'is' : 'are'} not clearly worse`;
  return `Best checkpoint interval: ${text(best.setting)}, with ${by.title} ${percentText(best, by)}${among}.`;
}

/** Writes that queue for the storage take longer, so that more is lost at a failure. */
const BUSY_STORAGE = 0.8;

function storageAnswer(found: SiteCase): string | undefined {
  const busy = (swept(found, 'interval') ?? []).filter((cell) => meanOf(storageLoad(cell)) > BUSY_STORAGE);
  if (busy.length === 0) return undefined;
  const text = listText(busy.map(({ setting }) => AXES.interval.text(setting)));
  const most = formatPercent(Math.max(...busy.map((cell) => meanOf(storageLoad(cell)))), 0);
  return `Checkpoints keep the storage up to ${most} busy at ${text}: writes queue, and more is lost at a failure.`;
}

function sparesAnswer(found: SiteCase, by: ReliabilityMeasure): string | undefined {
  const cells = swept(found, 'spares')?.filter(({ setting }) => setting.spares !== undefined) ?? [];
  if (cells.length < 2) return undefined;
  const enough = asGood(cells, by)[0]!;
  const count = plural(enough.setting.spares!, 'spare node');
  if (enough === cells.at(-1))
    return `${count} a partition, the most tried, ${enough.setting.spares === 1 ? 'is' : 'are'} clearly better than fewer: --spares takes more.`;
  if (enough.setting.spares === 0) return `Spare nodes bring no clear gain in ${by.title} here.`;
  return `${count} a partition ${enough.setting.spares === 1 ? 'is' : 'are'} enough: more bring no clear gain in ${by.title}.`;
}

function rateAnswer(found: SiteCase): string | undefined {
  const cells = swept(found, 'rateFactor');
  const own = cells?.find((cell) => isOwn(found, cell));
  const highest = cells?.at(-1);
  if (cells === undefined || own === undefined || highest === undefined) return undefined;
  const other = highest === own ? cells[0]! : highest;
  const change = other.setting.rateFactor / own.setting.rateFactor;
  const rate = Number.isFinite(change)
    ? `${String(Number(change.toPrecision(3)))} times the rate of failures`
    : 'failures';
  const { difference, verdict } = against(other, own, ETTR);
  if (verdict !== 'worse' && verdict !== 'better') return `With ${rate} ETTR shows no clear difference.`;
  const useful = against(other, own, GOODPUT).difference.mean;
  const worth = Math.abs(useful) * found.gpus;
  const gpus = `${formatNumber(worth, worth < 10 ? 1 : 0)} of the ${formatNumber(found.gpus)} GPUs`;
  return (
    `With ${rate} ETTR ${verdict === 'worse' ? 'falls' : 'rises'} by ${pointsText(difference)} points, and useful time ` +
    `${useful < 0 ? 'falls' : 'rises'} by that of ${gpus}.`
  );
}

/** The best of a full product, where that is more than what lies along the axes. */
function productAnswer({ cells, own }: SiteCase, by: ReliabilityMeasure): string | undefined {
  const here = cells.filter(({ setting: { rateFactor } }) => rateFactor === own.rateFactor);
  const isProduct = here.some(
    ({ setting: { interval, spares } }) => interval !== own.interval && spares !== own.spares,
  );
  if (!isProduct) return undefined;
  const best = bestOf(here, by);
  const good = asGood(here, by).length - 1;
  const rivals = good === 0 ? 'all others are clearly worse' : `${plural(good, 'other')} not clearly worse`;
  return `Best of all combinations: ${settingText(best.setting)}, with ${by.title} ${percentText(best, by)}; ${rivals}.`;
}

/** The best interval of each size, and how far the closed form is off. */
export function gangAnswers(gangs: readonly GangCase[]): string[] {
  const whole = gangs.filter(({ cells }) => cells.length > 0);
  const largest = whole.at(-1);
  if (largest === undefined) return [];
  const { figures, cells, gpus } = largest;
  const best = bestOf(cells, ETTR);
  const floorS = (figures.writeMs - figures.stallMs) / MS_PER_S;
  const raised =
    best.interval === 'daly' && best.effectiveMs > Math.round(figures.dalyMs)
      ? `, put off to the ${formatNumber(floorS)} s that a write takes`
      : '';
  const gaps = whole.flatMap((gang) =>
    gang.cells.map((cell) => {
      const { mean, halfWidth } = estimate(valuesOf(cell, ETTR));
      return { gpus: gang.gpus, cell, gap: mean - cell.closedForm, halfWidth };
    }),
  );
  const widest = gaps.reduce((most, one) => (Math.abs(one.gap) > Math.abs(most.gap) ? one : most));
  const known = gaps.filter(({ halfWidth }) => Number.isFinite(halfWidth));
  const inside = known.filter(({ gap, halfWidth }) => Math.abs(gap) <= halfWidth).length;
  const intervals =
    known.length === 0 ? '' : `, and inside the interval in ${String(inside)} of ${plural(known.length, 'case')}`;
  return [
    `A lone gang of ${formatNumber(gpus)} GPUs does best at ${intervalText(best.interval)}${raised}: ETTR ${percentText(best, ETTR)}.`,
    `The closed form is off by at most ${formatNumber(100 * Math.abs(widest.gap), 2)} points (${formatNumber(widest.gpus)} GPUs at ${intervalText(widest.cell.interval)})${intervals}.`,
  ];
}

function percentText(cell: Replicated, by: ReliabilityMeasure): string {
  const { mean, halfWidth } = estimate(valuesOf(cell, by));
  return Number.isFinite(halfWidth) && halfWidth > 0
    ? `${formatNumber(100 * mean, 2)} ± ${formatNumber(100 * halfWidth, 2)} %`
    : formatPercent(mean, 2);
}

const listText = (texts: readonly string[]): string =>
  texts.length === 1 ? texts[0]! : `${texts.slice(0, -1).join(', ')} and ${texts.at(-1)!}`;

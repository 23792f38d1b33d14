import { estimate, meanOf } from '../metrics/statistics.js';
import type { Setting, SweepAxis } from '../plan/reliabilitySweep.js';
import { isPutOff } from '../training/gangReliability.js';
import { formatNumber, formatPercent, plural } from './numbers.js';
import {
  against,
  alongAxis,
  asGood,
  bestOf,
  ETTR,
  GOODPUT,
  isOwn,
  repairPart,
  valuesOf,
  type GangCase,
  type ReliabilityMeasure,
  type Replicated,
  type SiteCase,
  type SiteCell,
} from './reliability.js';
import { aboutText, AXES, intervalText, pointsText, settingText, shareText, storageLoad } from './reliabilityTables.js';

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
  const edge = edgeText(
    best.setting.interval,
    cells.map(({ setting }) => setting.interval),
  );
  const rivals = asGood(cells, by).filter((cell) => cell !== best);
  const among =
    rivals.length === 0
      ? ', clearly ahead of the others'
      : `; ${listText(rivals.map(({ setting }) => text(setting)))} ${rivals.length === 1 ? 'is' : 'are'} not clearly worse`;
  return `Best checkpoint interval: ${text(best.setting)}, with ${by.title} ${percentText(best, by)}${among}.${edge}`;
}

/** Of the best at the end of what was tried, behind which there may be a better one. */
function edgeText(best: Setting['interval'], all: readonly Setting['interval'][]): string {
  const given = all.filter((interval) => interval !== 'daly');
  if (best === 'daly' || given.length === 0) return '';
  const ends = [best === Math.min(...given) && 'shorter', best === Math.max(...given) && 'longer'];
  const open = ends.filter((end) => end !== false);
  return open.length === 0 ? '' : ` Nothing ${open.join(' or ')} was tried: --intervals takes more.`;
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

/** The fewest spares that are not clearly worse than the best, and how the others stand beside the best, as the table does. */
function sparesAnswer(found: SiteCase, by: ReliabilityMeasure): string | undefined {
  const cells = swept(found, 'spares');
  const counted = cells?.filter(({ setting }) => setting.spares !== undefined) ?? [];
  if (cells === undefined || counted.length < 2) return undefined;
  const best = bestOf(cells, by);
  const name = (cell: SiteCell): string =>
    `${isOwn(found, cell) ? "the scenario's " : ''}${AXES.spares.text(cell.setting)}`;
  const enough = asGood(counted.includes(best) ? counted : [best, ...counted], by).find((cell) =>
    counted.includes(cell),
  );
  if (enough === undefined) return "The scenario's own spare nodes are clearly better than every number tried.";
  const count = plural(enough.setting.spares!, 'spare node');
  const one = enough.setting.spares === 1;
  if (enough === counted.at(-1))
    return `${count} a partition, the most tried, ${one ? 'is' : 'are'} clearly better than fewer: --spares takes more.`;
  const beside = enough === best ? ', the best' : `: not clearly worse than ${name(best)}, the best`;
  const others = cells.filter((cell) => cell !== best && cell !== enough);
  const groups = [
    [(verdict: string) => verdict === 'worse', 'clearly worse'],
    [(verdict: string) => verdict !== 'worse', 'not clearly worse'],
  ] as const;
  const rest = groups.flatMap(([holds, words]) => {
    const those = others.filter((cell) => holds(against(cell, best, by).verdict));
    return those.length === 0 ? [] : [`${listText(those.map(name))} ${those.length === 1 ? 'is' : 'are'} ${words}`];
  });
  const than = enough === best || rest.length === 0 ? '' : ' than that';
  return `${count} a partition ${one ? 'suffices' : 'suffice'} for ${by.title}${beside}${rest.length === 0 ? '' : `; ${rest.join(', ')}${than}`}.`;
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
  const by = `With ${rate} ETTR ${verdict === 'worse' ? 'falls' : 'rises'} by ${pointsText(difference)} points`;
  const useful = against(other, own, GOODPUT);
  if (useful.verdict !== 'worse' && useful.verdict !== 'better') return `${by}.`;
  const worth = Math.abs(useful.difference.mean) * found.gpus;
  const gpus = `${formatNumber(worth, worth < 10 ? 1 : 0)} of the ${formatNumber(found.gpus)} GPUs`;
  return `${by}, and useful time ${useful.verdict === 'worse' ? 'falls' : 'rises'} by that of ${gpus}.`;
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

/** From here on a cause is the main one. */
const MOST = 0.5;

/** The best interval of the largest, where spares are the trouble, and how far the closed form is off. */
export function gangAnswers(gangs: readonly GangCase[]): string[] {
  const whole = gangs.filter(({ cells }) => cells.length > 0);
  const largest = whole.at(-1);
  if (largest === undefined) return [];
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
    bestGangAnswer(largest),
    ...repairAnswer(whole),
    `The closed form is off by at most ${formatNumber(100 * Math.abs(widest.gap), 2)} points (${formatNumber(widest.gpus)} GPUs at ${intervalText(widest.cell.interval)})${intervals}.`,
  ];
}

function bestGangAnswer({ figures, cells, gpus }: GangCase): string {
  const best = bestOf(cells, ETTR);
  const floor = aboutText(figures.writeMs - figures.stallMs);
  const others = cells.filter((cell) => cell !== best);
  const run = others.map(({ effectiveMs }) => effectiveMs);
  const ends = [
    run.every((ms) => ms >= best.effectiveMs) && 'shorter',
    run.every((ms) => ms <= best.effectiveMs) && 'longer',
  ];
  const isPut = isPutOff(figures, best.interval);
  // No shorter one than that of a write can be run.
  const open = ends.filter((end) => end !== false && !(end === 'shorter' && best.effectiveMs <= figures.writeMs));
  const put = isPut ? `, put off to the ${floor} that a write takes` : '';
  const edge = open.length === 0 || others.length === 0 ? '' : ` Nothing ${open.join(' or ')} was tried.`;
  return `A lone gang of ${formatNumber(gpus)} GPUs does best at ${intervalText(best.interval)}${put}: ETTR ${percentText(best, ETTR)}.${edge}`;
}

function repairAnswer(gangs: readonly GangCase[]): string[] {
  const waiting = gangs.filter(({ cells }) => repairPart(bestOf(cells, ETTR)) > MOST);
  if (waiting.length === 0) return [];
  const sizes = listText(waiting.map(({ gpus }) => formatNumber(gpus)));
  const part = formatPercent(Math.max(...waiting.map(({ cells }) => repairPart(bestOf(cells, ETTR)))), 0);
  const { spareNodes, partition } = waiting[0]!;
  return [
    `Of what a gang of ${sizes} GPUs loses, up to ${part} is waiting for repair: the ${plural(spareNodes, 'spare node')} of partition ${partition} ` +
      `${spareNodes === 1 ? 'is' : 'are'} the trouble, not the interval, and the closed form does not hold.`,
  ];
}

const percentText = (cell: Replicated, by: ReliabilityMeasure): string => `${shareText(valuesOf(cell, by))} %`;

const listText = (texts: readonly string[]): string =>
  texts.length === 1 ? texts[0]! : `${texts.slice(0, -1).join(', ')} and ${texts.at(-1)!}`;

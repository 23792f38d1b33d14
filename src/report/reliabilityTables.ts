import { formatDuration, MS_PER_HOUR, MS_PER_MINUTE, MS_PER_S } from '../base/units.js';
import { estimate, meanOf, type Estimate } from '../metrics/statistics.js';
import type { Setting, SweepAxis } from '../plan/reliabilitySweep.js';
import type { GangFigures } from '../training/gangReliability.js';
import { estimateCell } from './measures.js';
import { formatNumber } from './numbers.js';
import {
  against,
  alongAxis,
  asGood,
  bestOf,
  ETTR,
  GOODPUT,
  isOwn,
  lossesOf,
  RELIABILITY_MEASURES,
  valuesOf,
  type GangCase,
  type ReliabilityMeasure,
  type Replicated,
  type SiteCase,
  type SiteCell,
} from './reliability.js';
import { pickScale, type Scale } from './scales.js';
import { columnTexts, left, right, type Cell, type Column, type ReportTable } from './table.js';

const PERCENT = 0.01;
const USEFUL: readonly Scale[] = [
  { unit: '10^6 GPU-h', size: 1e6 },
  { unit: '10^3 GPU-h', size: 1e3 },
  { unit: 'GPU-h', size: 1 },
];

/** `Daly's`, `15 min`. */
export const intervalText = (interval: Setting['interval']): string =>
  interval === 'daly' ? "Daly's" : formatDuration(interval);

const sparesText = (spares: Setting['spares']): string => (spares === undefined ? 'own' : formatNumber(spares));

const rateText = (rateFactor: number): string => `x ${String(rateFactor)}`;

export const AXES: Readonly<
  Record<SweepAxis, { readonly title: string; readonly text: (setting: Setting) => string; readonly option: string }>
> = {
  interval: {
    title: 'checkpoint interval',
    text: ({ interval }) => intervalText(interval),
    option: '--intervals',
  },
  spares: { title: 'spare nodes', text: ({ spares }) => sparesText(spares), option: '--spares' },
  rateFactor: { title: 'rate of failures', text: ({ rateFactor }) => rateText(rateFactor), option: '--rates' },
};

/** A length that nobody chose: `75 s`, `3.8 min`. */
export function aboutText(ms: number): string {
  const [size, unit] =
    ms < 10 * MS_PER_MINUTE ? [MS_PER_S, 's'] : ms < 2 * MS_PER_HOUR ? [MS_PER_MINUTE, 'min'] : [MS_PER_HOUR, 'h'];
  return `${String(Number((ms / size).toPrecision(3)))} ${unit}`;
}

/** A share of 1 in per cent; where the 95 % interval runs past 0 or 100 %, it is shown cut there instead of as ±. */
export function shareCell(values: readonly number[]): Cell {
  const found = estimate(values);
  const clipped = clippedText(found);
  return clipped === undefined ? estimateCell(found, PERCENT, 2) : clipped;
}

/** `95.00 ± 0.83`, `99.10 (97.2–100.0)`, `95.00` of one replication. */
export function shareText(values: readonly number[]): string {
  const found = estimate(values);
  const { mean, halfWidth } = found;
  const half = Number.isFinite(halfWidth) && halfWidth > 0 ? ` ± ${formatNumber(halfWidth / PERCENT, 2)}` : '';
  return clippedText(found) ?? `${formatNumber(mean / PERCENT, 2)}${half}`;
}

function clippedText({ mean, halfWidth }: Estimate): string | undefined {
  const [from, to] = [mean - halfWidth, mean + halfWidth];
  if (!(from < 0 || to > 1)) return undefined;
  const end = (share: number): string => formatNumber(Math.min(1, Math.max(0, share)) / PERCENT, 1);
  return `${formatNumber(mean / PERCENT, 2)} (${end(from)}–${end(to)})`;
}

/** Some jobs cannot keep to this interval, because a write takes longer. */
export const isBelowFloor = ({ floors }: SiteCase, { interval }: Setting): boolean =>
  interval !== 'daly' && floors !== undefined && interval < floors.most.ms;

/** An interval that some jobs cannot keep to, as they run it at best: `1 s (1.3 s–75 s)`. */
function siteIntervalText(found: SiteCase, setting: Setting): string {
  const { interval } = setting;
  const text = intervalText(interval);
  const { floors } = found;
  if (interval === 'daly' || floors === undefined || !isBelowFloor(found, setting)) return text;
  const from = Math.max(interval, floors.least.ms);
  const most = aboutText(floors.most.ms);
  return from === floors.most.ms ? `${text} (${most})` : `${text} (${aboutText(from)}–${most})`;
}

/** A cell in words: `interval 15 min, 98 spare nodes, rate x 1`. */
export const settingText = (setting: Setting): string =>
  `interval ${intervalText(setting.interval)}, ${sparesText(setting.spares)} spare nodes, rate ${rateText(setting.rateFactor)}`;

/** What one axis does, from the scenario's own setting: each value beside the best, rates beside the scenario's. */
export function axisTable(found: SiteCase, axis: SweepAxis, by: ReliabilityMeasure): ReportTable {
  const cells = alongAxis(found, axis);
  const own = cells.find((cell) => isOwn(found, cell));
  const reference = axis === 'rateFactor' ? own : bestOf(cells, by);
  const { title, text } = AXES[axis];
  const { unit, size } = pickScale(USEFUL, cells.map(usefulGpuHours));
  return {
    columns: [
      left(title, axis === 'spares' ? 'a partition' : ''),
      right('ETTR', '%'),
      right('goodput', '%'),
      right('useful', unit),
      right('stall', '%'),
      right('lost', '%'),
      right('restart', '%'),
      right('wait', '%'),
      right('storage', '%'),
      left('verdict', by.title),
    ],
    rows: cells.map((cell): Cell[] => {
      const value = axis === 'interval' ? siteIntervalText(found, cell.setting) : text(cell.setting);
      const { stall, lost, restart, repairWait } = lossesOf(cell);
      const shares = [stall, lost, restart, repairWait, storageLoad(cell)];
      return [
        isOwn(found, cell) ? `${value} (scenario)` : value,
        shareCell(valuesOf(cell, ETTR)),
        { value: meanOf(valuesOf(cell, GOODPUT)) / PERCENT, decimals: 2 },
        { value: usefulGpuHours(cell) / size, decimals: 3 },
        ...shares.map((values): Cell => ({ value: meanOf(values) / PERCENT, decimals: 2 })),
        verdictText(cell, reference, axis === 'rateFactor' ? 'scenario' : 'best', by),
      ];
    }),
  };
}

/** `worse by 2.73 ± 1.45` points; `name` of the reference itself. */
function verdictText(cell: SiteCell, reference: SiteCell | undefined, name: string, by: ReliabilityMeasure): string {
  if (reference === undefined) return '';
  if (cell === reference) return name;
  const { difference, verdict } = against(cell, reference, by);
  return verdict === 'worse' || verdict === 'better' ? `${verdict} by ${pointsText(difference)}` : verdict;
}

/** `2.73 ± 1.45`, whatever the sign. */
export function pointsText({ mean, halfWidth }: Estimate): string {
  const half = formatNumber(halfWidth / PERCENT, 2);
  // Differences of equal things in another order are not quite 0.
  return `${formatNumber(Math.abs(mean) / PERCENT, 2)}${/[1-9]/.test(half) ? ` ± ${half}` : ''}`;
}

/** Mean share of the checkpoint storage's bandwidth in use, over sites. */
export const storageLoad = ({ runs }: Replicated): number[] =>
  runs.map(({ goodput: { storageLoadFraction: of } }) => (of.length === 0 ? Number.NaN : meanOf(of)));

export const usefulGpuHours = ({ runs }: Replicated): number =>
  meanOf(runs.map(({ goodput }) => goodput.usefulGpuHours));

/** All of a full product at one rate: intervals down, spares across; marks are against the best of the table. */
export function gridTable(found: SiteCase, rateFactor: number, by: ReliabilityMeasure): ReportTable {
  const cells = found.cells.filter(({ setting }) => setting.rateFactor === rateFactor);
  const [best, good] = [bestOf(cells, by), asGood(cells, by)];
  const intervals = [...new Set(cells.map(({ setting }) => setting.interval))].sort(
    (a, b) => (a === 'daly' ? 0 : a) - (b === 'daly' ? 0 : b),
  );
  const spares = [...new Set(cells.map(({ setting }) => setting.spares))].sort((a = -1, b = -1) => a - b);
  return {
    columns: [left('checkpoint interval'), ...spares.map((count) => right(sparesText(count), `spares, ${by.title} %`))],
    rows: intervals.map((interval): Cell[] => [
      intervalText(interval),
      ...spares.map((count) => {
        const cell = cells.find(({ setting }) => setting.interval === interval && setting.spares === count);
        return cell && markedText(cell, by, cell === best, good.includes(cell));
      }),
    ]),
  };
}

/** `93.12 ± 0.20 *`: `*` the best, `=` not clearly worse. */
function markedText(cell: Replicated, by: ReliabilityMeasure, isBest: boolean, isGood: boolean): string {
  return `${shareText(valuesOf(cell, by))} ${isBest ? '*' : isGood ? '=' : ' '}`;
}

/** Lone gangs: a row for each size and interval, with where the gang's time went. */
export function gangTable(gangs: readonly GangCase[]): ReportTable {
  const sizes = sizeTexts(gangs);
  return {
    columns: [
      left('gang', 'GPUs'),
      left('interval'),
      right('run at', 's'),
      right('ETTR', '%'),
      ...['stall', 'lost', 'restart', 'wait'].map((title) => right(title, '%')),
      right('closed form', 'ETTR %'),
    ],
    rows: gangs.flatMap(({ cells }, row) => {
      if (cells.length === 0) return [];
      const [best, good] = [bestOf(cells, ETTR), asGood(cells, ETTR)];
      return cells.map((cell): Cell[] => {
        const { stall, lost, restart, repairWait } = lossesOf(cell);
        return [
          sizes[row]!,
          intervalText(cell.interval),
          { value: cell.effectiveMs / MS_PER_S, decimals: cell.effectiveMs < 10 * MS_PER_S ? 2 : 0 },
          markedText(cell, ETTR, cell === best, good.includes(cell)),
          ...[stall, lost, restart, repairWait].map((shares): Cell => {
            return { value: meanOf(shares) / PERCENT, decimals: 2 };
          }),
          { value: cell.closedForm / PERCENT, decimals: 2 },
        ];
      });
    }),
  };
}

/** The terms of the closed form by size. */
export function closedFormTable(gangs: readonly GangCase[]): ReportTable {
  const sizes = sizeTexts(gangs);
  const terms = [MTTF, RESTART, STALL, WRITE, DALY];
  return {
    columns: [left('gang', 'GPUs'), ...terms.map(({ column }) => column)],
    rows: gangs.map(({ figures }, row): Cell[] => [
      sizes[row]!,
      ...terms.map(({ decimals, of }): Cell => ({ value: of(figures), decimals })),
    ]),
  };
}

function sizeTexts(gangs: readonly GangCase[]): string[] {
  const sizes = columnTexts(gangs.map(({ gpus }) => ({ value: gpus, decimals: 0 })));
  const width = Math.max(...sizes.map((size) => size.length));
  return sizes.map((size) => size.padStart(width));
}

/** A term of the closed form as a column. */
interface Term {
  readonly column: Column;
  readonly decimals: number;
  readonly of: (figures: GangFigures) => number;
}

const MTTF: Term = { column: right('MTTF', 'h'), decimals: 2, of: ({ mttfMs }) => mttfMs / MS_PER_HOUR };
const RESTART: Term = { column: right('restart', 's'), decimals: 0, of: ({ restartMs }) => restartMs / MS_PER_S };
const STALL: Term = { column: right('stall', 's'), decimals: 1, of: ({ stallMs }) => stallMs / MS_PER_S };
const WRITE: Term = { column: right('write', 's'), decimals: 0, of: ({ writeMs }) => writeMs / MS_PER_S };
const DALY: Term = { column: right("Daly's", 's'), decimals: 0, of: ({ dalyMs }) => dalyMs / MS_PER_S };

/** Everything in full precision: a row for each cell. */
export function longReliabilityTable(sites: readonly SiteCase[], gangs: readonly GangCase[]): ReportTable {
  const columns = [
    ...['part', 'sites', 'policy'].map((title) => left(title)),
    right('gang', 'GPUs'),
    left('interval'),
    right('effective interval', 's'),
    right('spare nodes'),
    right('rate factor'),
    ...['replications', 'ETTR', 'ETTR half95', 'goodput', 'goodput half95', 'useful GPU-hours'].map((title) =>
      right(title),
    ),
    ...['stall', 'lost', 'restart', 'repair wait', 'closed form', 'first order'].map((title) => right(title)),
  ];
  const number = (value: number): Cell => (Number.isFinite(value) ? { value, decimals: 0 } : undefined);
  const measured = (cell: Replicated): Cell[] => {
    const { stall, lost, restart, repairWait } = lossesOf(cell);
    return [
      number(cell.runs.length),
      ...RELIABILITY_MEASURES.flatMap((measure) => {
        const { mean, halfWidth } = estimate(valuesOf(cell, measure));
        return [number(mean), number(halfWidth)];
      }),
      number(usefulGpuHours(cell)),
      ...[stall, lost, restart, repairWait].map((shares) => number(meanOf(shares))),
    ];
  };
  const seconds = (interval: Setting['interval']): string =>
    interval === 'daly' ? 'daly' : `${String(interval / MS_PER_S)} s`;
  return {
    columns,
    rows: [
      ...sites.flatMap((found) =>
        found.cells.map((cell): Cell[] => {
          const { interval, spares, rateFactor } = cell.setting;
          return [
            ...['site', found.sites.join(' '), found.policy],
            ...[undefined, seconds(interval), undefined, spares === undefined ? undefined : number(spares)],
            number(rateFactor),
            ...measured(cell),
            ...[undefined, undefined],
          ];
        }),
      ),
      ...gangs.flatMap(({ gpus, cells }) =>
        cells.map((cell): Cell[] => [
          ...['gang', '', ''],
          ...[number(gpus), seconds(cell.interval), number(cell.effectiveMs / MS_PER_S), undefined, undefined],
          ...measured(cell),
          ...[number(cell.closedForm), number(cell.firstOrder)],
        ]),
      ),
    ],
  };
}

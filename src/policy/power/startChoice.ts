import type { Draw } from '../../base/random.js';
import { MS_PER_DAY, MS_PER_HOUR, MS_PER_QUARTER_HOUR } from '../../base/units.js';
import type { Truth } from '../truth.js';
import type { World } from '../world.js';
import { cheapestStart } from './cheapestStart.js';
import type { CostCurve } from './costCurve.js';
import { Forecast, type Announcements } from './forecast.js';
import { SlidingQuantile } from './slidingQuantile.js';

/** How long a job that may wait until `latestMs` is to wait, as things look now. */
export interface StartChoice {
  /** When it is to start, or to be thought over again if that comes before; now or before: it starts at once. */
  untilMs(job: number, latestMs: number): number;
  /** What was remembered of a job that has been let go is forgotten. */
  forget(job: number): void;
}

const BINS_PER_HOUR = MS_PER_HOUR / MS_PER_QUARTER_HOUR;
const WEEK_BINS = (7 * MS_PER_DAY) / MS_PER_QUARTER_HOUR;

/** Waits as long as the present quarter hour costs more than the share `q` of those of the last seven days. */
export function byThreshold(world: World, curves: readonly CostCurve[], q: number): StartChoice {
  const quantiles = curves.map(({ values }) => new SlidingQuantile(values, Math.min(WEEK_BINS, values.length), q));
  return {
    untilMs(job, latestMs) {
      const { nowMs } = world;
      const site = world.siteOfPartition(world.partitionOf(job));
      const curve = curves[site]!;
      const bin = curve.binOf(nowMs);
      if (curve.values[bin]! <= quantiles[site]!.upTo(bin)) return nowMs;
      return Math.min(latestMs, nextValueMs(curve, bin));
    },
    forget: () => undefined,
  };
}

/** When the quarter hour begins that differs from this one; an hour later at the latest. */
function nextValueMs({ fromMs, values }: CostCurve, bin: number): number {
  let next = bin + 1;
  while (next < bin + BINS_PER_HOUR && values[next] === values[bin]) next++;
  return fromMs + next * MS_PER_QUARTER_HOUR;
}

/** What a choice by forecast is made from. */
export interface ForecastParts {
  readonly world: World;
  readonly curves: readonly CostCurve[];
  readonly error: number;
  readonly announcements: Announcements;
  readonly draw: Draw;
  /** True run times in place of estimates; absent: nobody knows them. */
  readonly truth?: Truth | undefined;
}

/** The start whose run is expected to cost least; thought over when the forecast changes. */
export function byForecast({ world, curves, error, announcements, draw, truth }: ForecastParts): StartChoice {
  const forecasts = curves.map((curve) => new Forecast(curve, error, announcements, draw));
  const chosen = new Map<number, { readonly startMs: number; readonly thoughtOverMs: number }>();
  const runMs = (job: number): number => {
    const plannedMs = world.plannedMs(job);
    const estimateMs = world.estimateMs(job);
    if (truth === undefined || estimateMs === 0) return plannedMs;
    return Math.round((plannedMs / estimateMs) * truth.runMs(job));
  };
  return {
    untilMs(job, latestMs) {
      const { nowMs } = world;
      let choice = chosen.get(job);
      if (choice === undefined || choice.thoughtOverMs <= nowMs) {
        const forecast = forecasts[world.siteOfPartition(world.partitionOf(job))]!;
        const startMs = cheapestStart(forecast.at(nowMs), nowMs, latestMs, runMs(job));
        choice = { startMs, thoughtOverMs: forecast.nextMs(nowMs) };
        chosen.set(job, choice);
      }
      return Math.min(choice.startMs, choice.thoughtOverMs);
    },
    forget: (job) => chosen.delete(job),
  };
}

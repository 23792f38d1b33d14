import type { Draw } from '../../base/random.js';
import { MS_PER_DAY, MS_PER_QUARTER_HOUR } from '../../base/units.js';
import type { Truth } from '../truth.js';
import type { World } from '../world.js';
import { cheapestStart } from './cheapestStart.js';
import type { CostCurve } from './costCurve.js';
import { Forecast, type KnownDay } from './forecast.js';
import { SlidingQuantile } from './slidingQuantile.js';

/** When a job that may wait until `latestMs` is to start, as things look now; now or before: at once. */
export interface StartChoice {
  startMs(job: number, latestMs: number): number;
  /** What was remembered of a job that has been let go is forgotten. */
  forget(job: number): void;
}

const WEEK_BINS = (7 * MS_PER_DAY) / MS_PER_QUARTER_HOUR;

/** Waits as long as the present quarter hour costs more than the share `q` of those of the last seven days. */
export function byThreshold(world: World, curves: readonly CostCurve[], q: number): StartChoice {
  const quantiles = curves.map(({ values }) => new SlidingQuantile(values, Math.min(WEEK_BINS, values.length), q));
  return {
    startMs(job, latestMs) {
      const site = world.siteOfPartition(world.partitionOf(job));
      const curve = curves[site]!;
      const bin = curve.binOf(world.nowMs);
      return curve.values[bin]! <= quantiles[site]!.upTo(bin) ? world.nowMs : latestMs;
    },
    forget: () => undefined,
  };
}

/** What a choice by forecast is made from. */
export interface ForecastParts {
  readonly world: World;
  readonly curves: readonly CostCurve[];
  readonly error: number;
  readonly knownDay: KnownDay;
  readonly draw: Draw;
  /** True run times in place of estimates; absent: nobody knows them. */
  readonly truth?: Truth | undefined;
}

/** The start whose run is expected to cost least; thought over when the forecast changes. */
export function byForecast({ world, curves, error, knownDay, draw, truth }: ForecastParts): StartChoice {
  const forecasts = curves.map((curve) => new Forecast(curve, error, knownDay, draw));
  const chosen = new Map<number, { readonly issue: number; readonly startMs: number }>();
  const runMs = (job: number): number => {
    const plannedMs = world.plannedMs(job);
    const estimateMs = world.estimateMs(job);
    if (truth === undefined || estimateMs === 0) return plannedMs;
    return Math.round((plannedMs / estimateMs) * truth.runMs(job));
  };
  return {
    startMs(job, latestMs) {
      const { nowMs } = world;
      const forecast = forecasts[world.siteOfPartition(world.partitionOf(job))]!;
      const issue = forecast.issue(nowMs);
      const before = chosen.get(job);
      if (before?.issue === issue) return before.startMs;
      const startMs = cheapestStart(forecast.at(nowMs), nowMs, latestMs, runMs(job));
      chosen.set(job, { issue, startMs });
      return startMs;
    },
    forget: (job) => chosen.delete(job),
  };
}

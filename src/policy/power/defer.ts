import { MS_PER_DAY, MS_PER_MINUTE, MS_PER_QUARTER_HOUR } from '../../base/units.js';
import type { PowerContext, PowerDef, PowerPolicy } from '../contracts.js';
import type { ParameterDef } from '../parameters.js';
import { CostCurve } from './costCurve.js';
import { DeferRoom } from './deferRoom.js';
import type { Announcements } from './forecast.js';
import { byForecast, byThreshold, type StartChoice } from './startChoice.js';

export interface DeferParameters {
  readonly mode: 'threshold' | 'forecast' | 'perfect';
  readonly quantile: number;
  readonly error: number;
  readonly spare: number;
  readonly queue: number;
  readonly reserve: number;
}

/** What a job is to be cheap in. */
export interface Commodity {
  /** Of one more IT MWh at a site and time. */
  readonly cost: (context: PowerContext, site: number, atMs: number) => number;
  readonly announcements: Announcements;
}

const PARAMETERS: readonly ParameterDef[] = [
  {
    name: 'mode',
    kind: 'choice',
    choices: ['forecast', 'threshold', 'perfect'],
    default: 'forecast',
    summary:
      'forecast: the cheapest start as far as it is foreseen; threshold: waits for a low value, of which the past alone is known; perfect: knows the future and how long jobs run, the bound',
  },
  {
    name: 'quantile',
    kind: 'number',
    default: 0.3,
    min: 0,
    max: 1,
    summary: 'of threshold: low is what so many of the last seven days were at most; 0.3 (an assumption)',
  },
  {
    name: 'error',
    kind: 'number',
    default: 0.1,
    min: 0,
    max: 2,
    summary:
      'of forecast: standard deviation one day beyond what is known, as a share of the mean; 0.1 (an assumption; carbon forecasts of four days are off by 9.6 % on average, arXiv 2510.04855)',
  },
  {
    name: 'spare',
    kind: 'number',
    default: 0.2,
    min: 0,
    max: 1,
    summary:
      'share of a partition that stays free beside all jobs held back; with less than half of it left all are let go; 0.2, with which one deadline is newly missed in twenty years of the shipped scenario (docs/deferral.md)',
  },
  {
    name: 'queue',
    kind: 'whole',
    default: 0,
    min: 0,
    summary: 'so many jobs may wait in a partition while others are held back; 0: with one, all are let go',
  },
  {
    name: 'reserve',
    kind: 'duration',
    default: 30 * MS_PER_MINUTE,
    min: 0,
    summary: 'a job starts so long before it must to meet its deadline; 30 min (an assumption)',
  },
];

const WEEK_MS = 7 * MS_PER_DAY;

/** A power part that moves deferrable jobs to where something costs little. */
export function deferringPolicy(
  info: Pick<PowerDef, 'name' | 'summary' | 'cite'>,
  commodity: Commodity,
): PowerDef<DeferParameters> {
  return {
    axis: 'power',
    ...info,
    readsMarket: true,
    needs: 'deferrable jobs',
    clairvoyant: (params) => params['mode'] === 'perfect',
    draws: true,
    parameters: PARAMETERS,
    create: (params, context) => deferral(params, context, choiceOf(params, context, commodity)),
  };
}

/**
 * Keeps deferrable jobs out of the queue until the start chosen for them, never beyond `deferFor` after their submission
 * nor beyond the last start, `reserve` before, from which the estimate still meets the deadline.
 *
 * Jobs are held only while all of them could start at once with `spare` of the partition left, and no other waits. Each
 * job that is submitted is looked at before it joins the queue: where it would leave less than half of that, all held
 * ones join before anything starts. So with the defaults, on a partition that nothing leaves (failures, windows), and
 * where the order is by arrival or no job is larger than half of the spare, a held job starts at the instant it is let
 * go, and one that does not outlive its estimate meets its deadline. What no policy can promise that does not know the
 * arrivals: a job that comes later may find GPUs busy which an undeferred job would have given back by then; `spare` is
 * for these.
 *
 * Cost: O(1) a submission; of a held job O(quarter hours of its slack) a forecast, or O(1) an hour by threshold.
 */
function deferral({ reserve, spare, queue }: DeferParameters, context: PowerContext, choice: StartChoice): PowerPolicy {
  const { world, outlook } = context;
  const room = new DeferRoom(world, spare, queue);
  const held = new Set<number>();
  const latestStartMs = (job: number): number => {
    const { deferMs } = world.traitsOf(job);
    if (deferMs === undefined) return Number.NEGATIVE_INFINITY;
    const plannedMs = world.plannedMs(job);
    const forDeadlineMs = world.deadlineMs(job) - plannedMs - reserve;
    // Nobody knows what a run costs beyond the end of the series.
    return Math.min(world.submitMs(job) + deferMs, forDeadlineMs, outlook.untilMs - plannedMs);
  };
  return {
    holdUntilMs(job) {
      const { nowMs } = world;
      if (held.delete(job)) room.take(job);
      const latestMs = Math.floor(latestStartMs(job));
      if (latestMs > nowMs && room.fits(job)) {
        const untilMs = choice.untilMs(job, latestMs);
        if (untilMs > nowMs) {
          held.add(job);
          room.hold(job);
          return Math.min(untilMs, latestMs);
        }
      }
      choice.forget(job);
      room.letGo(job);
      return nowMs;
    },
    recalls: (job) => room.recalls(job),
  };
}

function choiceOf(params: DeferParameters, context: PowerContext, { cost, announcements }: Commodity): StartChoice {
  const { mode, quantile, error } = params;
  const { world, draw, truth } = context;
  const curves = siteCurves(context, cost);
  if (mode === 'threshold') return byThreshold(world, curves, quantile);
  const perfect = mode === 'perfect';
  return byForecast({
    ...{ world, curves, announcements, draw },
    error: perfect ? 0 : error,
    truth: perfect ? truth : undefined,
  });
}

/** By site, from a week before the run on. */
function siteCurves(context: PowerContext, cost: Commodity['cost']): CostCurve[] {
  const { world, outlook } = context;
  const fromMs = Math.floor((world.nowMs - WEEK_MS) / MS_PER_QUARTER_HOUR) * MS_PER_QUARTER_HOUR;
  const bins = Math.max(WEEK_MS / MS_PER_QUARTER_HOUR, Math.ceil((outlook.untilMs - fromMs) / MS_PER_QUARTER_HOUR));
  const sites = 1 + Math.max(...Array.from({ length: world.partitionCount }, (_, at) => world.siteOfPartition(at)));
  return Array.from({ length: sites }, (_, site) => {
    const values = new Float64Array(bins);
    for (let bin = 0; bin < bins; bin++) values[bin] = cost(context, site, fromMs + bin * MS_PER_QUARTER_HOUR);
    return new CostCurve(fromMs, values);
  });
}

import type { SettledBill } from '../economics/bill.js';
import { dispatchBattery, type BatteryDispatch } from '../economics/batteryDispatch.js';
import { batteryResult, marginalEurPerMWh, MORE_W, type BatteryResult } from '../economics/batteryResult.js';
import { billOf, type BillLine } from '../economics/energyBill.js';
import { SimError } from '../base/errors.js';
import type { StepSeries } from '../base/stepSeries.js';
import { gridResult, limitsW, orderTargetW, type GridResult } from '../energy/gridOrders.js';
import { localBins } from '../energy/localBins.js';
import type { BatterySpec, GridSpec } from '../scenario/gridSpec.js';
import type { SiteSpec } from '../scenario/runSpec.js';
import type { RunInputs } from '../workload/runInputs.js';
import { siteBill } from './siteBill.js';
import type { SiteSeries } from './siteMeter.js';

/** Clock of the day-ahead market: delivery days run from midnight to midnight of it in all zones coupled to it. */
const MARKET_TIME_ZONE = 'Europe/Brussels';

interface BilledTime {
  readonly horizonMs: number;
  readonly calendarYear: number;
}

/** The bill with its battery, and what came of grid limits and of the battery, each where the site has it. */
export interface GridSettlement extends SettledBill {
  readonly grid?: GridResult | undefined;
  readonly battery?: BatteryResult | undefined;
}

/**
 * What is at the grid connection of a site: the draw with its battery, the ramps, limits and orders it meets, and one
 * line `battery` on the bill, bill with − bill without. All other lines are those of the draw without it.
 *
 * @param billed - the bill of `series.facilityW`
 */
export function settleGrid(
  site: SiteSpec,
  series: SiteSeries,
  billed: SettledBill,
  inputs: RunInputs,
  time: BilledTime,
): GridSettlement {
  const { battery: spec } = site;
  const { binMs, facilityW } = series;
  const grid = (gridW: Float64Array): Pick<GridSettlement, 'grid'> =>
    site.grid === undefined ? {} : { grid: gridResult(site.grid, limitOf(site, inputs), { binMs, facilityW, gridW }) };
  if (spec === undefined) return { ...billed, ...grid(facilityW) };
  const { dispatch, eurPerMWh } = siteBattery({ ...site, battery: spec }, series, billed, inputs, time);
  const without = billed.bill;
  const { bill } = siteBill(site, series, dispatch.gridW, inputs, time);
  const { carbonKgPerMWh } = series;
  const battery = batteryResult(spec, dispatch, { eurPerMWh, carbonKgPerMWh, without, with: bill });
  const line: BillLine = {
    ...{ name: 'battery', group: 'battery', eur: battery.eur },
    ...{ quantity: battery.dischargedMWh, unit: 'MWh discharged' },
  };
  return {
    ...billed,
    bill: { ...without, ...billOf([...without.lines, line]) },
    yearEur: billed.yearEur + battery.eur,
    ...grid(dispatch.gridW),
    battery,
  };
}

/** What the battery of a site does, and the marginal prices it does it at. */
export function siteBattery(
  site: SiteSpec & { readonly battery: BatterySpec },
  series: SiteSeries,
  { binEur }: Pick<SettledBill, 'binEur'>,
  inputs: RunInputs,
  time: BilledTime,
): { readonly dispatch: BatteryDispatch; readonly eurPerMWh: Float64Array } {
  const { binMs, facilityW } = series;
  const bins = facilityW.length;
  const moreW = facilityW.map((watts) => watts + MORE_W);
  const more = siteBill(site, series, moreW, inputs, time);
  const eurPerMWh = marginalEurPerMWh(binEur, more.binEur, binMs);
  const grid: GridSpec = site.grid ?? { orders: [] };
  const orders = grid.orders.map((order) => ({
    fromBin: order.fromMs / binMs,
    toBin: order.toMs / binMs,
    knownFromBin: Math.max(0, Math.ceil((order.fromMs - order.noticeMs) / binMs)),
    limitW: orderTargetW(order, facilityW, binMs),
  }));
  const dispatch = dispatchBattery(site.battery, {
    ...{ binMs, facilityW, eurPerMWh, orders },
    limitsW: limitsW(grid, limitOf(site, inputs), bins, binMs),
    dayStarts: marketDays(time.calendarYear, binMs, bins),
  });
  return { dispatch, eurPerMWh };
}

/** Bins with which delivery days begin; the first is in the middle of one. */
function marketDays(calendarYear: number, binMs: number, bins: number): number[] {
  const { hour } = localBins(MARKET_TIME_ZONE, calendarYear, binMs, bins);
  const starts: number[] = [];
  for (let bin = 1; bin < bins; bin++) if (hour[bin] === 0 && hour[bin - 1] !== 0) starts.push(bin);
  return starts;
}

function limitOf({ id, grid }: SiteSpec, { series }: RunInputs): StepSeries | undefined {
  const name = grid?.limitSeries;
  if (name === undefined) return undefined;
  const limitMW = series[name];
  if (!limitMW) throw new SimError('internal.invariant', `site ${id}: input series ${name} is missing`);
  return limitMW;
}

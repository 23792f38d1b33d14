import type { StepSeries } from '../base/stepSeries.js';
import { MS_PER_HOUR, W_PER_MW, formatDuration } from '../base/units.js';
import { parseGridOrdersCsv } from '../energy/gridOrdersCsv.js';
import { isTimeZone } from '../energy/localTime.js';
import { nodePower } from '../power/nodePower.js';
import { batterySpec, reserveOf, restOf } from '../scenario/batterySchema.js';
import { BATTERY_DEFAULTS, GRID_DEFAULTS } from '../scenario/defaults.js';
import { gridOrderSchema, type Grid, type GridOrder } from '../scenario/gridSchema.js';
import type { GridOrderSpec, GridSpec } from '../scenario/gridSpec.js';
import { issueAt } from '../scenario/issues.js';
import type { SiteSpec } from '../scenario/runSpec.js';
import { seriesSource } from '../scenario/seriesSource.js';
import type { Site } from '../scenario/siteSchema.js';
import type { SourcePath } from '../scenario/sourceDoc.js';
import { valueAt } from '../scenario/sourcePath.js';
import { didYouMean } from '../scenario/suggest.js';
import { effectiveEntry, type ConfigEntry } from './config.js';
import { fileBeside } from './files.js';
import type { SizedPartition } from './partitions.js';
import { addSeries, writtenOrRead, type OwnContext } from './series.js';
import type { ResolvedSite, SiteParts } from './sites.js';

/** What a site's `grid` reads from files and finds in the document. */
export interface ResolvedGrid {
  /** Sorted by time; none where the site has none. */
  readonly orders: readonly GridOrderSpec[];
  /** Name of its limits among the inputs. */
  readonly limitSeries: string | undefined;
}

/** An order and where to complain of it. */
interface PlacedOrder {
  readonly order: GridOrderSpec;
  readonly complain: (key: string, message: string) => void;
}

/** An order is measured against the mean draw of the hour before. */
const BASELINE_MS = MS_PER_HOUR;

/**
 * The orders and limits of a site, as far as they can be read, whether or not the rest of it is sound; all their faults
 * are noted.
 */
export function resolveGrid(site: SiteParts, context: OwnContext): ResolvedGrid {
  const { doc, name, partitions } = site;
  const { horizonMs } = context;
  if (partitions !== undefined) checkAboveIdle(site, ['battery', 'peakTargetMW'], partitions, context);
  const grid = valueAt(doc.value, ['grid']);
  if (grid === undefined) return { orders: [], limitSeries: undefined };
  if (partitions !== undefined) checkAboveIdle(site, ['grid', 'connectionMW'], partitions, context);
  const timeZone = soundTimeZone(site, context);
  const placed = placedOrders(site, timeZone, context);
  if (horizonMs !== undefined) checkOrders(placed, horizonMs);
  const path = ['grid', 'limits'];
  const source = seriesSource('gridLimit').safeParse(valueAt(doc.value, path)).data;
  const limits =
    source === undefined ? undefined : writtenOrRead(doc, { path, quantity: 'gridLimit', source, timeZone }, context);
  const limitSeries = limits && `gridLimit/${name}/own`;
  if (limits !== undefined) {
    checkLimits(site, limits, context);
    addSeries(context.inputs, limitSeries!, limits);
  }
  const orders = placed.map(({ order }) => order).sort((a, b) => a.fromMs - b.fromMs);
  return { orders, limitSeries };
}

function soundTimeZone({ doc }: SiteParts, { faults }: OwnContext): string | undefined {
  const path = ['grid', 'timeZone'];
  const name = valueAt(doc.value, path) ?? GRID_DEFAULTS.timeZone.value;
  if (typeof name !== 'string' || name === '') return undefined; // noted by the site's schema
  if (isTimeZone(name)) return name;
  const message = `expected UTC or a time zone such as Europe/Berlin, got ${JSON.stringify(name)}`;
  faults.at(doc, path, message, didYouMean(name, ['UTC', ...Intl.supportedValuesOf('timeZone')]));
  return undefined;
}

/** A connection, or a target, that does not even carry the machines with nothing to do is a slip of the unit. */
function checkAboveIdle(
  { doc }: SiteParts,
  path: SourcePath,
  partitions: readonly SizedPartition[],
  { faults }: OwnContext,
): void {
  const mostMW = valueAt(doc.value, [...path, 'value']) ?? valueAt(doc.value, path);
  if (typeof mostMW !== 'number' || mostMW <= 0) return;
  const idleMW = idleItW(partitions) / W_PER_MW;
  if (mostMW > idleMW) return;
  const idle = `${idleMW.toFixed(3)} MW that its machines draw idle`;
  faults.at(doc, path, `expected more than the ${idle}, got ${mostMW}`);
}

function checkLimits({ doc, partitions }: SiteParts, { values }: StepSeries, { faults }: OwnContext): void {
  if (partitions === undefined) return;
  const idleMW = idleItW(partitions) / W_PER_MW;
  const lowMW = values.reduce((low, value) => Math.min(low, value), Infinity);
  if (lowMW > idleMW) return;
  const idle = `${idleMW.toFixed(3)} MW that its machines draw idle`;
  faults.at(doc, ['grid', 'limits'], `expected limits above the ${idle}, got one of ${lowMW} MW`);
}

/** IT watts with no job, without any overhead. */
const idleItW = (partitions: readonly SizedPartition[]): number =>
  partitions.reduce((sum, { hardware, nodes, gpusPerNode, gpuCapW }) => {
    const { idleW, networkWPerGpu } = nodePower(hardware, [], { gpuCapW });
    return sum + nodes * (idleW + gpusPerNode * networkWPerGpu);
  }, 0);

function placedOrders(site: SiteParts, timeZone: string | undefined, context: OwnContext): PlacedOrder[] {
  const { doc } = site;
  const path = ['grid', 'orders'];
  const listed = valueAt(doc.value, path);
  if (Array.isArray(listed)) {
    return listed.flatMap((entry: unknown, index): PlacedOrder[] => {
      const checked = gridOrderSchema.safeParse(entry); // what is wrong is noted by the site's schema
      if (!checked.success) return [];
      const at: SourcePath = [...path, index];
      const complain = (key: string, message: string): void => {
        context.faults.at(doc, [...at, key], message);
      };
      return [{ order: orderSpec(checked.data), complain }];
    });
  }
  if (typeof listed !== 'string' || listed === '' || timeZone === undefined) return [];
  const { calendarYear, readFile, faults } = context;
  const file = fileBeside(doc, path, listed);
  const rows = faults.reading(
    () => issueAt(doc, path, ''),
    () => parseGridOrdersCsv(readFile(file), { file, timeZone, calendarYear, prefix: 'order' }),
  );
  return (rows ?? []).map(({ line, order }) => ({
    order,
    complain: (_, message) => {
      faults.add([{ path: '', file, line, column: 1, message: `order ${order.name}: ${message}` }]);
    },
  }));
}

const orderSpec = ({ name, at, for: lastsMs, notice, limitMW, reduceBy }: GridOrder): GridOrderSpec => ({
  name,
  fromMs: at,
  toMs: at + lastsMs,
  noticeMs: notice,
  ...(limitMW === undefined ? {} : { limitW: limitMW.value * W_PER_MW }),
  ...(reduceBy === undefined ? {} : { reduceFraction: reduceBy.value }),
});

/** Names of their own, inside the horizon, an hour before them, and one at a time. */
function checkOrders(placed: readonly PlacedOrder[], horizonMs: number): void {
  const names = new Set<string>();
  for (const { order, complain } of placed) {
    const { name, fromMs, toMs } = order;
    if (names.has(name)) complain('name', `expected a name of its own; ${name} is another order's already`);
    names.add(name);
    const horizon = formatDuration(horizonMs);
    if (fromMs < 0)
      complain('at', `expected a time in the calendar year, got one ${formatDuration(-fromMs)} before it`);
    else if (fromMs >= horizonMs) {
      complain('at', `expected a time before the horizon of ${horizon}, got ${formatDuration(fromMs)}`);
    } else if (toMs > horizonMs) {
      complain('for', `expected an order that ends by the horizon of ${horizon}, got one to ${formatDuration(toMs)}`);
    }
    if (fromMs >= 0 && fromMs < BASELINE_MS) {
      complain(
        'at',
        `expected 1 h or later (it is measured against the hour before it), got ${formatDuration(fromMs)}`,
      );
    }
  }
  let last: GridOrderSpec | undefined;
  for (const { order, complain } of [...placed].sort((a, b) => a.order.fromMs - b.order.fromMs)) {
    if (last !== undefined && order.fromMs < last.toMs) {
      complain(
        'at',
        `expected a time when ${last.name} has ended (${formatDuration(last.toMs)}), got ${formatDuration(order.fromMs)}`,
      );
    }
    if (last === undefined || order.toMs > last.toMs) last = order;
  }
}

/** A site's place on the grid and its battery as a run needs them; nothing of a site without. */
export function gridSpecs(site: Site, { orders, limitSeries }: ResolvedGrid): Pick<SiteSpec, 'grid' | 'battery'> {
  const { grid, battery } = site;
  return {
    ...(grid === undefined ? {} : { grid: { ...connectionSpec(grid), orders, ...(limitSeries && { limitSeries }) } }),
    ...(battery === undefined ? {} : { battery: batterySpec(battery) }),
  };
}

const connectionSpec = ({ connectionMW, ramp }: Grid): Pick<GridSpec, 'connectionW' | 'rampWPerQuarterHour'> => ({
  ...(connectionMW === undefined ? {} : { connectionW: connectionMW.value * W_PER_MW }),
  ...(ramp === undefined ? {} : { rampWPerQuarterHour: ramp.mwPerQuarterHour.value * W_PER_MW }),
});

/** What a site's grid and battery leave to their defaults, or set. */
export function gridConfig({ doc, site }: Pick<ResolvedSite, 'doc' | 'site'>, prefix: string): ConfigEntry[] {
  const { grid, battery } = site;
  const { restFraction, restOfArbitrage, reserveFraction } = BATTERY_DEFAULTS;
  return [
    ...(grid === undefined
      ? []
      : [effectiveEntry(doc, prefix, ['grid', 'timeZone'], grid.timeZone, GRID_DEFAULTS.timeZone)]),
    ...(battery === undefined
      ? []
      : [
          effectiveEntry(
            doc,
            prefix,
            ['battery', 'restFraction'],
            restOf(battery),
            battery.uses.includes('arbitrage') ? restOfArbitrage : restFraction,
          ),
          effectiveEntry(doc, prefix, ['battery', 'reserveFraction'], reserveOf(battery), reserveFraction),
        ]),
  ];
}

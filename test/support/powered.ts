import type { StepSeries } from '../../src/base/stepSeries.js';
import { RandomStreams } from '../../src/base/random.js';
import { MS_PER_HOUR, MS_PER_QUARTER_HOUR } from '../../src/base/units.js';
import { PLAIN_TRAITS, type ClassTraits } from '../../src/scenario/classTraits.js';
import type { GridOrderSpec } from '../../src/scenario/gridSpec.js';
import type { CapTable, PartitionSpec, PowerControlSpec } from '../../src/scenario/runSpec.js';
import type { SiteSignals } from '../../src/sim/marketView.js';
import { schedule, type Schedule, type ScheduleInput } from '../../src/sim/schedule.js';
import { policyOf } from './brokered.js';
import { jobTable, machine, type PlainJob } from './jobs.js';

/** Quarter hours, in ms. */
export const Q = MS_PER_QUARTER_HOUR;

/** A GPU adds so much working without a cap, by class; of it a tenth at a cap of 0, the rest in proportion. */
export const ACTIVE_W = [200, 100] as const;
/** Speed at the caps; a class of half the watts is slowed by caps below a half alone. */
export const CAPS = [1, 0.8, 0.6, 0.4] as const;
export const SPEEDS = [1, 0.9, 0.75, 0.5] as const;
export const SUSPENDED_W = 20;
export const IDLE_NODE_W = 100;

/** Watts that a GPU of a class adds under a cap. */
export const wattsAt = (jobClass: number, cap: number): number =>
  20 + Math.min(ACTIVE_W[jobClass]! - 20, Math.round(180 * CAPS[cap]!));
const speedAt = (jobClass: number, cap: number): number =>
  jobClass === 0 || CAPS[cap]! >= 0.5 ? (jobClass === 0 ? SPEEDS[cap]! : 1) : 0.8;

export const CAP_TABLE: CapTable = {
  activeWByClass: CAPS.map((_, cap) => ACTIVE_W.map((_watts, jobClass) => wattsAt(jobClass, cap))),
  communicatingWByClass: CAPS.map(() => ACTIVE_W.map(() => 60)),
  speedByClass: CAPS.map((_, cap) => ACTIVE_W.map((_watts, jobClass) => speedAt(jobClass, cap))),
  suspendedW: SUSPENDED_W,
};

/** Nodes of 4 GPUs that idle at 100 W, without network. */
export function poweredMachine(nodes: number): PartitionSpec {
  return {
    ...machine(nodes, 4, 2, 2),
    power: {
      ...{ idleW: IDLE_NODE_W, activeWByClass: [...ACTIVE_W], networkWPerGpu: 0 },
      phases: { stallW: 30, initialiseW: 20, hangW: 40 },
    },
  };
}

const hourly = (value: number | ((hour: number) => number), hours: number): StepSeries => ({
  stepMs: MS_PER_HOUR,
  values: Float64Array.from({ length: hours }, (_, hour) => (typeof value === 'number' ? value : value(hour))),
});

export interface Powered extends Partial<ScheduleInput> {
  readonly nodes?: number;
  readonly orders?: readonly GridOrderSpec[];
  readonly connectionW?: number;
  readonly rampW?: number;
  readonly battery?: SiteSignals['battery'];
  /** Facility = overheadW + overheadFactor × IT. */
  readonly overheadW?: number;
  readonly overheadFactor?: number | ((hour: number) => number);
}

export const HOURS = 24 * 14;

/** The grid signals of the one site of {@link runPowered}. */
export function poweredSignals({
  orders = [],
  connectionW,
  rampW,
  battery,
  overheadW,
  overheadFactor,
}: Powered): SiteSignals {
  return {
    priceEurPerMWh: hourly(50, HOURS),
    carbonKgPerMWh: hourly(300, HOURS),
    overheadW: hourly(overheadW ?? 0, HOURS),
    overheadFactor: hourly(overheadFactor ?? 1, HOURS),
    grid: { connectionW, orders, rampWPerQuarterHour: rampW },
    battery,
  };
}

/** Runs rows on a site of nodes of 4 GPUs under a policy with a power part, to the last end unless told otherwise. */
export function runPowered(text: string, rows: readonly PlainJob[], of: Powered = {}): Schedule {
  const partition = poweredMachine(of.nodes ?? 4);
  const powerControl: PowerControlSpec = { capFractions: CAPS, partitions: [CAP_TABLE] };
  const { classNames } = jobTable(rows);
  return schedule({
    partitions: [partition],
    policy: policyOf(text),
    jobs: jobTable(rows),
    startMs: 0,
    horizonMs: undefined,
    streams: new RandomStreams('powered'),
    signals: [poweredSignals(of)],
    traits: classNames.map((): ClassTraits => PLAIN_TRAITS),
    powerControl,
    ...of,
  });
}

/** Mean facility watts of each quarter hour. */
export function facilityW({ curves }: Schedule, of: Powered = {}): number[] {
  const { overheadW, overheadFactor } = poweredSignals(of);
  return [...curves[0]!.itWms].map((wms, bin) => {
    const hour = Math.floor(bin / 4);
    return overheadW.values[hour]! + (overheadFactor.values[hour]! * wms) / Q;
  });
}

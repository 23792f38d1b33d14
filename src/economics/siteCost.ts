import type { CapitalSpec } from '../scenario/capitalSpec.js';
import { capexEur, capexLines, COST_LINES, grantEur, horizonCostLines, type CostLine } from './tco.js';

/** GPU-hours of a horizon, each kind a part of the one before it but for rounding up to nodes. */
export interface CostHours {
  /** Held by jobs, whole nodes where a job takes them. */
  readonly allocatedGpuHours: number;
  /** GPUs asked for × time held. */
  readonly soldGpuHours: number;
  /** Productive and not lost again. Absent: no phases are modelled, so it is not known. */
  readonly usefulGpuHours?: number | undefined;
  /** Model FLOPs trained and tokens, where models are known. */
  readonly exaFlopDays?: number | undefined;
  readonly tokens?: number | undefined;
}

/** What a site costs over a horizon, capital and operation included; EUR without VAT. */
export interface SiteCost extends CostHours {
  /** Add up to `totalEur`. */
  readonly lines: readonly CostLine[];
  /** After the grant: what the site's owner pays. */
  readonly totalEur: number;
  /** Of it the energy bill. */
  readonly energyEur: number;
  /** What the water line charges for, m³. */
  readonly waterM3?: number | undefined;
  /** Received for heat; its line is negative. */
  readonly heatRevenueEur?: number | undefined;
  /** What the grant is worth over the horizon: public money. */
  readonly publicEur: number;
  /** totalEur + publicEur: what it costs whoever pays. */
  readonly grossEur: number;
  /** Purchase prices gross of the grant, once. */
  readonly capexEur: number;
  readonly capex: readonly { readonly name: string; readonly eur: number }[];
  /** totalEur over the hours; NaN where there are none. */
  readonly eurPerSoldGpuHour: number;
  readonly eurPerAllocatedGpuHour: number;
  /** Where useful hours are known. */
  readonly eurPerUsefulGpuHour?: number | undefined;
  readonly grossEurPerUsefulGpuHour?: number | undefined;
  readonly publicEurPerUsefulGpuHour?: number | undefined;
  /** Where models are known. */
  readonly eurPerExaFlopDay?: number | undefined;
  readonly eurPerTrillionTokens?: number | undefined;
}

const TRILLION = 1e12;

/** Of a horizon: what capital and operation do not know. */
export interface CostedHorizon extends CostHours {
  /** Of the bill. */
  readonly energyEur: number;
  /** Horizon / calendar year: a shorter one pays its share. */
  readonly years: number;
  /** Drawn over the horizon; absent: not known, and no line is charged. */
  readonly waterM3?: number | undefined;
  /** Received for heat over the horizon; absent: none is sold. */
  readonly heatRevenueEur?: number | undefined;
}

/**
 * What a site costs over a horizon: the yearly costs' share, its energy bill and, where known, its water.
 *
 * Worked: yearly costs of 1,742.5 M EUR, half a year, a bill of 66.5 M: 937.7 M EUR; over 372.3 M sold hours 2.52 EUR.
 */
export function siteCost(spec: CapitalSpec, horizon: CostedHorizon): SiteCost {
  const { energyEur, years, waterM3, heatRevenueEur, ...hours } = horizon;
  const lines = horizonCostLines(spec, years);
  if (waterM3 !== undefined) {
    lines.push({ name: COST_LINES.water, group: 'operation', eur: waterM3 * spec.waterEurPerM3 });
  }
  if (heatRevenueEur !== undefined) {
    lines.push({ name: COST_LINES.heat, group: 'operation', eur: -heatRevenueEur });
  }
  lines.push({ name: COST_LINES.energy, group: 'energy', eur: energyEur });
  return {
    lines,
    ...(waterM3 === undefined ? {} : { waterM3 }),
    ...(heatRevenueEur === undefined ? {} : { heatRevenueEur }),
    capexEur: capexEur(spec),
    capex: capexLines(spec).map(({ name, eur }) => ({ name, eur })),
    ...perHour(lines, grantEur(spec, years), hours),
  };
}

/**
 * Several sites as one: every line, price and hour is a sum; hours and water that one of them does not know are not
 * known. A site that sells no heat adds none.
 */
export function costTotal(costs: readonly SiteCost[]): SiteCost {
  const sum = (of: (cost: SiteCost) => number): number => costs.reduce((total, cost) => total + of(cost), 0);
  const known = (of: (cost: SiteCost) => number | undefined): number | undefined =>
    costs.some((cost) => of(cost) === undefined) ? undefined : sum((cost) => of(cost)!);
  const lines = added(costs.map((cost) => cost.lines));
  const hours = {
    allocatedGpuHours: sum((cost) => cost.allocatedGpuHours),
    soldGpuHours: sum((cost) => cost.soldGpuHours),
    usefulGpuHours: known((cost) => cost.usefulGpuHours),
    exaFlopDays: known((cost) => cost.exaFlopDays),
    tokens: known((cost) => cost.tokens),
  };
  const waterM3 = known((cost) => cost.waterM3);
  const sellsHeat = costs.some((cost) => cost.heatRevenueEur !== undefined);
  const heatRevenueEur = sellsHeat ? sum((cost) => cost.heatRevenueEur ?? 0) : undefined;
  return {
    lines,
    ...(waterM3 === undefined ? {} : { waterM3 }),
    ...(heatRevenueEur === undefined ? {} : { heatRevenueEur }),
    capexEur: sum((cost) => cost.capexEur),
    capex: added(costs.map((cost) => cost.capex)),
    ...perHour(
      lines,
      sum((cost) => cost.publicEur),
      hours,
    ),
  };
}

/** Lines of one name added up, in the order in which they first come. */
function added<T extends { readonly name: string; readonly eur: number }>(lists: readonly (readonly T[])[]): T[] {
  const byName = new Map<string, T>();
  for (const line of lists.flat()) {
    const before = byName.get(line.name);
    byName.set(line.name, before === undefined ? line : { ...line, eur: before.eur + line.eur });
  }
  return [...byName.values()];
}

function perHour(
  lines: readonly CostLine[],
  publicEur: number,
  hours: CostHours,
): Omit<SiteCost, 'lines' | 'waterM3' | 'heatRevenueEur' | 'capexEur' | 'capex'> {
  const totalEur = lines.reduce((sum, { eur }) => sum + eur, 0);
  const energyEur = lines.reduce((sum, { group, eur }) => (group === 'energy' ? sum + eur : sum), 0);
  const grossEur = totalEur + publicEur;
  const { allocatedGpuHours, soldGpuHours, usefulGpuHours, exaFlopDays, tokens } = hours;
  return {
    ...{ totalEur, energyEur, publicEur, grossEur, allocatedGpuHours, soldGpuHours },
    eurPerSoldGpuHour: totalEur / soldGpuHours,
    eurPerAllocatedGpuHour: totalEur / allocatedGpuHours,
    ...(usefulGpuHours === undefined
      ? {}
      : {
          usefulGpuHours,
          eurPerUsefulGpuHour: totalEur / usefulGpuHours,
          grossEurPerUsefulGpuHour: grossEur / usefulGpuHours,
          publicEurPerUsefulGpuHour: publicEur / usefulGpuHours,
        }),
    ...(exaFlopDays === undefined ? {} : { exaFlopDays, eurPerExaFlopDay: totalEur / exaFlopDays }),
    ...(tokens === undefined ? {} : { tokens, eurPerTrillionTokens: totalEur / (tokens / TRILLION) }),
  };
}

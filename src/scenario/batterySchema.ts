import { z } from 'zod';
import { BATTERY_DEFAULTS } from './defaults.js';
import { figure, type Figure } from './figure.js';
import { BATTERY_USES, type BatterySpec } from './gridSpec.js';
import { W_PER_MW } from '../base/units.js';

/** A site's `battery`, behind its grid connection; docs/battery.md. */
export const batterySchema = z
  .strictObject({
    powerMW: figure({ positive: true }),
    energyMWh: figure({ positive: true }),
    roundTripEfficiency: figure({ positive: true, max: 1 }),
    uses: z
      .array(z.enum(BATTERY_USES))
      .min(1)
      .refine((uses) => new Set(uses).size === uses.length, { error: 'expected each use once' }),
    /** Where peak shaving holds the draw, in place of the lowest level that it can. */
    peakTargetMW: figure({ positive: true }).optional(),
    restFraction: figure({ min: 0, max: 1 }).optional(),
    reserveFraction: figure({ min: 0, max: 1 }).optional(),
    eurPerKWh: figure({ min: 0 }).optional(),
  })
  .superRefine(({ uses, peakTargetMW, reserveFraction }, context) => {
    const unused = (key: string, use: (typeof BATTERY_USES)[number]): void => {
      const message = `expected ${use} among uses: ${key} is of no effect without it`;
      context.addIssue({ code: 'custom', path: [key], message });
    };
    if (peakTargetMW !== undefined && !uses.includes('peak-shaving')) unused('peakTargetMW', 'peak-shaving');
    if (reserveFraction !== undefined && !uses.includes('ride-through')) unused('reserveFraction', 'ride-through');
  });

export type Battery = z.infer<typeof batterySchema>;

/** A site's battery figures as the numbers a run needs. */
export function batterySpec(battery: Battery): BatterySpec {
  const { powerMW, energyMWh, roundTripEfficiency, uses, peakTargetMW, eurPerKWh } = battery;
  return {
    powerW: powerMW.value * W_PER_MW,
    energyMWh: energyMWh.value,
    roundTripEfficiency: roundTripEfficiency.value,
    uses: BATTERY_USES.filter((use) => uses.includes(use)),
    ...(peakTargetMW === undefined ? {} : { peakTargetW: peakTargetMW.value * W_PER_MW }),
    restFraction: restOf(battery).value,
    reserveFraction: reserveOf(battery).value,
    ...(eurPerKWh === undefined ? {} : { eurPerKWh: eurPerKWh.value }),
  };
}

/** What it rests at, as given or by its uses. */
export const restOf = ({ restFraction, uses }: Battery): Figure =>
  restFraction ?? {
    value: (uses.includes('arbitrage') ? BATTERY_DEFAULTS.restOfArbitrage : BATTERY_DEFAULTS.restFraction).value,
  };

export const reserveOf = ({ reserveFraction }: Battery): Figure =>
  reserveFraction ?? { value: BATTERY_DEFAULTS.reserveFraction.value };

import { z } from 'zod';
import { CARBON_DEFAULTS } from './defaults.js';
import { figure } from './figure.js';

/** Inputs of economics/carbon.ts. */
export const carbonSchema = z.strictObject({
  /** Share of the consumption for which guarantees of origin are bought and cancelled. */
  guaranteesFraction: figure({ min: 0, max: 1 }).default({ value: CARBON_DEFAULTS.guaranteesFraction.value }),
  /** Of what PPAs of renewables and guarantees of origin cover, kg/MWh. */
  contractKgPerMWh: figure({ min: 0, max: 3000 }).default({ value: CARBON_DEFAULTS.contractKgPerMWh.value }),
  /** Residual mix of the country; absent: the zone's own intensity. */
  residualKgPerMWh: figure({ min: 0, max: 3000 }).optional(),
  /** EUR per t CO2, for the shadow cost alone. */
  shadowEurPerT: figure({ min: 0 }).default({
    value: CARBON_DEFAULTS.shadowEurPerT.value,
    source: 'veyt-ets-2025',
    year: 2025,
  }),
});

export type Carbon = z.infer<typeof carbonSchema>;

import type { CapitalSpec } from '../../src/scenario/capitalSpec.js';

/**
 * 100,000 GB300-class GPUs in France as the result of docs/tco.md states them: no residual, insurance, property tax or
 * land, availability 1.
 */
export const GB300_100K: CapitalSpec = {
  hardware: [{ name: 'gb300-nvl72', gpus: 100_000, serverEurPerGpu: 41_000, networkStorageEurPerGpu: 9000 }],
  designItKw: 200_000,
  facilityEurPerKwIt: 11_000,
  connectionKw: 230_000,
  gridEurPerKw: 100,
  staffFte: 150,
  staffEurPerFteYear: 100_000,
  waterEurPerM3: 2,
  finance: {
    wacc: 0.08,
    lifeYears: { it: 5, facility: 15, grid: 25, battery: 15 },
    grantFraction: 0,
    residualFraction: 0,
    insuranceFraction: 0,
    maintenanceFraction: { it: 0.03, facility: 0.03, battery: 0.02 },
    hardwarePriceDeclineFraction: 0.3,
  },
};

/** The same with H100-class GPUs: 1.4 kW each, PUE 1.15. */
export const H100_100K: CapitalSpec = {
  ...GB300_100K,
  hardware: [{ name: 'h100-sxm', gpus: 100_000, serverEurPerGpu: 26_000, networkStorageEurPerGpu: 4500 }],
  designItKw: 140_000,
  facilityEurPerKwIt: 10_000,
  connectionKw: 161_000,
};

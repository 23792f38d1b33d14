/**
 * What a site is built of and what owning it costs, as a run needs it: economics/tco.ts makes annuities of it.
 *
 * EUR of today without VAT, years, fractions 0…1. All figures stand as given, nothing is multiplied out, so that each
 * can be varied by itself.
 */
export interface CapitalSpec {
  readonly hardware: readonly HardwareCapitalSpec[];
  /** What the building is built for, kW. */
  readonly designItKw: number;
  /** Shell, power and cooling. */
  readonly facilityEurPerKwIt: number;
  readonly connectionKw: number;
  readonly gridEurPerKw: number;
  readonly battery?: { readonly energyKWh: number; readonly eurPerKWh: number } | undefined;
  readonly staffFte: number;
  readonly staffEurPerFteYear: number;
  /** Charged where water use is known. */
  readonly waterEurPerM3: number;
  readonly finance: FinanceSpec;
}

/** The GPUs of one kind. */
export interface HardwareCapitalSpec {
  /** Catalogue id. */
  readonly name: string;
  readonly gpus: number;
  readonly serverEurPerGpu: number;
  readonly networkStorageEurPerGpu: number;
  /** It is bought so many years after the prices were asked, at the prices of then; absent: 0. */
  readonly boughtAfterYears?: number | undefined;
  /** It is paid for from so long after the start of the run on, years; absent: 0. */
  readonly inServiceAfterYears?: number | undefined;
}

export interface FinanceSpec {
  /** Weighted average cost of capital a year, nominal, before tax. */
  readonly wacc: number;
  readonly lifeYears: PartsOf;
  /** Share of the purchase prices of everything that is bought. */
  readonly grantFraction: number;
  /** Of servers, network and storage at the end of their life. */
  readonly residualFraction: number;
  /** Insurance, property tax and land, of all purchase prices, a year. */
  readonly insuranceFraction: number;
  /** Of the purchase price of each part, a year. */
  readonly maintenanceFraction: Omit<PartsOf, 'grid'>;
  /** By which the price of hardware falls in a year: of what is bought later. */
  readonly hardwarePriceDeclineFraction: number;
}

/** A figure for each kind of what is bought: servers, network and storage; building; connection; battery. */
interface PartsOf {
  readonly it: number;
  readonly facility: number;
  readonly grid: number;
  readonly battery: number;
}

import type { SpecPath } from './specPath.js';

/**
 * How an input is changed by a share x of itself:
 * - `scale`: v → v (1 + x);
 * - `rest`: what is missing to 1, so that 0.98 of an efficiency becomes 1 − 0.02 (1 + x);
 * - `series`: every value of the series that stands there by name.
 *
 * A share that `rest` would take below 0 becomes 0.
 */
export type Change = 'scale' | 'rest' | 'series';

/** One assumption whose effect a sensitivity shows. */
export interface SensitivityInput {
  /** In JSON. */
  readonly key: string;
  readonly name: string;
  /**
   * `bill`: the load curve stays, it is paid for anew, unless the policy reads the market or there is a broker and the
   * input is none of capital. `schedule`: simulated anew.
   */
  readonly affects: 'bill' | 'schedule';
  readonly how: Change;
  /** In a RunSpec; the input is one of those runs that have one of them, other than 0. */
  readonly paths: readonly SpecPath[];
  /** Whole numbers among its values stay whole. */
  readonly whole?: true;
}

const CHARGES = 'sites[].tariff.charges';

const billInput = (key: string, name: string, how: Change, paths: readonly SpecPath[]): SensitivityInput => ({
  key,
  name,
  affects: 'bill',
  how,
  paths,
});

const energyCharges = (group: 'network' | 'levies'): readonly SpecPath[] =>
  ['eurPerMWh', 'classes[].eurPerMWh', 'reduced.eurPerMWh'].map(
    (of) => `${CHARGES}[kind=energy][group=${group}].${of}`,
  );

/** Every input of a comparison, at all sites at once. Reports sort them by effect. */
export const SENSITIVITY_INPUTS: readonly SensitivityInput[] = [
  billInput('dayAheadPrice', 'day-ahead price', 'series', ['sites[].series.price']),
  billInput('contractPrice', 'prices of supply contracts', 'scale', ['sites[].tariff.supply[].priceEurPerMWh']),
  billInput('dayAheadAdder', 'adder to day-ahead', 'scale', ['sites[].tariff.dayAheadAdderEurPerMWh']),
  billInput('capacityCharge', 'capacity charge', 'scale', [
    `${CHARGES}[kind=capacity].eurPerKwYear`,
    `${CHARGES}[kind=contracted].periods[].eurPerKwYear`,
    `${CHARGES}[kind=contracted].periods[].excessEurPerKw`,
  ]),
  billInput('networkCharge', 'network charge', 'scale', energyCharges('network')),
  billInput('levies', 'levies', 'scale', energyCharges('levies')),
  billInput('percentTaxes', 'taxes in percent', 'scale', [`${CHARGES}[kind=percent].fraction`]),
  billInput('minimumTake', 'minimum take', 'scale', [`${CHARGES}[kind=minimum-take].eurPerMWh`]),
  billInput('carbonIntensity', 'carbon intensity', 'series', ['sites[].series.carbon']),
  billInput('upsLosses', 'UPS losses', 'rest', ['sites[].facility.upsEfficiency']),
  billInput('distributionLosses', 'distribution losses', 'rest', ['sites[].facility.distributionEfficiency']),
  billInput('heatInAir', 'heat that leaves in air', 'rest', ['sites[].facility.liquidFraction']),
  billInput('liquidCooling', 'pumps and dry coolers', 'scale', ['sites[].facility.liquidCoolingFraction']),
  billInput('chillerCop', 'COP of chillers', 'scale', ['sites[].facility.chiller.cop']),
  billInput('buildingLoad', 'constant load of the building', 'scale', ['sites[].facility.fixedFraction']),
  billInput('heatRevenue', 'revenue from heat', 'scale', ['sites[].facility.heatReuse.revenueEurPerMWh']),
  billInput('heatPumpCop', 'COP of heat pumps', 'scale', ['sites[].facility.heatReuse.heatPumpCop']),
  billInput('batteryLosses', 'losses of the battery', 'rest', ['sites[].battery.roundTripEfficiency']),
  billInput('serverPrice', 'price of servers', 'scale', ['sites[].capital.hardware[].serverEurPerGpu']),
  billInput('networkStoragePrice', 'price of network and storage', 'scale', [
    'sites[].capital.hardware[].networkStorageEurPerGpu',
  ]),
  billInput('facilityPrice', 'price of the building', 'scale', ['sites[].capital.facilityEurPerKwIt']),
  billInput('gridPrice', 'price of the grid connection', 'scale', ['sites[].capital.gridEurPerKw']),
  billInput('batteryPrice', 'price of the battery', 'scale', ['sites[].capital.battery.eurPerKWh']),
  billInput('wacc', 'cost of capital (WACC)', 'scale', ['sites[].capital.finance.wacc']),
  billInput('itLife', 'life of servers and network', 'scale', ['sites[].capital.finance.lifeYears.it']),
  billInput('facilityLife', 'life of the building', 'scale', ['sites[].capital.finance.lifeYears.facility']),
  billInput('gridLife', 'life of the grid connection', 'scale', ['sites[].capital.finance.lifeYears.grid']),
  billInput('batteryLife', 'life of the battery', 'scale', ['sites[].capital.finance.lifeYears.battery']),
  billInput('grant', 'grant', 'scale', ['sites[].capital.finance.grantFraction']),
  billInput('residual', 'residual value of servers and network', 'scale', ['sites[].capital.finance.residualFraction']),
  billInput('maintenance', 'maintenance', 'scale', [
    'sites[].capital.finance.maintenanceFraction.it',
    'sites[].capital.finance.maintenanceFraction.facility',
    'sites[].capital.finance.maintenanceFraction.battery',
  ]),
  billInput('insurance', 'insurance, property tax, land', 'scale', ['sites[].capital.finance.insuranceFraction']),
  billInput('staff', 'staff', 'scale', ['sites[].capital.staffFte']),
  billInput('waterPrice', 'price of water', 'scale', ['sites[].capital.waterEurPerM3']),
  {
    key: 'load',
    name: 'load offered',
    affects: 'schedule',
    how: 'scale',
    paths: ['workload.generator.load'],
  },
  {
    key: 'itPower',
    name: 'power of nodes and network',
    affects: 'schedule',
    how: 'scale',
    whole: true,
    paths: [
      'partitions[].power.idleW',
      'partitions[].power.activeWByClass[]',
      'partitions[].power.networkWPerGpu',
      'partitions[].power.phases.stallW',
      'partitions[].power.phases.initialiseW',
      'partitions[].power.phases.hangW',
      'traits[].training.rows[][].activeWByPods[]',
      'powerControl.partitions[].activeWByClass[][]',
      'powerControl.partitions[].communicatingWByClass[][]',
      'powerControl.partitions[].suspendedW',
      'sites[].facility.designItW',
      'sites[].facility.builtItW[].itW',
      'sites[].capital.designItKw',
      'sites[].capital.connectionKw',
    ],
  },
  {
    key: 'failureRate',
    name: 'rate of failures',
    affects: 'schedule',
    how: 'scale',
    paths: ['reliability.rateFactor'],
  },
  {
    key: 'speedUnderCaps',
    name: 'speed lost under power caps',
    affects: 'schedule',
    how: 'rest',
    paths: ['powerControl.partitions[].speedByClass[][]'],
  },
];

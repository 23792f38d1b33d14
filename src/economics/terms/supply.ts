import { SimError } from '../../base/errors.js';
import { WMS_PER_MWH } from '../../base/units.js';
import {
  TERM_NAMES,
  type BaseloadSpec,
  type FixedShareSpec,
  type PayAsProducedSpec,
} from '../../scenario/tariffSpec.js';
import type { SupplySpec } from '../../scenario/tariffSpec.js';
import type { ContractReport } from '../energyBill.js';
import type { Meter } from '../meter.js';
import { flat, type Charge } from './charge.js';

export interface Supplied {
  readonly charges: readonly Charge[];
  readonly contracts: readonly ContractReport[];
}

/**
 * Where the energy comes from: contracts first, the rest at day-ahead with its adder.
 *
 * In each quarter hour fixed shares cover their share of the draw; then each block and each plant, in the order written,
 * covers what is left, as far as it reaches. What a block or a plant delivers beyond is surplus: sold at day-ahead
 * (without the adder; at a negative price selling costs) or lost. A contract is paid for all it delivers.
 *
 * Worked: a quarter hour of 100 MW, 25 MWh, at 60 EUR/MWh. A quarter of it at 50 fixed: 6.25 × 50 = 312.50. A plant
 * generates 96 MW, 24 MWh, at 40: 960 EUR for 18.75 MWh used and 5.25 surplus, which sold earn 315. Nothing is left for
 * day-ahead. Had the plant made 40 MW: 400 EUR, and 8.75 MWh × 60 = 525 at day-ahead.
 *
 * Wrong for contracts with a price band, an index or a balancing cost; the site is a price taker for its surplus too.
 */
export function supply(specs: readonly SupplySpec[], adderEurPerMWh: number, meter: Meter): Supplied {
  if (specs.length === 0) {
    return { charges: [dayAhead(meter, meter.mwh, meter.totalMWh, 1, adderEurPerMWh)], contracts: [] };
  }
  const fixed = specs.filter((spec) => spec.kind === 'fixed');
  const delivering = specs.filter((spec) => spec.kind !== 'fixed');
  const open = 1 - fixed.reduce((sum, { share }) => sum + share, 0);
  const left = meter.mwh.map((mwh) => mwh * open);
  const found = new Map<SupplySpec, Delivered>();
  for (const spec of fixed) found.set(spec, fixedShare(spec, meter));
  for (const spec of delivering) found.set(spec, delivered(spec, left, meter));
  const all = specs.map((spec) => found.get(spec)!);
  let leftMWh = 0;
  for (const mwh of left) leftMWh += mwh;
  return {
    charges: [
      ...all.flatMap(({ charges }) => charges),
      dayAhead(meter, left, leftMWh, open, adderEurPerMWh, delivering.length > 0),
    ],
    contracts: all.map(({ contract }) => contract),
  };
}

interface Delivered {
  readonly charges: readonly Charge[];
  readonly contract: ContractReport;
}

/** What contracts leave open. @param open - share of the draw left by fixed shares alone */
function dayAhead(
  meter: Meter,
  boughtMWh: Float64Array,
  totalMWh: number,
  open: number,
  adderEurPerMWh: number,
  hasBlocks = false,
): Charge {
  const { dayAheadEurPerMWh } = meter;
  const line = { name: TERM_NAMES.dayAhead, term: TERM_NAMES.dayAhead, group: 'supply' } as const;
  let eur = 0;
  for (let bin = 0; bin < boughtMWh.length; bin++) eur += boughtMWh[bin]! * dayAheadEurPerMWh[bin]!;
  const charge = { ...line, energyEur: eur + adderEurPerMWh * totalMWh, yearEur: 0, quantity: totalMWh, unit: 'MWh' };
  if (open === 1 && !hasBlocks) {
    const rates = { kind: 'rates', eurPerMWh: dayAheadEurPerMWh } as const;
    return { ...charge, byBin: [rates, { kind: 'rate', eurPerMWh: adderEurPerMWh }] };
  }
  const byBin = boughtMWh.map((mwh, bin) => mwh * (dayAheadEurPerMWh[bin]! + adderEurPerMWh));
  return { ...charge, byBin: [{ kind: 'eur', eur: byBin }] };
}

function fixedShare({ name, kind, share, priceEurPerMWh }: FixedShareSpec, meter: Meter): Delivered {
  const { mwh, totalMWh, dayAheadEurPerMWh } = meter;
  const usedMWh = share * totalMWh;
  const energyEur = priceEurPerMWh * usedMWh;
  let worthEur = 0;
  for (let bin = 0; bin < mwh.length; bin++) worthEur += mwh[bin]! * dayAheadEurPerMWh[bin]!;
  const charge = flat({ name, term: name, group: 'supply' }, share * priceEurPerMWh, totalMWh);
  return {
    charges: [{ ...charge, energyEur, quantity: usedMWh }],
    contract: {
      ...{ name, kind, contractMWh: usedMWh, usedMWh, shareOfConsumption: share, surplusMWh: 0 },
      ...{ capturePriceEurPerMWh: worthEur / totalMWh, eur: energyEur },
    },
  };
}

/** A block or a plant; takes what it covers off what is left to cover. */
function delivered(spec: PayAsProducedSpec | BaseloadSpec, left: Float64Array, meter: Meter): Delivered {
  const { name, kind, priceEurPerMWh, surplus } = spec;
  const { bins, dayAheadEurPerMWh } = meter;
  const output = outputMWh(spec, meter);
  const paid = new Float64Array(bins);
  const sold = new Float64Array(bins);
  let contractMWh = 0;
  let usedMWh = 0;
  let worthEur = 0;
  let soldEur = 0;
  for (let bin = 0; bin < bins; bin++) {
    const made = output[bin]!;
    const used = Math.min(made, left[bin]!);
    const price = dayAheadEurPerMWh[bin]!;
    left[bin]! -= used;
    contractMWh += made;
    usedMWh += used;
    worthEur += made * price;
    paid[bin] = made * priceEurPerMWh;
    sold[bin] = -(made - used) * price;
    soldEur += sold[bin]!;
  }
  const surplusMWh = contractMWh - usedMWh;
  const energyEur = contractMWh * priceEurPerMWh;
  const line = { term: name, group: 'supply', yearEur: 0, unit: 'MWh' } as const;
  const charges: Charge[] = [{ ...line, name, energyEur, byBin: [{ kind: 'eur', eur: paid }], quantity: contractMWh }];
  if (surplus === 'sold') {
    const byBin = [{ kind: 'eur', eur: sold } as const];
    charges.push({ ...line, name: `${name}: surplus sold`, energyEur: soldEur, byBin, quantity: surplusMWh });
  }
  const technology = spec.kind === 'pay-as-produced' ? spec.technology : undefined;
  return {
    charges,
    contract: {
      ...{ name, kind, ...(technology === undefined ? {} : { technology }), contractMWh, usedMWh },
      ...{ shareOfConsumption: usedMWh / meter.totalMWh, surplusMWh, surplus },
      ...{ capturePriceEurPerMWh: worthEur / contractMWh, eur: energyEur + (surplus === 'sold' ? soldEur : 0) },
    },
  };
}

/** What a contract delivers in each bin, MWh. */
function outputMWh(spec: PayAsProducedSpec | BaseloadSpec, { bins, binMs, series }: Meter): Float64Array {
  if (spec.kind === 'baseload') return new Float64Array(bins).fill((spec.powerW * binMs) / WMS_PER_MWH);
  const profile = series[spec.series];
  const perStep = profile === undefined ? NaN : profile.stepMs / binMs;
  if (profile === undefined || !Number.isInteger(perStep) || profile.values.length * perStep < bins) {
    throw new SimError(
      'internal.invariant',
      `${spec.name}: expected the generation profile ${spec.series} in steps of whole ${binMs} ms for ${bins} intervals`,
    );
  }
  const fullMWh = (spec.capacityW * binMs) / WMS_PER_MWH;
  const output = new Float64Array(bins);
  for (let bin = 0; bin < bins; bin++) output[bin] = profile.values[Math.floor(bin / perStep)]! * fullMWh;
  return output;
}

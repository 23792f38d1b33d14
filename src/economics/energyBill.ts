import { BILL_GROUPS, type BillGroup, type Surplus } from '../scenario/tariffSpec.js';

/** One line of a bill, EUR over the horizon, without VAT. */
export interface BillLine {
  readonly name: string;
  readonly group: BillGroup;
  /** Negative: paid to the site. */
  readonly eur: number;
  /** What was charged for, in `unit`. */
  readonly quantity?: number | undefined;
  readonly unit?: string | undefined;
}

/** What came of a supply contract over the horizon. */
export interface ContractReport {
  readonly name: string;
  readonly kind: 'fixed' | 'pay-as-produced' | 'baseload';
  readonly technology?: string | undefined;
  /** Generated or delivered under it, MWh: used + surplus. */
  readonly contractMWh: number;
  readonly usedMWh: number;
  /** usedMWh / consumption, 0…1. */
  readonly shareOfConsumption: number;
  readonly surplusMWh: number;
  /** Absent: there can be none. */
  readonly surplus?: Surplus | undefined;
  /** Mean day-ahead price weighted with what the contract delivers, EUR/MWh; NaN when that is nothing. */
  readonly capturePriceEurPerMWh: number;
  /** Paid under it, less what surplus earned. */
  readonly eur: number;
}

/** How even the load was, and what its peak costs. */
export interface PeakReport {
  /** Highest 15-minute mean of the draw, MW. */
  readonly peakMW: number;
  /**
   * Energy of the horizon ÷ peak, scaled from the horizon to the calendar year: load factor × 8,760 h (8,784 in a leap
   * year). Higher than the year's where the horizon misses the year's peak.
   */
  readonly hoursOfUse: number;
  /** What the bill would rise by over the horizon were the highest quarter hour 1 MW higher, its energy the same. */
  readonly eurPerMoreMW: number;
}

/** Where the site stands under a discount by hours of use. */
export interface BandReport {
  readonly name: string;
  /** Whether it draws enough in a year for the discount at all. */
  readonly enoughEnergy: boolean;
  /** Of the named charges, left to pay: 1 with no discount. */
  readonly payFraction: number;
  /** Saved over the horizon. */
  readonly savedEur: number;
  /** Hours of use above the tier it is in; absent: in none. */
  readonly spareHours?: number | undefined;
  /** The next tier, the hours of use it lacks, and the peak at which the same energy would reach it. */
  readonly next?:
    | {
        readonly fromHours: number;
        readonly payFraction: number;
        readonly lackingHours: number;
        readonly peakMW: number;
      }
    | undefined;
}

/** The bill of a site, EUR over the horizon, without VAT. Lines add up to the groups, and the groups to `totalEur`. */
export interface EnergyBill {
  readonly lines: readonly BillLine[];
  readonly supplyEur: number;
  readonly networkEur: number;
  readonly leviesEur: number;
  readonly capacityEur: number;
  /** What a battery changes; negative where it saves. */
  readonly batteryEur: number;
  readonly totalEur: number;
  /** By supply contract; absent: all is bought at day-ahead, or the bill is a sum of several. */
  readonly contracts?: readonly ContractReport[] | undefined;
  /** Absent on a sum of several bills. */
  readonly peak?: PeakReport | undefined;
  /** By band-discount rule of the tariff. */
  readonly bands?: readonly BandReport[] | undefined;
}

const GROUP_SUMS = {
  supply: 'supplyEur',
  network: 'networkEur',
  levies: 'leviesEur',
  capacity: 'capacityEur',
  battery: 'batteryEur',
} as const satisfies Record<BillGroup, keyof EnergyBill>;

/** Lines with their sums, which are taken in the order of the lines, then of the groups. */
export function billOf(lines: readonly BillLine[]): EnergyBill {
  const sums = { supplyEur: 0, networkEur: 0, leviesEur: 0, capacityEur: 0, batteryEur: 0 };
  for (const { group, eur } of lines) sums[GROUP_SUMS[group]] += eur;
  const totalEur = BILL_GROUPS.reduce((total, group) => total + sums[GROUP_SUMS[group]], 0);
  return { lines, ...sums, totalEur };
}

/** One bill for several sites: lines of one name, group and unit are added up, in the order in which they come. */
export function billTotal(bills: readonly EnergyBill[]): EnergyBill {
  const lines = new Map<string, BillLine>();
  for (const line of bills.flatMap((bill) => bill.lines)) {
    const key = JSON.stringify([line.group, line.name, line.unit]);
    const before = lines.get(key);
    lines.set(key, before === undefined ? line : sumOf(before, line));
  }
  return billOf([...lines.values()]);
}

function sumOf(a: BillLine, b: BillLine): BillLine {
  const eur = a.eur + b.eur;
  return a.quantity === undefined || b.quantity === undefined
    ? { name: a.name, group: a.group, eur }
    : { ...a, eur, quantity: a.quantity + b.quantity };
}

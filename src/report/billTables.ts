import type { BandReport } from '../economics/energyBill.js';
import type { SiteResult } from '../metrics/runResult.js';
import { left, right, tableText, type Cell, type ReportTable } from './table.js';

/** A site of one run. */
export interface BilledSite {
  readonly label: string;
  readonly site: Pick<SiteResult, 'bill' | 'facilityMWh'>;
}

const number = (value: number | undefined, decimals: number): Cell =>
  value === undefined ? undefined : { value, decimals };

/** Every line of each bill, and its sum. */
export function billTable(sites: readonly BilledSite[]): ReportTable {
  return {
    columns: [
      ...[left('site'), left('group'), left('line')],
      ...[right('quantity'), left('unit'), right('bill', 'EUR'), right('per MWh', 'EUR')],
    ],
    rows: sites.flatMap(({ label, site: { bill, facilityMWh } }) => {
      const row = (group: string, name: string, quantity: Cell, unit: string, eur: number): Cell[] => [
        ...[label, group, name, quantity, unit],
        ...[number(eur, 2), number(eur / facilityMWh, 2)],
      ];
      return [
        ...bill.lines.map(({ group, name, quantity, unit, eur }) =>
          row(group, name, quantity === undefined ? '' : { value: quantity, decimals: 1 }, unit ?? '', eur),
        ),
        row('', 'total', '', '', bill.totalEur),
      ];
    }),
  };
}

/** What came of supply contracts; `undefined` with none. */
export function contractTable(sites: readonly BilledSite[]): ReportTable | undefined {
  const rows = sites.flatMap(({ label, site: { bill } }) =>
    (bill.contracts ?? []).map((contract): Cell[] => [
      ...[label, contract.name, contract.technology ?? contract.kind],
      ...[number(contract.contractMWh, 1), number(contract.usedMWh, 1), number(contract.shareOfConsumption * 100, 1)],
      ...[number(contract.surplusMWh, 1), contract.surplus ?? ''],
      ...[number(contract.capturePriceEurPerMWh, 2), number(contract.eur, 2)],
    ]),
  );
  if (rows.length === 0) return undefined;
  return {
    columns: [
      ...[left('site'), left('contract'), left('kind'), right('delivered', 'MWh'), right('used', 'MWh')],
      ...[right('covers', '%'), right('surplus', 'MWh'), left('', 'is'), right('capture price', 'EUR/MWh')],
      right('net', 'EUR'),
    ],
    rows,
  };
}

/** How even the load is, what its peak costs, and where it stands under a discount by hours of use. */
export function peakTable(sites: readonly BilledSite[]): ReportTable {
  const discounted = sites.some(({ site }) => (site.bill.bands ?? []).length > 0);
  const rows = sites.flatMap(({ label, site: { bill } }) => {
    const { peak, bands = [] } = bill;
    if (peak === undefined) return [];
    const known: Cell[] = [label, number(peak.peakMW, 3), number(peak.hoursOfUse, 0), number(peak.eurPerMoreMW, 2)];
    if (!discounted) return [known];
    return (bands.length === 0 ? [undefined] : bands).map((band) => [...known, ...bandCells(band)]);
  });
  return {
    columns: [
      ...[left('site'), right('peak', 'MW'), right('hours of use', 'h/a'), right('1 MW more', 'EUR')],
      ...(discounted
        ? [
            ...[left('discount'), right('to pay', '%'), right('saved', 'EUR'), right('above tier', 'h')],
            ...[right('next tier', 'h'), right('lacking', 'h'), right('peak for it', 'MW')],
          ]
        : []),
    ],
    rows,
  };
}

function bandCells(band: BandReport | undefined): Cell[] {
  if (band === undefined) return ['', ...Array<undefined>(6).fill(undefined)];
  const { name, payFraction, savedEur, spareHours, next, enoughEnergy } = band;
  return [
    enoughEnergy ? name : `${name} (too little energy)`,
    ...[number(payFraction * 100, 0), number(savedEur, 2), number(spareHours, 0)],
    ...[number(next?.fromHours, 0), number(next?.lackingHours, 0), number(next?.peakMW, 3)],
  ];
}

/** The bill of each site line by line, its contracts and its peak, for a terminal. */
export function billTexts(sites: readonly BilledSite[]): string[] {
  if (sites.length === 0) return [];
  const contracts = contractTable(sites);
  const peaks = peakTable(sites);
  return [
    `Bill, line by line\n\n${tableText(billTable(sites))}`,
    ...(contracts === undefined ? [] : [`Supply contracts\n\n${tableText(contracts)}`]),
    ...(peaks.rows.length === 0 ? [] : [`Peak and hours of use\n\n${tableText(peaks)}`]),
  ];
}

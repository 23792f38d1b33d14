import { capexEur, COST_LINES, yearlyCostLines } from '../../src/economics/tco.js';
import { capitalSpecs } from '../../src/plan/capital.js';
import { ratedNodeW } from '../../src/power/nodePower.js';
import type { CapitalSpec } from '../../src/scenario/capitalSpec.js';
import { capitalSchema } from '../../src/scenario/capitalSchema.js';
import { financeSchema } from '../../src/scenario/financeSchema.js';
import { shippedHardware } from '../power/catalogue.js';

const USD_PER_EUR = 1.16;
const BILLION = 1e9;
const GIGAWATT_W = 1e9;

/** What Epoch AI says of 1 GW of IT with GB200 NVL72, USD bn (`epoch-dc-cost`); capital of the rest is what is left. */
export const EPOCH = { capex: 38, total: 8.5, servers: 5, energy: 0.6, operation: 0.3 } as const;

/** 1 GW of IT of one hardware on our defaults, without interest, 14 years for the building. */
export function gigawattSpec(name: string): CapitalSpec {
  const hardware = shippedHardware(name);
  const nodes = Math.floor(GIGAWATT_W / ratedNodeW(hardware));
  const partition = { hardware, nodes, gpus: nodes * hardware.gpusPerNode.value, gpuCapW: undefined };
  const finance = financeSchema.parse({ wacc: 0, lifeYears: { facility: 14 } });
  const site = { capital: capitalSchema.parse({}) };
  return capitalSpecs({ site, partitions: [partition] }, finance).capital!;
}

/** USD bn a year. */
export interface GigawattYear {
  readonly capex: number;
  readonly servers: number;
  readonly rest: number;
  readonly operation: number;
  readonly energy: number;
  readonly total: number;
}

/** With Epoch's energy, which is that of the United States. */
export function gigawattYear(spec: CapitalSpec): GigawattYear {
  const usd = (eur: number): number => (eur * USD_PER_EUR) / BILLION;
  const lines = yearlyCostLines(spec);
  const sum = (picks: (line: (typeof lines)[number]) => boolean): number =>
    usd(lines.filter(picks).reduce((total, { eur }) => total + eur, 0));
  const servers = sum(({ name }) => name === COST_LINES.servers);
  const rest = sum(({ group, name }) => group === 'capital' && name !== COST_LINES.servers);
  const operation = sum(({ group }) => group === 'operation');
  const { energy } = EPOCH;
  return {
    ...{ servers, rest, operation, energy },
    capex: usd(capexEur(spec)),
    total: servers + rest + operation + energy,
  };
}

const ROWS = [
  ['capex, once', 'capex'],
  ['servers', 'servers'],
  ['network, storage, facility, grid', 'rest'],
  ['operation but energy', 'operation'],
  ['energy', 'energy'],
  ['total a year', 'total'],
] as const;

/** The table of docs/tco.md, Markdown. */
export function gigawattTable(): string {
  const { capex, servers, operation, energy, total } = EPOCH;
  const epoch: GigawattYear = { capex, servers, operation, energy, total, rest: total - servers - operation - energy };
  const columns = [epoch, gigawattYear(gigawattSpec('gb200-nvl72')), gigawattYear(gigawattSpec('gb300-nvl72'))];
  return [
    '| USD bn | Epoch AI, GB200 | ours, GB200 | ours, GB300 |',
    '| --- | ---: | ---: | ---: |',
    ...ROWS.map(([title, key]) => `| ${title} | ${columns.map((column) => column[key].toFixed(2)).join(' | ')} |`),
  ].join('\n');
}

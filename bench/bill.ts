import { join } from 'node:path';
import { openLibrary } from '../src/io/library.js';
import { builtInScenariosFolder } from '../src/io/package.js';
import { readBytes } from '../src/io/files.js';
import { parseYaml } from '../src/io/yaml.js';
import { planScenario, type Plan } from '../src/plan/plan.js';
import { quantiles } from '../src/metrics/quantiles.js';
import { simulate } from '../src/sim/simulate.js';
import { cpuSeconds, print } from './harness.js';

const ROUNDS = 5;

/** A site that says only what an energy bill needs: building, four flat prices. */
const PLAIN = `
- name: plain
  title: plain
  zone: DE-LU
  partitions: [{ name: main, hardware: gb300-nvl72, racks: 1389 }]
  facility: { liquidFraction: 0.85, liquidCoolingFraction: 0.025, upsEfficiency: 0.98, distributionEfficiency: 0.9944, fixedFraction: 0.01 }
  tariff: { capacityEurPerKwYear: 53.06, networkEurPerMWh: 6.9, leviesEurPerMWh: 34.9 }
`;

/** All that a site can say of itself. */
const EVERYTHING = `
- use: gf-de-jul
  tariff:
    supply:
      - { kind: fixed, name: tranche, share: 0.25, priceEurPerMWh: 82 }
      - { kind: baseload, name: block, powerMW: 60, priceEurPerMWh: 74, surplus: sold }
      - { kind: pay-as-produced, name: plant, technology: onshore-wind, capacityMW: 150, priceEurPerMWh: 75, surplus: sold }
    rules:
      - kind: band-discount
        name: band
        of: [Capacity charge]
        aboveGWh: 10
        tiers: [{ fromHours: 7000, payFraction: 0.2 }, { fromHours: 7500, payFraction: 0.15 }]
  facility:
    heatReuse: { supplyC: 35, capacityMW: 60, demand: { constantMW: 40 } }
    derating: { fromWetBulbC: 22, perKFraction: 0.02 }
  grid:
    connectionMW: 205
    orders: [{ name: evening, at: 20 d 17 h, for: 3 h, notice: 15 min, reduceBy: 0.25 }]
  battery: { powerMW: 100, energyMWh: 400, roundTripEfficiency: 0.88, uses: [ride-through, peak-shaving, arbitrage], reserveFraction: 0.3 }
`;

const SITE = '- gf-de-jul\n';
const ORDERS =
  '- { use: gf-de-jul, grid: { orders: [{ name: evening, at: 20 d 17 h, for: 3 h, notice: 15 min, reduceBy: 0.25 }] } }\n';

interface Variant {
  readonly sites: string;
  readonly policy: string;
}

/** Bills from the plainest to the fullest, then the power policies on the shipped site. */
const VARIANTS: Readonly<Record<string, Variant>> = {
  plain: { sites: PLAIN, policy: 'fcfs+easy@pack' },
  shipped: { sites: SITE, policy: 'fcfs+easy@pack' },
  everything: { sites: EVERYTHING, policy: 'fcfs+easy@pack' },
  'cap(0.8)': { sites: SITE, policy: 'fcfs+easy@pack~cap(0.8)' },
  'cap(180 MW)': { sites: SITE, policy: 'fcfs+easy@pack~cap(180 MW)' },
  'peak-guard(0.9)': { sites: SITE, policy: 'fcfs+easy@pack~peak-guard(0.9)' },
  'demand-response': { sites: ORDERS, policy: 'fcfs+easy@pack~demand-response' },
  'idle-sleep': { sites: SITE, policy: 'fcfs+easy@pack~idle-sleep' },
};

/** Whole runs of a gigafactory's year (drawn, scheduled, settled, audited) in turn, and their ratios of CPU time. */
export function benchBill(): void {
  const folder = builtInScenariosFolder();
  const library = openLibrary([folder]);
  const readFile = (path: string): Uint8Array => readBytes(join(folder, path));
  const planned = ({ sites, policy }: Variant): Plan => {
    const text = `version: 1\nkind: scenario\nquestion: What does the bill cost?\nsites:${sites.replace(/^\n?/, '\n')}workload: { use: frontier-mix, load: 0.85 }\npolicy: ${policy}\nhorizon: 365 d\n`;
    return planScenario(parseYaml(text, 'bench.yaml'), { library, readFile, buildVersion: 'bench', replications: '1' });
  };
  const plans = new Map(Object.entries(VARIANTS).map(([name, variant]) => [name, planned(variant)]));
  const seconds = new Map<string, number[]>([...plans.keys()].map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, { specs, inputs }] of plans) {
      const cpu = process.cpuUsage();
      const { sites, fingerprint } = simulate(specs[0]!, inputs);
      seconds.get(name)!.push(cpuSeconds(cpu));
      if (round > 0) continue;
      const [{ bill, peakFacilityMW }] = sites as [(typeof sites)[number]];
      print({
        name: 'bill/run',
        variant: name,
        lines: bill.lines.length,
        totalEur: bill.totalEur,
        peakFacilityMW,
        checksum: fingerprint,
      });
    }
  }
  for (const [name, of] of seconds) {
    const ratios = of.map((each, round) => each / seconds.get('plain')![round]!);
    print({
      name: 'bill/whole run, medians of 5 in turn',
      variant: name,
      cpuS: median(of),
      againstPlain: median(ratios),
    });
  }
}

const median = (values: readonly number[]): number =>
  Math.round(100 * quantiles(Float64Array.from(values), [0.5])[0]!) / 100;

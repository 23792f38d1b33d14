import { describe, expect, it } from 'vitest';
import { runKey } from '../../src/plan/runKey.js';
import type { RunSpec } from '../../src/scenario/runSpec.js';

/** `T` with no member left out, so that a new field of a RunSpec must be added below. */
type Whole<T> = T extends readonly (infer U)[]
  ? readonly Whole<U>[]
  : T extends object
    ? { readonly [K in keyof T]-?: Whole<Exclude<T[K], undefined>> }
    : T;

const part = (name: string) => ({ name, params: { share: 0.5 }, module: 'm' });
const CAPS = { maxJobs: 4, maxGpus: 64 };
const GENERATED: Whole<RunSpec> = {
  schemaVersion: 1,
  partitions: [
    {
      name: 'main',
      hardware: 'h100-sxm',
      nodes: 4,
      gpusPerNode: 8,
      nodesPerRack: 2,
      racksPerPod: 3,
      power: {
        idleW: 2000,
        activeWByClass: [700, 300],
        networkWPerGpu: 114,
        phases: { stallW: 200, initialiseW: 150, hangW: 300 },
      },
      site: 0,
      inService: [{ atMs: 0, nodes: 4 }],
    },
  ],
  workload: { kind: 'generated', name: 'mix', generator: { load: 0.5, classes: [] }, classNames: ['train', 'debug'] },
  policy: {
    text: 'fcfs+easy@pack',
    order: part('fcfs'),
    backfill: part('easy'),
    placement: part('pack'),
    preempt: part('las'),
    partition: part('fair'),
    siting: part('home'),
    power: [part('cap')],
  },
  traits: [
    {
      priority: 1,
      preemptible: true,
      checkpointMs: 3_600_000,
      restartMs: 600_000,
      resizeMs: 60_000,
      speedupExponent: 0.9,
      speedByPartition: [1],
      qos: 0,
      sites: [0],
      dataTB: 2,
      deferMs: 86_400_000,
      stateless: true,
      training: {
        model: 'llama-3-8b',
        flopsPerToken: 5e10,
        stateBytes: 1e11,
        rows: [
          [
            {
              gpus: 8,
              tokensPerS: 1e5,
              mfu: 0.4,
              speedByPods: [1, 0.9],
              activeWByPods: [700, 690],
              parallelism: 'TP8',
            },
          ],
        ],
      },
    },
  ],
  reliability: {
    name: 'llama3',
    failuresPerGpuDay: 5e-4,
    rateFactor: 1,
    causes: [{ name: 'GPU', share: 1, scope: 'node', repair: 0 }],
    repairs: [{ name: 'swap', medianMs: 8e7, sigma: 1 }],
    lemons: { fraction: 0.01, rateFactor: 10 },
    burnIn: { shape: 0.7, untilMs: 2e9 },
    stragglers: { onsetsPerGpuDay: 1e-4, speed: 0.8, detectionMs: 6e5, repair: 0 },
    detectionMs: 3e5,
    swapMs: 6e4,
    spareNodes: [1],
  },
  checkpoints: {
    mode: 'background',
    storageShare: 0.5,
    intervalMs: 1_800_000,
    storage: [{ writeBytesPerMs: 1e8, readBytesPerMs: 2e8 }],
    nodeBytesPerMs: 2e7,
    copyBytesPerMsPerGpu: 2e7,
    stateBytesPerGpu: 1e9,
  },
  initialisation: { baseMs: 60_000, perDoublingMs: 20_000, mostMs: 600_000 },
  powerControl: {
    capFractions: [1, 0.5],
    partitions: [
      {
        activeWByClass: [[700], [400]],
        communicatingWByClass: [[600], [350]],
        speedByClass: [[1], [0.7]],
        suspendedW: 100,
      },
    ],
  },
  services: [
    {
      name: 'chat',
      replicaGpus: 8,
      places: [{ partition: 0, replicas: 2, timeZone: 'UTC', deviationWByHour: Array<number>(24).fill(1) }],
    },
  ],
  overrun: 'extend',
  guaranteedRunMs: 7_200_000,
  limits: {
    maxWallMs: 1e9,
    perUser: CAPS,
    perAccount: CAPS,
    qos: [{ name: 'high', priority: 10, maxWallMs: 1e8, perUser: CAPS, ...CAPS }],
  },
  windows: [{ name: 'w', kind: 'maintenance', partition: 0, nodes: 2, fromMs: 1e6, toMs: 2e6, drainMs: 1e5 }],
  transferMsPerTB: 1000,
  brokered: false,
  calendarYear: 2027,
  horizonMs: 86_400_000,
  warmupMs: 3_600_000,
  seed: '1',
  replication: 0,
  sites: [
    {
      id: 'a',
      title: 'A',
      zone: 'FR',
      facility: {
        liquidFraction: 0.9,
        liquidCoolingFraction: 0.02,
        upsEfficiency: 0.98,
        distributionEfficiency: 0.99,
        fixedFraction: 0.01,
        designItW: 1e6,
        builtItW: [{ atMs: 0, itW: 1e6 }],
        chiller: { supplyC: 32, approachK: 11, riseK: 10, cop: 5 },
        water: {
          liquid: 'dry',
          air: 'tower',
          cyclesOfConcentration: 4,
          adiabaticFromWetBulbC: 16,
          adiabaticLitresPerKwh: 1,
        },
        heatReuse: {
          sourceC: 45,
          supplyC: 40,
          capacityW: 1e6,
          efficiency: 0.95,
          heatPumpCop: 4,
          revenueEurPerMWh: 20,
        },
        derating: { fromWetBulbC: 26, perKFraction: 0.05 },
      },
      tariff: {
        timeZone: 'Europe/Paris',
        dayAheadAdderEurPerMWh: 1,
        supply: [
          { kind: 'fixed', name: 'F', share: 0.2, priceEurPerMWh: 60 },
          {
            ...{ kind: 'pay-as-produced', name: 'P', technology: 'solar', series: 'g', capacityW: 1e6 },
            ...{ priceEurPerMWh: 50, surplus: 'sold' },
          },
          { kind: 'baseload', name: 'B', powerW: 1e5, priceEurPerMWh: 55, surplus: 'lost' },
        ],
        charges: [
          {
            ...{ kind: 'energy', name: 'N', group: 'network', eurPerMWh: 3 },
            classes: [
              {
                name: 'w',
                eurPerMWh: 4,
                months: [1, 2],
                days: [0, 6],
                hours: [8, 9],
                or: [{ months: [3], days: [1], hours: [7] }],
              },
            ],
            reduced: { aboveMWhPerYear: 1000, eurPerMWh: 1 },
          },
          { kind: 'capacity', name: 'C', eurPerKwYear: 20 },
          {
            ...{ kind: 'contracted', name: 'K' },
            periods: [
              {
                ...{ name: 'P1', contractedW: 1e6, eurPerKwYear: 10, excessEurPerKw: 2 },
                ...{ months: [3], days: [1], hours: [5], or: [{ months: [4], days: [2], hours: [6] }] },
              },
            ],
          },
          { kind: 'percent', name: 'T', fraction: 0.05, of: ['supply'] },
          { kind: 'minimum-take', name: 'M', mwhPerYear: 500, eurPerMWh: 30 },
        ],
        rules: [
          {
            ...{ kind: 'band-discount', name: 'R', of: ['C'], aboveMWhPerYear: 10_000 },
            tiers: [{ fromHours: 7000, payFraction: 0.2 }],
          },
        ],
      },
      reference: {
        totalEurMPerYear: 133,
        ktCo2PerYear: 71,
        itW: 2e8,
        loadFactor: 0.8,
        pue: 1.15,
        energyEurPerMWh: 62.8,
        carbonKgPerMWh: 44,
        energyBaseYear: 2025,
        source: 'ours',
      },
      series: { price: 'p', carbon: 'c', wetBulb: 'w', dryBulb: 'd', heatDemand: 'h' },
      grid: {
        connectionW: 2e8,
        orders: [{ name: 'o', fromMs: 9e5, toMs: 18e5, noticeMs: 9e5, limitW: 1e8, reduceFraction: 0.25 }],
        rampWPerQuarterHour: 5e7,
        limitSeries: 'l',
      },
      battery: {
        powerW: 1e8,
        energyMWh: 400,
        roundTripEfficiency: 0.88,
        uses: ['ride-through'],
        peakTargetW: 1e8,
        restFraction: 1,
        reserveFraction: 0.1,
        eurPerKWh: 125,
      },
      carbon: { guaranteesFraction: 0.5, contractKgPerMWh: 0, residualKgPerMWh: 400, shadowEurPerT: 75 },
      indicators: {
        country: 'DE',
        inOperationFrom: '2027-01-01',
        calendarYear: 2027,
        intakeC: 27.4,
        wasteHeatC: 40,
        batteryToGridKw: 1000,
      },
      capital: {
        hardware: [
          {
            ...{ name: 'gb300-nvl72', gpus: 8, serverEurPerGpu: 41_000, networkStorageEurPerGpu: 9000 },
            boughtAfterYears: 1,
            inServiceAfterYears: 1,
          },
        ],
        designItKw: 16,
        facilityEurPerKwIt: 11_000,
        connectionKw: 20,
        gridEurPerKw: 100,
        battery: { energyKWh: 4, eurPerKWh: 108 },
        staffFte: 2,
        staffEurPerFteYear: 1e5,
        waterEurPerM3: 2,
        finance: {
          wacc: 0.08,
          lifeYears: { it: 5, facility: 15, grid: 25, battery: 15 },
          grantFraction: 0.17,
          residualFraction: 0.1,
          insuranceFraction: 0.005,
          maintenanceFraction: { it: 0.03, facility: 0.03, battery: 0.02 },
          hardwarePriceDeclineFraction: 0.3,
        },
      },
      capitalGaps: ['serverEurPerGpu of mine'],
    },
  ],
};
const TRACE: RunSpec = { ...GENERATED, workload: { kind: 'trace', name: 'log.swf', input: 't', classNames: ['job'] } };
const CONTENT: Readonly<Record<string, string>> = {
  p: 'price',
  c: 'carbon',
  w: 'wetBulb',
  d: 'dryBulb',
  h: 'heatDemand',
  l: 'gridLimit',
  t: 'trace',
};

const keyOf = (spec: unknown, contentSha256 = CONTENT, build = 'b'): string =>
  runKey(spec as RunSpec, { contentSha256 }, build);

/** Paths to every number and text of a value. */
function leaves(at: unknown, path: (string | number)[] = []): (string | number)[][] {
  if (typeof at !== 'object' || at === null) return [path];
  return Object.entries(at).flatMap(([key, value]) => leaves(value, [...path, key]));
}

/** A copy in which one number is one more, or one text is another. */
function changedAt(at: unknown, [head, ...rest]: (string | number)[]): unknown {
  if (head === undefined) return typeof at === 'number' ? at + 1 : typeof at === 'boolean' ? !at : `${String(at)}-x`;
  if (Array.isArray(at)) return at.map((item: unknown, i) => (i === Number(head) ? changedAt(item, rest) : item));
  const object = at as Record<string, unknown>;
  return { ...object, [head]: changedAt(object[head], rest) };
}

/** Names that say nothing of a result; those of inputs and of policy files stand for their content. */
const AXES = ['order', 'backfill', 'preempt', 'placement', 'partition', 'siting', 'power'];
const NAMES = [
  'policy.text',
  ...AXES.map((axis) => (axis === 'power' ? 'policy.power.0.name' : `policy.${axis}.name`)),
  'sites.0.title',
  'sites.0.series.price',
  'sites.0.series.carbon',
  'sites.0.series.wetBulb',
  'sites.0.tariff.supply.1.series',
  'sites.0.series.dryBulb',
  'sites.0.series.heatDemand',
  'sites.0.grid.limitSeries',
];
const fields = leaves(GENERATED).filter((path) => !NAMES.includes(path.join('.')) && path.at(-1) !== 'kind');

describe('runKey', () => {
  it.each(fields.map((path) => [path.join('.'), path] as const))('changes with %s', (_, path) => {
    expect(keyOf(changedAt(GENERATED, path))).not.toBe(keyOf(GENERATED));
  });

  it('changes with the name of a policy that is no file', () => {
    const named = (name: string) => ({ ...GENERATED, policy: { ...GENERATED.policy, order: { name, params: {} } } });
    expect(keyOf(named('fcfs'))).not.toBe(keyOf(named('sjf')));
  });

  it('changes with a list that grows, a field that goes, and the build', () => {
    const [partition] = GENERATED.partitions;
    const [site] = GENERATED.sites;
    const keys = [
      keyOf(GENERATED),
      keyOf({ ...GENERATED, partitions: [partition, partition] }),
      keyOf({ ...GENERATED, sites: [] }),
      keyOf({ ...GENERATED, sites: [{ ...site, reference: undefined }] }),
      keyOf({ ...GENERATED, horizonMs: undefined }),
      keyOf(TRACE),
      keyOf(GENERATED, CONTENT, 'next'),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  it.each(['p', 'c', 'w', 'd', 'h', 'l', 't'])('changes with the content of input %s', (name) => {
    expect(keyOf(TRACE, { ...CONTENT, [name]: 'other' })).not.toBe(keyOf(TRACE));
  });

  it('changes with how far a trace is shaken, in all replications but the first', () => {
    const shaken = (shakeMs: number, replication: number) =>
      keyOf({ ...TRACE, replication, workload: { ...TRACE.workload, shakeMs } });
    expect(shaken(60_000, 1)).not.toBe(shaken(120_000, 1));
    expect(shaken(60_000, 0)).toBe(shaken(120_000, 0));
  });

  it('tells which input is which', () => {
    expect(keyOf(TRACE, { ...CONTENT, p: 'carbon', c: 'price' })).not.toBe(keyOf(TRACE));
  });

  it('does not change with what inputs, traces and sites are called', () => {
    const [site] = GENERATED.sites;
    const renamed = {
      ...TRACE,
      workload: { kind: 'trace', name: '/elsewhere/copy.swf.gz', input: 't2', classNames: ['job'] },
      sites: [
        {
          ...site!,
          title: 'Another title',
          series: { price: 'p2', carbon: 'c2', wetBulb: 'w2', dryBulb: 'd2', heatDemand: 'h2' },
          grid: { ...site!.grid, limitSeries: 'l2' },
        },
      ],
    };
    const content = {
      p2: 'price',
      c2: 'carbon',
      w2: 'wetBulb',
      d2: 'dryBulb',
      h2: 'heatDemand',
      l2: 'gridLimit',
      t2: 'trace',
    };
    expect(keyOf(renamed, content)).toBe(keyOf(TRACE));
  });

  it('does not read inputs that the run does not', () => {
    expect(keyOf(GENERATED, { ...CONTENT, t: 'other', z: 'more' })).toBe(keyOf(GENERATED));
  });
});

import type { Figure } from './figure.js';

/**
 * Every default of a scenario, with its reason: the only place they stand.
 * Written as a user would write them, so that `--print-config` can print them.
 */
export const SCENARIO_DEFAULTS = {
  warmup: {
    value: '30 d',
    reason: 'fills the machine and its queue before metering starts; the longest jobs run for weeks',
  },
  seed: { value: 1, reason: 'any fixed number: equal scenarios give equal results' },
  replications: {
    value: 5,
    reason: 'the fewest with a 95 % interval worth printing: Student t falls from 12.7 at 2 to 2.8 at 5',
  },
  calendarYear: { value: 2027, reason: 'a coming year of 365 days; it sets weekdays and clock changes' },
  prices: {
    value: 'representative',
    reason: 'one price year for all replications, so their interval shows the workload alone',
  },
  priceYear: { value: 'base', reason: "each zone's base year, 2024 for those shipped" },
  levels: { value: { price: 1, carbon: 1 }, reason: 'prices and carbon as they are' },
  limits: { value: {}, reason: 'whatever fits the machine is accepted' },
  windows: { value: [], reason: 'all nodes serve all jobs all the time' },
  overrun: {
    value: 'kill',
    reason: 'as batch schedulers do: a time limit is a limit, and reservations rest on it',
  },
  preemption: {
    value: { guaranteed: '0 s' },
    reason:
      "a policy's own choice, so that pre-emptive policies are seen as published; Meta's clusters give 2 h (meta-rsc)",
  },
  transfer: { value: { hoursPerTB: 0 }, reason: 'data is at every site already; 1 TB takes 0.22 h at 10 Gbit/s' },
  reliability: { value: 'none', reason: 'nothing fails: name llama3 or another of gigasim list reliability' },
  checkpoints: {
    value: {},
    reason:
      'with reliability: in the background, as often as is best; without: of no cost, and of use at a pre-emption only',
  },
  finance: {
    value: {},
    reason: 'sites that give their capital are costed at 8 %; with finance written, {} too, every site is',
  },
  buildOut: {
    value: {},
    reason: 'of sites that grow over years: the building with each phase, the grid connection with the first',
  },
} as const;

/** Of a reliability document. */
export const RELIABILITY_DEFAULTS = {
  rateFactor: { value: 1, reason: 'the rate as it is' },
  referenceGpusPerNode: { value: 8, reason: 'nodes of 8 GPUs, as all published rates have' },
  burnInShape: { value: 0.7, reason: 'new batches fail more in their first weeks; no hazard is published' },
  burnInUntil: { value: '28 d', reason: 'the first weeks' },
  stragglerOnsets: { value: 0.17, reason: 'MegaScale found 0.5 % of machines slow; we take that for a month' },
  stragglerSpeed: {
    value: 0.75,
    reason: 'Greyhound: jobs of 512 GPUs and more that were hit took 1.34 times as long',
  },
  stragglerDetection: { value: '72 min', reason: 'Greyhound: mean duration of a slowdown at 512 GPUs and more' },
  detection: { value: '5 min', reason: "Meta's health checks run every 5 minutes (meta-rsc)" },
  swap: { value: '1 min', reason: 'a warm standby takes a place in the job; no time is published' },
  initialisationBase: { value: '1 min', reason: 'container and framework of a single process' },
  initialisationPerDoubling: { value: '30 s', reason: 'so that 512 to 8,192 GPUs take 330 to 450 s (mlperf-init)' },
  initialisationMost: { value: '590 s', reason: 'upper end of the usual at 512 to 8,192 GPUs (mlperf-init)' },
  spareFraction: { value: 0.0039, reason: 'ByteRobust: 4 standby machines for 1,024' },
} as const;

/** Of `checkpoints`. */
export const CHECKPOINT_DEFAULTS = {
  mode: { value: 'background', reason: 'copied to the hosts, then written beside the work, as MegaScale does' },
  interval: { value: 'daly', reason: "Daly's optimum for each job's size and rate of failure" },
  storageShare: {
    value: 0.5,
    reason: "Daly's optimum weighs the stall alone: without a bound, copies in the background fill any storage",
  },
  hostCopyGBPerS: { value: 20, reason: 'a third of PCIe 5.0 x16 (63 GB/s), shared with other traffic' },
  nodeGBPerS: { value: 25, reason: 'most of one client of a parallel file system (alibaba-cpfs)' },
  stateGBPerGpu: { value: 4, reason: 'Llama 3 saved 1 MB to 4 GB a GPU (llama3-reliability): the upper end' },
} as const;

/** Of `storage` of a site, GB/s for each of its GPUs. */
export const STORAGE_DEFAULTS = {
  writeGBPerS: { value: 0.0173, reason: 'in proportion to 173 GB/s for 10,000 cards (huawei-storage)' },
  readGBPerS: { value: 0.0288, reason: 'in proportion to 288 GB/s for 10,000 cards (huawei-storage)' },
} as const;

/** Of the entries of `limits` and `windows`. */
export const RULE_DEFAULTS = {
  qosPriority: { value: 0, reason: 'a quality of service that only limits' },
  drainMs: { value: 0, reason: 'nodes take jobs until the window begins, and leave as the last of them end' },
} as const;

/** Of what a class of jobs may say of itself. The costs of an interruption count only under a policy that interrupts. */
export const TRAIT_DEFAULTS = {
  priority: { value: 0, reason: 'no class goes before another' },
  preemptible: { value: true, reason: 'a policy that pre-empts may choose among all jobs' },
  checkpoint: {
    value: '1 h',
    reason: 'hourly checkpoints keep jobs of 2,048 to 4,096 GPUs above 0.9 of their time productive (meta-rsc)',
  },
  restart: {
    value: '10 min',
    reason: 'Meta counts 5 to 20 minutes from GPUs to progress (meta-rsc); our choice within',
  },
  resize: { value: '10 min', reason: 'a job that changes its size starts anew from its own memory: as a restart' },
  deferFor: {
    value: '24 h',
    reason: 'who can wait can wait a day: the prices of a day differ more than those of days',
  },
  speedupExponent: {
    value: 0.9,
    reason: 'nearly linear, as weak scaling of training is; no source gives one number for all jobs',
  },
} as const;

/** Of the `model` of a class of jobs. */
export const MODEL_DEFAULTS = {
  precision: { value: 'bf16', reason: 'every accelerator of the catalogue has it, and most published runs are in it' },
  globalBatchTokens: {
    value: 16_777_216,
    reason: 'Llama 3 405B was trained on batches of 16 M tokens (llama3-herd); whole sequences that data ranks share',
  },
} as const;

/** The longest a scenario may take, with the reason: beyond it the machine's memory is the question. */
export const SCENARIO_LIMITS = {
  horizon: { value: '3653 d', reason: 'ten years: every quarter hour of them is held in memory' },
  warmup: { value: '366 d', reason: 'a year: it only fills the machine, and its jobs are held in memory' },
} as const;

/** Of a workload document; `oversize` depends on its kind. */
export const WORKLOAD_DEFAULTS = {
  load: { value: 0.85, reason: 'utilisation of large training clusters' },
  thinning: {
    value: 0.1,
    reason: 'keeps the tiny jobs of a site-year to some 200,000; they hold 0.5 % of the GPU time',
  },
  budget: { value: 'exact', reason: 'so that replications differ in their jobs, not in how much work they bring' },
  oversizeDrawn: { value: 'rescale', reason: 'a mix is one of several that fit; the report counts the jobs changed' },
  oversizeListed: { value: 'refuse', reason: 'whoever writes a job down means that job' },
  gpuPowerFraction: { value: 0.95, reason: 'nothing says what the jobs do: training, in share of TDP' },
} as const;

/** Of `service` of a workload. */
export const SERVICE_DEFAULTS = {
  name: { value: 'service', reason: 'the one background load of a workload needs no name of its own' },
  timeZone: { value: "the site's", reason: 'its users live where it stands' },
} as const;

/** Of `workload: { trace: … }`. */
export const TRACE_DEFAULTS = {
  timeUnit: { value: 's', reason: 'as the Standard Workload Format has it' },
  lenient: { value: false, reason: 'a malformed line is more often the wrong file than one bad line' },
  dependencies: { value: false, reason: 'few logs fill field 17, and it orders ends, not completions' },
  gpuPowerFraction: WORKLOAD_DEFAULTS.gpuPowerFraction,
} as const;

/**
 * What a GPU draws in the phases of a job that are not computing, in share of its TDP, where a hardware says nothing.
 * All are choices between its idle draw (0.10) and computing (0.95); docs/power.md.
 */
export const PHASE_POWER_DEFAULTS = {
  exposedPowerFraction: {
    value: 0.45,
    reason: 'communication that nothing hides: about half way from idle to computing',
  },
  stallPowerFraction: { value: 0.3, reason: 'copies its state out for a checkpoint: memory and links, no arithmetic' },
  hangPowerFraction: { value: 0.25, reason: 'waits in a collective for a peer that is gone: a kernel that spins' },
  initialisePowerFraction: {
    value: 0.2,
    reason: 'from getting GPUs to the first step the hosts work: processes, communicators, loading',
  },
} as const;

export const SITE_DEFAULTS = {
  dayAheadAdderEurPerMWh: { value: 0, reason: 'the day-ahead price as it is' },
  seriesTimeZone: { value: 'UTC', reason: 'as times are counted here' },
} as const;

/** Of `facility` of a site; all but the kinds of heat rejection are listed among the assumptions where they are used. */
export const FACILITY_DEFAULTS = {
  approachK: {
    value: 11,
    reason: 'cooling tower 6 to 8 K, heat exchanger 3 to 5 K: W32 then needs no chiller up to 21 °C wet bulb',
  },
  riseK: { value: 10, reason: 'water through direct-to-chip loops warms by 8 to 15 K' },
  chillerCop: { value: 5, reason: 'a trim chiller with water above 30 °C does better than the 3 to 5 of cold water' },
  liquidRejection: { value: 'dry', reason: 'loops of 30 °C and more are usually cooled over dry coolers' },
  airRejection: { value: 'tower', reason: "the air-cooled hall's table is that of a water-side economiser" },
  cyclesOfConcentration: { value: 4, reason: 'usual with softened mains water: 3 to 6' },
  adiabaticFromWetBulbC: { value: 16, reason: 'pads stay dry while dry coolers alone suffice' },
  adiabaticLitresPerKwh: {
    value: 1,
    reason: 'air that warms by 10 K, saturated to 0.8 of a wet-bulb depression of 8 K',
  },
  heatReuseEfficiency: { value: 0.95, reason: 'heat exchanger and pipes on the premises' },
  deratingFromWetBulbC: { value: 26, reason: 'about the design wet bulb of Central Europe (once in 20 years)' },
  deratingPerKFraction: {
    value: 0.05,
    reason: 'fans and pumps at their limit: a twentieth of the heat for each kelvin',
  },
  intakeC: { value: 27.4, reason: 'supply air of the hall behind the air-cooled table (lei-masanet-2020)' },
  wasteHeatAirC: { value: 30, reason: 'water behind the coolers of a hall: return air of 46 °C less two exchangers' },
  wasteHeatLiquidC: { value: 40, reason: 'return of a direct-to-chip loop with supply at 30 °C' },
} as const;

/** Of `carbon` of a site. */
export const CARBON_DEFAULTS = {
  guaranteesFraction: { value: 0, reason: 'no guarantees of origin are bought unless the site says so' },
  contractKgPerMWh: { value: 0, reason: 'scope 2 counts contracted renewables as free of emissions in operation' },
  shadowEurPerT: { value: 75, reason: 'mean price of EU allowances in 2025 (veyt-ets-2025)' },
} as const;

/** Of `grid` of a site. */
export const GRID_DEFAULTS = {
  notice: { value: '0 min', reason: 'an order that comes unannounced: the harder case' },
  timeZone: { value: 'UTC', reason: 'as times are counted here' },
} as const;

/** Of `battery` of a site. */
export const BATTERY_DEFAULTS = {
  restFraction: { value: 1, reason: 'full, for what may come' },
  restOfArbitrage: { value: 0, reason: 'empty at midnight: it sells in the evening and buys in the night' },
  reserveFraction: { value: 0, reason: 'every use may have all of it' },
} as const;

/** Of `capital` of a site; listed among the assumptions where a cost is worked out. */
export const CAPITAL_DEFAULTS = {
  facilityEurMPerMWIt: {
    value: 11,
    reason: 'shell, power and cooling of a liquid-cooled hall, of 8 to 15; not checked',
  },
  gridEurPerKw: {
    value: 100,
    reason: 'of 53 to 250; in Germany about a year of the charge per kW',
    source: 'bnetza-tso-tariff-2026',
  },
  connectionPerIt: {
    value: 1.15,
    reason: '100,000 GB300 of 2.0 kW at 230 MW',
    source: 'stargate-norway',
  },
  staffFteBase: { value: 31.2, reason: 'with staffFtePerMW 40 people at 17 MW and 150 at 230 MW' },
  staffFtePerMW: { value: 0.5164, reason: 'of the connection: 40 people at 17 MW and 150 at 230 MW' },
  staffEurPerFteYear: { value: 100_000, reason: 'all that an employee costs' },
  waterEurPerM3: { value: 2, reason: 'drinking water for industry in Europe, without waste water' },
} as const;

/** Of `buildOut` of a scenario. */
export const BUILD_OUT_DEFAULTS = {
  facility: { value: 'each-phase', reason: 'campuses grow hall by hall, each with its own power and cooling' },
  grid: { value: 'first-phase', reason: 'a connection is applied for once, and its lines are laid for all of it' },
} as const;

/** Of `finance` of a scenario; listed among the assumptions where a cost is worked out. */
export const FINANCE_DEFAULTS = {
  wacc: { value: 0.08, reason: 'nominal, before tax; public bodies 4 to 5 %, young cloud companies 10 to 12 %' },
  lifeYears: {
    it: {
      value: 5,
      reason: 'of 4 to 6; the minimum life of a consortium; at the frontier 2 to 3',
      source: 'epoch-dc-cost',
    },
    facility: { value: 15, reason: 'of 14 to 20', source: 'epoch-dc-cost' },
    grid: { value: 25, reason: 'lines and transformers outlive the hall' },
    battery: { value: 15, reason: 'about 5,000 cycles, one a day' },
  },
  grantFraction: { value: 0, reason: 'without public money; 0.17 of the Union, as much again of the host state' },
  residualFraction: { value: 0.1, reason: 'of 0 to 30 % after five years' },
  insuranceFraction: { value: 0.005, reason: 'insurance, property tax and land together' },
  maintenanceFraction: {
    it: { value: 0.03, reason: 'spare parts and contracts, of 2 to 5 %' },
    facility: { value: 0.03, reason: 'of 2 to 5 %' },
    battery: { value: 0.02, reason: 'usual of battery storage' },
  },
  usdPerEur: { value: 1.16, reason: 'late 2025' },
  batteryUsdPerKWh: { value: 125, reason: 'all-in, October 2025', source: 'ember-bess-2025' },
  hardwarePriceDeclineFraction: { value: 0.3, reason: 'price of a FLOP; of one chip it is less' },
} as const;

export type DefaultedKey = keyof typeof SCENARIO_DEFAULTS;

/** A default that stands in for a figure, flagged as ours. */
export const assumed = ({ value, reason }: { readonly value: number; readonly reason: string }): Figure => ({
  value,
  assumption: true,
  note: `default: ${reason}`,
});

export const trainingPowerFraction = assumed(WORKLOAD_DEFAULTS.gpuPowerFraction);

/** The same for the draw of a phase, with the place that explains it. */
export const assumedPhasePower = (key: keyof typeof PHASE_POWER_DEFAULTS): Figure => ({
  ...assumed(PHASE_POWER_DEFAULTS[key]),
  source: 'power-defaults',
  year: 2026,
  confidence: 'low',
});

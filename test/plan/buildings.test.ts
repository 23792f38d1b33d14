import { describe, expect, it } from 'vitest';
import { simulate } from '../../src/sim/simulate.js';
import { faultsOf, inShort, planText } from './planning.js';

const HYBRID =
  'liquidFraction: 1, liquidCoolingFraction: 0, upsEfficiency: 1, distributionEfficiency: 1, fixedFraction: 0';

/** A day of one job of 8 GPUs on 16, at one site. */
const scenario = (site: { facility?: string; rest?: string; zone?: string } = {}): string => `
version: 1
kind: scenario
question: q
horizon: 1 d
warmup: 0 s
calendarYear: 2027
policy: fcfs+none@first-fit
workload: { kind: workload, name: one, title: One, jobs: [{ submit: 0 h, gpus: 8, run: 12 h }] }
sites:
  - name: here
    zone: ${site.zone ?? 'DE-LU'}
    partitions: [{ name: main, hardware: h100-sxm, gpus: 16 }]
    facility: { ${site.facility ?? HYBRID} }
    tariff: { capacityEurPerKwYear: 0, networkEurPerMWh: 10, leviesEurPerMWh: 5 }
${site.rest ?? ''}`;
const specOf = (site: Parameters<typeof scenario>[0]) => planText(scenario(site)).specs[0]!.sites[0]!;
const REUSE = (more: string) => `${HYBRID}, heatReuse: { supplyC: 40, capacityMW: 1, ${more} }`;

describe('a site that says nothing of its building or contracts', () => {
  it('has no indicators, no carbon account and no series but the three', () => {
    const spec = specOf({});
    expect(spec).not.toHaveProperty('indicators');
    expect(spec).not.toHaveProperty('carbon');
    expect(Object.keys(spec.series)).toEqual(['price', 'carbon', 'wetBulb']);
  });
});

describe('a site that does', () => {
  it('is in the country of its zone and begins with the calendar year, unless it says otherwise', () => {
    const carbon = '    carbon: {}';
    expect(specOf({ rest: carbon }).indicators).toMatchObject({ country: 'DE', inOperationFrom: '2027-01-01' });
    const said = specOf({ facility: `${HYBRID}, country: LU, inOperationFrom: 2028-07-01` });
    expect(said.indicators).toMatchObject({ country: 'LU', inOperationFrom: '2028-07-01', calendarYear: 2027 });
  });

  it('states 27.4 °C of intake air and 40 °C of waste heat, as assumptions, or the return of its warm water', () => {
    const { specs, assumptions } = planText(scenario({ rest: '    carbon: {}' }));
    expect(specs[0]!.sites[0]!.indicators).toMatchObject({ intakeC: 27.4, wasteHeatC: 40 });
    const paths = assumptions.filter(({ document }) => document === 'site here').map(({ path }) => path);
    expect(paths).toEqual(['facility.intakeC', 'facility.wasteHeatC']);
    const warm = specOf({ facility: `${HYBRID}, cooling: warm-water, supplyC: 45` });
    expect(warm.indicators!.wasteHeatC).toBe(55);
  });

  it('lists each default it leaves and uses as an assumption of ours: pads need other figures than towers', () => {
    const pads = planText(scenario({ facility: `${HYBRID}, intakeC: 25, wasteHeatC: 45, water: { air: adiabatic }` }));
    const ofPads = pads.assumptions.filter(({ document }) => document === 'site here').map(({ path }) => path);
    expect(ofPads).toEqual(['facility.water.adiabaticFromWetBulbC', 'facility.water.adiabaticLitresPerKwh']);
    const facility = `${HYBRID}, cooling: warm-water, supplyC: 32, water: {}, derating: {}`;
    const { assumptions } = planText(scenario({ facility }));
    const paths = assumptions.filter(({ document }) => document === 'site here').map(({ path }) => path);
    expect(paths).toEqual([
      'facility.approachK',
      'facility.riseK',
      'facility.chillerCop',
      'facility.derating.fromWetBulbC',
      'facility.derating.perKFraction',
      'facility.water.cyclesOfConcentration',
      'facility.intakeC',
    ]);
  });

  it('prints what it leaves to defaults, with their reasons, and where it says otherwise', () => {
    const facility = `${HYBRID}, cooling: warm-water, supplyC: 32, chillerCop: 6, water: { liquid: tower }`;
    const { config } = planText(scenario({ facility, rest: '    carbon: { shadowEurPerT: 100 }' }));
    const lines = config
      .filter(({ key }) => /facility|carbon/.test(key))
      .map(({ key, value, from }) => `${key.replace('sites[0].', '')} ${String(value)} ${from}`);
    expect(lines).toEqual([
      'facility.approachK 11 default',
      'facility.riseK 10 default',
      'facility.chillerCop 6 s.yaml:14',
      'facility.water.liquid tower s.yaml:14',
      'facility.water.air tower default',
      'facility.water.cyclesOfConcentration 4 default',
      'facility.water.adiabaticFromWetBulbC 16 default',
      'facility.water.adiabaticLitresPerKwh 1 default',
      'carbon.guaranteesFraction 0 default',
      'carbon.contractKgPerMWh 0 default',
      'carbon.shadowEurPerT 100 s.yaml:16',
    ]);
    expect(planText(scenario()).config.some(({ key }) => /facility|carbon/.test(key))).toBe(false);
  });

  it('has the dry bulb of its zone, none beside a wet bulb of its own', () => {
    expect(specOf({ rest: '    carbon: {}' }).series.dryBulb).toBe('dryBulb/DE-LU/representative');
    const own = '    carbon: {}\n    series: { wetBulb: { constant: 12 } }';
    expect(specOf({ rest: own }).series).not.toHaveProperty('dryBulb');
  });
});

describe('heat demand', () => {
  const demandOf = (more: string): Float64Array => {
    const plan = planText(scenario({ facility: REUSE(more) }));
    return plan.inputs.series[plan.specs[0]!.sites[0]!.series.heatDemand!]!.values;
  };

  it('is a constant in every hour of the horizon', () => {
    expect([...demandOf('demand: { constantMW: 0.5 }')]).toEqual(Array<number>(24).fill(0.5));
  });

  it('is the month’s level times the local hour’s share: the UTC day begins at 1 o’clock in Berlin', () => {
    const months = JSON.stringify(Array.from({ length: 12 }, (_, m) => (m === 0 ? 2 : 9)));
    const hours = JSON.stringify(Array.from({ length: 24 }, (_, h) => h / 10));
    const demand = demandOf(`demand: { monthlyMW: ${months}, hourly: ${hours} }`);
    expect([demand[0], demand[22], demand[23]]).toEqual([0.2, 4.6, 0]);
  });

  it('is read from a file in MW, in the time zone of the site’s series', () => {
    const rows = Array.from({ length: 24 }, (_, h) => `2027-01-01T${String(h).padStart(2, '0')}:00Z,${String(h)}`);
    const plan = planText(scenario({ facility: REUSE('demand: heat.csv') }), {
      readFile: () => new TextEncoder().encode(['time,MW', ...rows].join('\n')),
    });
    const { values } = plan.inputs.series['heatDemand/here/own']!;
    expect([values[0], values[23]]).toEqual([0, 23]);
  });

  it('changes the key of the run', () => {
    const keyOf = (mw: number) => planText(scenario({ facility: REUSE(`demand: { constantMW: ${mw} }`) })).runs[0]!.key;
    expect(keyOf(0.5)).not.toBe(keyOf(0.6));
  });
});

describe('faults', () => {
  const said = (site: Parameters<typeof scenario>[0], options = {}) =>
    faultsOf(scenario(site), options).map((issue) => inShort(issue).replace(/^\S+ /, ''));

  it('heat colder than the network wants', () => {
    const cold = `${HYBRID}, heatReuse: { supplyC: 70, capacityMW: 1, demand: { constantMW: 1 } }`;
    expect(said({ facility: cold })).toEqual([
      'sites[0].facility.heatReuse.supplyC: expected at most 40 °C, what leaves the IT with this cooling (facility.wasteHeatC), got 70',
    ]);
    expect(said({ facility: cold.replace('supplyC: 70', 'supplyC: 70, heatPumpCop: 4') })).toEqual([]);
    expect(said({ facility: `${cold}, wasteHeatC: 75` })).toEqual([]);
    expect(said({ facility: `${cold}, cooling: warm-water, supplyC: 60` })).toEqual([]);
  });

  it('a demand that ends before the horizon, or is below 0', () => {
    const readFile = (text: string) => () => new TextEncoder().encode(text);
    const facility = REUSE('demand: heat.csv');
    const short = said({ facility }, { readFile: readFile('2027-01-01T00:00Z,1\n2027-01-01T01:00Z,1\n') });
    expect(short.join()).toMatch(/expected the series to reach the end of the horizon/);
    const negative = said({ facility }, { readFile: readFile('2027-01-01T00:00Z,-1\n2027-01-01T01:00Z,1\n') });
    expect(negative.join()).toMatch(/0 to 10000 MW/);
  });

  it('keys and values that no building has, all in one pass', () => {
    const facility = `cooling: air, upsEfficiency: 1, distributionEfficiency: 1, fixedFraction: 0, supplyC: 30, water: { air: wet, cyclesOfConcentration: 0.5 }, derating: { perKFraction: 2 }, inOperationFrom: 2027, country: Germany`;
    const rest = '    carbon: { guaranteesFraction: 2, residual: 400 }';
    expect(said({ facility, rest })).toEqual([
      expect.stringMatching(/^sites\[0\]\.facility\.supplyC: unknown key/),
      expect.stringMatching(/^sites\[0\]\.facility\.water\.air: expected one of dry, adiabatic.*tower, got "wet"/),
      expect.stringMatching(/^sites\[0\]\.facility\.water\.cyclesOfConcentration: expected .*at least 1\.01/),
      expect.stringMatching(/^sites\[0\]\.facility\.derating\.perKFraction: expected .*1/),
      expect.stringMatching(/^sites\[0\]\.facility\.inOperationFrom: expected a date such as 2027-07-01/),
      expect.stringMatching(/^sites\[0\]\.facility\.country: expected two capital letters/),
      expect.stringMatching(/^sites\[0\]\.carbon\.guaranteesFraction: expected/),
      expect.stringMatching(/^sites\[0\]\.carbon\.residual: unknown key/),
    ]);
  });
});

describe('a run', () => {
  const run = (site: Parameters<typeof scenario>[0]) => {
    const plan = planText(scenario(site));
    return simulate(plan.specs[0]!, plan.inputs).sites[0]!;
  };

  it('is the same with and without carbon and water, but for what they say', () => {
    const plain = run({});
    const { carbon, indicators, ...rest } = run({ facility: `${HYBRID}, water: {}`, rest: '    carbon: {}' });
    expect(rest).toEqual(plain);
    expect(carbon!.locationT).toBeCloseTo(plain.carbonKt * 1000, 12);
    expect(indicators!.pue).toBeCloseTo(plain.pue, 12);
  });

  it('pays for its heat pump, and its audit still closes', () => {
    const plain = run({ facility: REUSE('demand: { constantMW: 0.003 }') });
    const pumped = run({ facility: REUSE('demand: { constantMW: 0.003 }, heatPumpCop: 3') });
    // 3 kW for 24 h at a COP of 3: 24 kWh more.
    expect(pumped.facilityMWh - plain.facilityMWh).toBeCloseTo(0.024, 9);
    expect(pumped.indicators!.ereuseMWh).toBeCloseTo(0.072, 9);
    expect(pumped.bill.networkEur - plain.bill.networkEur).toBeCloseTo(0.24, 9);
    expect(pumped.auditEnergyWms.relativeError).toBeLessThan(1e-9);
    expect(pumped.auditCostEur.relativeError).toBeLessThan(1e-9);
    expect(plain.indicators!.erf).toBeCloseTo(0.072 / plain.facilityMWh, 9);
  });

  it('with more demand than heat reuses all that passes the exchanger: ERF is its efficiency over PUE', () => {
    const { indicators } = run({ facility: REUSE('demand: { constantMW: 1 }') });
    expect(indicators!.pue).toBeCloseTo(1, 9);
    expect(indicators!.erf).toBeCloseTo(0.95, 9);
  });

  it('in a heat wave says for how long the cooling carries less, and that jobs ran above it', () => {
    const wave =
      '    series: { wetBulb: { steps: [{ from: 0 h, value: 20 }, { from: 6 h, value: 31 }, { from: 10 h, value: 20 }] } }';
    const { indicators } = run({
      facility: `${HYBRID}, derating: { fromWetBulbC: 26, perKFraction: 0.1 }`,
      rest: wave,
    });
    // Two nodes rated 10.2 kW and 912 W of network: half of 22.224 kW. One busy node and one idle draw more.
    expect(indicators!.pditKw).toBeCloseTo(22.224, 9);
    expect(indicators!.derating).toEqual({
      hours: 4,
      leastItMW: indicators!.pditKw / 2 / 1000,
      overCapacityQuarterHours: 16,
    });
    const cool = run({ facility: `${HYBRID}, derating: { fromWetBulbC: 32, perKFraction: 0.1 }`, rest: wave });
    expect(cool.indicators!.derating).toMatchObject({ hours: 0, overCapacityQuarterHours: 0 });
  });

  it('guarantees of origin for half of it make a REF of 0.5, and the residual mix counts for the rest', () => {
    const { carbon, indicators } = run({ rest: '    carbon: { guaranteesFraction: 0.5, residualKgPerMWh: 600 }' });
    expect(indicators!.ref).toBeCloseTo(0.5, 12);
    expect(carbon!.marketKgPerMWh).toBeCloseTo(300, 9);
  });

  it('counts of a PPA what is used in the same hour: twelve hours of plenty cover twelve hours, not the day', () => {
    const rows = Array.from({ length: 24 }, (_, h) => `2027-01-01T${String(h).padStart(2, '0')}:00Z,${h < 12 ? 1 : 0}`);
    const term =
      '{ kind: pay-as-produced, name: Wind, profile: wind.csv, capacityMW: 0.2, priceEurPerMWh: 60, surplus: sold }';
    const text = scenario({ rest: '    carbon: { residualKgPerMWh: 500 }' }).replace(
      'tariff: {',
      `tariff: { supply: [${term}],`,
    );
    const plan = planText(text, { readFile: () => new TextEncoder().encode(['time,share', ...rows].join('\n')) });
    const { carbon, indicators, facilityMWh } = simulate(plan.specs[0]!, plan.inputs).sites[0]!;
    // The job runs in the first twelve hours; then the nodes are idle.
    expect(carbon!.residualMWh).toBeCloseTo((12 * 2 * (2170 + 8 * 114)) / 1e6, 9);
    expect(carbon!.ppaMWh).toBeCloseTo(facilityMWh - carbon!.residualMWh, 12);
    expect(indicators!.ref).toBeCloseTo(carbon!.ppaMWh / facilityMWh, 12);
    expect(carbon!.marketT).toBeCloseTo(carbon!.residualMWh * 0.5, 12);
  });
});

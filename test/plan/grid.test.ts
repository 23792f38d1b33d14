import { describe, expect, it } from 'vitest';
import { faultsOf, planText } from './planning.js';

const HOUR = 3_600_000;
const scenario = (site: string, horizon = '2 d'): string => `
version: 1
kind: scenario
question: What may be drawn?
sites:
  - name: tiny
    zone: DE-LU
    partitions: [{ name: main, hardware: h100-sxm, nodes: 100 }]
    facility: { liquidFraction: 1, liquidCoolingFraction: 0, upsEfficiency: 1, distributionEfficiency: 1, fixedFraction: 0 }
    tariff: { capacityEurPerKwYear: 0, networkEurPerMWh: 0, leviesEurPerMWh: 0 }
    series: { price: { constant: 50 }, carbon: { constant: 300 }, wetBulb: { constant: 10 } }
${site.replace(/^/gm, '    ')}
workload: { jobClasses: [{ name: a, gpuPowerFraction: 0.95 }], jobs: [{ submit: 0 h, gpus: 8, run: 1 h }] }
policy: fcfs+none@first-fit
horizon: ${horizon}
warmup: 0 h
`;

const file =
  (files: Readonly<Record<string, string>>) =>
  (path: string): Uint8Array =>
    new TextEncoder().encode(files[path]);

const inShort = (text: string, files: Readonly<Record<string, string>> = {}): string[] =>
  faultsOf(text, { readFile: file(files) }).map(({ path, line, message, file: where }) =>
    where === 's.yaml' ? `${path}: ${message}` : `${String(where)}:${String(line)}: ${message}`,
  );

describe('the grid of a site', () => {
  it('becomes watts and milliseconds, orders in the order of time', () => {
    const text = scenario(`grid:
  connectionMW: { value: 1.2, source: mine }
  ramp: { mwPerQuarterHour: 0.3 }
  orders:
    - { name: later, at: 1 d 12 h, for: 90 min, limitMW: 0.6 }
    - { name: first, at: 5 h, for: 3 h, notice: 15 min, reduceBy: 0.25 }
  limits: { steps: [{ from: 0 h, value: 2 }, { from: 24 h, value: 1 }] }`);
    const { specs, inputs } = planText(text);
    const { grid } = specs[0]!.sites[0]!;
    expect(grid).toEqual({
      connectionW: 1.2e6,
      rampWPerQuarterHour: 0.3e6,
      orders: [
        { name: 'first', fromMs: 5 * HOUR, toMs: 8 * HOUR, noticeMs: HOUR / 4, reduceFraction: 0.25 },
        { name: 'later', fromMs: 36 * HOUR, toMs: 37.5 * HOUR, noticeMs: 0, limitW: 600_000 },
      ],
      limitSeries: 'gridLimit/tiny/own',
    });
    const { values } = inputs.series[grid!.limitSeries!]!;
    expect([values[0], values[95], values[96], values[191]]).toEqual([2, 2, 1, 1]);
  });

  it('reads orders and limits from files in local time', () => {
    const text = scenario(`grid: { orders: orders.csv, limits: limits.csv, timeZone: Europe/Berlin }`, '3 h');
    const readFile = file({
      'orders.csv': '2027-01-01T02:00,1 h,25 %,15 min,ours',
      'limits.csv': 'time,limitMW\n2027-01-01T01:00,2\n2027-01-01T02:00,1.5\n2027-01-01T03:00,2\n',
    });
    const { specs, inputs } = planText(text, { readFile });
    const { grid } = specs[0]!.sites[0]!;
    expect(grid!.orders.map(({ name, fromMs }) => [name, fromMs])).toEqual([['ours', HOUR]]);
    expect([...inputs.series[grid!.limitSeries!]!.values]).toEqual([2, 1.5, 2]);
  });

  it('is absent from a site that does not have it, and so is its battery', () => {
    const site = planText(scenario('note: none')).specs[0]!.sites[0]!;
    expect('grid' in site).toBe(false);
    expect('battery' in site).toBe(false);
  });

  it('tells all that is wrong with it in one pass', () => {
    const text = scenario(`grid:
  connectionMW: 0.1
  timeZone: Europe/Berlim
  ramp: { mwPerQuarterHour: 0 }
  orders:
    - { name: a, at: 5 h, for: 3 h, limitMW: 1 }
    - { name: b, at: 7 h, for: 1 h, reduceBy: 0.2 }
    - { name: a, at: 47 h, for: 2 h, limitMW: 1 }
    - { name: c, at: 60 h, for: 1 h, limitMW: 1 }
    - { name: d, at: 0 h, for: 1 h, limitMW: 1 }
    - { name: e, at: 10 h 5 min, for: 20 min, limitMW: 1 }
    - { name: f, at: 12 h, for: 1 h }
    - { name: g, at: 14 h, for: 1 h, limitMW: 1, reduceBy: 0.2 }
  limits: { constant: 0.2 }`);
    expect(inShort(text)).toEqual([
      'sites[0].grid.connectionMW: expected more than the 0.308 MW that its machines draw idle, got 0.1',
      'sites[0].grid.timeZone: expected UTC or a time zone such as Europe/Berlin, got "Europe/Berlim"',
      'sites[0].grid.ramp.mwPerQuarterHour: expected a number more than 0, got 0',
      'sites[0].grid.orders[1].at: expected a time when a has ended (8 h), got 7 h',
      "sites[0].grid.orders[2].name: expected a name of its own; a is another order's already",
      'sites[0].grid.orders[2].for: expected an order that ends by the horizon of 2 d, got one to 49 h',
      'sites[0].grid.orders[3].at: expected a time before the horizon of 2 d, got 60 h',
      'sites[0].grid.orders[4].at: expected 1 h or later (it is measured against the hour before it), got 0 ms',
      'sites[0].grid.orders[5].at: expected a time since the start in whole quarter hours, such as 100 d 12 h, got "10 h 5 min"',
      'sites[0].grid.orders[5].for: expected whole quarter hours, at least one, such as 3 h, got "20 min"',
      'sites[0].grid.orders[6]: expected exactly one of limitMW and reduceBy; got none',
      'sites[0].grid.orders[7]: expected exactly one of limitMW and reduceBy; got both',
      'sites[0].grid.limits: expected limits above the 0.308 MW that its machines draw idle, got one of 0.2 MW',
    ]);
  });

  it('tells faults of its files at their lines, overlaps too', () => {
    const text = scenario(`grid: { orders: orders.csv, limits: limits.csv }`, '3 h');
    const files = {
      'orders.csv': '2027-01-01T01:00,1 h,25 %\n2027-01-01T01:30,1 h,30 %\n',
      'limits.csv': 'time,limitMW\n2027-01-01T00:00,2\n2027-01-01T01:00,-2\n',
    };
    expect(inShort(text, files)).toEqual([
      'orders.csv:2: order order-2: expected a time when order-1 has ended (2 h), got 90 min',
      'limits.csv:3: expected 0 to 100000 MW, got -2',
      'limits.csv:3: expected the series to reach the end of the horizon, 2027-01-01T03:00:00Z, got an end at 2027-01-01T02:00:00Z',
    ]);
  });
});

describe('the battery of a site', () => {
  it('becomes watts, with what it rests at by its uses', () => {
    const batteryOf = (uses: string) =>
      planText(
        scenario(`battery: { powerMW: 1, energyMWh: 4, roundTripEfficiency: 0.88, eurPerKWh: 107, uses: ${uses} }`),
      ).specs[0]!.sites[0]!.battery;
    expect(batteryOf('[arbitrage, ride-through]')).toEqual({
      ...{ powerW: 1e6, energyMWh: 4, roundTripEfficiency: 0.88, eurPerKWh: 107 },
      ...{ uses: ['ride-through', 'arbitrage'], restFraction: 0, reserveFraction: 0 },
    });
    expect(batteryOf('[peak-shaving]')!.restFraction).toBe(1);
  });

  it('lists what it leaves to its defaults, with the reason that holds for its uses', () => {
    const text = scenario('battery: { powerMW: 1, energyMWh: 4, roundTripEfficiency: 0.88, uses: [arbitrage] }');
    const entry = planText(text).config.find(({ key }) => key === 'sites[0].battery.restFraction');
    expect(entry).toMatchObject({ value: 0, from: 'default' });
    expect(entry!.reason).toContain('empty at midnight');
  });

  it('tells all that is wrong with it in one pass', () => {
    const text = scenario(`battery:
  powerMW: 0
  roundTripEfficiency: 1.1
  uses: [arbitrage, arbitrage]
  restFraction: 2`);
    expect(inShort(text)).toEqual([
      'sites[0].battery.energyMWh: is missing: expected a number more than 0 or { value, source, year, … }',
      'sites[0].battery.powerMW: expected a number more than 0, got 0',
      'sites[0].battery.roundTripEfficiency: expected a number more than 0 and at most 1, got 1.1',
      'sites[0].battery.uses: expected each use once, got a list of 2',
      'sites[0].battery.restFraction: expected a number from 0 to 1, got 2',
    ]);
  });

  it('has no target that its machines exceed with nothing to do', () => {
    const target = (peakTargetMW: string) =>
      scenario(
        `battery: { powerMW: 1, energyMWh: 4, roundTripEfficiency: 0.9, uses: [peak-shaving], peakTargetMW: ${peakTargetMW} }`,
      );
    expect(inShort(target('0.31'))).toEqual([]);
    for (const low of ['0.3', '{ value: 0.3, source: mine }']) {
      expect(inShort(target(low))).toEqual([
        'sites[0].battery.peakTargetMW: expected more than the 0.308 MW that its machines draw idle, got 0.3',
      ]);
    }
  });

  it('has no target and no reserve without the use they are for', () => {
    const text = scenario(
      `battery: { powerMW: 1, energyMWh: 4, roundTripEfficiency: 0.9, uses: [arbitrage], peakTargetMW: 1, reserveFraction: 0.1 }`,
    );
    expect(inShort(text)).toEqual([
      'sites[0].battery.peakTargetMW: expected peak-shaving among uses: peakTargetMW is of no effect without it, got 1',
      'sites[0].battery.reserveFraction: expected ride-through among uses: reserveFraction is of no effect without it, got 0.1',
    ]);
  });
});

import { describe, expect, it } from 'vitest';
import { simulate } from '../../../src/sim/simulate.js';
import { faultsOf, planText } from '../../plan/planning.js';

/** Four H100 nodes in a building that adds nothing; two jobs of a node each and, an hour later, two more. */
const scenario = (policy: string, horizon = '1 d'): string =>
  [
    'version: 1',
    'kind: scenario',
    'question: What does a power cap cost?',
    'sites: [{ name: a, zone: FR, partitions: [{ name: main, hardware: h100-sxm, nodes: 4 }], ',
    '  facility: { liquidFraction: 1, liquidCoolingFraction: 0, upsEfficiency: 1, distributionEfficiency: 1, fixedFraction: 0 },',
    '  tariff: { capacityEurPerKwYear: 0, networkEurPerMWh: 0, leviesEurPerMWh: 0 } }]',
    'workload: { jobClasses: [{ name: train, gpuPowerFraction: 0.95 }, { name: debug, gpuPowerFraction: 0.4 }], jobs: [',
    '  { submit: 0 h, gpus: 8, run: 2 h }, { submit: 0 h, gpus: 8, run: 2 h, class: debug },',
    '  { submit: 1 h, gpus: 8, run: 2 h }, { submit: 1 h, gpus: 8, run: 2 h } ] }',
    `policy: '${policy}'`,
    `horizon: ${horizon}`,
    'warmup: 0 s',
    '',
  ].join('\n');

const run = (policy: string) => {
  const { specs, inputs } = planText(scenario(policy));
  return simulate(specs[0]!, inputs, { keepJobs: true });
};
const endsH = (policy: string): number[] => [...run(policy).jobs!.endMs].map((ms) => ms / 3_600_000);

/** Idle node 2,170 W and 114 W a GPU of network; a GPU that trains adds 768 W, one that debugs 383 W. */
const IDLE_W = 4 * (2170 + 8 * 114);
/** Speed on an H100 at 500 of 700 W (mayr-2026). */
const AT_500 = 27_705 / 30_271;

describe('a cap as a share of TDP', () => {
  it('slows what would draw more by the measured curve, and lowers its watts', () => {
    expect(endsH('fcfs+easy@pack~cap(0.7142857142857143)')).toEqual(
      [2 / AT_500, 2, 1 + 2 / AT_500, 1 + 2 / AT_500].map((h): unknown => expect.closeTo(h, 6)),
    );
    // The first quarter hour: one node trains at 500 − 70 + 172.5 W a GPU, one debugs.
    const [first] = run('fcfs+easy@pack~cap(0.7142857142857143)').loadCurves[0]!.itWms;
    expect(first! / 900_000).toBe(IDLE_W + 8 * 603 + 8 * 383);
  });

  it('may be set for one class alone', () => {
    expect(endsH('fcfs+easy@pack~cap(0.3, debug)')[0]).toBe(2);
    expect(endsH('fcfs+easy@pack~cap(0.3, debug)')[1]).toBeGreaterThan(2);
  });

  it('of 1 changes nothing, as ~none does', () => {
    const plain = run('fcfs+easy@pack');
    for (const policy of ['fcfs+easy@pack~cap(1)', 'fcfs+easy@pack~none']) {
      const { fingerprint, sites } = run(policy);
      expect({ fingerprint, sites }, policy).toEqual({ fingerprint: plain.fingerprint, sites: plain.sites });
    }
  });

  it('counts what it took of the GPU time as lost, and the rest as effective', () => {
    const { cappedGpuHours, effectiveGpuHours } = run('fcfs+easy@pack~cap(0.7142857142857143)').schedule.power!;
    // Three jobs of 16 GPU-hours of work take 16 / speed, of which 1 − speed is what the cap took.
    expect(cappedGpuHours).toBeCloseTo(3 * 16 * (1 / AT_500 - 1), 4);
    expect(effectiveGpuHours).toBeCloseTo(4 * 16, 4);
  });
});

describe('a cap in MW', () => {
  const UNCAPPED_W = IDLE_W + 3 * 8 * 768 + 8 * 383;

  it('caps all jobs alike as soon as, and only as long as, the site would draw more', () => {
    const limitW = 29_000;
    const { loadCurves, jobs, schedule } = run(`fcfs+easy@pack~cap(${limitW / 1000} kW)`);
    const watts = [...loadCurves[0]!.itWms].map((wms) => wms / 900_000);
    expect(UNCAPPED_W).toBeGreaterThan(limitW);
    expect(Math.max(...watts)).toBeLessThanOrEqual(limitW);
    // In the first hour two jobs fit without a cap.
    expect(watts.slice(0, 4)).toEqual([0, 1, 2, 3].map(() => IDLE_W + 8 * 768 + 8 * 383));
    // Then 0.66 of TDP: 462 − 70 + 172.5 W for who trains; 0.67 would draw 12,328 + 24·572 + 8·383 = 29,120 W.
    expect(watts[4]).toBe(IDLE_W + 3 * 8 * 565 + 8 * 383);
    // One who debugs draws 280 W under any such cap and is not slowed.
    expect(jobs!.endMs[1]).toBe(2 * 3_600_000);
    expect(schedule.power!.cappedGpuHours).toBeGreaterThan(0);
  });

  it('has a job wait that would take the site above it even at the lowest cap', () => {
    // 0.3 of TDP: 210 − 70 + 172.5 W a GPU, 2,504 W a node; the site idles at 12,328 W, so three such nodes fit, not four.
    const limitW = IDLE_W + 3 * 8 * 313 + 1000;
    const { jobs, loadCurves } = run(`fcfs+easy@pack~cap(${limitW / 1000} kW)`);
    expect(Math.max(...[...loadCurves[0]!.itWms].map((wms) => wms / 900_000))).toBeLessThanOrEqual(limitW);
    expect(jobs!.startMs[2]).toBe(3_600_000);
    expect(jobs!.startMs[3]).toBeGreaterThan(3_600_000);
    expect(jobs!.startMs[3]).toBeLessThanOrEqual(jobs!.endMs[1]!);
  });
});

describe('a cap that cannot be', () => {
  const messages = (policy: string): string[] =>
    faultsOf(scenario(policy)).map(({ message, hint }) => `${message}${hint === undefined ? '' : ` ${hint}`}`);

  it('is said with what would do', () => {
    expect(messages('fcfs+easy@pack~cap(1.2)')[0]).toContain(
      'a share of at least 0.2 and up to 1, or a power such as 180 MW',
    );
    expect(messages('fcfs+easy@pack~cap(0.5, tran)')).toEqual([
      'expected class of cap to be one of train, debug, got tran Did you mean train?',
    ]);
    expect(messages('fcfs+easy@pack~cop(0.5)')[0]).toContain('expected the power to be one of none, cap,');
  });

  it('is below what anything was measured at, down to idle: refused with the least and why', () => {
    expect(messages('fcfs+easy@pack~cap(0.01)')).toEqual([
      'expected to of cap to be a share of at least 0.2 and up to 1, or a power such as 180 MW (an idle GPU draws 0.1 of ' +
        'TDP, and no speed was measured below 0.286), got "0.01"',
    ]);
    expect(messages('fcfs+easy@pack~cap(0.2)')).toEqual([]);
    expect(messages('fcfs+easy@pack~cap(0.01 MW)').join(' ')).not.toContain('at least 0.2');
    const why = 'of at least 0.25 and at most 1 (below it a GPU that initialises would draw more than one that works)';
    expect(messages('fcfs+easy@pack~peak-guard(0.9, 0.1)')[0]).toContain(why);
    expect(messages('fcfs+easy@pack~demand-response(0.1)')[0]).toContain(why);
    expect(messages('fcfs+easy@pack~peak-guard(1.5)')[0]).toContain('a share above 0 and up to 1');
  });
});

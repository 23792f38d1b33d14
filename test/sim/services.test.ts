import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MS_PER_HOUR, MS_PER_QUARTER_HOUR } from '../../src/base/units.js';
import type { RunResult } from '../../src/metrics/runResult.js';
import type { RunSpec } from '../../src/scenario/runSpec.js';
import { simulate } from '../../src/sim/simulate.js';
import { recount } from '../support/binRecount.js';
import { planText } from '../plan/planning.js';

const VALUES = [
  ...Array<number>(6).fill(0.25),
  ...[0.5, 0.5],
  ...Array<number>(10).fill(1),
  ...Array<number>(4).fill(0.5),
  ...[0.25, 0.25],
];

/** Eight nodes of 8 H100, two of them a chat service; facility watts are IT watts. */
const scenario = ({
  policy = 'fcfs+easy@pack',
  jobs = '[{ submit: 0 h, gpus: 32, run: 10 h }, { submit: 1 h, gpus: 48, run: 6 h }]',
  service = '{ name: chat, gpus: 16, replicaGpus: 8, gpuPowerFraction: 0.8, profile: PROFILE }',
  more = '',
  horizon = '24 h',
} = {}): string => `
version: 1
kind: scenario
question: What does a chat service draw?
sites:
  - name: tiny
    title: Eight nodes
    zone: FR
    partitions: [{ name: main, hardware: h100-sxm, nodes: 8, racksPerPod: 1 }]
    facility:
      { liquidFraction: 1, liquidCoolingFraction: 0, upsEfficiency: 1, distributionEfficiency: 1, fixedFraction: 0 }
    tariff: { capacityEurPerKwYear: 0, networkEurPerMWh: 0, leviesEurPerMWh: 0 }
    series: { price: { constant: 50 }, carbon: { constant: 0 }, wetBulb: { constant: 10 } }
workload:
  jobs: ${jobs}
  service: ${service.replace('PROFILE', `{ values: [${VALUES.join(', ')}] }`)}
policy: ${policy}
horizon: ${horizon}
warmup: 0 h
${more}`;

function run(text: string): { spec: RunSpec; result: RunResult } {
  const plan = planText(text);
  return { spec: plan.specs[0]!, result: simulate(plan.specs[0]!, plan.inputs, { keepJobs: true }) };
}

describe('a service', () => {
  const { spec, result } = run(scenario());
  const [site] = result.sites;

  it('draws by the hour of the local day, to the joule', () => {
    // Idle 8 × (2,170 + 8 × 114) W. Training 32 × 10 h and 48 × 6 h at 768 W. 16 GPUs serve at 243, 383 and 663 W
    // (0.2, 0.4 and 0.8 of 700 W, − 70 + 172.5) for 8, 6 and 10 hours: Wh.
    const idleWh = 24 * 8 * 3082;
    const trainWh = 768 * (32 * 10 + 48 * 6);
    const serviceWh = 16 * (8 * 243 + 6 * 383 + 10 * 663);
    expect(site!.itMWh).toBe((idleWh + trainWh + serviceWh) / 1e6);
    expect(site!.auditEnergyWms.jobs).toBe((trainWh + serviceWh) * MS_PER_HOUR);
  });

  it('changes at the border of a quarter hour, so the peak of 15 minutes is exact', () => {
    // Paris is an hour ahead of UTC: 08:00 there is bin 28.
    const watts = Array.from(result.loadCurves[0]!.itWms, (wms) => wms / MS_PER_QUARTER_HOUR);
    expect(watts[28]! - watts[27]!).toBe(16 * (663 - 383));
    expect(watts[17 * 4]! - watts[17 * 4 - 1]!).toBe(16 * (383 - 663));
    // Both jobs are over by 16:00 UTC; from 10 to 16 o'clock 48 GPUs train and the service is at its peak.
    expect(site!.peakItMW * 1e6).toBe(8 * 3082 + 768 * 48 + 16 * 663);
  });

  it('holds its GPUs from the first instant to the last, and shows as a class without waits or submissions', () => {
    const [, chat] = result.schedule.classes;
    expect(chat).toMatchObject({ name: 'chat', submitted: 0, gpuHoursUsed: 16 * 24 });
    expect(chat!.wait.jobs).toBe(0);
    expect(result.schedule).toMatchObject({ submitted: 2, runningAtEnd: 0, waitingAtEnd: 0 });
    expect([...result.jobs!.startMs.slice(0, 2)]).toEqual([-60_000, -60_000]);
  });

  it('leaves listed jobs their numbers', () => {
    expect([...result.jobs!.table.originalId!.slice(0, 4)]).toEqual([-1, -2, 0, 1]);
  });

  it('is no part of the load, which is of the GPUs that are left', () => {
    expect(result.schedule.offeredLoadRealised).toBe((32 * 10 + 48 * 6) / (48 * 24));
    expect(result.schedule.offeredLoadTarget).toBe((32 * 10 + 48 * 6) / (48 * 24));
  });

  it.each([
    'sjf+easy@pack',
    'smallest-first+conservative@first-fit',
    'fcfs+greedy@pack',
    'las+easy/las@first-fit',
    'fcfs+none/time-slice(1 h)@pack',
    'priority+easy/priority@pack',
    'fcfs+elastic@pack',
  ])('goes first and is never touched under %s', (policy) => {
    const many = `[${Array.from({ length: 12 }, (_, i) => `{ submit: ${i} h, gpus: ${8 * (1 + (i % 6))}, run: ${1 + (i % 5)} h, user: ${i} }`).join(', ')}]`;
    const { result: found, spec: planned } = run(scenario({ policy, jobs: many }));
    const { startMs, interruptions } = found.jobs!;
    expect([...startMs.slice(0, 2)]).toEqual([-60_000, -60_000]);
    expect(interruptions?.preemptions[0] ?? 0).toBe(0);
    expect(interruptions?.resizes[0] ?? 0).toBe(0);
    expect(found.schedule.classes[1]!.gpuHoursUsed).toBe(16 * 24);
    expect([...found.loadCurves[0]!.itWms]).toEqual(recount(planned, found));
  });

  it('is not turned away or held by limits on jobs', () => {
    const more = 'limits: { maxWall: 12 h, perUser: { maxGpus: 48, maxJobs: 1 } }';
    const { result: found } = run(scenario({ more }));
    expect(found.schedule.classes[1]!.gpuHoursUsed).toBe(16 * 24);
    expect(found.schedule.rejected).toBe(0);
  });

  it('draws the same under a power cap that slows all other jobs', () => {
    const { result: found } = run(scenario({ policy: 'fcfs+easy@pack~cap(0.5)' }));
    const last = (of: RunResult): number => of.loadCurves[0]!.itWms.at(-1)! / MS_PER_QUARTER_HOUR;
    expect(last(found)).toBe(last(result));
    expect(found.jobs!.endMs[2]!).toBeGreaterThan(result.jobs!.endMs[2]!);
  });

  it('has 23 hours on the day that loses one', () => {
    const sunday = 86 * 24;
    const values = Array.from({ length: 24 }, (_, hour) => (hour === 2 ? 1 : 0.5));
    const service = `{ gpus: 8, replicaGpus: 8, gpuPowerFraction: 0.8, profile: { values: [${values.join(', ')}] } }`;
    const day = (calendarYear: number): number => {
      const text = scenario({ service, horizon: `${sunday + 24} h`, more: `calendarYear: ${calendarYear}` });
      const { itWms } = run(text).result.loadCurves[0]!;
      const highW = 8 * 3082 + 8 * 663;
      return itWms.subarray(sunday * 4).filter((wms) => wms / MS_PER_QUARTER_HOUR === highW).length;
    };
    // 28 March 2027 has no 02:00 in Paris; the same date of 2026 is a Saturday and has.
    expect(day(2027)).toBe(0);
    expect(day(2026)).toBe(4);
  });

  it('is in the fingerprint and the plan only where it is asked for', () => {
    const without = scenario().replace(/\n {2}service: .*/, '');
    const plan = planText(without);
    expect(plan.specs[0]).not.toHaveProperty('services');
    expect(plan.specs[0]).not.toHaveProperty('traits');
    expect(spec.services).toHaveLength(1);
  });
});

const FAILING = `
reliability:
  use: llama3
  failuresPer1000NodeDays: { value: 400, assumption: true }
  rateFactor: 1
  detection: 7 min
  swap: 1 min
  initialisation: { base: 11 min, perDoubling: 0 s, most: 11 min }
  spares: { nodes: 1 }
checkpoints: { mode: blocking, interval: 30 min, nodeGBPerS: 1e6 }
replications: 1
`;

describe('a service whose nodes fail', () => {
  const jobs = '[{ submit: 0 h, gpus: 16, run: 40 h }, { submit: 1 h, gpus: 16, run: 30 h }]';
  const { spec, result } = run(scenario({ jobs, more: FAILING, horizon: '72 h' }));
  const { phases } = result.jobs!.interruptions!;

  it('hangs, restarts and serves again, with nothing lost and no checkpoint written', () => {
    expect(phases!.failures[0]! + phases!.failures[1]!).toBeGreaterThan(0);
    expect(phases!.restartGpuMs[0]! + phases!.restartGpuMs[1]!).toBeGreaterThan(0);
    expect(phases!.lostGpuMs[0]! + phases!.lostGpuMs[1]!).toBe(0);
    expect(phases!.stallGpuMs[0]! + phases!.stallGpuMs[1]!).toBe(0);
    expect(phases!.stallGpuMs[2]!).toBeGreaterThan(0);
  });

  it('draws by the hour only while it serves: the meter equals a recount in every quarter hour', () => {
    expect([...result.loadCurves[0]!.itWms]).toEqual(recount(spec, result));
  });

  it('equals the recount whatever the profile, the failures and the policy', () => {
    const plans = ['fcfs+easy@pack', 'las+easy/las@first-fit', 'fcfs+none/time-slice(1 h)@pack'].map((policy) =>
      planText(scenario({ jobs, policy, more: FAILING, horizon: '36 h' })),
    );
    fc.assert(
      fc.property(
        fc.record({
          which: fc.nat(plans.length - 1),
          seed: fc.integer({ min: 0, max: 1e6 }),
          rateFactor: fc.constantFrom(0.5, 1, 4),
          deviationWByHour: fc.array(fc.integer({ min: -200, max: 400 }), { minLength: 24, maxLength: 24 }),
          timeZone: fc.constantFrom('UTC', 'Europe/Paris', 'Asia/Kolkata', 'America/New_York'),
        }),
        ({ which, seed, rateFactor, deviationWByHour, timeZone }) => {
          const plan = plans[which]!;
          const base = plan.specs[0]!;
          const [service] = base.services!;
          const given: RunSpec = {
            ...base,
            seed: String(seed),
            reliability: { ...base.reliability!, rateFactor },
            services: [{ ...service!, places: [{ ...service!.places[0]!, deviationWByHour, timeZone }] }],
          };
          const found = simulate(given, plan.inputs, { keepJobs: true });
          expect([...found.loadCurves[0]!.itWms]).toEqual(recount(given, found));
          expect(found.schedule.goodput!.withdrawnGpuHours).toBe(0);
        },
      ),
      { numRuns: 25, seed: 20270 },
    );
  });
});

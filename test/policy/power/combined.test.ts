import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PowerPolicy } from '../../../src/policy/contracts.js';
import { CombinedPower } from '../../../src/policy/power/combined.js';
import type { GridOrderSpec } from '../../../src/scenario/gridSpec.js';
import type { Schedule } from '../../../src/sim/schedule.js';
import type { PlainJob } from '../../support/jobs.js';
import { facilityW, IDLE_NODE_W, Q, runPowered, wattsAt } from '../../support/powered.js';

const combined = (...policies: PowerPolicy[]): CombinedPower =>
  new CombinedPower(policies.map((policy, index) => ({ name: `p${index}`, policy })));

describe('power policies together', () => {
  it('cap every class at the lowest that one of them says', () => {
    const both = combined({ capFraction: (_, of) => [0.8, 1][of]! }, {}, { capFraction: (_, of) => [0.9, 0.5][of]! });
    expect([0, 1].map((jobClass) => both.capFraction(0, jobClass))).toEqual([0.8, 0.5]);
  });

  it('hold a job back until the latest time, each asked every time', () => {
    const asked: number[] = [];
    const until = (index: number, ms: number): PowerPolicy => ({
      holdUntilMs: () => {
        asked.push(index);
        return ms;
      },
    });
    expect(combined(until(0, 30), {}, until(2, 10)).holdUntilMs(7)).toBe(30);
    expect(asked).toEqual([0, 2]);
    expect(combined(until(0, 30), until(1, Number.NaN)).holdUntilMs(7)).toBeNaN();
  });

  it('let nodes sleep as the one does whose nodes sleep soonest', () => {
    const sleep = (afterMs: number, wakeMs: number) => ({ idleSleep: { afterMs, wakeMs, drawFraction: 0 } });
    expect(combined(sleep(20, 1), sleep(10, 2), sleep(10, 3)).idleSleep).toEqual(sleep(10, 2).idleSleep);
    expect(combined({}, {}).idleSleep).toBeUndefined();
  });

  it('keep each target by the means of its own policy', () => {
    const own = { leastCapFraction: 0.5, delays: false, suspends: true, preempts: false };
    const { targets } = combined({ targetW: () => 100, means: own }, {}, { targetW: (site) => 50 + site });
    expect(targets.map(({ name, targetW, means }) => [name, targetW(1), means.suspends])).toEqual([
      ['p0', 100, true],
      ['p2', 51, false],
    ]);
  });
});

const NODES = 4;
const GPUS = 4 * NODES;
const IDLE_W = NODES * IDLE_NODE_W;
const someJobs = fc
  .array(
    fc.record({
      submitMs: fc.integer({ min: 0, max: 400 }).map((minutes) => minutes * 60_000 + 7),
      gpus: fc.integer({ min: 1, max: GPUS }),
      runMs: fc.integer({ min: 0, max: 200 * 60_000 }),
      jobClass: fc.integer({ min: 0, max: 1 }),
      priority: fc.integer({ min: 0, max: 2 }),
    }),
    { minLength: 1, maxLength: 20 },
  )
  .map((jobs): PlainJob[] => jobs.sort((a, b) => a.submitMs - b.submitMs));
const someTarget = fc
  .double({ min: 0, max: 1, noNaN: true })
  .map((share) => Math.ceil(IDLE_W + GPUS * wattsAt(0, 2) + share * GPUS * (wattsAt(0, 0) - wattsAt(0, 2))));
const ORDERS: readonly GridOrderSpec[] = [
  { name: 'a', fromMs: 6 * Q, toMs: 12 * Q, noticeMs: Q, limitW: 900 },
  { name: 'b', fromMs: 20 * Q, toMs: 24 * Q, noticeMs: 0, reduceFraction: 0.3 },
];
const run = (power: string, jobs: readonly PlainJob[], orders: readonly GridOrderSpec[] = ORDERS): Schedule =>
  runPowered(`priority+easy@pack~${power}`, jobs, { orders });

describe('peak-guard with demand-response', () => {
  it('is peak-guard alone where there are no orders, and demand-response alone beside a cap that caps nothing', () => {
    fc.assert(
      fc.property(someJobs, someTarget, (jobs, watts) => {
        const guard = `peak-guard(${watts / 1000} kW, 0.6)`;
        expect(run(`${guard}+demand-response`, jobs, []).fingerprint).toBe(run(guard, jobs, []).fingerprint);
        const beside = run('cap(1)+demand-response', jobs);
        expect(beside.fingerprint).toBe(run('demand-response', jobs).fingerprint);
      }),
      { numRuns: 50 },
    );
  });

  it('keeps both, in whatever order they are written, and with nodes that sleep', () => {
    fc.assert(
      fc.property(someJobs, someTarget, fc.boolean(), (jobs, watts, sleeps) => {
        const guard = `peak-guard(${watts / 1000} kW, 0.6)`;
        const sleep = sleeps ? '+idle-sleep(15 min, 5 min)' : '';
        const ran = run(`${guard}+demand-response${sleep}`, jobs);
        expect(run(`demand-response${sleep}+${guard}`, jobs).fingerprint).toBe(ran.fingerprint);
        const drawn = facilityW(ran);
        for (const quarter of drawn) expect(quarter).toBeLessThanOrEqual(watts + 1e-6);
        for (const quarter of drawn.slice(6, 12)) expect(quarter).toBeLessThanOrEqual(900 + 1e-6);
        for (const endMs of ran.endMs) expect(endMs).not.toBeNaN();
      }),
      { numRuns: 80 },
    );
  });

  it('goes no further for the peak than peak-guard may: no job is suspended outside orders', () => {
    const jobs = [0, 1, 2, 3].map((at): PlainJob => ({ submitMs: at * 60_000, gpus: 4, runMs: 8 * Q }));
    const tight = `peak-guard(${(IDLE_W + GPUS * wattsAt(0, 2)) / 1000} kW, 0.6)`;
    expect(run(`${tight}+demand-response`, jobs, []).power!.suspensions).toBe(0);
    expect(run(`${tight}+demand-response`, jobs).power!.suspensions).toBeGreaterThan(0);
  });
});

it('two caps are the lower one', () => {
  const jobs = [0, 1, 2].map((at): PlainJob => ({ submitMs: at * 60_000, gpus: 4, runMs: 4 * Q, jobClass: at % 2 }));
  const both = run('cap(0.8)+cap(0.6)', jobs, []);
  expect(both.fingerprint).toBe(run('cap(0.6)', jobs, []).fingerprint);
  expect(both.fingerprint).not.toBe(run('cap(0.8)', jobs, []).fingerprint);
});

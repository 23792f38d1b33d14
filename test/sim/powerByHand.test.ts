import { describe, expect, it } from 'vitest';
import { MS_PER_MINUTE } from '../../src/base/units.js';
import { WaitProbe } from '../../src/sim/waitProbe.js';
import { PLAIN_TRAITS } from '../../src/scenario/classTraits.js';
import type { Schedule } from '../../src/sim/schedule.js';
import type { PlainJob } from '../support/jobs.js';
import { checkpointsOf, phasesOf } from '../support/faulty.js';
import { facilityW, Q, runPowered, type Powered } from '../support/powered.js';

const MIN = MS_PER_MINUTE;
const HOUR = 60 * MIN;
/** Half of the machine. */
const job = (atMin: number, runMin: number, more: Partial<PlainJob> = {}): PlainJob => ({
  ...{ submitMs: atMin * MIN, gpus: 8, runMs: runMin * MIN },
  ...more,
});
const order = (limitW: number, noticeMs = 0) => ({
  ...{ name: 'evening', fromMs: HOUR, toMs: 2 * HOUR, noticeMs, limitW },
});
const endsMin = ({ endMs }: Schedule): number[] => [...endMs].map((ms) => ms / MIN);
const joules = ({ curves }: Schedule): number => curves[0]!.itWms.reduce((sum, wms) => sum + wms, 0) / 1000;

/*
 * Four nodes of 4 GPUs idle at 400 W. A GPU at work adds 200, 164, 128 or 92 W under caps of 1, 0.8, 0.6 and 0.4 of
 * TDP, at speeds of 1, 0.9, 0.75 and 0.5; of a suspended job 20 W.
 */
describe('peak-guard, on paper', () => {
  // 400 + 16 × 200 = 3,600 W; at 0.8: 3,024 W; at 0.6: 2,448 W.
  const guarded = () => runPowered('fcfs+easy@pack~peak-guard(2.8 kW, 0.4)', [job(0, 120), job(30, 60)]);

  it('slows a running job as soon as another one starts, and lets it go at the next quarter hour after it ends', () => {
    // The second takes 60 / 0.75 = 80 min, to 110. Until then the first has done 30 + 60, until 120 7.5 more at 0.75, and
    // the 22.5 left at full speed.
    expect(endsMin(guarded())).toEqual([142.5, 110]);
  });

  it('lowers the draw at once and raises it at the quarter hour: joules', () => {
    const ran = guarded();
    const seconds = (minutes: number): number => 60 * minutes;
    expect(joules(ran)).toBe(
      2000 * seconds(30) + 2448 * seconds(80) + (400 + 8 * 128) * seconds(10) + 2000 * seconds(22.5),
    );
    expect(Math.max(...facilityW(ran))).toBe(2448);
  });

  it('lets nobody speed up within a quarter hour, though what starts there would leave room', () => {
    // From 112 min on 12 GPUs without a cap would be 2,800 W: both stay at 0.75 until 120, and have 6 of 8 min done.
    const ran = runPowered('fcfs+easy@pack~peak-guard(2.8 kW, 0.4)', [
      ...[job(0, 120), job(30, 60)],
      job(112, 60, { gpus: 4 }),
    ]);
    expect(endsMin(ran)).toEqual([142.5, 110, 174]);
  });

  it('books what the cap took as lost and the rest as effective', () => {
    // 8 GPUs at 0.75 for 90 and 80 min.
    expect(guarded().power!.cappedGpuMs).toBeCloseTo(8 * 0.25 * (90 + 80) * MIN, 3);
  });

  it('has a job wait that would be too much even at the strongest cap, and says so', () => {
    // At 0.4 both draw 400 + 16 × 92 = 1,872 W: more than 1,800, so the second waits for the end of the first.
    const probe = new WaitProbe([1]);
    const ran = runPowered('fcfs+easy@pack~peak-guard(1.8 kW, 0.4)', [job(0, 30), job(5, 60)], { probe });
    // Alone a job draws 400 + 8 × 164 = 1,712 W at 0.8: 30 / 0.9 = 33.33 min, then 60 / 0.9.
    expect(endsMin(ran).map((min) => Math.round(100 * min) / 100)).toEqual([33.33, 100]);
    expect(probe.records[0]!.stretches.map(({ reason }) => reason)).toEqual(['power']);
  });

  it('rises by no more than the ramp limit from one quarter hour to the next', () => {
    const jobs = [0, 1, 2, 3].map(() => job(20, 60, { gpus: 4 }));
    const watts = facilityW(runPowered('fcfs+easy@pack~peak-guard(1)', jobs, { rampW: 500 }));
    watts.slice(1).forEach((next, at) => {
      expect(next - watts[at]!).toBeLessThanOrEqual(500);
    });
    expect(Math.max(...watts)).toBeGreaterThan(1200);
  });

  it('takes a share of the most the site can draw: all GPUs busy, in the worst hour of the run', () => {
    const jobs = [job(0, 60), job(0, 60)];
    const site: Powered = { overheadW: 100, overheadFactor: (hour) => (hour === 100 ? 1.5 : 1.1) };
    // 100 + 1.5 × 3,600 = 5,500 W; of it 0.5 are 2,750 W, which at 1.1 are 2,409 W of IT: 0.4 of TDP.
    const ran = runPowered('fcfs+easy@pack~peak-guard(0.5, 0.4)', jobs, site);
    expect(facilityW(ran, site)[0]).toBeCloseTo(100 + 1.1 * 1872, 9);
    expect(facilityW(runPowered('fcfs+easy@pack~peak-guard(0.75, 0.4)', jobs, site), site)[0]).toBeCloseTo(
      100 + 1.1 * 3600,
      9,
    );
  });
});

describe('demand-response, on paper', () => {
  const jobs = [job(0, 180), job(0, 120)];

  it('caps first: both run on at half speed while the order holds', () => {
    // 400 + 16 × 92 = 1,872 W.
    const ran = runPowered('fcfs+easy@pack~demand-response(0.4)', jobs, { orders: [order(1900)] });
    expect(endsMin(ran)).toEqual([210, 150]);
    expect(facilityW(ran).slice(3, 9)).toEqual([3600, 1872, 1872, 1872, 1872, 3600]);
    expect(ran.power!.suspensions).toBe(0);
  });

  it('then suspends, the last started first: it goes on where it stopped', () => {
    // One at 0.4 and one suspended: 400 + 8 × 92 + 8 × 20 = 1,296 W.
    const ran = runPowered('fcfs+easy@pack~demand-response(0.4)', jobs, { orders: [order(1300)] });
    expect(endsMin(ran)).toEqual([210, 180]);
    expect(joules(ran)).toBe(3600 * (3600 + 1296 + 3600) + 2000 * 1800);
    expect(ran.power).toMatchObject({ suspensions: 1, suspendedGpuMs: 8 * HOUR });
    expect([...ran.progress.interruptions!.preemptions]).toEqual([0, 0]);
  });

  it('lets the others draw what a suspended job leaves', () => {
    // Suspended: 160 W; at 0.8 the other draws 8 × 164: 400 + 160 + 1,312 = 1,872 W; both at 0.4 would be as much, to the watt.
    const ran = runPowered('fcfs+easy@pack~demand-response(0.4)', jobs, { orders: [order(1871)] });
    expect(facilityW(ran)[4]).toBe(400 + 8 * 20 + 8 * 128);
    const more = runPowered('fcfs+easy@pack~demand-response(1)', jobs, { orders: [order(2200)] });
    expect(facilityW(more)[4]).toBe(400 + 8 * 20 + 8 * 200);
  });

  it('suspends the lowest priority first, and lets the highest go on first', () => {
    const traits = [PLAIN_TRAITS, { ...PLAIN_TRAITS, priority: 1 }];
    const ranked = [job(0, 180), job(0, 120, { jobClass: 1 })];
    const ran = runPowered('fcfs+easy@pack~demand-response(0.4)', ranked, { orders: [order(1300)], traits });
    // Class 1 draws 92 W at 0.4 too, at 0.8 of its speed: 60 + 48 of 120 min done by 2:00.
    expect(endsMin(ran)).toEqual([240, 132]);
  });

  it('then pre-empts, the last started first, where the machine must stand still', () => {
    // Both suspended: 400 + 16 × 20 = 720 W; one of them without its GPUs: 560 W.
    const ran = runPowered('fcfs+easy@pack~demand-response(0.4)', jobs, { orders: [order(700)] });
    expect(facilityW(ran).slice(4, 8)).toEqual([560, 560, 560, 560]);
    expect([...ran.progress.interruptions!.preemptions]).toEqual([0, 1]);
    expect(endsMin(ran)).toEqual([240, 180]);
  });

  it('suspends nobody whose class may not be pre-empted, and misses the order then', () => {
    const traits = [{ ...PLAIN_TRAITS, preemptible: false }];
    const ran = runPowered('fcfs+easy@pack~demand-response(0.4)', jobs, { orders: [order(700)], traits });
    expect(facilityW(ran).slice(4, 8)).toEqual([1872, 1872, 1872, 1872]);
  });

  it('counts a relative order from the hour before it', () => {
    // 0.7 × (3 × 2,000 + 3,600) / 4 = 1,680 W: one suspended, the other at 0.8 would be 1,872, at 0.6 1,584.
    const late = [job(0, 180), job(45, 120)];
    const orders = [{ name: 'cut', fromMs: HOUR, toMs: 2 * HOUR, noticeMs: 0, reduceFraction: 0.3 }];
    expect(facilityW(runPowered('fcfs+easy@pack~demand-response(0.4)', late, { orders }))[4]).toBe(1584);
  });

  it('counts all four quarter hours of it', () => {
    // 0.75 × (3 × 2,000 + 3,600) / 4 = 1,800 W; the last three alone would allow 1,900 W, and both at 0.4.
    const late = [job(0, 180), job(45, 120)];
    const orders = [{ name: 'cut', fromMs: HOUR, toMs: 2 * HOUR, noticeMs: 0, reduceFraction: 0.25 }];
    expect(facilityW(runPowered('fcfs+easy@pack~demand-response(0.4)', late, { orders }))[4]).toBe(1584);
  });

  it('starts a job after the notice that is over at the very instant the order begins', () => {
    const rows = [job(0, 180), job(10, 50)];
    const ran = runPowered('fcfs+easy@pack~demand-response(0.4)', rows, { orders: [order(1300, HOUR)] });
    expect([...ran.startMs].map((ms) => ms / MIN)).toEqual([0, 10]);
  });

  it('from the notice on starts no job that the order would stop, but one that is over before', () => {
    const orders = [order(1300, HOUR)];
    const rows = [job(0, 180), job(10, 40), job(30, 60)];
    const ran = runPowered('fcfs+easy@pack~demand-response(0.4)', rows, { orders });
    expect([...ran.startMs].map((ms) => ms / MIN)).toEqual([0, 10, 120]);
    expect(ran.power!.suspensions).toBe(0);
    const unprepared = runPowered('fcfs+easy@pack~demand-response(0.4, prepares=no)', rows, { orders });
    expect([...unprepared.startMs].map((ms) => ms / MIN)).toEqual([0, 10, 50]);
    expect(unprepared.power!.suspensions).toBe(1);
  });

  it('reckons with what the reserve of a battery that rides through gives all along the order', () => {
    // 1 kWh of 2, at 0.8: 0.8 kWh in the hour of the order.
    const battery = {
      ...{ powerW: 5000, energyMWh: 0.002, roundTripEfficiency: 0.8, restFraction: 0.5, reserveFraction: 0.5 },
      uses: ['ride-through', 'arbitrage'] as const,
    };
    const ran = runPowered('fcfs+easy@pack~demand-response(0.4)', jobs, { orders: [order(1100)], battery });
    expect(facilityW(ran)[4]).toBe(1872);
    // Of 1,000 + 800 W one goes without: at 1,000 + 1,000, without the losses, both would do.
    const losses = runPowered('fcfs+easy@pack~demand-response(0.4)', jobs, { orders: [order(1000)], battery });
    expect(facilityW(losses)[4]).toBe(1584);
    const shaving = { ...battery, uses: ['peak-shaving'] as const };
    const without = runPowered('fcfs+easy@pack~demand-response(0.4)', jobs, {
      orders: [order(1100)],
      battery: shaving,
    });
    expect(facilityW(without)[4]).toBe(720);
    // From the notice on a job starts that the order will hold with the battery alone.
    const rows = [job(0, 180), job(30, 120)];
    const startsMin = (given: Powered): number[] => {
      const { startMs } = runPowered('fcfs+easy@pack~demand-response(0.4)', rows, given);
      return [...startMs].map((ms) => ms / MIN);
    };
    expect(startsMin({ orders: [order(1100, HOUR)], battery })).toEqual([0, 30]);
    expect(startsMin({ orders: [order(1100, HOUR)], battery: shaving })).toEqual([120, 120]);
  });
});

describe('a suspended job with phases', () => {
  const quiet: Powered = {
    checkpoints: checkpointsOf(25 * MIN, MIN, 4),
    initialisation: { baseMs: 3 * MIN, perDoublingMs: 0, mostMs: 3 * MIN },
  };

  it('goes on where it stopped, the clock of its checkpoints too', () => {
    // 120 min of work and a minute for each of the checkpoints after 25, 50, 75 and 100: 124 min, and 60 suspended.
    const ran = runPowered('fcfs+easy@pack~demand-response(0.4)', [job(0, 180), job(0, 120)], {
      orders: [order(1300)],
      ...quiet,
    });
    expect(endsMin(ran)[1]).toBe(184);
    // Useful, stall (the suspension is one), lost, restart.
    expect(phasesOf(ran, 1)).toEqual([8 * 120 * MIN, 8 * 64 * MIN, 0, 0]);
  });

  it('loses only at a pre-emption what no checkpoint holds', () => {
    const ran = runPowered('fcfs+easy@pack~demand-response(0.4)', [job(0, 180), job(0, 120)], {
      orders: [order(700)],
      ...quiet,
    });
    // At 1:00 it has worked 58 min, 50 of them saved; it reads for a minute and initialises for 3 when it restarts.
    expect(phasesOf(ran, 1)).toEqual([8 * 120 * MIN, 8 * 4 * MIN, 8 * 8 * MIN, 8 * 4 * MIN]);
    expect(endsMin(ran)[1]! % 1).toBe(0);
  });
});

describe('a run without a horizon', () => {
  it('waits for the end of an order that lets nothing run, and is over with its last job', () => {
    const orders = [{ name: 'all', fromMs: 0, toMs: 8 * Q, noticeMs: 0, limitW: 400 }];
    const ran = runPowered('fcfs+easy@pack~demand-response', [job(10, 20)], { orders });
    expect(endsMin(ran)).toEqual([140]);
    expect(ran.curves[0]!.itWms).toHaveLength(10);
  });
});

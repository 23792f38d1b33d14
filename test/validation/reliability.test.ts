import { describe, expect, it } from 'vitest';
import { cyclesFor, gangSpec, mttfMs, runGang, simulatedEttr, type LoneGang } from '../../bench/loneGang.js';
import {
  bestInterval,
  causeMix,
  chiSquareQuantile,
  deltaSpares,
  dispersion,
  ettrCase,
  llamaRuns,
  publishedCause,
} from '../../bench/reliabilityCases.js';
import { closedFormWriteMs, steppedWriteMs } from '../../bench/sharedWrites.js';
import { MS_PER_HOUR, MS_PER_MINUTE } from '../../src/base/units.js';
import { estimate } from '../../src/metrics/statistics.js';
import { planScenario } from '../../src/plan/plan.js';
import { dalyIntervalMs, expectedEttr } from '../../src/training/checkpointClock.js';
import { shipped } from '../plan/planning.js';

const RSC_1 = 6.5;
const RSC_2 = 2.34;
const COSTS = { stallMs: 60_000, restartMs: 300_000 };

/** The full tables are in docs/reliability.md; these are the short forms. */
describe('the ETTR of a lone gang', () => {
  const cases = [
    { gpus: 512, per1000NodeDays: RSC_1, intervalMs: MS_PER_HOUR },
    { gpus: 4096, per1000NodeDays: RSC_1, intervalMs: undefined },
    { gpus: 16_384, per1000NodeDays: RSC_2, intervalMs: MS_PER_HOUR },
    { gpus: 16_384, per1000NodeDays: RSC_1, intervalMs: 10 * MS_PER_MINUTE },
    { gpus: 65_536, per1000NodeDays: RSC_1, intervalMs: undefined },
    { gpus: 131_072, per1000NodeDays: RSC_2, intervalMs: undefined },
  ].map((gang) => ettrCase({ ...gang, ...COSTS }, 0.0065, 40));

  it('agrees with the closed form, from 512 to 131,072 GPUs, within intervals of 1 %', () => {
    for (const { found } of cases) expect(found.halfWidth / found.mean).toBeLessThan(0.01);
    // Of six 95 % intervals one may fail, but none by far: 1.6 times as wide they hold 99.8 %.
    expect(cases.filter(({ covered }) => covered).length).toBeGreaterThanOrEqual(5);
    for (const { found, exact } of cases) expect(Math.abs(found.mean - exact)).toBeLessThan(1.6 * found.halfWidth);
  });

  it('agrees with the first order within 5 % where that is meant to hold', () => {
    const simple = cases.filter(({ isFirstOrder }) => isFirstOrder);
    expect(simple.length).toBeGreaterThanOrEqual(3);
    for (const { found, firstOrder } of simple) expect(Math.abs(firstOrder / found.mean - 1)).toBeLessThan(0.05);
  });

  it('would not agree if failures left checkpoints and restarts alone', () => {
    const gang = { gpus: 65_536, per1000NodeDays: RSC_1, intervalMs: 10 * MS_PER_MINUTE, ...COSTS };
    const { found } = ettrCase(gang, 0.0125, 20);
    const mean = mttfMs(gang);
    // Without the factors e^(R/M) and e^(C/M): a cycle is a failure's time and one restart.
    const calm =
      gang.intervalMs /
      ((mean + COSTS.restartMs) * Math.expm1(gang.intervalMs / mean) * (1 + COSTS.stallMs / gang.intervalMs));
    expect(Math.abs(found.mean - calm)).toBeGreaterThan(2 * found.halfWidth);
  });

  it('has the half-width that a renewal process of its failures is expected to have', () => {
    for (const intervalMs of [5 * MS_PER_MINUTE, 20 * MS_PER_MINUTE]) {
      const gang = { gpus: 32_768, per1000NodeDays: RSC_1, intervalMs, ...COSTS };
      const { mean, halfWidth } = simulatedEttr(gang, cyclesFor(gang, 0.004) / 60, 'half-width', 60);
      expect(halfWidth / mean).toBeGreaterThan(0.004 * 0.7);
      expect(halfWidth / mean).toBeLessThan(0.004 * 1.4);
    }
  });

  it('is measured on a gang that holds its GPUs all the time and is always given a spare', () => {
    const gang: LoneGang = { gpus: 16_384, per1000NodeDays: RSC_1, intervalMs: undefined, ...COSTS };
    const spec = gangSpec(gang, 400, 'held', 0);
    const goodput = runGang(gang, spec);
    const held = goodput.usefulGpuHours + goodput.stallGpuHours + goodput.lostGpuHours + goodput.restartGpuHours;
    expect(held).toBeCloseTo((gang.gpus * spec.horizonMs!) / MS_PER_HOUR, 3);
    expect(goodput.repairWaitGpuHours).toBe(0);
    expect(goodput.ettrFraction).toBeCloseTo(goodput.usefulGpuHours / held, 12);
  });

  it('has τ + C of every period for checkpoints: stall is C/τ of the work that was done', () => {
    const gang: LoneGang = { gpus: 2048, per1000NodeDays: RSC_1, intervalMs: 5 * MS_PER_MINUTE, ...COSTS };
    const { usefulGpuHours, lostGpuHours, stallGpuHours } = runGang(gang, gangSpec(gang, 400, 'stall', 0));
    const ratio = COSTS.stallMs / (5 * MS_PER_MINUTE);
    // A failure cuts a period somewhere: at most one stall and one interval each.
    expect(stallGpuHours / (usefulGpuHours + lostGpuHours)).toBeCloseTo(ratio, 2);
  });
});

describe('the best interval between checkpoints', () => {
  it.each([
    { gpus: 4096, per1000NodeDays: RSC_1, ...COSTS },
    { gpus: 65_536, per1000NodeDays: RSC_1, ...COSTS },
  ])("has neighbours in a grid that bracket Daly's: $gpus GPUs", (gang) => {
    const { belowMs, aboveMs, dalyMs, dalyEttr, bestEttr } = bestInterval(gang, 500, 6);
    expect(belowMs).toBeLessThan(dalyMs);
    expect(aboveMs).toBeGreaterThan(dalyMs);
    expect(dalyEttr).toBeGreaterThan(0.99 * bestEttr);
  });

  it("is far from half and twice Daly's: those lose what the exact formula says", () => {
    const base = { gpus: 65_536, per1000NodeDays: RSC_1, ...COSTS };
    const dalyMs = Math.round(dalyIntervalMs(COSTS.stallMs, mttfMs({ ...base, intervalMs: undefined })));
    const at = (intervalMs: number) => simulatedEttr({ ...base, intervalMs }, 1000, 'factor', 10).mean;
    const says = (intervalMs: number) =>
      expectedEttr(intervalMs, COSTS.stallMs, COSTS.restartMs, mttfMs({ ...base, intervalMs }));
    for (const factor of [0.4, 2.5]) {
      const loss = at(dalyMs) - at(Math.round(dalyMs * factor));
      const expected = says(dalyMs) - says(dalyMs * factor);
      expect(expected).toBeGreaterThan(0.02);
      expect(Math.abs(loss - expected)).toBeLessThan(0.35 * expected);
    }
  });
});

describe('Llama 3 405B on 16,384 H100 for 54 days', () => {
  const plan = planScenario(shipped.find('scenario', 'llama3-54-days')!, {
    library: shipped,
    readFile: (path) => {
      throw new Error(`reads ${path}`);
    },
    buildVersion: 'test',
  });
  const runs = llamaRuns(plan);
  const counts = runs.map(({ interruptions }) => interruptions);

  it('runs in the published parallelism, within two points of the published MFU of 41 %', () => {
    const [row] = plan.specs[0]!.traits![0]!.training!.rows[0]!;
    expect(row!.parallelism).toBe('TP8 PP16 DP128 ZeRO-2');
    expect(row!.mfu).toBeCloseTo(0.424, 3);
    expect(Math.abs(row!.mfu - 0.41)).toBeLessThan(0.02);
  });

  it('is interrupted 419 times, within the 95 % interval of 20 seeds, scattered as Poisson counts are', () => {
    const { mean, halfWidth, n } = estimate(counts);
    expect(n).toBe(20);
    expect(Math.abs(mean - 419)).toBeLessThanOrEqual(halfWidth);
    expect(halfWidth).toBeLessThan(0.05 * mean);
    expect(dispersion(counts)).toBeGreaterThan(chiSquareQuantile(19, -2.33));
    expect(dispersion(counts)).toBeLessThan(chiSquareQuantile(19, 2.33));
  });

  it('is interrupted by what the published table has, in its shares', () => {
    const shares = new Map<string, number>();
    for (const { name, share } of plan.specs[0]!.reliability!.causes)
      shares.set(publishedCause(name), (shares.get(publishedCause(name)) ?? 0) + share);
    expect(shares.size).toBe(18);
    expect(shares.get('network switch or cable')).toBeCloseTo(35 / 419, 12);
    const { chi2, freedom, total } = causeMix(runs, shares);
    expect(total).toBe(counts.reduce((sum, count) => sum + count, 0));
    expect(chi2).toBeLessThan(chiSquareQuantile(freedom, 1.645));
    // The test has the power to see a wrong share: two causes exchanged.
    const wrong = new Map(shares)
      .set('faulty GPU', shares.get('HBM3 memory')!)
      .set('HBM3 memory', shares.get('faulty GPU')!);
    expect(causeMix(runs, wrong).chi2).toBeGreaterThan(100 * freedom);
  });

  it('trains effectively more than 90 % of the time, in every seed, with the defaults of detection and restart', () => {
    for (const { ettr } of runs) {
      expect(ettr).toBeGreaterThan(0.9);
      expect(ettr).toBeLessThan(0.96);
    }
  });

  it('loses what each failure costs: detection, swap, initialisation and reload, about 14 minutes', () => {
    for (const { interruptions, restartFraction } of runs) {
      const minutes = (restartFraction * 54 * 24 * 60) / interruptions;
      expect(minutes).toBeGreaterThan(12);
      expect(minutes).toBeLessThan(15);
    }
  });
});

describe('spares of a job on 152 nodes of which one fails every 1.9 h', () => {
  it('have to be 5 % for a month without a wait at 2.2 h of recovery, and 2 % at 5 min', () => {
    const slow = (spares: number) => deltaSpares(2.2 * MS_PER_HOUR, spares, 40);
    const fast = (spares: number) => deltaSpares(5 * MS_PER_MINUTE, spares, 40);
    expect(slow(8).monthsWithoutWait).toBeGreaterThan(0.94);
    expect(slow(5).monthsWithoutWait).toBeLessThan(0.5);
    expect(fast(3).monthsWithoutWait).toBeGreaterThan(0.94);
    expect(fast(1).monthsWithoutWait).toBeLessThan(0.1);
  });

  it('keep it available: more of them never make it wait longer', () => {
    const found = [0, 2, 4, 6].map((spares) => deltaSpares(2.2 * MS_PER_HOUR, spares, 20).availability);
    expect(found).toEqual([...found].sort((x, y) => x - y));
    expect(found[0]).toBeLessThan(0.5);
    expect(found[3]).toBeGreaterThan(0.99);
  });
});

describe('jobs that write to one storage', () => {
  const error = (count: number, load: number, link: number, inStep = false) => {
    const writers = { count, load, link, inStep };
    return closedFormWriteMs(writers) / steppedWriteMs(writers, inStep ? 1 : Math.ceil(10_000 / count)) - 1;
  };

  it('by hand: alone for a quarter of the period; two in step at half the bandwidth each', () => {
    expect(closedFormWriteMs({ count: 1, load: 0.25, link: 1 })).toBe(250_000);
    expect(steppedWriteMs({ count: 1, load: 0.25, link: 1 }, 3)).toBeCloseTo(250_000, 3);
    expect(steppedWriteMs({ count: 2, load: 0.5, link: 1, inStep: true }, 1)).toBeCloseTo(500_000, 3);
  });

  it('take as long as the closed form says, within 7 % up to a load of 0.4', () => {
    for (const count of [2, 5, 20, 100])
      for (const load of [0.1, 0.2, 0.4])
        for (const link of [1, 0.25]) expect(Math.abs(error(count, load, link))).toBeLessThan(0.07);
  });

  it('take a fifth to two fifths less than it says at a load of 0.8, or up to a quarter more where links are narrow', () => {
    expect(error(2, 0.8, 1)).toBeGreaterThan(0.1);
    expect(error(20, 0.8, 1)).toBeLessThan(0.45);
    expect(error(100, 0.8, 0.25)).toBeLessThan(-0.1);
    expect(error(100, 0.8, 0.25)).toBeGreaterThan(-0.3);
  });

  it('take many times as long as it says when they write in step', () => {
    expect(error(20, 0.4, 1, true)).toBeLessThan(-0.9);
  });
});

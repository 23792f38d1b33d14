import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomStreams } from '../../src/base/random.js';
import { MS_PER_DAY } from '../../src/base/units.js';
import { FailureTrace, StragglerTrace, type FailingMachine } from '../../src/cluster/failureTrace.js';
import type { ReliabilitySpec } from '../../src/scenario/reliabilitySpec.js';

const LLAMA3_PER_GPU_DAY = 3.79 / 1000 / 8;
const SPEC: ReliabilitySpec = {
  name: 'test',
  failuresPerGpuDay: LLAMA3_PER_GPU_DAY,
  rateFactor: 1,
  causes: [
    { name: 'GPU', share: 0.5, scope: 'node', repair: 0 },
    { name: 'software', share: 0.3, scope: 'job' },
    { name: 'ToR', share: 0.2, scope: 'rack', repair: 1 },
  ],
  repairs: [
    { name: 'swap', medianMs: MS_PER_DAY, sigma: 1 },
    { name: 'reset', medianMs: 3_600_000, sigma: 0 },
  ],
  detectionMs: 0,
  swapMs: 0,
  spareNodes: [0],
};
const MACHINE = { nodes: 2048, gpusPerNode: 8 };

interface Failure {
  readonly atMs: number;
  readonly node: number;
  readonly cause: number;
  readonly repairMs: number;
  readonly pick: number;
}

interface Asked {
  readonly seed: string;
  readonly name: string;
  readonly machine: FailingMachine;
  readonly startMs: number;
}

function failures(
  spec: ReliabilitySpec,
  days: number,
  { seed = '1', name = 'main', machine = MACHINE, startMs = 0 }: Partial<Asked> = {},
): Failure[] {
  const trace = new FailureTrace(spec, machine, new RandomStreams(seed), name, startMs);
  const found: Failure[] = [];
  while (trace.atMs < startMs + days * MS_PER_DAY) {
    const { atMs, node, cause, repairMs, pick } = trace;
    found.push({ atMs, node, cause, repairMs, pick });
    trace.next();
  }
  return found;
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('FailureTrace', () => {
  it("counts Llama-3's 419 failures of 2,048 nodes in 54 days, in the mean and with the variance of a Poisson process", () => {
    const counts = Array.from({ length: 200 }, (_, seed) => failures(SPEC, 54, { seed: String(seed) }).length);
    const expected = (3.79 / 1000) * 2048 * 54;
    const error = 3 * Math.sqrt(expected / counts.length);
    expect(Math.abs(mean(counts) - expected)).toBeLessThan(error);
    const variance = mean(counts.map((count) => (count - expected) ** 2));
    expect(variance / expected).toBeGreaterThan(0.7);
    expect(variance / expected).toBeLessThan(1.35);
  });

  it.each([0.3, 1, 2.55])('has exponential times between failures at a rate factor of %s', (rateFactor) => {
    const found = failures({ ...SPEC, rateFactor }, 5000 / (7.76 * rateFactor));
    const meanMs = MS_PER_DAY / (LLAMA3_PER_GPU_DAY * 16_384 * rateFactor);
    const gaps = found.map(({ atMs }, i) => atMs - (found[i - 1]?.atMs ?? 0)).sort((a, b) => a - b);
    // Kolmogorov–Smirnov at 0.1 %.
    const distance = Math.max(
      ...gaps.map((gap, i) => Math.abs(1 - Math.exp(-gap / meanMs) - (i + 0.5) / gaps.length) + 0.5 / gaps.length),
    );
    expect(distance).toBeLessThan(1.95 / Math.sqrt(gaps.length));
  });

  it('mixes causes by their shares', () => {
    const found = failures(SPEC, 2000);
    const chiSquare = SPEC.causes.reduce((sum, { share }, cause) => {
      const expected = share * found.length;
      return sum + (found.filter((failure) => failure.cause === cause).length - expected) ** 2 / expected;
    }, 0);
    expect(chiSquare).toBeLessThan(13.8); // 2 degrees of freedom, 0.1 %
  });

  it('strikes all nodes alike, and with lemons those more often while the rate stays', () => {
    const lemons = { fraction: 0.0125, rateFactor: 10 };
    const plain = failures(SPEC, 2000);
    const nodes = new Set(plain.map(({ node }) => node));
    expect(Math.min(...nodes)).toBe(0);
    expect(Math.max(...nodes)).toBe(2047);
    expect(nodes.size).toBeGreaterThan(2030);
    const trace = new FailureTrace({ ...SPEC, lemons }, MACHINE, new RandomStreams('1'), 'main', 0);
    const lemonNodes = Array.from({ length: 2048 }, (_, node) => node).filter((node) => trace.isLemon(node));
    expect([25, 26]).toContain(lemonNodes.length); // 25.6 in the mean
    const struck = failures({ ...SPEC, lemons }, 2000);
    expect(struck.map(({ atMs }) => atMs)).toEqual(plain.map(({ atMs }) => atMs));
    const share = struck.filter(({ node }) => lemonNodes.includes(node)).length / struck.length;
    const expected = (lemonNodes.length * 10) / (lemonNodes.length * 10 + 2048 - lemonNodes.length);
    expect(Math.abs(share - expected)).toBeLessThan(4 * Math.sqrt((expected * (1 - expected)) / struck.length));
    expect(new Set(struck.map(({ node }) => node)).size).toBeGreaterThan(2030);
  });

  it('has in the mean as many lemons as their share says, also where that is less than one', () => {
    const small = { nodes: 40, gpusPerNode: 8 };
    const spec = { ...SPEC, lemons: { fraction: 0.0125, rateFactor: 10 } };
    const counts = Array.from({ length: 400 }, (_, seed) => {
      const trace = new FailureTrace(spec, small, new RandomStreams(seed), 'main', 0);
      return Array.from({ length: 40 }, (_, node) => trace.isLemon(node)).filter(Boolean).length;
    });
    expect(Math.abs(mean(counts) - 0.5)).toBeLessThan(0.1);
  });

  it('holds the failures at a rate factor among those at any larger one, with nodes, causes and repairs', () => {
    const factor = fc.double({ min: 0.01, max: 4, noNaN: true });
    const burnIn = fc.option(fc.constant({ shape: 0.7, untilMs: 10 * MS_PER_DAY }), { nil: undefined });
    fc.assert(
      fc.property(factor, factor, fc.integer(), burnIn, (a, b, seed, burnIn) => {
        const at = (rateFactor: number) =>
          failures({ ...SPEC, burnIn, rateFactor }, 20, { seed: String(seed) }).map((failure) =>
            JSON.stringify(failure),
          );
        const larger = new Set(at(Math.max(a, b)));
        expect(at(Math.min(a, b)).filter((failure) => !larger.has(failure))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('never fails at a rate or a rate factor of 0', () => {
    for (const none of [{ rateFactor: 0 }, { failuresPerGpuDay: 0 }]) {
      const trace = new FailureTrace({ ...SPEC, ...none }, MACHINE, new RandomStreams('1'), 'main', 0);
      trace.next();
      expect(trace.atMs).toBe(Number.POSITIVE_INFINITY);
    }
  });

  it('burns in with the integral of a Weibull hazard, and goes on at the plain rate', () => {
    const burnIn = { shape: 0.7, untilMs: 28 * MS_PER_DAY };
    const perDay = (3.79 / 1000) * 2048;
    const seeds = 60;
    let [first, rest, later, before] = [0, 0, 0, 0];
    for (let seed = 0; seed < seeds; seed++) {
      for (const { atMs } of failures({ ...SPEC, burnIn }, 76, { seed: String(seed), startMs: -20 * MS_PER_DAY })) {
        if (atMs <= 0) before++;
        else if (atMs <= 7 * MS_PER_DAY) first++;
        else if (atMs <= 28 * MS_PER_DAY) rest++;
        else later++;
      }
    }
    const hazard = (days: number) => (28 / 0.7) * (days / 28) ** 0.7 * perDay * seeds;
    const near = (count: number, expected: number) => {
      expect(Math.abs(count - expected)).toBeLessThan(4 * Math.sqrt(expected));
    };
    near(before, 20 * perDay * seeds);
    near(first, hazard(7));
    near(rest, hazard(28) - hazard(7));
    near(later, 28 * perDay * seeds);
  });

  it('draws lognormal repairs with the median and spread of the cause, none for a cause that needs none', () => {
    const found = failures(SPEC, 2000);
    const swaps = found
      .filter(({ cause }) => cause === 0)
      .map(({ repairMs }) => Math.log(repairMs / MS_PER_DAY))
      .sort((a, b) => a - b);
    const quantile = (share: number) => swaps[Math.floor(share * swaps.length)]!;
    expect(quantile(0.5)).toBeCloseTo(0, 1);
    expect(quantile(0.8413)).toBeCloseTo(1, 1);
    expect(quantile(0.1587)).toBeCloseTo(-1, 1);
    expect(new Set(found.filter(({ cause }) => cause === 1).map(({ repairMs }) => repairMs))).toEqual(new Set([0]));
    expect(new Set(found.filter(({ cause }) => cause === 2).map(({ repairMs }) => repairMs))).toEqual(
      new Set([3_600_000]),
    );
  });

  it('goes up in whole milliseconds after its start; one layer never fails twice in one', () => {
    const dense = { ...SPEC, failuresPerGpuDay: 1000, burnIn: { shape: 0.5, untilMs: MS_PER_DAY } };
    const found = failures(dense, 0.002, { startMs: -100_000 });
    expect(found.every(({ atMs }) => Number.isInteger(atMs) && atMs > -100_000)).toBe(true);
    expect(found.every(({ atMs }, i) => i === 0 || atMs >= found[i - 1]!.atMs)).toBe(true);
    expect(found.some(({ atMs }, i) => atMs === found[i - 1]?.atMs)).toBe(true);
    expect(found.every(({ pick }) => pick >= 0 && pick < 1)).toBe(true);
    const layer = failures({ ...dense, rateFactor: 1 / 8 }, 0.002, { startMs: -100_000 });
    expect(layer.length).toBeGreaterThan(1000);
    expect(layer.every(({ atMs }, i) => i === 0 || atMs > layer[i - 1]!.atMs)).toBe(true);
  });

  it('is the same again for a seed, another for another seed, partition or site, and not shifted by a second reader', () => {
    const once = failures(SPEC, 54);
    expect(failures(SPEC, 54)).toEqual(once);
    expect(failures(SPEC, 54, { seed: '2' })).not.toEqual(once);
    expect(failures(SPEC, 54, { name: 'other' })).not.toEqual(once);
    expect(failures(SPEC, 54, { machine: { ...MACHINE, site: 0 } })).toEqual(once);
    expect(failures(SPEC, 54, { machine: { ...MACHINE, site: 1 } })).not.toEqual(once);
    const streams = new RandomStreams('1');
    const main = new FailureTrace(SPEC, MACHINE, streams, 'main', 0);
    const other = new FailureTrace(SPEC, { nodes: 10, gpusPerNode: 4 }, streams, 'other', 0);
    const seen = once.map(() => {
      const { atMs, node } = main;
      main.next();
      other.next();
      return { atMs, node };
    });
    expect(seen).toEqual(once.map(({ atMs, node }) => ({ atMs, node })));
  });
});

describe('StragglerTrace', () => {
  const stragglers = { onsetsPerGpuDay: 0.001, speed: 0.8, detectionMs: 1, repair: 1 };
  const onsets = (spec: ReliabilitySpec, days: number) => {
    const trace = new StragglerTrace(spec, MACHINE, new RandomStreams('1'), 'main', 0);
    const found: { atMs: number; node: number; repairMs: number }[] = [];
    while (trace.atMs < days * MS_PER_DAY) {
      found.push({ atMs: trace.atMs, node: trace.node, repairMs: trace.repairMs });
      trace.next();
    }
    return found;
  };

  it('slows down nodes at its rate, all alike, whatever the rate factor of failures', () => {
    const found = onsets({ ...SPEC, stragglers }, 1000);
    const expected = 0.001 * 16_384 * 1000;
    expect(Math.abs(found.length - expected)).toBeLessThan(4 * Math.sqrt(expected));
    expect(found.every(({ atMs }, i) => Number.isInteger(atMs) && atMs > (found[i - 1]?.atMs ?? 0))).toBe(true);
    expect(Math.abs(mean(found.map(({ node }) => node)) - 1023.5)).toBeLessThan(20);
    expect(new Set(found.map(({ repairMs }) => repairMs))).toEqual(new Set([3_600_000]));
    expect(onsets({ ...SPEC, stragglers, rateFactor: 3 }, 1000)).toEqual(found);
  });

  it('never comes to one where there are none', () => {
    expect(onsets(SPEC, 1000)).toEqual([]);
    expect(onsets({ ...SPEC, stragglers: { ...stragglers, onsetsPerGpuDay: 0 } }, 1000)).toEqual([]);
  });
});

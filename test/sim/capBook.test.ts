import { describe, expect, it } from 'vitest';
import type { World } from '../../src/policy/world.js';
import { CapBook } from '../../src/sim/capBook.js';
import type { Interruptions } from '../../src/workload/jobProgress.js';
import { CAPS, CAP_TABLE } from '../support/powered.js';

/** One site of one partition, jobs of 8 GPUs of class 0, each in the slot of its number. */
const bookOf = (): CapBook =>
  new CapBook({
    spec: { capFractions: CAPS, partitions: [CAP_TABLE] },
    world: {
      ...{ partitionOf: () => 0, siteOfPartition: () => 0, classOf: () => 0 },
      gpusNow: () => 8,
    } as unknown as World,
    interruptions: { slots: { of: Int32Array.of(0, 1, 2) } } as unknown as Interruptions,
    ...{ sites: 1, classes: 2 },
  });

describe('what a site would draw under a cap', () => {
  it('is told half a watt higher for each job that is not whole, so never less than what is then booked', () => {
    // 25 min at 200 W and one at 30 W a GPU: 1,547.69 W, booked as 1,548.
    const book = bookOf();
    for (const job of [0, 1, 2]) book.enter(job, Number.NaN, false, 200, 25, 1, 30);
    expect(book.drawW[0]).toBe(3 * 1548);
    expect(book.sumW(0, 0)).toBeCloseTo(3 * ((8 * (200 * 25 + 30)) / 26 + 0.5), 9);
    expect(book.sumW(0, 0)).toBeGreaterThanOrEqual(book.drawW[0]!);
    for (const job of [0, 1]) book.leave(job);
    expect(book.sumW(0, 0)).toBeCloseTo((8 * (200 * 25 + 30)) / 26 + 0.5, 9);
  });

  it('is exact where jobs do not stall', () => {
    const book = bookOf();
    book.enter(0, Number.NaN, false, 200, 1, -1, 0);
    expect([book.sumW(0, 0), book.sumW(0, 3)]).toEqual([1600, 736]);
  });
});

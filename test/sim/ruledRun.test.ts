import { describe, expect, it } from 'vitest';
import { MS_PER_DAY, MS_PER_HOUR } from '../../src/base/units.js';
import { AUDIT_TOLERANCE } from '../../src/sim/audit.js';
import { simulate } from '../../src/sim/simulate.js';
import { PLAIN_TRAITS } from '../../src/scenario/classTraits.js';
import type { RunSpec, WindowSpec } from '../../src/scenario/runSpec.js';
import type { JobTable } from '../../src/workload/jobTable.js';
import { generatedTask } from '../support/tinyRuns.js';

const window = (more: Partial<WindowSpec>): WindowSpec => ({
  ...{ name: 'service', kind: 'maintenance', partition: 0, nodes: 5, fromMs: MS_PER_DAY, toMs: 2 * MS_PER_DAY },
  ...{ drainMs: 3 * MS_PER_HOUR },
  ...more,
});

/** A trace of 600 jobs over a week on 64 GPUs; every fifth names the reservation, every seventh waits for the one before. */
function trace(reservation: number): JobTable {
  const count = 600;
  const columns = {
    submitMs: Float64Array.from({ length: count }, (_, i) => 900_000 * i),
    gpus: Int32Array.from({ length: count }, (_, i) => 1 + ((7 * i) % (i % 5 === 0 ? 12 : 24))),
    runMs: Float64Array.from({ length: count }, (_, i) => 1_200_000 * (1 + ((13 * i) % 9))),
    estimateMs: Float64Array.from({ length: count }, (_, i) => 1_200_000 * (2 + ((13 * i) % 9))),
    classOf: Uint8Array.from({ length: count }, (_, i) => i % 2),
    userOf: Int32Array.from({ length: count }, (_, i) => i % 6),
    partitionOf: new Uint8Array(count),
    endState: Uint8Array.from({ length: count }, (_, i) => (i % 50 === 0 ? 1 : 0)),
  };
  const dependsOnLast = (i: number): boolean => i > 0 && i % 7 === 0;
  const offsets = Int32Array.from({ length: count + 1 }, (_, i) => Math.floor((Math.max(i, 1) - 1) / 7));
  const jobs = Int32Array.from(
    Array.from({ length: count }, (_, i) => i).filter((i) => dependsOnLast(i)),
    (i) => i - 1,
  );
  const reservationOf = Int16Array.from({ length: count }, (_, i) => (i % 5 === 0 ? reservation : -1));
  return {
    ...{ ...columns, count, originalId: undefined, classNames: ['large', 'small'] },
    extra: { afterOk: { offsets, jobs }, reservationOf },
  };
}

const RULES: Partial<RunSpec> = {
  workload: { kind: 'trace', name: 'log', input: 'log', classNames: ['large', 'small'] },
  windows: [
    window({}),
    window({ name: 'course', kind: 'reservation', nodes: 4, fromMs: 1.5 * MS_PER_DAY, toMs: 3 * MS_PER_DAY }),
    window({ name: 'all', nodes: 16, fromMs: 4 * MS_PER_DAY, toMs: 4.2 * MS_PER_DAY }),
    window({ name: 'late', fromMs: 6.9 * MS_PER_DAY, toMs: 9 * MS_PER_DAY }),
  ],
  limits: {
    maxWallMs: 11_000_000,
    perUser: { maxGpus: 40, maxJobs: 5 },
    qos: [{ name: 'small', priority: 0, maxGpus: 48 }],
  },
  traits: [PLAIN_TRAITS, { ...PLAIN_TRAITS, qos: 0 }],
};

describe('a run with windows, a reservation, limits and dependencies', () => {
  const task = generatedTask(0, RULES);
  const inputs = { ...task.inputs, traces: { log: trace(1) } };
  const ran = simulate(task.spec, inputs, { keepJobs: true });
  const { schedule, sites, jobs } = ran;

  it('balances the energy and the bill of every site', () => {
    expect(sites.length).toBe(2);
    for (const { auditEnergyWms, auditCostEur } of sites) {
      expect(auditEnergyWms.relativeError).toBeLessThanOrEqual(AUDIT_TOLERANCE);
      expect(auditCostEur.relativeError).toBeLessThanOrEqual(AUDIT_TOLERANCE);
      expect(auditEnergyWms.jobs).toBeGreaterThan(0);
    }
  });

  it('accounts for every job once', () => {
    const { submitted, completed, failed, cancelled, timedOut, rejected, runningAtEnd, waitingAtEnd } = schedule;
    expect(completed + failed + cancelled + timedOut + rejected + runningAtEnd + waitingAtEnd).toBe(submitted);
    // Of each kind there is one: MaxWall, dependency and reservation turn away, and most jobs run.
    expect(new Set(jobs!.rejectedFor)).toEqual(new Set([0, 1, 2, 4]));
    expect(completed).toBeGreaterThan(300);
    expect(rejected).toBe(jobs!.rejectedFor!.filter((why) => why > 0).length);
  });

  it('counts GPUs once: what is held and what is free add up to the machine but for its nodes out of service', () => {
    const [curve] = ran.loadCurves;
    const busyGpuMs = curve!.busyGpuMs.reduce((sum, ms) => sum + ms, 0);
    const outMs = 64 * 7 * MS_PER_DAY - busyGpuMs - curve!.freeGpuMs;
    expect(schedule.utilisationFraction).toBeCloseTo(busyGpuMs / (64 * 7 * MS_PER_DAY), 12);
    // 5 nodes a day, 4 until the reservation takes over, 16 for 4.8 h, 5 for 2.4 h; draining adds to it.
    const windowsMs = 4 * (5 * MS_PER_DAY + 16 * 0.2 * MS_PER_DAY + 5 * 0.1 * MS_PER_DAY);
    expect(outMs).toBeGreaterThan(0.8 * windowsMs);
    expect(outMs).toBeLessThan(windowsMs + 4 * (5 + 4 + 16 + 5) * 3 * MS_PER_HOUR);
    expect(jobs!.partitionOf!.every((partition) => partition === 0)).toBe(true);
  });

  it('is the same again', () => {
    expect(simulate(task.spec, inputs).fingerprint).toBe(ran.fingerprint);
  });
});

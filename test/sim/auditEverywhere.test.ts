import { describe, expect, it } from 'vitest';
import { MS_PER_DAY, MS_PER_HOUR } from '../../src/base/units.js';
import type { RunResult } from '../../src/metrics/runResult.js';
import { planScenario, type Plan } from '../../src/plan/plan.js';
import { policyNames } from '../../src/policy/registry.js';
import type { RunSpec } from '../../src/scenario/runSpec.js';
import { AUDIT_TOLERANCE } from '../../src/sim/audit.js';
import { simulate } from '../../src/sim/simulate.js';
import { shipped } from '../plan/planning.js';

/*
 * Every shipped scenario, a week of it at most, under every power policy that is registered: a new scenario or policy is
 * tested by being there.
 */

/** Most scenarios are of a year; a week has its nights, its weekend and jobs that meet. */
const LONGEST_MS = 7 * MS_PER_DAY;
const WARMUP_MS = MS_PER_DAY;
const MOST_SITES = 2;

function planOf(name: string, policies?: readonly string[]): Plan {
  const readFile = (path: string): Uint8Array => {
    throw new Error(`${name} reads ${path}: shipped scenarios read no files`);
  };
  return planScenario(shipped.find('scenario', name)!, {
    ...{ library: shipped, readFile, buildVersion: 'test', replications: 1 },
    ...(policies === undefined ? {} : { policies }),
  });
}

/** Plain and under each power policy there is; where the scenario has a broker, under one. */
function policiesOf(name: string): readonly string[] {
  const isBrokered = planOf(name).policies.every(({ siting }) => siting !== undefined);
  const base = isBrokered ? 'fcfs+easy@pack^least-queued' : 'fcfs+easy@pack';
  return [base, ...policyNames('power').map((power) => `${base}~${power}`)];
}

/** The first week of the run at two of its sites; the first order of each grid falls into it. */
function shortened(spec: RunSpec): RunSpec {
  const horizonMs = Math.min(spec.horizonMs!, LONGEST_MS);
  const sites = spec.policy.siting === undefined ? spec.sites.slice(0, MOST_SITES) : spec.sites;
  return {
    ...spec,
    horizonMs,
    warmupMs: Math.min(spec.warmupMs, WARMUP_MS),
    sites: sites.map((site) => {
      const [order] = site.grid?.orders ?? [];
      if (order === undefined) return site;
      const fromMs = order.fromMs % (horizonMs - (order.toMs - order.fromMs));
      return {
        ...site,
        grid: { ...site.grid!, orders: [{ ...order, fromMs, toMs: fromMs + order.toMs - order.fromMs }] },
      };
    }),
  };
}

/** GPU-hours that are held by no job or service and are neither free, spare nor down. */
function missingGpuHours({ schedule, loadCurves }: RunResult): number {
  const free = loadCurves.reduce((sum, { freeGpuMs }) => sum + freeGpuMs, 0) / MS_PER_HOUR;
  const { spareGpuHours = 0, downGpuHours = 0 } = schedule.goodput ?? {};
  return schedule.gpuHoursCapacity - schedule.gpuHoursUsed - free - spareGpuHours - downGpuHours;
}

/** Names of power policies under which some run went otherwise than without. */
const effective = new Set<string | undefined>();

describe.each(shipped.names('scenario'))('%s', (name) => {
  const plan = planOf(name, policiesOf(name));
  const plain = new Set<string>();

  it.each(plan.policies.map(({ text }) => text))('audits and conserves GPU time under %s', (policy) => {
    const specs = plan.specs.filter((spec) => spec.policy.text === policy).slice(0, MOST_SITES);
    expect(specs.length).toBeGreaterThan(0);
    for (const spec of specs.map(shortened)) {
      const result = simulate(spec, plan.inputs);
      const { schedule, sites, fingerprint } = result;
      expect(sites.length).toBeGreaterThan(0);
      for (const { auditEnergyWms, auditCostEur } of sites) {
        for (const line of [auditEnergyWms, auditCostEur]) {
          expect(line.relativeError).toBeLessThanOrEqual(AUDIT_TOLERANCE);
          expect(line.jobs + line.idle + line.overhead).not.toBe(0);
        }
      }
      expect(schedule.gpuHoursUsed).toBeGreaterThan(0);
      expect(Math.abs(missingGpuHours(result))).toBeLessThan(1e-12 * schedule.gpuHoursCapacity);
      const { goodput } = schedule;
      if (goodput !== undefined) {
        const { usefulGpuHours, stallGpuHours, lostGpuHours, restartGpuHours } = goodput;
        const held = usefulGpuHours + stallGpuHours + lostGpuHours + restartGpuHours;
        expect(Math.abs(held - schedule.gpuHoursUsed)).toBeLessThan(1e-12 * held);
      }
      if (policy === plan.policies[0]!.text) plain.add(fingerprint);
      else if (!plain.has(fingerprint)) effective.add(/~([^(]+)/.exec(policy)?.[1]);
    }
  });
});

it('every power policy but none has made a difference to some of these runs', () => {
  expect([...effective].sort()).toEqual(
    policyNames('power')
      .filter((name) => name !== 'none')
      .sort(),
  );
});

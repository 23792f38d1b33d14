import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runShipped } from './run.js';

const MINUTE = 60_000;

/** Rows `a … | n  0-10 | …` of a scenario's comment table: by policy, where each job runs and from when to when. */
function table(name: string): string[][] {
  const rows = readFileSync(`scenarios/${name}.yaml`, 'utf8')
    .split('\n')
    .filter((line) => /^# {3}[a-z] {2,}\d/.test(line))
    .map((line) => [...line.matchAll(/\| {2}(\w) {2}([\d]+)-(\d+)/g)].map(([, ...cell]) => cell.join(' ')));
  return rows[0]!.map((_, policy) => rows.map((row) => row[policy]!));
}

describe.each(['tiny-two-types', 'tiny-broker'])('%s', (name) => {
  const { plan, results } = runShipped(name);

  it.each(plan.specs.map((spec, index) => [spec.policy.text, index] as const))(
    'under %s goes as its comment says, worked out by hand',
    (_, index) => {
      const { partitions } = plan.specs[index]!;
      const { startMs, endMs, partitionOf } = results[index]!.jobs!;
      const ran = [...startMs].map((start, job) =>
        [partitions[partitionOf![job]!]!.name.charAt(0), start / MINUTE, endMs[job]! / MINUTE].join(' ').toLowerCase(),
      );
      expect(ran).toEqual(table(name)[index]!.map((row) => row.toLowerCase()));
    },
  );
});

it('the energy of tiny-broker is paid where it was used', () => {
  const { results } = runShipped('tiny-broker');
  // A busy GH200 adds W; idle nodes draw at both sites all hour, so policies differ by jobs alone.
  const jobsEur = results.map(({ sites }) => sites.reduce((sum, { auditCostEur }) => sum + auditCostEur.jobs, 0));
  const [home, roundRobin, cheapest] = jobsEur as [number, number, number];
  const watts = results[0]!.sites[0]!.auditEnergyWms.jobs / (4 * 30 * MINUTE); // b and c: 4 GPUs, 10 + 20 min
  const eur = (gpuMinutesTimesPrice: number): number => (watts * gpuMinutesTimesPrice) / 60e6;
  // Node-minutes × EUR/MWh: a 40 × 60, b 10 × 40, c 20 × 100, d 10 × 60; and so on.
  expect(home).toBeCloseTo(1.05 * eur(4 * (40 * 60 + 10 * 40 + 20 * 100 + 10 * 60)), 12);
  expect(roundRobin).toBeCloseTo(1.05 * eur(4 * (40 * 40 + 10 * 60 + 20 * 100 + 10 * 60)), 12);
  expect(cheapest).toBeCloseTo(1.05 * eur(4 * (40 * 40 + 7 * 40 + 3 * 100 + 20 * 60 + 10 * 60)), 12);
});

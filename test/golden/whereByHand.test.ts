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

/** A column `| 4 0-10, 16 10-30 |` of a job: GPUs, from and to in minutes; the last column is what was lost. */
function stretchTable(name: string): { stretches: string[][]; lost: number[] } {
  const rows = readFileSync(`scenarios/${name}.yaml`, 'utf8')
    .split('\n')
    .filter((line) => /^# {3}[a-z] {2,}\d/.test(line))
    .map((line) => line.split('|').slice(1));
  return {
    stretches: rows[0]!.slice(0, -1).map((_, policy) => rows.map((row) => row[policy]!.trim())),
    lost: rows.map((row) => Number(row.at(-1))),
  };
}

describe.each(['tiny-elastic', 'tiny-preempt'])('%s', (name) => {
  const { plan, results } = runShipped(name);
  const { stretches, lost } = stretchTable(name);

  it.each(plan.specs.map((spec, index) => [spec.policy.text, index] as const))(
    'under %s holds GPUs when its comment says, worked out by hand',
    (_, index) => {
      const { table, startMs, endMs, interruptions } = results[index]!.jobs!;
      const ran: string[][] = [...startMs].map(() => []);
      const add = (job: number, gpus: number, fromMs: number, toMs: number): void => {
        ran[job]!.push(`${String(gpus)} ${String(fromMs / MINUTE)}-${String(toMs / MINUTE)}`);
      };
      if (interruptions === undefined)
        startMs.forEach((from, job) => {
          add(job, table.gpus[job]!, from, endMs[job]!);
        });
      else {
        const { count, job, gpus, fromMs, toMs } = interruptions.segments;
        for (let row = 0; row < count; row++) add(job[row]!, gpus[row]!, fromMs[row]!, toMs[row]!);
      }
      expect(ran.map((own) => own.join(', '))).toEqual(stretches[index]);
    },
  );

  it('loses the GPU-minutes that its comment says, and none where nobody is interrupted', () => {
    const [plain, interrupting] = results;
    expect([...interrupting!.jobs!.interruptions!.lostGpuMs].map((gpuMs) => gpuMs / MINUTE)).toEqual(lost);
    expect(interrupting!.schedule.lostGpuHours).toBeCloseTo(lost.reduce((sum, minutes) => sum + minutes, 0) / 60, 12);
    expect(plain!.schedule.lostGpuHours).toBe(0);
  });
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

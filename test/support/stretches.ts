import type { Schedule } from '../../src/sim/schedule.js';

/** A stretch of GPUs held: job, GPUs, from, to. */
export type Stretch = readonly [job: number, gpus: number, fromMs: number, toMs: number];

/** All stretches of GPUs held, by start and then job. */
export function stretches({ segments }: Schedule): Stretch[] {
  if (segments === undefined) throw new Error('the policy interrupts nothing, so no stretches are kept');
  const rows = Array.from({ length: segments.count }, (_, row): Stretch => {
    const { job, gpus, fromMs, toMs } = segments;
    return [job[row]!, gpus[row]!, fromMs[row]!, toMs[row]!];
  });
  return rows.sort((a, b) => a[2] - b[2] || a[0] - b[0]);
}

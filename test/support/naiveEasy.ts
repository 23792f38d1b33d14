import type { PlainJob } from './jobs.js';
import { naiveOrder } from './naiveOrder.js';

/** EASY as defined, from lists, in order of submission. One pool of GPUs. Returns starts by job. */
export function naiveEasy(jobs: readonly PlainJob[], gpus: number, backfill = true): number[] {
  return naiveOrder(jobs, gpus, () => (a, b) => a - b, backfill);
}

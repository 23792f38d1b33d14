import { schedule } from '../src/sim/schedule.js';
import { measure, type Row } from './harness.js';
import { withQueueOf } from './overloaded.js';

/** Whole schedules under EASY with 100, 1,000 and 10,000 jobs queued on average: a backlog, then load 1. */
export async function benchEasy(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const target of [100, 1_000, 10_000]) {
    const { input, once, queuedMean } = withQueueOf(target);
    const row = await measure('easy/schedule, per event', target, once.events, () => schedule(input).fingerprint);
    rows.push({ ...row, queuedMean: Math.round(queuedMean), queuedMax: once.queueMax, events: once.events });
  }
  return rows;
}

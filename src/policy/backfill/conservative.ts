import type { BackfillDef } from '../contracts.js';
import { Reservations } from './reservations.js';

/** What is written for "no bound". */
const ALL = 1_000_000_000;

/**
 * Conservative backfilling (Feitelson and Weil 1998): each job gets a reservation when it joins the queue, and no job
 * that comes later delays it.
 *
 * When a job ends earlier than estimated, each reservation in turn, in queue order, moves to the earliest time that is
 * now free (compression); none becomes later. With an order other than first come, first served a job that goes before
 * others delays them. See {@link Reservations} for the rest.
 *
 * `depth` bounds how many jobs hold reservations; those behind start when they take nothing from any.
 */
export const conservative: BackfillDef<{ readonly depth: number }> = {
  axis: 'backfill',
  name: 'conservative',
  summary: 'conservative backfilling: a reservation for each job, moved up when a job ends early',
  cite: 'Feitelson and Weil, Utilization and Predictability in Scheduling the IBM SP2 with Backfilling, IPPS/SPDP 1998',
  parameters: [
    {
      name: 'depth',
      kind: 'whole',
      default: ALL,
      min: 1,
      summary: 'so many jobs, the first in order, hold reservations; by default all. 100 is fast with 10,000 queued',
    },
  ],
  reserves: true,
  create: ({ depth }, context) => new Reservations(context, { depth, onRoom: 'earlier' }),
};

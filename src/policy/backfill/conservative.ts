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
 * Reservations count GPUs of the whole partition. Where no job shares a node that is the same as counting places. Where
 * jobs do, a job of whole nodes whose time has come may find as many GPUs free but scattered, and how long after its
 * reservation it then starts is not bounded: jobs on GPUs nobody has reserved may keep nodes broken up. The same holds
 * for `easy(k)` with k above 1; `easy` counts places.
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

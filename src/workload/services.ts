import { MS_PER_MINUTE } from '../base/units.js';
import { heldGpus } from '../cluster/layout.js';
import type { ServiceSpec } from '../scenario/serviceSpec.js';
import type { JobExtras, JobTable } from './jobTable.js';

/** GPUs that services hold in each partition: whole nodes where a replica is larger than one. */
export function serviceGpusByPartition(
  services: readonly ServiceSpec[] | undefined,
  partitions: readonly { readonly gpusPerNode: number }[],
): number[] {
  const held = partitions.map(() => 0);
  for (const { replicaGpus, places } of services ?? [])
    for (const { partition, replicas } of places)
      held[partition]! += replicas * heldGpus(replicaGpus, partitions[partition]!.gpusPerNode);
  return held;
}

/** Each service with the GPUs of all its replicas. */
export const serviceShares = (
  services: readonly ServiceSpec[] | undefined,
): { readonly name: string; readonly gpus: number }[] | undefined =>
  services?.map(({ name, replicaGpus, places }) => ({
    name,
    gpus: replicaGpus * places.reduce((sum, { replicas }) => sum + replicas, 0),
  }));

/** So long before anything else replicas are submitted. */
const LEAD_MS = MS_PER_MINUTE;

/** Replicas of all services: the first jobs of a table that {@link withServices} made. */
export const replicasOf = (services: readonly ServiceSpec[]): number =>
  services.reduce((sum, { places }) => sum + places.reduce((own, { replicas }) => own + replicas, 0), 0);

/**
 * The jobs of a run with a job for each replica of its services in front of them, in the order of services, places and
 * replicas.
 *
 * Replicas are submitted a minute before anything else, so that no order or backfill has anything to put before
 * them, and run to the end of the horizon; so they are no jobs of the horizon, and no statistic of waits has them. Each
 * service is a user and an account of its own behind those of the jobs, with one share; job numbers of a list or a log
 * stay (replicas have negative ones), all ids move up by the replicas. O(jobs), and a copy of each column.
 */
export function withServices(
  table: JobTable,
  services: readonly ServiceSpec[],
  { warmupMs, horizonMs }: { readonly warmupMs: number; readonly horizonMs: number },
): JobTable {
  const replicas = replicasOf(services);
  const count = table.count + replicas;
  const moved = <T extends Column>(from: T): T => moveUp(from, table.count, replicas);
  const columns = {
    submitMs: moved(table.submitMs),
    gpus: moved(table.gpus),
    runMs: moved(table.runMs),
    estimateMs: moved(table.estimateMs),
    classOf: moved(table.classOf),
    userOf: moved(table.userOf),
    partitionOf: moved(table.partitionOf),
    endState: moved(table.endState),
    originalId: table.originalId && moved(table.originalId),
  };
  const firstMs = Math.min(-warmupMs, table.count > 0 ? table.submitMs[0]! : 0) - LEAD_MS;
  const firstUser = firstBeyond(table.userOf, table.count);
  let job = 0;
  services.forEach(({ replicaGpus, places }, service) => {
    for (const place of places)
      for (let replica = 0; replica < place.replicas; replica++, job++) {
        columns.submitMs[job] = firstMs;
        columns.gpus[job] = replicaGpus;
        columns.runMs[job] = horizonMs - firstMs;
        columns.estimateMs[job] = horizonMs - firstMs;
        columns.classOf[job] = table.classNames.length + service;
        columns.userOf[job] = firstUser + service;
        columns.partitionOf[job] = place.partition;
        if (columns.originalId !== undefined) columns.originalId[job] = -1 - job;
      }
  });
  const extra = table.extra && movedExtras(table.extra, table.count, replicas, columns, services.length);
  const classNames = [...table.classNames, ...services.map(({ name }) => name)];
  return { count, ...columns, classNames, ...(extra === undefined ? {} : { extra }) };
}

type Column = Float64Array | Int32Array | Int16Array | Uint8Array;

/** A copy with room for `by` rows, 0 at first, in front of the first `count`. */
function moveUp<T extends Column>(from: T, count: number, by: number): T {
  const into = new (from.constructor as new (length: number) => T)(count + by);
  into.set(from.subarray(0, count), by);
  return into;
}

function movedExtras(
  extra: JobExtras,
  count: number,
  by: number,
  { gpus, userOf }: { readonly gpus: Int32Array; readonly userOf: Int32Array },
  services: number,
): JobExtras {
  const moved = <T extends Column>(from: T | undefined, first: (job: number) => number): T | undefined => {
    if (from === undefined) return undefined;
    const into = moveUp(from, count, by);
    for (let job = 0; job < by; job++) into[job] = first(job);
    return into;
  };
  const { accountOf, accountShares, afterOk } = extra;
  const firstUser = userOf[0]!;
  const firstAccount = accountOf === undefined ? firstUser : firstBeyond(accountOf, count, accountShares?.length);
  return {
    accountOf: moved(accountOf, (job) => firstAccount + userOf[job]! - firstUser),
    accountShares:
      accountShares && Float64Array.from({ length: firstAccount + services }, (_, at) => accountShares[at] ?? 1),
    priority: moved(extra.priority, () => 0),
    deadlineMs: moved(extra.deadlineMs, () => Number.POSITIVE_INFINITY),
    minGpus: moved(extra.minGpus, (job) => gpus[job]!),
    maxGpus: moved(extra.maxGpus, (job) => gpus[job]!),
    reservationOf: moved(extra.reservationOf, () => -1),
    afterOk: afterOk && {
      offsets: moveUp(afterOk.offsets, count + 1, by),
      jobs: afterOk.jobs.map((job) => job + by),
    },
  };
}

/** The first number beyond all of the column's, and at least `least`. */
function firstBeyond(numbers: Int32Array, count: number, least = 0): number {
  let first = least;
  for (let job = 0; job < count; job++) if (numbers[job]! >= first) first = numbers[job]! + 1;
  return first;
}

import { availableParallelism } from 'node:os';

/** Threads worth starting when nobody says: those this process may use, which containers and affinity limit. */
export function defaultThreads(): number {
  return availableParallelism();
}

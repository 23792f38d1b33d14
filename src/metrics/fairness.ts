/**
 * How evenly users are served, by Jain's index of each user's mean of some value.
 *
 * Worked: users with means 1, 1, 0.5 → (2.5)² / (3 · 2.25) = 0.9259.
 */
export class JainIndex {
  private readonly sums: Float64Array;
  private readonly counts: Int32Array;

  /** @param users - users are 0…users−1 */
  constructor(users: number) {
    this.sums = new Float64Array(users);
    this.counts = new Int32Array(users);
  }

  add(user: number, value: number): void {
    this.sums[user]! += value;
    this.counts[user]!++;
  }

  /** Users with a value, and the index over them; NaN with none. */
  result(): { readonly users: number; readonly index: number } {
    let users = 0;
    let sum = 0;
    let squares = 0;
    for (let user = 0; user < this.sums.length; user++) {
      if (this.counts[user] === 0) continue;
      const mean = this.sums[user]! / this.counts[user]!;
      users++;
      sum += mean;
      squares += mean * mean;
    }
    return { users, index: (sum * sum) / (users * squares) };
  }
}

/**
 * GPUs of a 1/N share of the machine, N being the mean number of jobs that would run at a time if none waited:
 * by Little's law the sum of their run times over the time in which they are submitted, at least 1 and at most all.
 */
export function fairShareGpus(gpus: number, jobs: number, runMsSum: number, spanMs: number): number {
  const contending = Math.min(Math.max(jobs, 1), Math.max(1, runMsSum / spanMs));
  return gpus / contending;
}

/** Run time of a gang on a share of its own: a share smaller than the gang is time-sliced, its GPU-time kept. */
export function isolatedMs(runMs: number, gpus: number, shareGpus: number): number {
  return gpus > shareGpus ? (runMs * gpus) / shareGpus : runMs;
}

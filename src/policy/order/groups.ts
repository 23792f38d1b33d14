/** Jobs in groups: each job's group, numbered 0…count−1 in order of the first job of each. */
export interface Groups {
  readonly of: Int32Array;
  readonly count: number;
}

/** Jobs of one value in one group. O(jobs), once a run. */
export function groupBy(jobs: number, valueOf: (job: number) => number): Groups {
  const of = new Int32Array(jobs);
  const known = new Map<number, number>();
  for (let job = 0; job < jobs; job++) {
    const value = valueOf(job);
    let group = known.get(value);
    if (group === undefined) {
      group = known.size;
      known.set(value, group);
    }
    of[job] = group;
  }
  return { of, count: known.size };
}

/** Jobs that share their group in both. */
export function groupByBoth(a: Groups, b: Groups): Groups {
  return groupBy(a.of.length, (job) => a.of[job]! * b.count + b.of[job]!);
}

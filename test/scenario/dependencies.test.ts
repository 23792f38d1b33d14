import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkDependencies } from '../../src/scenario/dependencies.js';

interface Job {
  readonly id: string;
  readonly after: readonly string[];
}
const faultsOf = (jobs: readonly Job[]): string[] => {
  const found: string[] = [];
  checkDependencies(jobs as never, (path, message) => found.push(`${path.join('.')}: ${message}`));
  return found;
};

/** Takes away jobs that wait for nobody until none is left that can be taken; the naive twin. */
function hasCircle(jobs: readonly Job[]): boolean {
  let left = [...jobs];
  for (;;) {
    const free = left.filter(({ after }) => !after.some((id) => left.some((other) => other.id === id)));
    if (free.length === 0) return left.length > 0;
    left = left.filter((job) => !free.includes(job));
  }
}

const anyJobs = fc
  .integer({ min: 1, max: 9 })
  .chain((count) =>
    fc
      .array(fc.array(fc.integer({ min: 0, max: count - 1 }), { maxLength: 2 }), { minLength: count, maxLength: count })
      .map((lists) => lists.map((list, index): Job => ({ id: `j${index}`, after: list.map((other) => `j${other}`) }))),
  );

describe('dependencies of listed jobs', () => {
  it('are refused exactly when jobs wait for each other in a circle, and the circle named is one', () => {
    fc.assert(
      fc.property(anyJobs, (jobs) => {
        const faults = faultsOf(jobs);
        expect(faults).toHaveLength(hasCircle(jobs) ? 1 : 0);
        if (faults.length === 0) return;
        const circle = /got (.*)$/.exec(faults[0]!)![1]!.split(' after ');
        expect(circle.at(-1)).toBe(circle[0]);
        circle.slice(1).forEach((id, i) => {
          expect(jobs.find((job) => job.id === circle[i])!.after).toContain(id);
        });
      }),
      { numRuns: 300 },
    );
  });

  it('may form a chain as long as the list', () => {
    const chain = Array.from({ length: 100_000 }, (_, i): Job => ({
      id: `j${i}`,
      after: i === 0 ? [] : [`j${i - 1}`],
    }));
    expect(faultsOf(chain)).toEqual([]);
    expect(faultsOf(chain.toReversed())).toEqual([]);
  });
});

/**
 * Stands in for `src/cluster/failureTrace.ts` where a test says itself what fails:
 * `vi.mock('../../src/cluster/failureTrace.js', () => import('../support/listedFailures.js'))`.
 */

export interface ListedFailure {
  readonly atMs: number;
  readonly node: number;
  /** Index of causes; 0 by default. */
  readonly cause?: number;
  readonly repairMs?: number;
  /** Which of several jobs on the node a fault of software strikes, [0, 1). */
  readonly pick?: number;
  /** Index of the partition; 0 by default. */
  readonly partition?: number;
}

const LISTED: { failures: readonly ListedFailure[]; slow: readonly ListedFailure[]; names: readonly string[] } = {
  failures: [],
  slow: [],
  names: ['main'],
};

/** What fails in the runs from now on, in order of time; and what becomes slow. */
export function listFailures(
  failures: readonly ListedFailure[],
  slow: readonly ListedFailure[] = [],
  names: readonly string[] = ['main'],
): void {
  LISTED.failures = failures;
  LISTED.slow = slow;
  LISTED.names = names;
}

class Listed {
  atMs = Number.POSITIVE_INFINITY;
  node = -1;
  cause = -1;
  repairMs = 0;
  pick = 0;
  private readonly rows: readonly ListedFailure[];
  private at = 0;

  constructor(rows: readonly ListedFailure[]) {
    this.rows = rows;
    this.next();
  }

  next(): void {
    const row = this.rows[this.at++];
    this.atMs = row?.atMs ?? Number.POSITIVE_INFINITY;
    if (row === undefined) return;
    this.node = row.node;
    this.cause = row.cause ?? 0;
    this.repairMs = row.repairMs ?? 1;
    this.pick = row.pick ?? 0;
  }
}

const ofPartition = (rows: readonly ListedFailure[], name: string): readonly ListedFailure[] =>
  rows.filter(({ partition = 0 }) => LISTED.names[partition] === name);

export class FailureTrace extends Listed {
  constructor(_spec: unknown, _machine: unknown, _streams: unknown, name: string) {
    super(ofPartition(LISTED.failures, name));
  }
}

export class StragglerTrace extends Listed {
  constructor(_spec: unknown, _machine: unknown, _streams: unknown, name: string) {
    super(ofPartition(LISTED.slow, name));
  }
}

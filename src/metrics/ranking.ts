import { meanOf, pairedDifference } from './statistics.js';
import type { PairedDifference } from './statistics.js';

/** One place of a ranking. */
export interface RankedColumn {
  /** Index of the column as given. */
  readonly index: number;
  /** 1-based; columns of one tie share the place of its first, and the next clear one counts on (1, 2, 2, 4). */
  readonly rank: number;
  /** Shares its rank: the difference from a neighbour in its group is not clear. */
  readonly tied: boolean;
  /** Against the column before it in the order (higher or unclear); `undefined` for the first. */
  readonly againstPrevious: PairedDifference | undefined;
}

/**
 * Ranks columns of replications from the lowest mean, with ties where nothing is known.
 *
 * Columns are sorted by mean, then by index. A neighbour whose *paired* difference from the one before is not
 * clear shares its rank. So a tie is a chain: its ends may differ clearly while no link does, which is the
 * cautious reading. With one replication everything ties.
 *
 * @param columns - columns[i][r]: value of candidate i in replication r, the same draws for every i
 */
export function rankByMean(columns: readonly (readonly number[])[]): readonly RankedColumn[] {
  const means = columns.map(meanOf);
  const order = columns.map((_, index) => index).sort((a, b) => means[a]! - means[b]! || a - b);
  const steps = order.map((index, place) => {
    const previous = order[place - 1];
    return previous === undefined ? undefined : pairedDifference(columns[index]!, columns[previous]!);
  });
  let rank = 0;
  return order.map((index, place) => {
    const linked = steps[place]?.verdict === 'no clear difference';
    if (!linked) rank = place + 1;
    const tied = linked || steps[place + 1]?.verdict === 'no clear difference';
    return { index, rank, tied, againstPrevious: steps[place] };
  });
}

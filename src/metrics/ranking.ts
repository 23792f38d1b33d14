import { meanOf, pairedDifference } from './statistics.js';
import type { PairedDifference } from './statistics.js';

/** One place of a ranking. */
export interface RankedColumn {
  /** Index of the column as given. */
  readonly index: number;
  /** 1-based; columns of one tie share the place of its first, and the next clear one counts on (1, 2, 2, 4). */
  readonly rank: number;
  /** Shares its rank with others. */
  readonly tied: boolean;
  /** Against the column before it in the order (higher or unclear); `undefined` for the first. */
  readonly againstPrevious: PairedDifference | undefined;
}

/**
 * Ranks columns of replications from the lowest mean, with ties where nothing is known.
 *
 * Columns are sorted by mean, then by index. Between two places a rank is claimed only when *every* column
 * before is clearly lower, by its paired difference, than every column behind; all columns between two
 * such borders share a rank. So a tie may hold columns that do differ clearly from one another: the
 * cautious reading. With one replication everything ties. Cost: one paired difference per pair.
 *
 * @param columns - columns[i][r]: value of candidate i in replication r, the same draws for every i
 */
export function rankByMean(columns: readonly (readonly number[])[]): readonly RankedColumn[] {
  const means = columns.map(meanOf);
  const order = columns.map((_, index) => index).sort((a, b) => means[a]! - means[b]! || a - b);
  const clear = (lower: number, higher: number): boolean =>
    pairedDifference(columns[order[higher]!]!, columns[order[lower]!]!).verdict === 'higher';
  /** Furthest place that some place up to here is not clearly lower than. */
  const reach: number[] = [];
  order.forEach((_, place) => {
    let furthest = Math.max(place, reach[place - 1] ?? 0);
    for (let behind = order.length - 1; behind > furthest; behind--) if (!clear(place, behind)) furthest = behind;
    reach.push(furthest);
  });
  const startsGroup = order.map((_, place) => place === 0 || reach[place - 1]! < place);
  let rank = 0;
  return order.map((index, place) => {
    if (startsGroup[place]!) rank = place + 1;
    const previous = order[place - 1];
    return {
      index,
      rank,
      tied: !startsGroup[place]! || startsGroup[place + 1] === false,
      againstPrevious: previous === undefined ? undefined : pairedDifference(columns[index]!, columns[previous]!),
    };
  });
}

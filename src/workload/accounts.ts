import type { ResolvedAccounts } from './resolved.js';

/**
 * The account of each job from its user: dealt in turn, or by sizes, the busiest users first; users beyond the sum
 * of the sizes begin again with the first account.
 *
 * Who shares an account with whom is our assumption: no published workload says it together with users' activity.
 */
export function accountsOfUsers(userOf: Int32Array, count: number, accounts: ResolvedAccounts): Int32Array {
  const accountOf = new Int32Array(count);
  if ('count' in accounts) {
    for (let job = 0; job < count; job++) accountOf[job] = userOf[job]! % accounts.count;
    return accountOf;
  }
  const seats = Int32Array.from(accounts.sizes.flatMap((size, account) => new Array<number>(size).fill(account)));
  for (let job = 0; job < count; job++) accountOf[job] = seats[userOf[job]! % seats.length]!;
  return accountOf;
}

import { distance } from 'fastest-levenshtein';

/** Lists longer than this are not worth reading in a message. */
const MAX_LISTED = 12;

/**
 * The candidate a mistyped word most likely meant, or `undefined` when none is near.
 *
 * Near: at most a third of the longer word's letters differ, case aside; or the same letters in another order; or
 * one is the beginning of the other.
 * The first of equally near candidates wins.
 */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  const wanted = word.toLowerCase();
  let best: string | undefined;
  let bestDistance = Infinity;
  for (const candidate of candidates) {
    const name = candidate.toLowerCase();
    const prefix = wanted.length >= 3 && (name.startsWith(wanted) || wanted.startsWith(name));
    const limit = Math.max(1, Math.floor(Math.max(wanted.length, name.length) / 3));
    const swapped = wanted.length === name.length && lettersOf(wanted) === lettersOf(name);
    const apart = swapped ? Math.min(1, distance(wanted, name)) : distance(wanted, name);
    if ((apart <= limit || prefix) && apart < bestDistance) {
      best = candidate;
      bestDistance = apart;
    }
  }
  return best;
}

const lettersOf = (word: string): string => Array.from(word).sort().join('');

/** "Did you mean X?" where something is near, otherwise nothing. */
export function didYouMean(word: string, candidates: readonly string[]): string | undefined {
  const near = closest(word, candidates);
  return near === undefined ? undefined : `Did you mean ${near}?`;
}

/** `a, b, c` or, of many, the first ones and how many there are. */
export function listed(names: readonly string[]): string {
  if (names.length <= MAX_LISTED) return names.join(', ');
  return `${names.slice(0, MAX_LISTED).join(', ')} and ${names.length - MAX_LISTED} more`;
}

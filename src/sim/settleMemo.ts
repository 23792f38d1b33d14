/** How many different parts are kept: the sites of a scenario, not every variant of them. */
const MOST_KEPT = 16;

/**
 * What sites settled on one load curve have in common, worked out once: variants of a site differ in few things, and
 * most of it stays. The first {@link MOST_KEPT} different parts are kept, each some MB for a year; later ones are
 * worked out every time.
 */
export class SettleMemo<T> {
  readonly #kept = new Map<string, T>();

  /** @param of - plain data that says all `make` depends on beside the curve; written in another order it is made again */
  part(of: unknown, make: () => T): T {
    const key = JSON.stringify(of);
    const before = this.#kept.get(key);
    if (before !== undefined) return before;
    const made = make();
    if (this.#kept.size < MOST_KEPT) this.#kept.set(key, made);
    return made;
  }
}

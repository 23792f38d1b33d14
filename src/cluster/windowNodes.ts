import type { WindowSpec } from '../scenario/runSpec.js';

/** Rank of a node to be avoided among those that may be chosen; one that another window ends with is one behind. */
const AVOIDED = 2;

/**
 * The nodes of each window: the highest-numbered ones of its partition that no other window has at the time.
 *
 * Windows that begin earlier choose first, then those that are written first. A window would rather not have nodes
 * that another still holds while it drains, but takes them if there are no others: they drain when that one ends.
 * Of a partition that grows it takes nodes that are there when it begins; these are the lowest-numbered.
 * Where the windows open at any moment ask for no more nodes than there are, each gets all of its own.
 *
 * Nodes to be avoided are taken only where there are no others.
 *
 * Placement fills the lowest nodes first, so the highest are the ones most likely to be free.
 *
 * @param nodesOf - nodes of a partition at a time; as many or more later
 * @param avoidOf - those of them to be avoided; none by default
 * @returns for each window its nodes; fewer than it asks for where there are no more
 */
export function windowNodes(
  windows: readonly WindowSpec[],
  nodesOf: (partition: number, atMs: number) => number,
  avoidOf: (partition: number) => Iterable<number> = () => [],
): readonly Int32Array[] {
  const chosen = windows.map(() => new Int32Array(0));
  const inTurn = windows
    .map((window, index) => ({ window, index }))
    .sort((a, b) => a.window.fromMs - b.window.fromMs || a.index - b.index);
  inTurn.forEach(({ window, index }, turn) => {
    const nodes = nodesOf(window.partition, window.fromMs);
    const open = new Uint8Array(nodes);
    const rankOf = new Uint8Array(nodes);
    for (const earlier of inTurn.slice(0, turn)) {
      const { partition, toMs } = earlier.window;
      if (partition !== window.partition) continue;
      if (toMs > window.fromMs) for (const node of chosen[earlier.index]!) open[node] = 1;
      else if (toMs > window.fromMs - window.drainMs) for (const node of chosen[earlier.index]!) rankOf[node] = 1;
    }
    for (const node of avoidOf(window.partition)) rankOf[node]! += AVOIDED;
    const own: number[] = [];
    for (const rank of [0, 1, AVOIDED, AVOIDED + 1])
      for (let node = nodes - 1; node >= 0 && own.length < window.nodes; node--)
        if (open[node] === 0 && rankOf[node] === rank) own.push(node);
    chosen[index] = Int32Array.from(own);
  });
  return chosen;
}

import type { WindowSpec } from '../scenario/runSpec.js';

/**
 * The nodes of each window: the highest-numbered ones of its partition that no other window has at the time, from
 * the start of its draining to its end. Those that begin earlier choose first, then those that are written first.
 *
 * Placement fills the lowest nodes first, so these are the ones most likely to be free.
 *
 * @param nodesOf - nodes of a partition
 * @returns for each window its nodes, descending; fewer than it asks for where there are no more
 */
export function windowNodes(
  windows: readonly WindowSpec[],
  nodesOf: (partition: number) => number,
): readonly Int32Array[] {
  const chosen = windows.map(() => new Int32Array(0));
  const inTurn = windows
    .map((window, index) => ({ window, index, drainsMs: window.fromMs - window.drainMs }))
    .sort((a, b) => a.drainsMs - b.drainsMs || a.index - b.index);
  inTurn.forEach(({ window, index, drainsMs }, turn) => {
    const taken = new Uint8Array(nodesOf(window.partition));
    for (const earlier of inTurn.slice(0, turn)) {
      if (earlier.window.partition !== window.partition || earlier.window.toMs <= drainsMs) continue;
      for (const node of chosen[earlier.index]!) taken[node] = 1;
    }
    const own: number[] = [];
    for (let node = taken.length - 1; node >= 0 && own.length < window.nodes; node--)
      if (taken[node] === 0) own.push(node);
    chosen[index] = Int32Array.from(own);
  });
  return chosen;
}

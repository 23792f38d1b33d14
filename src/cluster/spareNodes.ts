import type { Layout } from './layout.js';

/**
 * Nodes kept as spares: the highest of each pod in turn, so that every pod has some and low nodes, which placement
 * fills first, stay together.
 *
 * @param count - fewer than there are nodes
 */
export function spareNodes({ nodes, nodesPerRack, racksPerPod, pods }: Layout, count: number): Int32Array {
  const perPod = nodesPerRack * racksPerPod;
  const chosen: number[] = [];
  for (let turn = 0; chosen.length < count && turn < perPod; turn++)
    for (let pod = 0; pod < pods && chosen.length < count; pod++) {
      const last = Math.min((pod + 1) * perPod, nodes) - 1 - turn;
      if (last >= pod * perPod) chosen.push(last);
    }
  return Int32Array.from(chosen).sort();
}

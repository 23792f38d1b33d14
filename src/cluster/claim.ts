/**
 * Where a job is to go: filled by a placement policy, checked and taken by the occupancy, then reused.
 *
 * A job of whole nodes names racks with a mask of nodes in each, in the order chosen; a job below a node's
 * size names one node (the GPUs in it are the lowest free ones).
 */
export class Claim {
  /** Pairs used; 0 for a job inside one node. */
  count = 0;
  readonly racks: Int32Array;
  readonly masks: Int32Array;
  /** The shared node, or -1. */
  node = -1;

  constructor(racks: number) {
    this.racks = new Int32Array(racks);
    this.masks = new Int32Array(racks);
  }

  clear(): void {
    this.count = 0;
    this.node = -1;
  }

  add(rack: number, mask: number): void {
    this.racks[this.count] = rack;
    this.masks[this.count++] = mask;
  }
}

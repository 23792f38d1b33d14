import { RandomStreams } from '../src/base/random.js';
import { Claim } from '../src/cluster/claim.js';
import { heldGpus, layoutOf } from '../src/cluster/layout.js';
import { Occupancy } from '../src/cluster/occupancy.js';
import type { PolicySetup } from '../src/policy/contracts.js';
import { findPolicy } from '../src/policy/registry.js';
import { measure, type Row } from './harness.js';

const OPS = 50_000;
const JOBS = 2_000;

/** Place + take + release on 12,500 nodes of 8 GPUs kept nearly full, and one gang of 32,768 GPUs. */
export async function benchOccupancy(): Promise<Row[]> {
  const rows: Row[] = [];
  const layout = layoutOf({ nodes: 12_500, gpusPerNode: 8, nodesPerRack: 8, racksPerPod: 144 });
  for (const name of ['pack', 'first-fit']) {
    const place = findPolicy('placement', name)!.create({}, { draw: () => 0 } as unknown as PolicySetup);
    const draw = new RandomStreams('bench').fork('occupancy');
    const sizes = Int32Array.from({ length: OPS }, () => {
      const u = draw();
      return u < 0.45 ? 1 + Math.floor(draw() * 7) : 8 * 2 ** Math.floor(draw() ** 3 * 8);
    });
    const occupancy = new Occupancy(layout, JOBS);
    const claim = new Claim(layout.racks);
    const held = new Int32Array(JOBS);
    rows.push(
      await measure(`occupancy/${name}: take + release`, layout.nodes, OPS, () => {
        let checksum = 0;
        for (let i = 0; i < OPS; i++) {
          const job = (i * 7919) % JOBS;
          if (held[job]! > 0) {
            occupancy.release(job, held[job]!);
            held[job] = 0;
          }
          const gpus = sizes[i]!;
          if (heldGpus(gpus, 8) > occupancy.largestFit()) continue;
          claim.clear();
          place.place(occupancy, gpus, claim);
          occupancy.take(job, gpus, claim);
          held[job] = gpus;
          checksum += claim.count + claim.node;
        }
        return checksum + occupancy.freeGpus;
      }),
    );
    const empty = new Occupancy(layout, 1);
    rows.push(
      await measure(`occupancy/${name}: gang of 32,768 GPUs`, layout.nodes, 500, () => {
        let checksum = 0;
        for (let i = 0; i < 500; i++) {
          claim.clear();
          place.place(empty, 32_768, claim);
          empty.take(0, 32_768, claim);
          checksum += claim.count;
          empty.release(0, 32_768);
        }
        return checksum;
      }),
    );
  }
  return rows;
}

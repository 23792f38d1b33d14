import type { RunSpec } from '../scenario/runSpec.js';
import { gangFigures } from '../training/gangReliability.js';
import type { ResolvedGenerator } from '../workload/resolved.js';
import { loneGang, type GangPlace } from './loneGang.js';

/** So far apart are the checkpoints of a job at least, because a write takes so long. */
export interface WriteFloor {
  readonly gpus: number;
  /** Alone on the storage; more where writes queue. */
  readonly ms: number;
}

/** Of the jobs of a workload, the shortest and the longest. */
export interface WriteFloors {
  readonly least: WriteFloor;
  readonly most: WriteFloor;
}

/**
 * What jobs of the workload's sizes could keep to at best. Classes with an interval of their own are left out;
 * `undefined` where no others are, and for traces, whose sizes stand in their files.
 */
export function writeFloors(place: GangPlace): WriteFloors | undefined {
  const floors = sizesOf(place.base)
    .filter(({ gpus }) => gpus <= place.mostGpus)
    .map(({ gpus, stateBytes }): WriteFloor => {
      const { writeMs, stallMs } = gangFigures({ ...loneGang(place, gpus), stateBytes });
      return { gpus, ms: Math.max(0, writeMs - stallMs) };
    })
    .sort((a, b) => a.ms - b.ms);
  return floors.length === 0 ? undefined : { least: floors[0]!, most: floors.at(-1)! };
}

interface JobSize {
  readonly gpus: number;
  readonly stateBytes: number | undefined;
}

function sizesOf({ workload, traits }: RunSpec): JobSize[] {
  if (workload.kind !== 'generated') return [];
  const generator = workload.generator as ResolvedGenerator;
  const sizes =
    generator.kind === 'mix'
      ? generator.classes.map((of) => of.sizes.map(({ gpus }) => gpus))
      : generator.classes.map((_, index) =>
          generator.jobs.filter((job) => job.class === index).map(({ gpus }) => gpus),
        );
  return sizes.flatMap((ofClass, index) => {
    const { checkpointMs = 0, training } = traits?.[index] ?? {};
    return checkpointMs > 0 ? [] : [...new Set(ofClass)].map((gpus) => ({ gpus, stateBytes: training?.stateBytes }));
  });
}

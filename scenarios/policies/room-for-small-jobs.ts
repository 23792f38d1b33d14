import type { WholeSchedule } from 'gigasim';

/** Jobs up to one rack of 64 GPUs are small. */
const SMALL_GPUS = 64;
/** Share of the machine that large jobs leave free for small ones. */
const KEPT_FREE = 0.02;

/**
 * In order of arrival, whatever fits; but large jobs leave 2 % of the machine to the small ones, so that
 * debugging and evaluation never wait behind a full machine. A large job starts in any case on an empty one.
 *
 * A whole pass in one function: look at the queue, start jobs. What `decide.start` is told is checked and done at
 * once, so `world.fits` already knows of it at the next job.
 */
const policy: WholeSchedule = {
  name: 'room-for-small-jobs',
  summary: 'whatever fits, in order, while large jobs leave 2 % of the machine to small ones',
  starves: true,
  schedule(world, decide) {
    const { layout } = world.free(world.partition);
    for (const job of world.queue) {
      const { freeGpus } = world.free(world.partition);
      const held = world.heldGpus(job);
      const leaves = freeGpus - held >= KEPT_FREE * layout.gpus;
      if ((held <= SMALL_GPUS || leaves || freeGpus === layout.gpus) && world.fits(job)) decide.start(job);
    }
  },
};

export default policy;

import type { PowerDef } from '../contracts.js';

interface IdleSleepParameters {
  readonly after: number;
  readonly wake: number;
  readonly draw: number;
}

/**
 * Nodes that nobody has held for `after` go to sleep, and a job that is given such nodes waits `wake` until they are up.
 * What exactly sleeps, wakes and is paid for: sim/nodeSleep.ts.
 *
 * Slurm's power saving: SuspendTime is `after` (off by default; 15 min is an assumption), ResumeTimeout the longest
 * `wake` (60 s by default, too short for a server with eight GPUs to post, boot and pass its health check: 10 min is an
 * assumption). A node that is off still feeds its BMC, the standby rails of its power supplies and adapters that may wake it:
 * some 100 W of an HGX node that idles at about 2,000 W, which is the assumed 0.05; suspended to RAM it would be more.
 *
 * What it costs is the GPU time of jobs that wait for nodes, so it pays where nodes are idle for long: docs/idle-sleep.md
 * has the numbers for a gigafactory.
 */
export const idleSleep: PowerDef<IdleSleepParameters> = {
  axis: 'power',
  name: 'idle-sleep',
  summary: 'nodes that nobody holds go to sleep; a job that gets them waits until they are awake',
  cite: 'Slurm Workload Manager, Power Saving Guide (SuspendTime, ResumeTimeout)',
  sleeps: true,
  parameters: [
    {
      name: 'after',
      kind: 'duration',
      default: 900_000,
      min: 0,
      summary: "idle for so long, a node goes to sleep; 15 min (an assumption; Slurm's SuspendTime, off by default)",
    },
    {
      name: 'wake',
      kind: 'duration',
      default: 600_000,
      min: 0,
      summary: 'until a node that was asleep is ready for its job; 10 min to boot and be checked (an assumption)',
    },
    {
      name: 'draw',
      kind: 'number',
      default: 0.05,
      min: 0,
      max: 1,
      summary: 'what a sleeping node draws, as a share of its idle draw; 0.05 (an assumption: about 100 W of standby)',
    },
  ],
  create: ({ after, wake, draw }) => ({ idleSleep: { afterMs: after, wakeMs: wake, drawFraction: draw } }),
};

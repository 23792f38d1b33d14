import type { PlainJob } from './jobs.js';

interface Running {
  readonly job: number;
  readonly endMs: number;
  readonly estimatedMs: number;
  /** GPUs on each node. */
  readonly gpus: number;
  readonly nodes: readonly number[];
}

/**
 * EASY on nodes that jobs share, as defined: at each instant everything is recomputed from the list of running jobs,
 * node by node. First come, first served, placed by first fit. Jobs in order of submission. Returns their starts.
 */
export function naiveSharedEasy(jobs: readonly PlainJob[], nodes: number, gpusPerNode: number): number[] {
  const starts = jobs.map(() => Number.NaN);
  const all = Array.from({ length: nodes }, (_, node) => node);
  let queue: number[] = [];
  let running: Running[] = [];
  let arrived = 0;
  const sizeOf = (job: number): number => jobs[job]!.gpus;
  const nodesOf = (job: number): number => Math.ceil(sizeOf(job) / gpusPerNode);
  const perNode = (gpus: number): number => Math.min(gpus, gpusPerNode);
  /** GPUs free on a node once all have ended that are estimated to by then. */
  const roomBy = (node: number, atMs: number): number =>
    gpusPerNode -
    running.filter((r) => r.estimatedMs > atMs && r.nodes.includes(node)).reduce((sum, { gpus }) => sum + gpus, 0);
  const roomNow = (node: number): number => roomBy(node, Number.NEGATIVE_INFINITY);
  const places = (gpus: number): number[] => all.filter((node) => roomNow(node) >= perNode(gpus));
  const fits = (job: number): boolean => places(sizeOf(job)).length >= nodesOf(job);

  for (;;) {
    const next = Math.min(...running.map((r) => r.endMs), arrived < jobs.length ? jobs[arrived]!.submitMs : Infinity);
    if (next === Infinity) return starts;
    running = running.filter((r) => r.endMs > next);
    while (arrived < jobs.length && jobs[arrived]!.submitMs === next) queue.push(arrived++);
    const start = (job: number): void => {
      const { runMs, estimateMs = runMs, gpus } = jobs[job]!;
      const taken = places(gpus).slice(0, nodesOf(job));
      starts[job] = next;
      running.push({ job, endMs: next + runMs, estimatedMs: next + estimateMs, gpus: perNode(gpus), nodes: taken });
      queue = queue.filter((other) => other !== job);
    };
    while (queue.length > 0 && fits(queue[0]!)) start(queue[0]!);
    if (queue.length === 0) continue;
    const head = queue[0]!;
    const need = perNode(sizeOf(head));
    const candidates = (atMs: number): number => all.filter((node) => roomBy(node, atMs) >= need).length;
    const shadow = Math.min(...running.map((r) => r.estimatedMs).filter((at) => candidates(at) >= nodesOf(head)));
    /** A job of so many GPUs would stand where the head loses no node by it. */
    const isHarmless = (gpus: number): boolean => {
      const room = roomBy(places(gpus)[0]!, shadow);
      return room < need || room - gpus >= need;
    };
    const mayStart = (job: number): boolean => {
      const { gpus, runMs, estimateMs = runMs } = jobs[job]!;
      if (!fits(job)) return false;
      if (next + estimateMs <= shadow || candidates(shadow) - nodesOf(head) >= nodesOf(job)) return true;
      if (gpus >= gpusPerNode) return false;
      // Sizes of one power of two are let past from the smallest on.
      for (let size = 2 ** Math.floor(Math.log2(gpus)); size <= gpus; size++) if (!isHarmless(size)) return false;
      return true;
    };
    for (;;) {
      const job = queue.slice(1).find(mayStart);
      if (job === undefined) break;
      start(job);
    }
  }
}

import type { Stretch } from './stretches.js';

export interface TwinJob {
  readonly submitMs: number;
  readonly gpus: number;
  readonly runMs: number;
  readonly priority?: number;
}

/** A job as the twin sees it at one instant. */
export interface TwinState extends TwinJob {
  readonly id: number;
  /** Run time left, of a waiting job what is not saved. */
  readonly leftMs: number;
  /** GPU·ms received. */
  readonly serviceGpuMs: number;
  /** Of a running job what is left of its restart, of a waiting one its restart. */
  readonly overheadMs: number;
}

export interface TwinRules {
  readonly gpus: number;
  readonly checkpointMs: number;
  readonly restartMs: number;
  readonly guaranteedRunMs: number;
  /** Smaller goes first, ties by id. */
  readonly order: (job: TwinState) => number;
  /** Larger gives way; compared with that of a queued job. */
  readonly rank: (job: TwinState) => number;
}

/**
 * A scheduler that does nothing clever: goes through time ms by ms, and at each one starts jobs strictly in order, then
 * tries every queued job, best-ranked first, against every running one, until nothing changes. One pool of GPUs; runs of
 * at least 1 ms.
 */
export function naivePreemption(jobs: readonly TwinJob[], rules: TwinRules): { held: Stretch[]; lostGpuMs: number[] } {
  const held: Stretch[] = [];
  const lostGpuMs = jobs.map(() => 0);
  const saved = jobs.map(() => 0);
  const service = jobs.map(() => 0);
  const restarts = jobs.map(() => 0);
  let queue: number[] = [];
  let running: { id: number; fromMs: number; productiveMs: number }[] = [];
  let arrived = 0;
  for (let now = 0; arrived < jobs.length || queue.length + running.length > 0; now++) {
    const endOf = (r: (typeof running)[number]): number => r.productiveMs + jobs[r.id]!.runMs - saved[r.id]!;
    const stop = (r: (typeof running)[number], unsavedMs: number): void => {
      const { gpus } = jobs[r.id]!;
      running = running.filter((other) => other !== r);
      if (now > r.fromMs) held.push([r.id, gpus, r.fromMs, now]);
      service[r.id]! += gpus * (now - r.fromMs);
      lostGpuMs[r.id]! += gpus * (Math.min(now, r.productiveMs) - r.fromMs + unsavedMs);
    };
    const state = (id: number): TwinState => {
      const job = jobs[id]!;
      const r = running.find((other) => other.id === id);
      const work = saved[id]! + (r === undefined ? 0 : Math.max(0, now - r.productiveMs));
      const overheadMs =
        r === undefined ? (restarts[id]! > 0 ? rules.restartMs : 0) : Math.max(0, r.productiveMs - now);
      const serviceGpuMs = service[id]! + (r === undefined ? 0 : job.gpus * (now - r.fromMs));
      return { ...job, id, leftMs: job.runMs - work, serviceGpuMs, overheadMs };
    };
    const free = (): number => rules.gpus - running.reduce((sum, r) => sum + jobs[r.id]!.gpus, 0);
    const start = (id: number): void => {
      queue = queue.filter((other) => other !== id);
      running.push({ id, fromMs: now, productiveMs: now + state(id).overheadMs });
    };
    const startInOrder = (): void => {
      for (;;) {
        queue.sort((a, b) => rules.order(state(a)) - rules.order(state(b)) || a - b);
        if (queue.length === 0 || jobs[queue[0]!]!.gpus > free()) return;
        start(queue[0]!);
      }
    };
    const serveOne = (): boolean => {
      const ranked = [...queue].sort((a, b) => rules.rank(state(a)) - rules.rank(state(b)) || a - b);
      for (const id of ranked) {
        const need = jobs[id]!.gpus;
        if (need <= free()) return false;
        const bar = rules.rank(state(id));
        const victims = running
          .filter((r) => now - r.fromMs >= rules.guaranteedRunMs && rules.rank(state(r.id)) > bar)
          .sort((a, b) => rules.rank(state(b.id)) - rules.rank(state(a.id)) || b.fromMs - a.fromMs || b.id - a.id);
        const chosen: typeof victims = [];
        const gain = (): number => chosen.reduce((sum, r) => sum + jobs[r.id]!.gpus, free());
        for (const victim of victims) if (gain() < need) chosen.push(victim);
        if (gain() < need) continue;
        for (const victim of [...chosen].reverse())
          if (gain() - jobs[victim.id]!.gpus >= need) chosen.splice(chosen.indexOf(victim), 1);
        for (const victim of chosen) {
          const workedMs = Math.max(0, now - victim.productiveMs);
          const unsavedMs = rules.checkpointMs > 0 ? workedMs % rules.checkpointMs : 0;
          stop(victim, unsavedMs);
          saved[victim.id]! += workedMs - unsavedMs;
          if (now > victim.fromMs) restarts[victim.id]!++;
          queue.push(victim.id);
        }
        start(id);
        return true;
      }
      return false;
    };
    for (const r of running.filter((other) => endOf(other) === now)) stop(r, 0);
    while (arrived < jobs.length && jobs[arrived]!.submitMs === now) queue.push(arrived++);
    for (let served = true; served;) {
      startInOrder();
      served = false;
      while (serveOne()) served = true;
    }
  }
  return { held: held.sort((a, b) => a[2] - b[2] || a[0] - b[0]), lostGpuMs };
}

import type { ListedFailure } from './listedFailures.js';

/** A node that is not under repair, or not slow. */
const UP = Number.NEGATIVE_INFINITY;

/** Gangs of whole nodes, all submitted at the start, in order. */
export interface NaiveGang {
  readonly nodes: number;
  readonly runMs: number;
}

export interface NaiveMachine {
  readonly nodes: number;
  readonly nodesPerRack: number;
  readonly racksPerPod: number;
  readonly spares: readonly number[];
  readonly detectionMs: number;
  readonly swapMs: number;
  /** Initialisation and reload. */
  readonly restartMs: number;
  readonly intervalMs: number;
  readonly stallMs: number;
  /** After the stall, until the checkpoint counts. */
  readonly writeMs: number;
  readonly slowSpeed: number;
  readonly slowDetectionMs: number;
  readonly startMs: number;
  /** By index of causes. */
  readonly scopes: readonly ('node' | 'job' | 'rack' | 'pod')[];
}

export interface NaiveOutcome {
  startMs: number;
  endMs: number;
  useful: number;
  stall: number;
  lost: number;
  restart: number;
  failures: number;
}

interface Gang extends NaiveOutcome {
  readonly size: number;
  readonly runMs: number;
  on: number[];
  state: 'queued' | 'hangs' | 'saves' | 'runs' | 'over';
  goesOnMs: number;
  /** Order in which gangs were struck. */
  struck: number;
  overheadMs: number;
  done: number;
  /** Productive ms since the last interruption, stalls included. */
  clock: number;
  savedClock: number;
  /** Work by ms since the interruption: what it was worth, and whether it lies in the horizon. */
  work: { worth: number; counts: boolean }[];
  /** Of it, so many ms are saved. */
  savedCount: number;
}

/**
 * What becomes of gangs on a machine with listed failures, ms by ms and first come, first served on the lowest nodes: the
 * definition of `src/sim/failures.ts` and `phases.ts` without closed forms or events. Per node held, not GPU.
 */
export function naiveGangs(
  gangs: readonly NaiveGang[],
  of: NaiveMachine,
  failures: readonly ListedFailure[],
  slows: readonly ListedFailure[],
  untilMs: number,
): NaiveOutcome[] {
  const backMs: number[] = Array.from({ length: of.nodes }, () => UP);
  const slowUntil: number[] = Array.from({ length: of.nodes }, () => UP);
  const slowRepair: number[] = Array.from({ length: of.nodes }, () => 0);
  const spares = new Set(of.spares);
  const all = gangs.map(({ nodes, runMs }): Gang => ({
    ...{
      size: nodes,
      runMs,
      on: [],
      state: 'queued',
      goesOnMs: 0,
      struck: 0,
      overheadMs: 0,
      done: 0,
      clock: 0,
      savedClock: 0,
    },
    ...{ work: [], savedCount: 0, startMs: Number.NaN, endMs: Number.NaN, useful: 0, stall: 0, lost: 0, restart: 0 },
    failures: 0,
  }));
  const queue = [...all];
  const line: Gang[] = [];
  const wentDown: number[] = Array.from({ length: of.nodes }, () => 0);
  let downs = 0;
  let strikes = 0;
  const period = of.intervalMs + of.stallMs;
  const rackOf = (node: number): number => Math.floor(node / of.nodesPerRack);
  const podOf = (node: number): number => Math.floor(rackOf(node) / of.racksPerPod);
  const gangOn = (node: number): Gang | undefined => all.find(({ on }) => on.includes(node));

  const freeNodes = (): number[] =>
    backMs.flatMap((back, node) => (back === UP && !spares.has(node) && gangOn(node) === undefined ? [node] : []));

  const lose = (gang: Gang): void => {
    for (const { worth, counts } of gang.work.slice(gang.savedCount)) {
      gang.done -= worth;
      if (!counts) continue;
      gang.useful--;
      gang.lost++;
    }
    gang.work = [];
    gang.savedCount = 0;
  };
  const begin = (gang: Gang, overheadMs: number): void => {
    gang.state = 'runs';
    gang.overheadMs = overheadMs;
    gang.clock = 0;
    gang.work = [];
    gang.savedCount = 0;
  };
  const goOn = (gang: Gang): void => {
    const broken = gang.on.filter((node) => backMs[node] !== UP);
    if (broken.length > spares.size) {
      gang.state = 'queued';
      gang.on = [];
      line.push(gang);
      if (freeNodes().length < gang.size) spares.clear(); // they serve it
      return;
    }
    for (const node of broken) {
      const away = (spare: number): number =>
        rackOf(spare) === rackOf(node) ? 0 : podOf(spare) === podOf(node) ? 1 : 2;
      const [spare] = [...spares].sort((a, b) => away(a) - away(b) || a - b);
      spares.delete(spare!);
      gang.on[gang.on.indexOf(node)] = spare!;
    }
    begin(gang, of.restartMs + (broken.length > 0 ? of.swapMs : 0));
  };

  for (let now = of.startMs; now < untilMs; now++) {
    for (const gang of all) {
      if (gang.state !== 'runs' || gang.overheadMs > 0 || gang.done < gang.runMs) continue;
      gang.state = 'over';
      gang.endMs = now;
      gang.on = [];
    }
    const still = all.filter(({ state, goesOnMs }) => (state === 'hangs' || state === 'saves') && goesOnMs === now);
    for (const gang of still.sort((a, b) => a.struck - b.struck)) goOn(gang);
    // Of those that are back at once the one that went down first fills the place of a spare.
    const back = backMs.flatMap((atMs, node) => (atMs === now ? [node] : []));
    for (const node of back.sort((a, b) => wentDown[a]! - wentDown[b]!)) {
      backMs[node] = UP;
      if (gangOn(node) === undefined && spares.size < of.spares.length && line.length === 0) spares.add(node);
    }
    const found: number[] = [];
    for (let node = 0; node < of.nodes; node++) if (slowUntil[node] === now) found.push(node);
    for (const { atMs, node, cause = 0, repairMs = 1 } of failures) {
      if (atMs !== now) continue;
      const scope = of.scopes[cause]!;
      if (scope === 'job' && backMs[node] !== UP) continue;
      const inScope = (other: number): boolean =>
        scope === 'rack'
          ? rackOf(other) === rackOf(node)
          : scope === 'pod'
            ? podOf(other) === podOf(node)
            : other === node;
      const hit = new Set<Gang>();
      for (let other = 0; other < of.nodes; other++) {
        if (!inScope(other)) continue;
        if (backMs[other] !== UP) {
          const laterMs = now + of.detectionMs + repairMs;
          if (scope !== 'job' && laterMs > backMs[other]!) {
            backMs[other] = laterMs;
            wentDown[other] = ++downs;
          }
          continue;
        }
        const gang = gangOn(other);
        if (gang !== undefined) hit.add(gang);
        if (scope === 'job') continue;
        backMs[other] = now + of.detectionMs + repairMs;
        wentDown[other] = ++downs;
        slowUntil[other] = UP;
        spares.delete(other);
      }
      for (const gang of hit) {
        lose(gang);
        gang.state = 'hangs';
        gang.struck = ++strikes;
        gang.goesOnMs = now + of.detectionMs;
        if (now >= 0) gang.failures++;
      }
    }
    for (const node of found) {
      if (slowUntil[node] !== now) continue; // it failed at this instant
      slowUntil[node] = UP;
      spares.delete(node);
      backMs[node] = now + slowRepair[node]!;
      wentDown[node] = ++downs;
      const gang = gangOn(node);
      if (gang?.state !== 'runs') continue;
      if (now >= 0) gang.failures++;
      gang.state = 'saves';
      gang.goesOnMs = now + (gang.work.length > gang.savedCount ? of.stallMs + of.writeMs : 0);
      if (gang.goesOnMs === now) goOn(gang);
    }
    for (const { atMs, node, repairMs = 1 } of slows) {
      if (atMs !== now || backMs[node] !== UP || spares.has(node) || slowUntil[node] !== UP) continue;
      slowUntil[node] = now + of.slowDetectionMs;
      slowRepair[node] = repairMs;
    }
    for (;;) {
      const next = line[0] ?? queue[0];
      const free = freeNodes();
      if (next === undefined || free.length < next.size) break;
      (line.length > 0 ? line : queue).shift();
      next.on = free.slice(0, next.size);
      const first = Number.isNaN(next.startMs);
      if (first) next.startMs = now;
      begin(next, first ? 0 : of.swapMs + of.restartMs);
    }
    const counts = now >= 0;
    for (const gang of all) {
      const one = counts ? 1 : 0;
      if (gang.state === 'hangs') gang.restart += one;
      else if (gang.state === 'saves') gang.stall += one;
      else if (gang.state === 'runs' && gang.overheadMs > 0) {
        gang.overheadMs--;
        gang.restart += one;
      } else if (gang.state === 'runs') {
        const into = gang.clock % period;
        if (into < of.intervalMs) {
          const worth = gang.on.some((node) => slowUntil[node] !== UP) ? of.slowSpeed : 1;
          gang.work.push({ worth, counts });
          gang.done += worth;
          gang.useful += one;
        } else gang.stall += one;
        gang.clock++;
        const written = Math.floor((gang.clock - of.writeMs) / period);
        if (written > 0) gang.savedCount = Math.max(gang.savedCount, written * of.intervalMs);
      }
    }
    if (all.every(({ state }) => state === 'over')) break;
  }
  return all;
}

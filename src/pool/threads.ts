import { fileURLToPath } from 'node:url';
import { Piscina, move, transferableSymbol, valueSymbol } from 'piscina';
import { SimError } from '../base/errors.js';
import { longestFirst } from './expectedWork.js';
import { PlanProgress } from './planProgress.js';
import { POLICY_CALL_LIMIT_MS, PolicyWatchdog } from './policyWatchdog.js';
import type { Pool, RunTask, TimedOutcome } from './pool.js';
import { sharedInputs } from './sharedInputs.js';

/** How often the main thread looks at the heartbeats. */
const LOOK_EVERY_MS = 200;
/** Longer than any plan waits between two runs of a thread; piscina's default of 0 restarts threads. */
const IDLE_TIMEOUT_MS = 600_000;

/** What a worker is handed for one run. */
export interface WorkerMessage {
  readonly task: RunTask;
  readonly heartbeat: Int32Array;
}

export interface ThreadsOptions {
  /** ≥ 1; no more are started than there are runs. */
  readonly threads: number;
  /** Compiled entry of a worker: Node 20 threads load no TypeScript. Replaced in tests. */
  readonly workerFile?: string;
  /** How long one call into a user's own policy may take, ms. */
  readonly policyCallLimitMs?: number;
}

/**
 * Runs side by side on worker threads, one run a thread at a time, the longest-expected first.
 *
 * Inputs are shared, never copied; the typed arrays of results are moved. A thread that dies takes one run
 * with it (`run.failed`) and is replaced; so is one whose user's policy never returns (`policy.contract`). Threads live for one call: starting them costs about 0.1 s.
 */
export function threadsPool({
  threads,
  workerFile = COMPILED_WORKER,
  policyCallLimitMs = POLICY_CALL_LIMIT_MS,
}: ThreadsOptions): Pool {
  if (!Number.isInteger(threads) || threads < 1) {
    throw new SimError(
      'usage',
      `threads: expected a whole number of at least 1, got ${threads}. Leave it out to use all cores`,
    );
  }
  return {
    async run(tasks, hooks = {}) {
      const progress = new PlanProgress(tasks.length, hooks);
      const lanes = Math.min(tasks.length, threads);
      if (lanes === 0) return progress.finish();
      const workers = startWorkers(lanes);
      const shared = new Map<RunTask['inputs'], RunTask['inputs']>();
      const order = longestFirst(tasks)[Symbol.iterator]();
      const watchdog = new PolicyWatchdog(policyCallLimitMs);
      const watch = new Watch(() => {
        progress.report();
        watchdog.look();
      });

      const runLane = async (): Promise<void> => {
        for (const index of order) {
          if (progress.stopped || watch.isOver()) return;
          const task = tasks[index]!;
          if (!shared.has(task.inputs)) shared.set(task.inputs, sharedInputs(task.inputs));
          const message: WorkerMessage = {
            task: { ...task, inputs: shared.get(task.inputs)! },
            heartbeat: progress.heartbeats.of(index),
          };
          const stuck = new AbortController();
          watchdog.begin(index, task.spec, message.heartbeat, (error) => {
            stuck.abort(error);
          });
          const timed = await runOn(workers, workerFile, message, stuck.signal);
          watchdog.end(index);
          if (watch.isOver()) return;
          progress.settle(index, timed);
        }
      };

      try {
        progress.report();
        await Promise.race([Promise.all(Array.from({ length: lanes }, runLane)), watch.broken]);
      } finally {
        watch.end();
        progress.finish();
        await workers.destroy();
      }
      return progress.finish();
    },
  };
}

/** Looks at regular times until it is over; `broken` rejects with what looking threw. */
class Watch {
  readonly broken: Promise<never>;
  readonly #timer: NodeJS.Timeout;
  #over = false;

  constructor(look: () => void) {
    let fail: (reason: unknown) => void;
    this.broken = new Promise((_, reject) => {
      fail = reject;
    });
    this.#timer = setInterval(() => {
      try {
        look();
      } catch (thrown) {
        fail(thrown);
      }
    }, LOOK_EVERY_MS);
  }

  isOver(): boolean {
    return this.#over;
  }

  end(): void {
    this.#over = true;
    clearInterval(this.#timer);
  }
}

const COMPILED_WORKER = fileURLToPath(new URL('../../workers/run.js', import.meta.url));

function startWorkers(count: number): Piscina {
  const workers = new Piscina({ minThreads: count, maxThreads: count, idleTimeout: IDLE_TIMEOUT_MS });
  // A thread that dies between runs has no run to fail; piscina has started another by then.
  workers.on('error', () => undefined);
  return workers;
}

async function runOn(
  workers: Piscina,
  filename: string,
  message: WorkerMessage,
  signal: AbortSignal,
): Promise<TimedOutcome> {
  const startedMs = performance.now();
  try {
    return (await workers.run(message, { filename, signal })) as TimedOutcome;
  } catch (thrown) {
    const cause = thrown instanceof Error ? thrown.message : String(thrown);
    const reason: unknown = signal.reason;
    const error =
      reason instanceof SimError ? reason : new SimError('run.failed', `the thread of this run died: ${cause}`);
    return { outcome: { ok: false, error: error.toRecord() }, wallMs: performance.now() - startedMs };
  }
}

/** Wraps what a worker returns so that the memory of its typed arrays is moved to the main thread, not copied. */
export function handBack(value: TimedOutcome): unknown {
  return move({ [transferableSymbol]: ownedBuffers(value), [valueSymbol]: value });
}

/** Every ArrayBuffer under a value, once; shared memory is left alone. */
function ownedBuffers(value: unknown, found = new Set<ArrayBufferLike>()): ArrayBufferLike[] {
  if (ArrayBuffer.isView(value)) {
    if (value.buffer instanceof ArrayBuffer) found.add(value.buffer);
  } else if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) ownedBuffers(member, found);
  }
  return [...found];
}

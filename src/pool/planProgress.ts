import { EXIT_CODE_OF } from '../base/errors.js';
import { Heartbeats } from './heartbeats.js';
import type { RunHooks, RunOutcome, TimedOutcome } from './pool.js';

/** The bookkeeping of one plan of runs, the same for every pool: outcomes by index, progress, gentle stop. */
export class PlanProgress {
  readonly heartbeats: Heartbeats;
  readonly #outcomes: (RunOutcome | undefined)[];
  readonly #hooks: RunHooks;
  readonly #fractions: Float64Array;
  readonly #stop: () => void;
  #doneRuns = 0;

  constructor(runs: number, hooks: RunHooks) {
    this.heartbeats = new Heartbeats(runs);
    this.#outcomes = Array<RunOutcome | undefined>(runs).fill(undefined);
    this.#hooks = hooks;
    this.#fractions = new Float64Array(runs);
    this.#stop = () => {
      this.heartbeats.stopAll();
    };
    if (this.stopped) this.#stop();
    else hooks.signal?.addEventListener('abort', this.#stop, { once: true });
  }

  get stopped(): boolean {
    return this.#hooks.signal?.aborted ?? false;
  }

  settle(run: number, { outcome, wallMs }: TimedOutcome): void {
    this.#outcomes[run] = outcome;
    this.#doneRuns++;
    this.#fractions[run] = 1;
    this.#hooks.onOutcome?.(run, outcome, wallMs);
    this.report();
  }

  report(): void {
    if (this.#hooks.onProgress === undefined) return;
    for (let run = 0; run < this.#fractions.length; run++) {
      if (this.#outcomes[run] === undefined) this.#fractions[run] = this.heartbeats.fractionDone(run);
    }
    this.#hooks.onProgress({ doneRuns: this.#doneRuns, runs: this.#outcomes.length, fractions: this.#fractions });
  }

  /** Ends the watch; runs that never began are interrupted ones. */
  finish(): RunOutcome[] {
    this.#hooks.signal?.removeEventListener('abort', this.#stop);
    return this.#outcomes.map((outcome) => outcome ?? NOT_BEGUN);
  }
}

const NOT_BEGUN: RunOutcome = {
  ok: false,
  error: {
    code: 'run.interrupted',
    message: 'stopped on request before this run began',
    exitCode: EXIT_CODE_OF['run.interrupted'],
    issues: [],
  },
};

import cliProgress from 'cli-progress';
import type { PoolProgress } from '../pool/pool.js';
import type { Talk } from './talk.js';

/** Shows how far runs are, on stderr. */
export interface ProgressView {
  update(progress: PoolProgress): void;
  /** A run has ended after so long. */
  ended(what: string, wallMs: number): void;
  stop(): void;
}

/** A bar with the time left on a terminal; a line for each finished run elsewhere; nothing when quiet. */
export function showProgress(runs: number, talk: Talk): ProgressView {
  if (talk.quiet) return { update: () => undefined, ended: () => undefined, stop: () => undefined };
  return process.stderr.isTTY ? bar(runs) : lines(runs, talk);
}

function bar(runs: number): ProgressView {
  const view = new cliProgress.SingleBar({
    stream: process.stderr,
    format: '{bar} {percentage} %  {done} of {runs} runs  {left}',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 40,
    hideCursor: true,
    clearOnComplete: true,
    stopOnComplete: false,
    gracefulExit: false,
  });
  const startedMs = performance.now();
  view.start(1, 0, { done: 0, runs, left: '' });
  return {
    update({ doneRuns, fractions }) {
      const done = fractions.reduce((sum, fraction) => sum + fraction, 0) / Math.max(1, runs);
      view.update(done, { done: doneRuns, left: timeLeft(done, performance.now() - startedMs) });
    },
    ended: () => undefined,
    stop() {
      view.stop();
    },
  };
}

/** `12 s left`, once there is something to go by. */
export function timeLeft(doneFraction: number, elapsedMs: number): string {
  if (!(doneFraction > 0.01) || elapsedMs < 500) return '';
  const seconds = Math.ceil(((elapsedMs / doneFraction) * (1 - doneFraction)) / 1000);
  return seconds < 90 ? `${String(seconds)} s left` : `${String(Math.ceil(seconds / 60))} min left`;
}

function lines(runs: number, talk: Talk): ProgressView {
  let done = 0;
  return {
    update: () => undefined,
    ended(what, wallMs) {
      done++;
      talk.say(`run ${String(done)} of ${String(runs)} after ${(wallMs / 1000).toFixed(1)} s: ${what}`);
    },
    stop: () => undefined,
  };
}

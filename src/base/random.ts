import seedrandom from 'seedrandom';

/** A stream of uniform draws in [0, 1), 32 bits each. */
export type Draw = () => number;

/**
 * Random streams forked by name from one seed.
 *
 * A stream's draws depend on (seed, name) alone, so a new consumer shifts no other stream and two
 * policies compared on one seed see the same arrivals. Names are paths: `arrivals/debug`, `prices/FR`.
 *
 * The generator is seedrandom's `alea` (7 ns a draw; its default ARC4 takes 27).
 */
export class RandomStreams {
  readonly #seed: string;

  constructor(seed: string | number) {
    this.#seed = String(seed);
  }

  /** A new stream from its beginning; forking one name twice gives the same draws twice. */
  fork(name: string): Draw {
    // '\n' cannot be part of a name, so (seed, name) pairs never collide.
    return seedrandom.alea(`${this.#seed}\n${name}`);
  }
}

/** Exponential with the given mean (> 0). */
export function drawExponential(draw: Draw, mean: number): number {
  return -mean * Math.log(1 - draw());
}

/** Standard normal by Box–Muller; two uniform draws each, so streams stay aligned. */
export function drawNormal(draw: Draw): number {
  const radius = Math.sqrt(-2 * Math.log(1 - draw()));
  return radius * Math.cos(2 * Math.PI * draw());
}

import { MS_PER_QUARTER_HOUR } from '../base/units.js';

/**
 * Integrates what the site does into 15-minute bins: IT watts, held GPUs and queued jobs.
 *
 * The levels are constant between changes; call {@link advance} with the time of a change before changing
 * them. All three are whole numbers and so are the times, so the integrals are exact (a bin of 200 MW is
 * 1.8e14 W·ms, far below 2^53) and do not depend on when or how often somebody looks.
 *
 * Cost: O(1) a change plus O(1) a bin passed. Nothing is recorded before time 0 (the warm-up).
 */
export class LoadMeter {
  itW: number;
  busyGpus = 0;
  queuedJobs = 0;
  /** GPUs in service that no job holds; of these, those in nodes that another job holds part of. */
  freeGpus = 0;
  partlyFreeGpus = 0;
  /** The integrals of the two from time 0 on, GPU·ms: exact below 2^53, a year of 285,000 GPUs. */
  freeGpuMs = 0;
  partlyFreeGpuMs = 0;
  /** Most jobs queued for any length of time, from time 0 on. */
  queuedMax = 0;

  readonly binMs = MS_PER_QUARTER_HOUR;
  private lastMs: number;
  private bins: number;
  private readonly fixed: boolean;
  private itWms: Float64Array<ArrayBuffer>;
  private busyGpuMs: Float64Array<ArrayBuffer>;
  private queuedJobMs: Float64Array<ArrayBuffer>;

  /**
   * @param idleW - IT watts with no job running
   * @param horizonMs - whole bins; `undefined` lets the bins grow with the run
   */
  constructor(startMs: number, idleW: number, horizonMs: number | undefined) {
    this.lastMs = startMs;
    this.itW = idleW;
    this.fixed = horizonMs !== undefined;
    this.bins = horizonMs === undefined ? 4096 : Math.ceil(horizonMs / this.binMs);
    this.itWms = new Float64Array(this.bins);
    this.busyGpuMs = new Float64Array(this.bins);
    this.queuedJobMs = new Float64Array(this.bins);
  }

  /** Integrates the present levels up to `nowMs`. */
  advance(nowMs: number): void {
    let from = this.lastMs;
    if (nowMs <= from) return;
    this.lastMs = nowMs;
    if (nowMs <= 0) return;
    if (from < 0) from = 0;
    if (this.queuedJobs > this.queuedMax) this.queuedMax = this.queuedJobs;
    this.freeGpuMs += (nowMs - from) * this.freeGpus;
    this.partlyFreeGpuMs += (nowMs - from) * this.partlyFreeGpus;
    const { binMs } = this;
    const last = Math.floor(nowMs / binMs);
    let bin = Math.floor(from / binMs);
    if (last >= this.bins && !this.fixed) this.grow(last + 1);
    for (; bin < last; bin++) {
      const to = (bin + 1) * binMs;
      this.add(bin, to - from);
      from = to;
    }
    if (nowMs > from) this.add(bin, nowMs - from);
  }

  /**
   * Adds watts over a span that may lie ahead, beside the levels: exact for whole watts. What is before time 0 or
   * beyond the horizon is left out. O(1) a bin.
   */
  addSpan(fromMs: number, toMs: number, watts: number): void {
    const { binMs } = this;
    let from = fromMs > 0 ? fromMs : 0;
    const end = this.fixed && toMs > this.bins * binMs ? this.bins * binMs : toMs;
    if (end <= from) return;
    if (!this.fixed && end > this.bins * binMs) this.grow(Math.ceil(end / binMs));
    for (let bin = Math.floor(from / binMs); from < end; bin++) {
      const binEnd = (bin + 1) * binMs;
      const to = binEnd < end ? binEnd : end;
      this.itWms[bin]! += (to - from) * watts;
      from = to;
    }
  }

  /** Mean IT watts of a whole quarter hour that the meter has passed. */
  binItW(bin: number): number {
    return this.itWms[bin]! / this.binMs;
  }

  /** The integrals up to the last advance, cut to the bins reached when the run had no horizon. */
  curve(): {
    binMs: number;
    itWms: Float64Array;
    busyGpuMs: Float64Array;
    queuedJobMs: Float64Array;
    freeGpuMs: number;
    partlyFreeGpuMs: number;
  } {
    const bins = this.fixed ? this.bins : Math.max(0, Math.ceil(this.lastMs / this.binMs));
    const { binMs, freeGpuMs, partlyFreeGpuMs } = this;
    return {
      binMs,
      freeGpuMs,
      partlyFreeGpuMs,
      itWms: this.itWms.slice(0, bins),
      busyGpuMs: this.busyGpuMs.slice(0, bins),
      queuedJobMs: this.queuedJobMs.slice(0, bins),
    };
  }

  private add(bin: number, spanMs: number): void {
    this.itWms[bin]! += spanMs * this.itW;
    this.busyGpuMs[bin]! += spanMs * this.busyGpus;
    this.queuedJobMs[bin]! += spanMs * this.queuedJobs;
  }

  private grow(bins: number): void {
    this.bins = Math.max(bins, 2 * this.bins);
    const grown = (from: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> => {
      const into = new Float64Array(this.bins);
      into.set(from);
      return into;
    };
    this.itWms = grown(this.itWms);
    this.busyGpuMs = grown(this.busyGpuMs);
    this.queuedJobMs = grown(this.queuedJobMs);
  }
}

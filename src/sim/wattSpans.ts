const FIRST_ROWS = 256;

/**
 * Watts over spans of time at sites, in the order in which the spans ended: what the audit recounts from. Rows that
 * follow each other on one span at one site are one.
 *
 * Cost: O(1) amortised, 28 B a row.
 */
export class WattSpans {
  count = 0;
  site = new Int32Array(FIRST_ROWS);
  watts = new Float64Array(FIRST_ROWS);
  fromMs = new Float64Array(FIRST_ROWS);
  toMs = new Float64Array(FIRST_ROWS);

  add(site: number, fromMs: number, toMs: number, watts: number): void {
    const last = this.count - 1;
    if (last >= 0 && this.fromMs[last] === fromMs && this.toMs[last] === toMs && this.site[last] === site) {
      this.watts[last]! += watts;
      return;
    }
    if (this.count === this.site.length) this.grow();
    this.site[this.count] = site;
    this.watts[this.count] = watts;
    this.fromMs[this.count] = fromMs;
    this.toMs[this.count++] = toMs;
  }

  /** Those of a site, cut to what lies inside the horizon. */
  inside(site: number, horizonMs: number): { watts: Float64Array; fromMs: Float64Array; toMs: Float64Array } {
    const isInside = (row: number): boolean =>
      this.site[row] === site && this.toMs[row]! > 0 && this.fromMs[row]! < horizonMs;
    let rows = 0;
    for (let row = 0; row < this.count; row++) if (isInside(row)) rows++;
    const watts = new Float64Array(rows);
    const fromMs = new Float64Array(rows);
    const toMs = new Float64Array(rows);
    for (let row = 0, into = 0; row < this.count; row++) {
      if (!isInside(row)) continue;
      watts[into] = this.watts[row]!;
      fromMs[into] = this.fromMs[row]! > 0 ? this.fromMs[row]! : 0;
      toMs[into++] = this.toMs[row]! < horizonMs ? this.toMs[row]! : horizonMs;
    }
    return { watts, fromMs, toMs };
  }

  private grow(): void {
    const rows = 2 * this.site.length;
    const grown = (from: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> => {
      const into = new Float64Array(rows);
      into.set(from);
      return into;
    };
    const site = new Int32Array(rows);
    site.set(this.site);
    this.site = site;
    this.watts = grown(this.watts);
    this.fromMs = grown(this.fromMs);
    this.toMs = grown(this.toMs);
  }
}

/** What a battery may do in each interval of a stretch of time, in MWh. */
export interface ArbitrageStretch {
  /** Intervals. */
  readonly count: number;
  /** What one more MWh drawn costs; negative where drawing pays. */
  readonly eurPerMWh: Float64Array;
  /** Discharged whatever the price, at the grid side. */
  readonly forcedMWh: Float64Array;
  /** Most that is charged, and that is discharged beyond `forcedMWh`, at the grid side. */
  readonly mostChargeMWh: Float64Array;
  readonly mostDischargeMWh: Float64Array;
  /** Least stored at the end of each interval; the path that charges all it may keeps it. */
  readonly leastMWh: Float64Array;
}

/**
 * What a battery buys and sells on known prices to earn the most that its power, energy and efficiency allow.
 *
 * Exact. What it earns until an interval ends is a concave function of what is then stored, of straight pieces; it is
 * kept as their slopes and lengths, and an interval adds two pieces: charging (slope −price) and discharging (slope
 * −price × efficiency, to the left). Where a price is negative one piece joins the two: charging for a part of the
 * interval and discharging for the rest, which burns energy that is paid for. At equal gain it does least.
 *
 * Worked: prices 10, 50, 20, 60 EUR/MWh, 1 MWh an interval, room for 1 MWh, efficiency 0.8, empty at both ends: buys 1
 * at 10, sells 0.8 at 50, buys 1 at 20, sells 0.8 at 60: 58 EUR.
 *
 * Cost: O(count²) with a small constant, some 0.1 ms for a day of quarter hours. Memory is kept between calls.
 */
export class BatteryArbitrage {
  readonly #energyMWh: number;
  readonly #efficiency: number;
  /** Pieces of each interval's function one after the other, from the left: slopes never rise. */
  #slope = new Float64Array(0);
  #length = new Float64Array(0);
  /** Of interval i: where its pieces begin, how many, and the least that can be stored. */
  #begin = new Int32Array(0);
  #pieces = new Int32Array(0);
  #leftMWh = new Float64Array(0);

  /** @param efficiency - energy given back over energy taken up; all is lost in discharging */
  constructor(energyMWh: number, efficiency: number) {
    this.#energyMWh = energyMWh;
    this.#efficiency = efficiency;
  }

  /**
   * @param startMWh - stored when the stretch begins
   * @param endMWh - wanted when it ends; the nearest that can be reached counts
   * @param chargeMWh - takes what is charged in each interval, at the grid side
   * @param dischargeMWh - and what is discharged, the forced included
   */
  plan(
    stretch: ArbitrageStretch,
    startMWh: number,
    endMWh: number,
    chargeMWh: Float64Array,
    dischargeMWh: Float64Array,
  ): void {
    this.#reserve(stretch.count);
    this.#leftMWh[0] = startMWh;
    this.#begin[0] = 0;
    this.#pieces[0] = 0;
    for (let i = 0; i < stretch.count; i++) this.#advance(stretch, i);
    let storedMWh = Math.min(this.#rightMWh(stretch.count), Math.max(this.#leftMWh[stretch.count]!, endMWh));
    for (let i = stretch.count - 1; i >= 0; i--) {
      storedMWh = this.#stepBack(stretch, i, storedMWh, chargeMWh, dischargeMWh);
    }
  }

  #reserve(count: number): void {
    if (this.#begin.length > count) return;
    const most = 2 * count + 2;
    this.#slope = new Float64Array((count + 1) * most);
    this.#length = new Float64Array((count + 1) * most);
    this.#begin = Int32Array.from({ length: count + 1 }, (_, i) => i * most);
    this.#pieces = new Int32Array(count + 1);
    this.#leftMWh = new Float64Array(count + 1);
  }

  #rightMWh(i: number): number {
    let right = this.#leftMWh[i]!;
    for (let k = 0; k < this.#pieces[i]!; k++) right += this.#length[this.#begin[i]! + k]!;
    return right;
  }

  /** The function after interval i from that before: its pieces and the interval's own, by slope, cut to what fits. */
  #advance({ eurPerMWh, forcedMWh, mostChargeMWh, mostDischargeMWh, leastMWh }: ArbitrageStretch, i: number): void {
    const price = eurPerMWh[i]!;
    const down = mostDischargeMWh[i]! / this.#efficiency;
    const up = mostChargeMWh[i]!;
    const from = this.#begin[i]!;
    const fromEnd = from + this.#pieces[i]!;
    const into = this.#begin[i + 1]!;
    let at = into;
    const add = (slope: number, length: number): void => {
      if (length <= 0) return;
      this.#slope[at] = slope;
      this.#length[at++] = length;
    };
    const addAbove = (slope: number, k: number, ties: boolean): number => {
      while (k < fromEnd && (this.#slope[k]! > slope || (ties && this.#slope[k]! === slope))) {
        add(this.#slope[k]!, this.#length[k]!);
        k++;
      }
      return k;
    };
    let k = from;
    if (price < 0) {
      const slope = joinedSlope(price, up, mostDischargeMWh[i]!, down);
      k = addAbove(slope, k, false);
      add(slope, up + down);
    } else {
      k = addAbove(-price * this.#efficiency, k, false);
      add(-price * this.#efficiency, down);
      k = addAbove(-price, k, true);
      add(-price, up);
    }
    addAbove(-Infinity, k, false);
    this.#pieces[i + 1] = at - into;
    this.#leftMWh[i + 1] = this.#leftMWh[i]! - down - forcedMWh[i]! / this.#efficiency;
    this.#cut(i + 1, leastMWh[i]!);
  }

  /** Leaves what can be stored between the least and all. */
  #cut(i: number, leastMWh: number): void {
    const begin = this.#begin[i]!;
    let first = begin;
    let end = begin + this.#pieces[i]!;
    let over = this.#rightMWh(i) - this.#energyMWh;
    while (over > 0 && end > first) {
      const cut = Math.min(over, this.#length[end - 1]!);
      this.#length[end - 1]! -= cut;
      over -= cut;
      if (this.#length[end - 1]! <= 0) end--;
    }
    let under = leastMWh - this.#leftMWh[i]!;
    while (under > 0 && end > first) {
      const cut = Math.min(under, this.#length[first]!);
      this.#length[first]! -= cut;
      this.#leftMWh[i]! += cut;
      under -= cut;
      if (this.#length[first]! <= 0) first++;
    }
    this.#length.copyWithin(begin, first, end);
    this.#slope.copyWithin(begin, first, end);
    this.#pieces[i] = end - first;
  }

  /** What to do in interval i to end it with so much stored. @returns what is stored when it begins */
  #stepBack(
    { eurPerMWh, forcedMWh, mostChargeMWh, mostDischargeMWh }: ArbitrageStretch,
    i: number,
    endMWh: number,
    chargeMWh: Float64Array,
    dischargeMWh: Float64Array,
  ): number {
    const price = eurPerMWh[i]!;
    const down = mostDischargeMWh[i]! / this.#efficiency;
    const up = mostChargeMWh[i]!;
    const forced = forcedMWh[i]! / this.#efficiency;
    const leftMWh = this.#leftMWh[i]!;
    let k = this.#begin[i]!;
    const end = k + this.#pieces[i]!;
    // From the left end of both, the steepest pieces first, until the end is reached.
    let left = Math.max(0, endMWh - (leftMWh - down - forced));
    let before = 0; // of the pieces before the interval
    let own = 0; // of the interval's
    const takeAbove = (slope: number, ties: boolean): void => {
      while (left > 0 && k < end && (this.#slope[k]! > slope || (ties && this.#slope[k]! === slope))) {
        const taken = Math.min(left, this.#length[k]!);
        before += taken;
        left -= taken;
        k++;
      }
    };
    const takeOwn = (length: number): void => {
      const taken = Math.min(left, length);
      own += taken;
      left -= taken;
    };
    if (price < 0) {
      takeAbove(joinedSlope(price, up, mostDischargeMWh[i]!, down), false);
      takeOwn(up + down);
    } else {
      takeAbove(-price * this.#efficiency, false);
      takeOwn(down);
      takeAbove(-price, true);
      takeOwn(up);
    }
    takeAbove(-Infinity, false);
    if (price < 0) {
      const share = up + down > 0 ? own / (up + down) : 0;
      chargeMWh[i] = share * up;
      dischargeMWh[i] = forcedMWh[i]! + (1 - share) * mostDischargeMWh[i]!;
    } else {
      chargeMWh[i] = Math.max(0, own - down);
      dischargeMWh[i] = forcedMWh[i]! + Math.max(0, down - own) * this.#efficiency;
    }
    return leftMWh + before;
  }
}

/** Between all charging and all discharging: EUR for each MWh more that is stored. */
const joinedSlope = (price: number, up: number, discharge: number, down: number): number =>
  up + down > 0 ? (-price * (up + discharge)) / (up + down) : 0;

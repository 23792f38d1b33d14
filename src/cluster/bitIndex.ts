/** What a reader of a set may ask. */
export interface ReadonlyBitIndex {
  readonly count: number;
  has(member: number): boolean;
  first(): number;
  next(from: number): number;
  /** The member with so many lower ones, 0…count−1. O(range / 32). */
  at(rank: number): number;
}

/**
 * A set of small integers that finds its lowest member at once: words of 32 bits under two summary levels.
 *
 * add, delete: O(1). first, next: O(1) up to 32,768 members' range, one more linear step per 32,768 beyond.
 */
export class BitIndex implements ReadonlyBitIndex {
  count = 0;
  private readonly words: Int32Array;
  private readonly middle: Int32Array;
  private readonly top: Int32Array;

  /** @param range - members are 0…range−1 */
  constructor(range: number) {
    this.words = new Int32Array((range + 31) >>> 5);
    this.middle = new Int32Array((this.words.length + 31) >>> 5);
    this.top = new Int32Array((this.middle.length + 31) >>> 5);
  }

  has(member: number): boolean {
    return (this.words[member >>> 5]! & (1 << (member & 31))) !== 0;
  }

  /** Adds a member that is not in the set. */
  add(member: number): void {
    const word = member >>> 5;
    this.words[word]! |= 1 << (member & 31);
    this.middle[word >>> 5]! |= 1 << (word & 31);
    this.top[word >>> 10]! |= 1 << ((word >>> 5) & 31);
    this.count++;
  }

  /** Removes a member that is in the set. */
  delete(member: number): void {
    const word = member >>> 5;
    this.count--;
    if ((this.words[word]! &= ~(1 << (member & 31))) !== 0) return;
    const group = word >>> 5;
    if ((this.middle[group]! &= ~(1 << (word & 31))) !== 0) return;
    this.top[group >>> 5]! &= ~(1 << (group & 31));
  }

  /** The lowest member, or -1. */
  first(): number {
    return this.count === 0 ? -1 : this.next(0);
  }

  /** The lowest member ≥ from, or -1. */
  next(from: number): number {
    const { words, middle, top } = this;
    const word = from >>> 5;
    if (word >= words.length) return -1;
    const inWord = words[word]! & (-1 << (from & 31));
    if (inWord !== 0) return (word << 5) | lowestBit(inWord);
    const nextWord = word + 1;
    let group = nextWord >>> 5;
    if (group >= middle.length) return -1;
    let inGroup = middle[group]! & (-1 << (nextWord & 31));
    if (inGroup === 0) {
      group++;
      let block = group >>> 5;
      if (block >= top.length) return -1;
      let inBlock = top[block]! & (-1 << (group & 31));
      while (inBlock === 0) {
        if (++block >= top.length) return -1;
        inBlock = top[block]!;
      }
      group = (block << 5) | lowestBit(inBlock);
      inGroup = middle[group]!;
    }
    const found = (group << 5) | lowestBit(inGroup);
    return (found << 5) | lowestBit(words[found]!);
  }

  at(rank: number): number {
    let word = 0;
    let lower = rank;
    for (let here = popCount(this.words[0]!); here <= lower; here = popCount(this.words[++word]!)) lower -= here;
    return (word << 5) | bitAt(this.words[word]!, lower);
  }
}

/** Position of the set bit with so many lower ones, of a word that has it. */
export function bitAt(word: number, rank: number): number {
  let rest = word;
  for (let i = 0; i < rank; i++) rest &= rest - 1;
  return lowestBit(rest);
}

/** Position of the lowest set bit of a non-zero word. */
export function lowestBit(word: number): number {
  return 31 - Math.clz32(word & -word);
}

/** Number of set bits. */
export function popCount(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** The lowest `count` set bits of a word that has at least that many. */
export function lowestBits(word: number, count: number): number {
  if (popCount(word) === count) return word;
  let rest = word;
  for (let i = 0; i < count; i++) rest &= rest - 1;
  return word & ~rest;
}

/**
 * A running 64-bit hash of whole numbers, in two 32-bit lanes.
 *
 * Equal sequences give equal text; it is a check, not cryptography. Numbers are taken modulo 2^64 of
 * their integer part, so times and watt-milliseconds below 2^53 enter without loss.
 */
export class Fingerprint {
  private low = 0x811c9dc5 | 0;
  private high = 0x9e3779b9 | 0;

  /** Mixes in one 32-bit integer. */
  addInt(value: number): void {
    this.low = Math.imul(this.low ^ value, 0x01000193);
    const mixed = Math.imul(this.high ^ (value + (this.low >>> 15)), 0x85ebca6b);
    this.high = mixed ^ (mixed >>> 13);
  }

  /** Mixes in a whole number of up to 53 bits, negative ones included. */
  addWhole(value: number): void {
    this.addInt(value | 0);
    this.addInt(Math.floor(value / 4294967296) | 0);
  }

  /** 16 hexadecimal digits. */
  text(): string {
    return hex(this.high) + hex(this.low);
  }
}

const hex = (lane: number): string => (lane >>> 0).toString(16).padStart(8, '0');

/** Longer than any run: 2^43 ms are 278 years, and 512 layers of them are exact in a double. */
const LAYER_MS = 2 ** 43;

/** A key by layer first (0 goes first), then by submission; exact for whole ms within 139 years of 0. */
export function layeredKey(layer: number, submitMs: number): number {
  return layer * LAYER_MS + submitMs;
}

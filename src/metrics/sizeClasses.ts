/** Ranges of job sizes in GPUs asked for: below a node of 8, nodes, pods and beyond; fixed, so that runs compare. */
const LOWER_BOUNDS = [1, 8, 64, 512, 4096] as const;

/** `1–7`, …, `4096 and more`. */
export const SIZE_CLASSES: readonly string[] = LOWER_BOUNDS.map((from, index) => {
  const next = LOWER_BOUNDS[index + 1];
  return next === undefined ? `${String(from)} and more` : `${String(from)}–${String(next - 1)}`;
});

/** Index into {@link SIZE_CLASSES}. */
export function sizeClassOf(gpus: number): number {
  let index = LOWER_BOUNDS.length - 1;
  while (gpus < LOWER_BOUNDS[index]!) index--;
  return index;
}

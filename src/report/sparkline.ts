const LEVELS = '▁▂▃▄▅▆▇█';

/**
 * A curve as one line of blocks, each the mean of an equal share of the values, lowest to highest of them.
 *
 * A flat curve is drawn at the bottom. Fewer values than `width` give a shorter line, none an empty one.
 */
export function sparkline(values: ArrayLike<number>, width = 60): string {
  const points = bucketMeans(values, Math.min(width, values.length));
  const low = Math.min(...points);
  const high = Math.max(...points);
  const span = high - low;
  return points
    .map((value) => {
      const level = span > 0 ? Math.min(LEVELS.length - 1, Math.floor(((value - low) / span) * LEVELS.length)) : 0;
      return LEVELS[level]!;
    })
    .join('');
}

function bucketMeans(values: ArrayLike<number>, buckets: number): number[] {
  return Array.from({ length: buckets }, (_, bucket) => {
    const from = Math.floor((bucket * values.length) / buckets);
    const to = Math.floor(((bucket + 1) * values.length) / buckets);
    let sum = 0;
    for (let i = from; i < to; i++) sum += values[i]!;
    return sum / (to - from);
  });
}

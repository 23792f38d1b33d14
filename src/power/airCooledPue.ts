/**
 * PUE of an air-cooled hyperscale hall with water-side economiser and chiller, by outdoor wet bulb.
 *
 * Computed with the model of Lei & Masanet (Energy 2020, doi 10.1016/j.energy.2020.117556) at its example
 * parameters (supply air 27.4 °C, rise 18.9 K, UPS 0.98, distribution loss 0.56 %), 101,325 Pa, mean over
 * 30–90 % relative humidity; the spread at one wet bulb is within ±0.013.
 */
const TABLE: readonly (readonly [wetBulbC: number, pue: number])[] = [
  [14, 1.088],
  [15, 1.103],
  [16, 1.128],
  [17, 1.144],
  [18, 1.173],
  [19, 1.195],
  [20, 1.232],
  [21, 1.264],
  [22, 1.295],
  [24, 1.316],
  [26, 1.344],
  [28, 1.361],
  [30, 1.385],
  [32, 1.4],
  [34, 1.407],
];

/** The conversion losses inside the table's PUE: 1 / (UPS × distribution). */
export const AIR_COOLED_CONVERSION = 1 / (0.98 * 0.9944);

/**
 * @param wetBulbC - finite; linear between the table's points, constant below 14 °C and above 34 °C
 *
 * Wrong for halls without economiser (higher by 0.1 and more in winter) and for those that evaporate water
 * into the supply air (lower in summer).
 */
export function airCooledPue(wetBulbC: number): number {
  if (wetBulbC <= TABLE[0]![0]) return TABLE[0]![1];
  for (let i = 1; i < TABLE.length; i++) {
    const [highC, highPue] = TABLE[i]!;
    if (wetBulbC > highC) continue;
    const [lowC, lowPue] = TABLE[i - 1]!;
    return lowPue + ((highPue - lowPue) * (wetBulbC - lowC)) / (highC - lowC);
  }
  return TABLE.at(-1)![1];
}

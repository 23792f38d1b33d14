import { RandomStreams } from '../src/base/random.js';
import { LoadMeter } from '../src/energy/loadMeter.js';
import { SeriesIntegral } from '../src/energy/prefix.js';
import { measure, type Row } from './harness.js';

const OPS = 200_000;
const YEAR_MS = 365 * 86_400_000;

/** A year of power changes into 15-minute bins, and costs of intervals by prefix sums. */
export async function benchMeter(): Promise<Row[]> {
  const draw = new RandomStreams('bench').fork('meter');
  const stepsW = Float64Array.from({ length: OPS }, () => Math.floor((draw() - 0.5) * 1e6));
  const rows = [
    await measure('meter/advance', OPS, OPS, () => {
      const meter = new LoadMeter(0, 5e7, YEAR_MS);
      for (let i = 0; i < OPS; i++) {
        meter.advance(Math.floor((i * YEAR_MS) / OPS));
        meter.itW += stepsW[i]!;
      }
      meter.advance(YEAR_MS);
      return meter.curve().itWms.reduce((sum, wms) => sum + wms, 0);
    }),
  ];
  const prices = new SeriesIntegral({
    stepMs: 3_600_000,
    values: Float64Array.from({ length: 8760 }, () => 100 * draw()),
  });
  const from = Float64Array.from({ length: OPS }, () => Math.floor(draw() * YEAR_MS * 0.9));
  rows.push(
    await measure('meter/cost of an interval', OPS, OPS, () => {
      let sum = 0;
      for (let i = 0; i < OPS; i++) sum += prices.between(from[i]!, from[i]! + 1e9);
      return sum;
    }),
  );
  return rows;
}

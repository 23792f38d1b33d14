import { describe, expect, it } from 'vitest';
import { RandomStreams } from '../../../src/base/random.js';
import { MS_PER_DAY, MS_PER_HOUR, MS_PER_QUARTER_HOUR as Q } from '../../../src/base/units.js';
import { cheapestStart } from '../../../src/policy/power/cheapestStart.js';
import { CostCurve } from '../../../src/policy/power/costCurve.js';
import { DAY_AHEAD, Forecast } from '../../../src/policy/power/forecast.js';
import { byForecast } from '../../../src/policy/power/startChoice.js';
import type { World } from '../../../src/policy/world.js';

const RUN_MS = 2 * MS_PER_HOUR;
const LATEST_MS = 9 * MS_PER_DAY;
const curve = new CostCurve(
  0,
  Float64Array.from({ length: (12 * MS_PER_DAY) / Q }, (_, bin) => 50 + ((7 * Math.floor(bin / 4) + 9) % 31)),
);
const draw = () => new RandomStreams('choice').fork('forecast');

/** When the job is looked at, until it starts: the last of them. */
function looks(error: number): number[] {
  const clock = { nowMs: 0 };
  const world = {
    ...{ partitionOf: () => 0, siteOfPartition: () => 0, plannedMs: () => RUN_MS, estimateMs: () => RUN_MS },
    get nowMs() {
      return clock.nowMs;
    },
  } as unknown as World;
  const choice = byForecast({ world, curves: [curve], error, announcements: DAY_AHEAD, draw: draw() });
  const times = [0];
  for (;;) {
    const untilMs = choice.untilMs(0, LATEST_MS);
    if (untilMs <= clock.nowMs) return times;
    clock.nowMs = untilMs;
    times.push(untilMs);
  }
}

describe('a start by forecast', () => {
  it('is thought over whenever the forecast changes, on what is known then', () => {
    const forecast = new Forecast(curve, 1, DAY_AHEAD, draw());
    const times = [0];
    const starts: number[] = [];
    for (let nowMs = 0; ;) {
      const startMs = cheapestStart(forecast.at(nowMs), nowMs, LATEST_MS, RUN_MS);
      starts.push(startMs);
      if (startMs <= nowMs) break;
      nowMs = Math.min(startMs, forecast.nextMs(nowMs));
      times.push(nowMs);
      if (nowMs === startMs) break;
    }
    // What was best at first is not what is done.
    expect(new Set(starts).size).toBeGreaterThan(1);
    expect(times.slice(1, -1)).toEqual(times.slice(1, -1).map((_, day) => (day + 0.5) * MS_PER_DAY));
    expect(looks(1)).toEqual(times);
  });

  it('without error is chosen once', () => {
    expect(looks(0)).toEqual([0, cheapestStart(curve, 0, LATEST_MS, RUN_MS)]);
  });
});

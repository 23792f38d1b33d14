import { expect, it } from 'vitest';
import { siteTotal } from '../../src/metrics/siteTotal.js';
import { trainedBySite } from '../../src/metrics/siteTraining.js';
import { PLAIN_TRAITS, type ClassTraits } from '../../src/scenario/classTraits.js';
import { simulate } from '../../src/sim/simulate.js';
import { brokeredTask } from '../support/tinyRuns.js';

const train = (model: string, flopsPerToken: number, partitions = 0): ClassTraits => ({
  ...PLAIN_TRAITS,
  training: {
    ...{ model, flopsPerToken, stateBytes: 1e9 },
    rows: Array.from({ length: partitions }, () => [
      { gpus: 1, tokensPerS: 1000, mfu: 0.4, speedByPods: [1], activeWByPods: [500], parallelism: 'DP1' },
    ]),
  },
});
const EXAFLOP_DAY = 86_400 * 1e18;

it('adds up model FLOPs over models, and tokens only of one model', () => {
  const tokens = Float64Array.of(EXAFLOP_DAY / 4, EXAFLOP_DAY / 2, 5, EXAFLOP_DAY, 0, 7);
  const [first, second] = trainedBySite(tokens, [train('a', 4), train('b', 6), PLAIN_TRAITS])!;
  expect(first).toEqual({ exaFlopDays: 1 + 3 });
  expect(second).toEqual({ exaFlopDays: 4 });
  expect(trainedBySite(Float64Array.of(10, 20, 5), [train('a', 4), train('a', 4), PLAIN_TRAITS])![0]!.tokens).toBe(35);
  expect(trainedBySite(tokens, [PLAIN_TRAITS, PLAIN_TRAITS, PLAIN_TRAITS])).toBeUndefined();
});

it('is split among the sites of a broker, where each job was', () => {
  const { spec, inputs } = brokeredTask(0);
  const kinds = spec.partitions.length;
  const traits = spec.partitions[0]!.power.activeWByClass.map(() => train('a', 1e18, kinds));
  const { schedule, sites } = simulate({ ...spec, traits }, inputs);
  const all = schedule.classes.reduce((sum, { training }) => sum + training!.exaFlopDays, 0);
  for (const { training } of sites) {
    expect(training!.exaFlopDays).toBeGreaterThan(0);
    expect(training!.exaFlopDays).toBeLessThan(all);
  }
  const useful = sites.map(({ training, usefulGpuHours }) => training!.exaFlopDays / usefulGpuHours!);
  for (const perHour of useful) expect(perHour).toBeCloseTo(useful[0]!, 9);
  expect(siteTotal(sites).training!.exaFlopDays / all).toBeCloseTo(1, 12);
});

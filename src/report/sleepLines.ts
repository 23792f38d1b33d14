import { MS_PER_HOUR } from '../base/units.js';
import type { SleepSummary } from '../metrics/powerSummary.js';
import type { ScheduleSummary } from '../metrics/runResult.js';
import { meanOf } from '../metrics/statistics.js';
import { estimateText } from './measures.js';
import { formatNumber, plural } from './numbers.js';
import { ENERGY_MWH, GPU_HOURS, pickScale } from './scales.js';

/** What came of letting idle nodes sleep, in words, of schedules in which they may; nothing of others. Means over replications. */
export function sleepLines(runs: readonly ScheduleSummary[]): [string, string][] {
  const sleeps = runs.flatMap(({ power }) => power?.sleep ?? []);
  if (sleeps.length < runs.length) return [];
  const mean = (value: (sleep: SleepSummary) => number): number => meanOf(sleeps.map(value));
  const hours = runs[0]!.horizonMs / MS_PER_HOUR;
  const nodes = mean(({ asleepNodeHours }) => asleepNodeHours) / hours;
  const energy = (value: (sleep: SleepSummary) => number): string =>
    estimateText(sleeps.map(value), [pickScale(ENERGY_MWH, [mean(value)])], 2);
  const waking = ({ wakingGpuHours }: SleepSummary): number => wakingGpuHours;
  const held = estimateText(sleeps.map(waking), [pickScale(GPU_HOURS, [mean(waking)])], 2);
  return [
    [
      'idle sleep',
      `${formatNumber(nodes, 1)} nodes asleep on average, ${energy(({ savedMWh }) => savedMWh)} of IT saved; ` +
        `${plural(Math.round(mean(({ wakes }) => wakes)), 'wake')} of a node, ${energy(({ wakeMWh }) => wakeMWh)} drawn ` +
        `in them; jobs held ${held} GPU-hours until their nodes were awake`,
    ],
  ];
}

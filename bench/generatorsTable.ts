import { writeFileSync } from 'node:fs';
import { openLibrary } from '../src/io/library.js';
import { zoneSchema } from '../src/scenario/zoneSchema.js';
import { criteriaTable, levelTable, seedTable, TABLE_YEAR } from './generatorsMarkdown.js';

/** `npm run docs:generators`: writes docs/generators.md from scenarios/zones/. */
const library = openLibrary(['scenarios']);
const zones = library.names('zone').map((name) => zoneSchema.parse(library.find('zone', name)?.value));
const seeds = Array.from({ length: 20 }, (_, i) => `year-${i + 1}`);

writeFileSync(
  'docs/generators.md',
  `# Generated zone years against their sources

Written by \`npm run docs:generators\` from \`scenarios/zones/\`; do not edit.

A run needs a year of prices, carbon intensity and weather for its bidding zone. Several sources restrict
passing their hours on, so each zone file holds at most 400 numbers, all of them statistics (means of season × day type × hour
cells and of months, quantiles, tail means, autocorrelations) or parameters fitted to them, and none the value of a
real hour. From these the generator makes a year.

## How a year is made

1. A normal residual is drawn from three components: weather systems (slow, smoothed), hour-to-hour noise (fast), and a
   pattern over the day that returns the next day. Carbon's residual shares innovations with the price's.
2. Season × day type × hour means, month offsets, and the residual (with a spread by season and quarter of the day) put
   the hours in an order.
3. The hours get the values of the zone's marginal distribution by rank: monotone interpolation between nine quantiles
   and the share of negative hours, generalised Pareto tails beyond p1 and p99, mean exact.
4. Months and cells are centred on their means and the hours ranked again, three times.
5. Wet bulb: month means and spreads, the day's course, weather systems; the dry bulb lies above it by a depression
   that follows the day and its own systems.
6. Price and carbon are scaled to the base year, deviations by the same factor as the level.

The *representative year* of a zone is one fixed draw, the same in all replications: of twenty, the one whose
autocorrelations and price–carbon correlation are nearest to the source. \`prices: resample\` draws another for each
replication.

## Representative years, ${TABLE_YEAR}, before scaling to the base year

Source / generated, and whether the limit in the head is kept. Negative hours are scaled to the length of the year.

${criteriaTable(zones)}

## Base years and levels

EUR/MWh and kg/MWh; shapes come from the year named, levels are scaled to the base year. A zone without hourly carbon
figures has its annual mean in every hour: no run there can gain by waiting for cleaner hours. Correlations marked
*assumed* have no matching price and carbon series behind them.

${levelTable(zones)}

## Other seeds

Of ${seeds.length} years drawn from the seeds year-1 to year-${seeds.length}. The marginal distribution is the same in every
year; the autocorrelation is not, least of all where a few spikes carry most of the variance (NO2).

${seedTable(zones, seeds)}

## Where this is wrong

- Zones are drawn independently. Real neighbours share weather: DE-LU and FR prices correlate at 0.70 (2024), here at
  what their seasons and days have in common. Comparing two sites hour by hour, or resampled years of two sites,
  overstates how much their prices diversify.
- Every year of a zone has the same distribution of prices, the same extremes included; a real next year has not.
- Weather is independent of price and carbon. A real cold, still week raises all three.
- Holidays are ordinary days. Beyond a week the autocorrelation decays faster than in the sources.
- The months' means are kept, the weather's extremes are those of a normal distribution.
- Shapes of FI and SE3 are of 2023, carbon shapes of 2022 (DE-LU 2024), scaled to 2024: the share of negative
  hours stays that of the shape's year.
`,
);

import { readFileSync, writeFileSync } from 'node:fs';
import { invariant } from '../src/base/errors.js';
import { openLibrary } from '../src/io/library.js';
import { parseYaml } from '../src/io/yaml.js';
import { planScenario } from '../src/plan/plan.js';
import { collectCandidates } from '../src/report/candidates.js';
import { industryText } from '../src/report/industryPrices.js';
import { zoneSchema } from '../src/scenario/zoneSchema.js';
import { simulate } from '../src/sim/simulate.js';
import { plantTable, yearTable } from './pricesMarkdown.js';

/** `npm run docs:prices`: writes docs/prices.md from scenarios/zones/ and a run of the shipped sites. */
const library = openLibrary(['scenarios']);
const zones = library.names('zone').map((name) => zoneSchema.parse(library.find('zone', name)?.value));

writeFileSync(
  'docs/prices.md',
  `# Prices of other years, plants, and what industry pays

Written by \`npm run docs:prices\` from \`scenarios/zones/\` and a run of the shipped sites; do not edit.

## Other price years

\`\`\`sh
gigasim compare eu-five --price-year 2022
gigasim compare eu-five --price-year prices.csv
gigasim compare eu-five --set levels.price=1.2
\`\`\`

The same in a scenario: \`priceYear: 2022\`, \`priceYear: prices.csv\`, \`levels: { price: 1.2, carbon: 0.9 }\`. The variable
\`GIGASIM_PRICE_YEAR\` stands behind \`--set\` and \`--price-year\`.

**A year** multiplies every hour of the zone's [generated year](generators.md) by one factor, so that its mean is that of the
table: deviations grow with the mean, negative hours stay as many and stay negative, the cheap hours are the same hours.
Carbon follows where the zone has a figure of that year; where it has none it stays at the base year, and reports say so.
Weather stays. The base year (2024, or \`base\`) changes nothing. A zone without a mean of the year is an error, as is a site
that brings prices of its own.

**A file** has hourly or quarter-hourly prices in EUR/MWh for the horizon, in UTC or with an offset on each time. With a head of
two columns whose second names no zone (\`time,price\`), or with no head, it stands for every zone of the scenario; with a head
that names zones (\`time,DE-LU,FR\`) each zone of the scenario takes its column, and columns of other zones are left aside. Its
times must lie in \`calendarYear\`: \`--set calendarYear=2024\` for prices of 2024. Carbon and weather stay those of the zone,
so the correlation of price with carbon is lost.

**Levels** multiply day-ahead prices and carbon whatever they come from: the zone, another year, a file, a site's own series.
Prices of supply contracts are not multiplied.

Annual means of day-ahead prices, EUR/MWh. \\* ours: bidding zones whose country alone has a published mean are moved from
their mean of 2024 as the country was; listed by \`gigasim validate --assumptions\` where a run uses them.

${yearTable(zones)}

Where this is wrong: real years differ in shape, not in level alone. DE-LU had 301 negative hours in 2023 and 573 in 2025
at nearly equal means, 2022 was dear in summer, and Switzerland's 2025 is a mean of nine months.

## Plants of power purchase agreements

\`technology: solar | onshore-wind | offshore-wind\` in a tariff's supply ([tariffs.md](tariffs.md)) takes the zone's profile:
MW for each MW installed, hour by hour, with exactly the zone's capacity factor. Sun: clear-sky light on fixed modules at the
weather station, dimmed by clouds that last for days. Wind: speeds with a Rayleigh distribution, laid out by weather systems
and season, through a power curve. Wind and clouds share innovations with the day-ahead price of the zone, so that a plant
earns less than the mean price: how much is fitted to the German market values of 2024 and assumed elsewhere. Resampled prices
(\`prices: resample\`) come with plants of the same draw; \`priceYear\` leaves the profiles as they are.

Capacity factors of wind in DE-LU are those of the German fleet in 2024; all others are assumptions. New plants reach more.

${plantTable(zones)}

Where this is wrong: single plants are rougher than these; wind has no course of the day; neighbouring zones have no wind in
common; curtailment and outages are in the capacity factor alone.

## Shipped sites beside what large industry pays

A year of \`frontier-mix\` at load 0.85 under \`fcfs+easy@pack\`, one replication, tariffs as shipped.

\`\`\`text
${industry()}
\`\`\`

What differs everywhere: the statistic is of the second half of 2024, ours of a year at its mean; contracts of industry follow
day-ahead late; it holds suppliers' margins and what hedging cost, and rebates that a data centre does not get.
`,
);

function industry(): string {
  const sites = library.names('site').filter((name) => name.startsWith('gf-'));
  const scenario = `version: 1
kind: scenario
question: What do the shipped sites pay by the MWh?
sites: [${sites.join(', ')}]
workload: { use: frontier-mix, load: 0.85 }
policy: fcfs+easy@pack
horizon: 365 d
replications: 1
`;
  const plan = planScenario(parseYaml(scenario, 'sites.yaml'), {
    library,
    readFile: (path) => readFileSync(path),
    buildVersion: 'docs',
  });
  const results = plan.specs.map((spec) => simulate(spec, plan.inputs));
  const { candidates } = collectCandidates([{ scenario: 'sites', specs: plan.specs, results }]);
  const text = industryText(candidates, plan.industryPrices);
  invariant(text !== undefined, 'expected every zone to say what industry pays');
  return text;
}

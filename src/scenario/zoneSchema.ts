import { z } from 'zod';
import { figure } from './figure.js';
import { TECHNOLOGIES } from './technology.js';

/**
 * A bidding zone: what a synthetic year of price, carbon and weather is made from.
 *
 * Everything is a statistic of a source's series (means, quantiles, autocorrelations) or a fitted parameter;
 * no number is the value of a real hour. At most 400 numbers a zone (a test counts).
 */

const finite = z.number();
const share = z.number().min(0).max(1);
const positive = z.number().positive();
const year = z.number().int().min(1990).max(2100);
const source = z.string().min(1);

/** January … December. */
const monthly = z.array(finite).length(12);
/** Local clock hours 0…23. */
const daily = z.array(finite).length(24);

const perSeason = <T extends z.ZodType>(item: T) => z.strictObject({ DJF: item, MAM: item, JJA: item, SON: item });
const perDayType = <T extends z.ZodType>(item: T) => z.strictObject({ weekday: item, weekend: item });

/** A mean and two harmonics of the day: mean + c1·cos(2πh/24) + s1·sin(2πh/24) + c2·cos(4πh/24) + s2·sin(4πh/24). */
const dayHarmonics = z.strictObject({ mean: finite, c1: finite, s1: finite, c2: finite, s2: finite });

/** Quantiles of the hours of the year, ascending. */
const quantiles = z
  .strictObject({
    p1: finite,
    p5: finite,
    p10: finite,
    p25: finite,
    p50: finite,
    p75: finite,
    p90: finite,
    p95: finite,
    p99: finite,
  })
  .refine((q) => quantileList(q).every(({ value }, i, all) => i === 0 || value >= all[i - 1]!.value), {
    message: 'expected quantiles in ascending order',
  });

/** The quantiles with the share of hours below each. */
export function quantileList(quantiles: Quantiles): { at: number; value: number }[] {
  return [
    { at: 0.01, value: quantiles.p1 },
    { at: 0.05, value: quantiles.p5 },
    { at: 0.1, value: quantiles.p10 },
    { at: 0.25, value: quantiles.p25 },
    { at: 0.5, value: quantiles.p50 },
    { at: 0.75, value: quantiles.p75 },
    { at: 0.9, value: quantiles.p90 },
    { at: 0.95, value: quantiles.p95 },
    { at: 0.99, value: quantiles.p99 },
  ];
}

type Quantiles = Readonly<Record<'p1' | 'p5' | 'p10' | 'p25' | 'p50' | 'p75' | 'p90' | 'p95' | 'p99', number>>;

/** Whether the quantiles change sign where the count of negative hours says; rounded figures get some room. */
function signsAgree(price: { quantiles: Quantiles; negativeHours: number }): boolean {
  const share = price.negativeHours / 8772;
  return quantileList(price.quantiles).every(
    ({ at, value }) => Math.abs(at - share) < 0.001 || Math.abs(value) < 0.06 || value < 0 === at < share,
  );
}

/** How far the hours below p1 and above p99 lie beyond them: mean and standard deviation of the excess. */
const tail = z.strictObject({ meanExcess: z.number().min(0), sdExcess: z.number().min(0) });

/**
 * Autocorrelation of the normal residual: a slow and a fast exponential and a pattern over the day that
 * returns every 24 hours. The fast share is what the other two leave.
 */
const residual = z
  .strictObject({
    slowShare: share,
    dailyShare: share,
    slowHours: positive,
    fastHours: positive,
    dailyHours: positive,
    /** Correlation of the daily pattern with the next day's. */
    dailyPersistence: z.number().min(0).max(0.99),
  })
  .refine((r) => r.slowShare + r.dailyShare <= 1, { message: 'expected slowShare + dailyShare of at most 1' });

const marginal = {
  source,
  year,
  mean: finite,
  sd: positive,
  quantiles,
  lowerTail: tail,
  upperTail: tail,
  autocorrelation: z.strictObject({ lag1: finite, lag24: finite }),
  monthlyMean: monthly,
  residual,
};

const price = z
  .strictObject({
    ...marginal,
    /** Hours of that year with a price below 0. */
    negativeHours: z.number().int().min(0),
    /** Mean of each season × day type × local hour, EUR/MWh. */
    cellMean: perSeason(perDayType(daily)),
    /** Spread around those means by season and by the hours 0–5, 6–11, 12–17, 18–23 (half of p16…p84), EUR/MWh. */
    residualSd: perSeason(z.array(positive).length(4)),
  })
  .refine(signsAgree, { message: 'expected quantiles below 0 up to the share of negative hours and not beyond' });

const carbonSeries = z.strictObject({
  kind: z.literal('series'),
  ...marginal,
  quantiles: quantiles.refine((q) => q.p1 >= 0, { message: 'expected quantiles of at least 0' }),
  profile: perSeason(perDayType(dayHarmonics)),
  residualSd: positive,
  /** How price and carbon move together. */
  withPrice: z.strictObject({
    /** Pearson correlation of the hourly series. */
    correlation: z.number().min(-1).max(1),
    source: source.optional(),
    year: year.optional(),
    assumption: z.boolean().optional(),
    note: z.string().optional(),
    /** Fitted: correlation of the two residuals' innovations. */
    innovationCorrelation: z.number().min(-1).max(1),
  }),
});

/** No hourly carbon figures: the base year's annual mean in every hour. */
const carbonConstant = z.strictObject({ kind: z.literal('constant'), assumption: z.literal(true), note: z.string() });

const weather = z.strictObject({
  source,
  station: z.string(),
  dryBulbMonthlyMeanC: monthly,
  wetBulbMonthlyMeanC: monthly,
  wetBulbMonthlySdC: z.array(positive).length(12),
  /** Dry bulb over the day of local standard time, K around the mean. */
  dryBulbDay: perSeason(z.strictObject({ c1: finite, s1: finite, c2: finite, s2: finite })),
  /** The wet bulb's daily swing as a share of the dry bulb's. */
  wetBulbDayShare: share,
  residual: z.strictObject({ slowShare: share, slowHours: positive, fastHours: positive }),
});

/** Figures by calendar year. */
const yearly = (range: Parameters<typeof figure>[0]) =>
  z.record(z.string().regex(/^(19|20)\d\d$/, { error: 'expected a calendar year, such as 2023' }), figure(range));

/** Plants that power purchase agreements are about: see energy/generationProfile.ts. */
const generation = z.strictObject({
  latitudeDeg: z.number().min(-66).max(66),
  longitudeDeg: z.number().min(-180).max(180),
  /** Output of a year as a share of rated power; those of a technology without one cannot be bought from. */
  capacityFactor: z.partialRecord(z.enum(TECHNOLOGIES), figure({ min: 0.01, max: 0.7 })),
});

/** What large industry of the country paid delivered in the second half of 2024, without VAT and recoverable taxes. */
const eurostat = z.strictObject({
  /** Yearly consumption: IF 70 to 150 GWh, IG more. */
  band: z.enum(['IF', 'IG']),
  bandEurPerMWh: figure({ positive: true }),
  /** Mean day-ahead price of the same months: what the band has above it are charges, and what hedging cost. */
  dayAheadEurPerMWh: figure({ positive: true }),
  /** What that industry pays or has otherwise than a data centre, in a sentence. */
  why: z.string().min(1).optional(),
});

const zoneObject = z.strictObject({
  version: z.literal(1),
  kind: z.literal('zone'),
  id: z.string().min(1),
  title: z.string().min(1),
  /** IANA name. */
  timeZone: z.string().min(1),
  /** Keys of docs/sources.md behind the statistics. */
  sources: z.array(z.string().min(1)),
  /** Seed of the representative year: of twenty drawn, the one nearest to the source (docs/generators.md). */
  representativeSeed: z.string().min(1),
  /** The level everything is scaled to, so that zones whose shapes come from different years compare. */
  baseYear: z.strictObject({
    year,
    priceEurPerMWh: figure({ positive: true }),
    carbonKgPerMWh: figure({ min: 0 }),
  }),
  /** Annual day-ahead means that prices can be scaled to, EUR/MWh, by year; that of the base year is the level there. */
  priceYears: yearly({ positive: true }).optional(),
  /** And of carbon, kg/MWh. */
  carbonYears: yearly({ min: 0 }).optional(),
  eurostat: eurostat.optional(),
  generation: generation.optional(),
  price,
  carbon: z.discriminatedUnion('kind', [carbonSeries, carbonConstant]),
  weather,
});

export const zoneSchema = zoneObject.superRefine(({ baseYear, priceYears, carbonYears }, context) => {
  const pairs = [
    { key: 'priceYears', years: priceYears, base: baseYear.priceEurPerMWh },
    { key: 'carbonYears', years: carbonYears, base: baseYear.carbonKgPerMWh },
  ];
  for (const { key, years, base } of pairs) {
    const given = years?.[baseYear.year];
    if (given === undefined || given.value === base.value) continue;
    const message = `expected the level of the base year, ${base.value}, got ${given.value}`;
    context.addIssue({ code: 'custom', path: [key, String(baseYear.year)], message });
  }
});

export type ZoneCalibration = z.infer<typeof zoneSchema>;
export type ResidualCalibration = z.infer<typeof residual>;
export type PriceCalibration = z.infer<typeof price>;
export type CarbonCalibration = z.infer<typeof carbonSeries>;
export type WeatherCalibration = z.infer<typeof weather>;
/** What price and carbon have in common. */
export type MarginalCalibration = Pick<
  PriceCalibration,
  'mean' | 'sd' | 'quantiles' | 'lowerTail' | 'upperTail' | 'monthlyMean'
>;

export const SEASONS = ['DJF', 'MAM', 'JJA', 'SON'] as const;
export const DAY_TYPES = ['weekday', 'weekend'] as const;

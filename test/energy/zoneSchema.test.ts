import { describe, expect, it } from 'vitest';
import { zoneSchema } from '../../src/scenario/zoneSchema.js';
import { ZONE_FILES } from './zones.js';

type Doc = Record<string, unknown> & { price: Record<string, unknown>; carbon: Record<string, unknown> };

/** The German zone as written, changed. */
function changed(change: (doc: Doc) => void): unknown {
  const doc = structuredClone(ZONE_FILES.find(({ name }) => name === 'DE-LU')!.raw) as Doc;
  change(doc);
  return doc;
}
const issuesOf = (doc: unknown): string[] =>
  zoneSchema.safeParse(doc).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];

describe('zone schema', () => {
  it('takes the shipped zones', () => {
    expect(issuesOf(changed(() => undefined))).toEqual([]);
  });

  it.each<[string, (doc: Doc) => void, RegExp]>([
    ['an unknown key', (doc) => (doc['monthly'] = 1), /monthly/],
    ['eleven months', (doc) => (doc.price['monthlyMean'] as number[]).pop(), /price\.monthlyMean/],
    ['a NaN mean', (doc) => (doc.price['mean'] = NaN), /price\.mean/],
    ['a spread of 0', (doc) => (doc.price['sd'] = 0), /price\.sd/],
    ['quantiles out of order', (doc) => ((doc.price['quantiles'] as Record<string, number>)['p75'] = 0), /ascending/],
    ['quantiles that deny the negative hours', (doc) => (doc.price['negativeHours'] = 4000), /share of negative hours/],
    [
      'negative carbon',
      (doc) => ((doc.carbon['quantiles'] as Record<string, number>)['p1'] = -1),
      /carbon\.quantiles.*at least 0/,
    ],
    [
      'shares beyond the whole',
      (doc) => ((doc.price['residual'] as Record<string, number>)['slowShare'] = 0.99),
      /slowShare \+ dailyShare/,
    ],
    ['another kind of document', (doc) => (doc['kind'] = 'site'), /kind/],
  ])('refuses %s', (_, change, message) => {
    expect(issuesOf(changed(change)).join('\n')).toMatch(message);
  });
});

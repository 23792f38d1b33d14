import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseYaml } from '../../src/io/yaml.js';
import { facilitySchema } from '../../src/scenario/facilitySchema.js';
import { figure } from '../../src/scenario/figure.js';
import { checkSchema } from '../../src/scenario/schemaIssues.js';
import { seriesSource } from '../../src/scenario/seriesSource.js';

const price = seriesSource('price');

function messages(schema: z.ZodType, text: string): string[] {
  const checked = checkSchema(schema, parseYaml(text, 'd.yaml'));
  return checked.ok ? [] : checked.issues.map(({ path, message, hint }) => [path, message, hint ?? ''].join(' | '));
}
const watts = z.strictObject({
  tdpW: figure({ min: 0 }),
  gpusPerNode: figure({ integer: true, min: 1, max: 32 }).optional(),
});

describe('a fault of a figure', () => {
  const expected = 'expected a number of at least 0 or { value, source, year, … }, got';

  it('is one message, for the number or for the object, whichever was meant', () => {
    expect(messages(watts, 'tdpW: []')).toEqual([`tdpW | ${expected} an empty list | `]);
    expect(messages(watts, 'tdpW: -1')).toEqual(['tdpW | expected a number of at least 0, got -1 | ']);
    expect(messages(watts, 'tdpW: { value: -1 }')).toEqual(['tdpW.value | expected a number of at least 0, got -1 | ']);
    expect(messages(watts, 'tdpW: { source: x }')).toEqual([
      'tdpW.value | is missing: expected a number of at least 0 | ',
    ]);
    expect(messages(watts, 'tdpW: { value: 1, sorce: x }')).toEqual([
      'tdpW.sorce | unknown key: expected one of value, source, year, confidence, assumption, unverified, note | Did you mean source?',
    ]);
    expect(messages(watts, 'tdpW: { value: 1, confidence: hihg }')).toEqual([
      'tdpW.confidence | expected one of high, medium, low, got "hihg" | Did you mean high?',
    ]);
  });

  it('says what is wrong with a number that is text', () => {
    expect(messages(watts, 'tdpW: 7OO')).toEqual([`tdpW | ${expected} "7OO" (letter O?) | `]);
    expect(messages(watts, 'tdpW: l0')).toEqual([`tdpW | ${expected} "l0" (letter l or I?) | `]);
    expect(messages(watts, 'tdpW: "700"')).toEqual([`tdpW | ${expected} "700" (text in quotes, not a number) | `]);
    expect(messages(watts, 'tdpW: 0,5')).toEqual([`tdpW | ${expected} "0,5" (decimal comma?) | `]);
    expect(messages(watts, 'tdpW: 1 000')).toEqual([`tdpW | ${expected} "1 000" (digits are not grouped here) | `]);
    expect(messages(watts, 'tdpW: 700 W')).toEqual([
      `tdpW | ${expected} "700 W" (the unit "W" is in the key's name already?) | `,
    ]);
  });

  it('says the whole range, whichever end was passed', () => {
    for (const value of ['0', '33', '1.5']) {
      const [message] = messages(watts, `{ tdpW: 1, gpusPerNode: ${value} }`);
      expect(message).toContain(`expected a whole number from 1 to 32`);
      expect(message).toContain(`got ${value}`);
    }
  });

  it('refuses NaN, infinity and null by name', () => {
    expect(messages(watts, 'tdpW: .nan')[0]).toContain('got NaN, which is not a number');
    expect(messages(watts, 'tdpW: .inf')[0]).toContain('got Infinity');
    expect(messages(watts, 'tdpW:')[0]).toContain('got null (an empty value)');
  });
});

describe('a fault of a choice between objects', () => {
  const shapes = z.discriminatedUnion('shape', [
    z.strictObject({ shape: z.literal('constant'), value: z.number() }),
    z.strictObject({ shape: z.literal('exponential'), mean: z.number().positive() }),
  ]);

  it('lists the words that decide', () => {
    expect(messages(shapes, 'shape: exponentia')).toEqual([
      'shape | expected one of constant, exponential, got "exponentia" | Did you mean exponential?',
    ]);
    expect(messages(shapes, 'shape: exponential\nmean: 0')).toEqual(['mean | expected a number more than 0, got 0 | ']);
  });

  it('is told for the variant that was meant', () => {
    expect(messages(price, 'constant: x')).toEqual(['constant | expected a number from -10000 to 100000, got "x" | ']);
    expect(messages(price, 'steps: []')).toEqual(['steps | expected a list of at least 1, got an empty list | ']);
    expect(messages(price, '7')).toEqual([' | expected text or { constant } or { steps }, got 7 | ']);
  });
});

describe('a choice of another name', () => {
  it('names those there are, and hides no fault of the keys that all of them have', () => {
    const water = z.strictObject({ cycles: figure({ min: 1 }) }).optional();
    const building = z.discriminatedUnion('cooling', [
      z.strictObject({ cooling: z.literal('hybrid').optional(), share: figure(), water }),
      z.strictObject({ cooling: z.literal('air'), share: figure(), water }),
    ]);
    expect(messages(building, 'cooling: nonsense\nshare: x\nwater: { cycles: 0, cycle: 3 }')).toEqual([
      'cooling | expected one of hybrid, air, got "nonsense" | ',
      'water.cycles | expected a number of at least 1, got 0 | ',
      'water.cycle | unknown key: expected one of cycles | Did you mean cycles?',
    ]);
    expect(messages(building, 'cooling: nonsense\nshare: x')).toHaveLength(1);
  });

  it('of a building, beside faults of its heat, water and derating', () => {
    const facility =
      'cooling: nonsense\nheatReuse: { supplyC: 60 }\nwater: { air: rain }\nderating: { perKFraction: 2 }';
    const paths = messages(facilitySchema, facility).map((text) => text.split(' ')[0]);
    expect(paths).toEqual(
      expect.arrayContaining([
        'cooling',
        'heatReuse.capacityMW',
        'heatReuse.demand',
        'water.air',
        'derating.perKFraction',
      ]),
    );
    expect(messages(facilitySchema, facility)[0]).toBe(
      'cooling | expected one of hybrid, air, warm-water, got "nonsense" | ',
    );
  });
});

describe('written-out series', () => {
  it('begin at 0 h, ascend, and change at quarter hours', () => {
    const steps = (list: string) => messages(price, `steps: [${list}]`);
    expect(steps('{ from: 0 h, value: 1 }, { from: 90 min, value: -2 }')).toEqual([]);
    expect(steps('{ from: 1 h, value: 1 }')).toEqual(['steps[0].from | expected 0 h, got "1 h" | ']);
    expect(steps('{ from: 0 h, value: 1 }, { from: 0 h, value: 2 }')).toEqual([
      'steps[1].from | expected a time after 0 h, got "0 h" | ',
    ]);
    for (const from of ['10 min', '1', 'noon']) {
      expect(steps(`{ from: 0 h, value: 1 }, { from: ${from}, value: 2 }`)[0]).toContain('whole quarter hours');
    }
  });

  it('obey the limits of a file, each fault where it stands', () => {
    const carbon = seriesSource('carbon');
    expect(messages(carbon, 'constant: -5')).toEqual(['constant | expected 0 to 3000 g/kWh, got -5 | ']);
    expect(messages(carbon, 'constant: 3000')).toEqual([]);
    expect(messages(seriesSource('wetBulb'), 'steps: [{ from: 0 h, value: 10 }, { from: 1 h, value: 900 }]')).toEqual([
      'steps[1].value | expected -70 to 50 °C, got 900 | ',
    ]);
    expect(messages(price, 'constant: -10001')).toEqual([
      'constant | expected -10000 to 100000 EUR/MWh, got -10001 | ',
    ]);
  });
});

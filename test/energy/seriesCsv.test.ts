import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SimError } from '../../src/base/errors.js';
import type { SeriesCsvOptions } from '../../src/energy/seriesCsv.js';
import { parseSeriesCsv } from '../../src/energy/seriesCsv.js';

const HOUR_MS = 3_600_000;
const OPTIONS: SeriesCsvOptions = {
  file: 'prices.csv',
  timeZone: 'UTC',
  calendarYear: 2027,
  horizonMs: 4 * HOUR_MS,
  quantity: 'price',
};
const bytes = (lines: readonly string[] | string): Uint8Array =>
  new TextEncoder().encode(typeof lines === 'string' ? lines : `${lines.join('\n')}\n`);
const read = (lines: readonly string[] | string, options: Partial<SeriesCsvOptions> = {}) =>
  parseSeriesCsv(bytes(lines), { ...OPTIONS, ...options });

/** Every fault as `line: message`. */
function faultsOf(lines: readonly string[] | string, options: Partial<SeriesCsvOptions> = {}): string[] {
  try {
    read(lines, options);
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(SimError);
    const error = thrown as SimError;
    expect(error.code).toBe('series.format');
    expect(error.exitCode).toBe(2);
    return error.issues.map(({ line, message }) => `${line}: ${message}`);
  }
  return [];
}

const FOUR = ['2027-01-01T00:00Z,40', '2027-01-01T01:00Z,-12.5', '2027-01-01T02:00Z,0', '2027-01-01T03:00Z,1e2'];

it('says that a file is of another year than the scenario', () => {
  const hintOf = (lines: readonly string[]): string | undefined => {
    try {
      read(lines);
    } catch (thrown) {
      return (thrown as SimError).issues[0]!.hint;
    }
    return 'no fault';
  };
  const another = 'The scenario runs in calendarYear 2027: set it to the year of the file.';
  expect(hintOf(FOUR.map((line) => line.replace('2027', '2024')))).toBe(another);
  expect(hintOf(FOUR.map((line) => line.replace('2027', '2028')))).toBe(another);
  expect(hintOf(FOUR.slice(0, 3))).toBeUndefined();
  expect(hintOf(FOUR)).toBe('no fault');
});

/** Local times of a zone through a day, as a market would list them. */
function localDay(day: string, timeZone: string, stepMs: number): string[] {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' });
  const rows: string[] = [];
  for (
    let atMs = Date.parse(`${day}T00:00Z`) - 12 * HOUR_MS;
    atMs < Date.parse(`${day}T00:00Z`) + 36 * HOUR_MS;
    atMs += stepMs
  ) {
    const text = format.format(atMs);
    if (text.startsWith(day)) rows.push(text);
  }
  return rows;
}

describe('series from CSV', () => {
  it('reads hours with and without a header, negative prices included', () => {
    const expected = { stepMs: HOUR_MS, values: Float64Array.of(40, -12.5, 0, 100) };
    expect(read(FOUR)).toEqual(expected);
    expect(read(['time,value', ...FOUR])).toEqual(expected);
    expect(read(`\uFEFF"utc","eur"\r\n# a comment\r\n${FOUR.join('\r\n')}\r\n\r\n`)).toEqual(expected);
  });

  it('reads quarter hours, blanks for T, seconds and offsets', () => {
    const rows = [
      '2027-01-01 01:00:00+01:00,1',
      '2027-01-01T00:15:00.000Z,2',
      '2026-12-31T23:30-0100,3',
      '2027-01-01T00:45Z,4',
    ];
    expect(read(rows, { horizonMs: HOUR_MS })).toEqual({ stepMs: 900_000, values: Float64Array.of(1, 2, 3, 4) });
  });

  it('uses only the horizon of a longer series', () => {
    const rows = ['2026-12-31T22:00Z,7', '2026-12-31T23:00Z,8', ...FOUR, '2027-01-01T04:00Z,9'];
    expect(read(rows).values).toEqual(Float64Array.of(40, -12.5, 0, 100));
    expect(read(rows, { horizonMs: 1.5 * HOUR_MS }).values).toEqual(Float64Array.of(40, -12.5));
  });

  it.each([
    ['2027-03-28', 92],
    ['2027-06-01', 96],
    ['2027-10-31', 100],
  ])('reads %s in Berlin with its %i quarter hours', (day, quarters) => {
    const rows = localDay(day, 'Europe/Berlin', 900_000);
    expect(rows).toHaveLength(quarters);
    const from = (Date.parse(`${day}T00:00Z`) - Date.UTC(2027, 0, 1)) / 900_000;
    // A series of the whole year up to that day, in UTC, then the day by the local clock.
    const offset = day === '2027-03-28' ? 4 : 8;
    const before = Array.from(
      { length: from - offset },
      (_, i) => `${new Date(Date.UTC(2027, 0, 1) + i * 900_000).toISOString()},0`,
    );
    const series = read([...before, ...rows.map((time, i) => `${time},${i + 1}`)], {
      timeZone: 'Europe/Berlin',
      horizonMs: (from - offset + quarters) * 900_000,
    });
    expect([...series.values.slice(from - offset)]).toEqual(rows.map((_, i) => i + 1));
  });

  it('tells the hours that the autumn change repeats apart by their order', () => {
    const hours = localDay('2027-10-31', 'Europe/Berlin', HOUR_MS);
    expect(hours.filter((time) => time.endsWith('02:00'))).toHaveLength(2);
    const start = `2027-01-01T00:00Z,0`;
    const faults = faultsOf([start, ...hours.map((time) => `${time},1`)], {
      timeZone: 'Europe/Berlin',
      horizonMs: HOUR_MS,
    });
    // Only the jump from January to October is a gap: the 25 hours of the day follow each other.
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(/^2: .*gap: 7269 rows missing/);
  });

  it('reports a repeated hour that is missing, and a time that spring skips', () => {
    const autumn = ['2027-10-31 00:00,1', '2027-10-31 01:00,1', '2027-10-31 02:00,1', '2027-10-31 03:00,1'];
    expect(faultsOf(autumn, { timeZone: 'Europe/Berlin' }).join()).toMatch(/4: .*gap: 1 row missing/);
    const spring = ['2027-03-28 01:00,1', '2027-03-28 02:00,1', '2027-03-28 03:00,1'];
    expect(faultsOf(spring, { timeZone: 'Europe/Berlin' }).join()).toMatch(
      /2: expected a time that exists in Europe\/Berlin/,
    );
  });

  it('reports every fault in one pass, with its line, what was expected and what came', () => {
    const rows = [
      'time,value',
      '2027-01-01T00:00Z,40',
      '2027-01-01T01:00Z,',
      '2027-01-01T02:00Z,4O.5',
      '2027-01-01T03:00Z,NaN',
      'yesterday,3',
      '2027-01-01T05:00Z,1,2',
      '2027-01-01T06:00Z,7',
      '2027-01-01T06:00Z,8',
      '2027-01-01T05:00Z,9',
      '2027-01-01T10:00Z,9',
      '2027-02-30T00:00Z,9',
    ];
    expect(faultsOf(rows, { horizonMs: 24 * HOUR_MS })).toEqual([
      '3: expected a number in EUR/MWh, got nothing',
      '4: expected a number in EUR/MWh, got "4O.5"',
      '5: expected a number in EUR/MWh, got "NaN"',
      '6: expected a time such as 2027-01-31T23:00, got "yesterday"',
      '7: expected 2 columns "time,value", got 3',
      '9: expected 2027-01-01T07:00:00Z, got 2027-01-01T06:00:00Z again (duplicate of line 8)',
      '10: expected 2027-01-01T07:00:00Z, got 2027-01-01T05:00:00Z, earlier than line 8',
      '11: expected 2027-01-01T07:00:00Z, got 2027-01-01T10:00:00Z (gap: 3 rows missing)',
      '11: expected the series to reach the end of the horizon, 2027-01-02T00:00:00Z, got an end at 2027-01-01T11:00:00Z',
      '12: expected a time such as 2027-01-31T23:00, got "2027-02-30T00:00Z"',
    ]);
  });

  it('reports a series too late, too short, or off the step', () => {
    expect(faultsOf(FOUR.slice(1))).toEqual([
      '1: expected the series to start at 2027-01-01T00:00:00Z or before, got 2027-01-01T01:00:00Z',
    ]);
    expect(faultsOf(FOUR.slice(0, 3))[0]).toMatch(/^3: expected the series to reach the end of the horizon/);
    const shifted = FOUR.map((row) => row.replace(':00Z', ':10Z').replace('2027-01-01T00', '2026-12-31T00'));
    expect(faultsOf(shifted).length).toBeGreaterThan(0);
    expect(faultsOf(['2027-01-01T00:00Z,1', '2027-01-01T00:30Z,1'], { horizonMs: HOUR_MS })[0]).toMatch(
      /expected a row every 60 or 15 minutes, got neighbours 30 minutes apart/,
    );
  });

  it('reports a step that changes in the middle', () => {
    const rows = ['2027-01-01T00:00Z,1', '2027-01-01T01:00Z,1', '2027-01-01T01:15Z,1'];
    expect(faultsOf(rows, { horizonMs: HOUR_MS })).toEqual([
      '2: expected 2027-01-01T00:15:00Z, got 2027-01-01T01:00:00Z (gap: 3 rows missing)',
    ]);
  });

  it('refuses what can only be the wrong unit or column', () => {
    expect(faultsOf(FOUR, { quantity: 'carbon' })).toEqual(['2: expected 0 to 3000 g/kWh, got -12.5']);
    expect(faultsOf(['2027-01-01T00:00Z,290'], { quantity: 'wetBulb', horizonMs: HOUR_MS })).toEqual([
      '1: expected -70 to 50 °C, got 290',
    ]);
  });

  it('refuses an empty file, a header alone, a binary file and an unknown time zone', () => {
    expect(faultsOf('')).toEqual(['1: expected lines "time,value", got an empty file']);
    expect(faultsOf('time,value\n')).toHaveLength(1);
    expect(faultsOf('\u0000\u0001PAR1\u0000').length).toBeGreaterThan(0);
    expect(faultsOf(FOUR, { timeZone: 'Europe/Atlantis' })[0]).toMatch(/Europe\/Atlantis/);
  });

  it('counts the faults of a wrong file and lists the first hundred', () => {
    const rows = Array.from({ length: 500 }, () => 'a;b');
    try {
      read(['head,er', ...rows]);
      expect.unreachable();
    } catch (thrown) {
      const { message, issues } = thrown as SimError;
      expect(message).toBe('prices.csv has 500 faults (the first 100 are listed)');
      expect(issues).toHaveLength(100);
      expect(issues[0]).toMatchObject({ file: 'prices.csv', line: 2, column: 1, sourceLine: 'a;b' });
      expect(issues[0]!.hint).toMatch(/comma/);
    }
  });

  it('gives back what was written, for any values and either step', () => {
    const value = fc.double({ min: -500, max: 4000, noNaN: true });
    fc.assert(
      fc.property(fc.array(value, { minLength: 2, maxLength: 50 }), fc.boolean(), (values, hourly) => {
        const stepMs = hourly ? HOUR_MS : 900_000;
        const rows = values.map((v, i) => `${new Date(Date.UTC(2027, 0, 1) + i * stepMs).toISOString()},${v}`);
        const series = read(rows, { horizonMs: values.length * stepMs });
        expect(series).toEqual({ stepMs, values: Float64Array.from(values, (v) => Number(String(v))) });
      }),
    );
  });

  it('fails with faults, and nothing else, on any text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => {
        expect(faultsOf(text).length).toBeGreaterThan(0);
      }),
    );
  });
});

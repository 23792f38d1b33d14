import { describe, expect, it } from 'vitest';
import { errorRecord } from '../../src/base/errors.js';
import { parseGridOrdersCsv } from '../../src/energy/gridOrdersCsv.js';

const HOUR = 3_600_000;
const read = (text: string, timeZone = 'UTC') =>
  parseGridOrdersCsv(new TextEncoder().encode(text), { file: 'o.csv', timeZone, calendarYear: 2027, prefix: 'order' });

function faultsOf(text: string, timeZone?: string): string[] {
  try {
    read(text, timeZone);
    return [];
  } catch (thrown) {
    return errorRecord(thrown).issues.map(({ line, message }) => `${String(line)}: ${message}`);
  }
}

describe('orders from a file', () => {
  it('are limits or reductions, with a notice and a name or without', () => {
    const rows = read(
      'start,duration,order,notice,name\n' +
        '# tests of the summer\n' +
        '2027-01-02T06:00,3 h,120 MW,15 min,winter\n' +
        '\n' +
        '2027-01-03T12:15+01:00,45 min,25 %\n',
    );
    expect(rows).toEqual([
      { line: 3, order: { name: 'winter', fromMs: 30 * HOUR, toMs: 33 * HOUR, noticeMs: HOUR / 4, limitW: 120e6 } },
      { line: 5, order: { name: 'order-2', fromMs: 59.25 * HOUR, toMs: 60 * HOUR, noticeMs: 0, reduceFraction: 0.25 } },
    ]);
  });

  it('may stand in local time, summer time included', () => {
    const hoursOf = (text: string) => read(`${text},1 h,5 MW`, 'Europe/Berlin')[0]!.order.fromMs / HOUR;
    expect(hoursOf('2027-01-01T01:00')).toBe(0);
    expect(hoursOf('2027-07-01T02:00')).toBe(181 * 24);
  });

  it('tells every fault with its line', () => {
    expect(
      faultsOf(
        [
          '2027-01-02 6 Uhr,3 h,120 MW',
          '2027-01-02T06:05,3 h,120 MW',
          '2027-01-02T06:00,3 hours,120,soon',
          '2027-03-28T02:30,1 h,25 %',
          '2027-01-02T06:00,10 min,0 %',
          '2027-01-02T06:00,1 h',
        ].join('\n'),
        'Europe/Berlin',
      ),
    ).toEqual([
      '1: expected a time such as 2027-06-01T17:00, got "2027-01-02 6 Uhr"',
      '2: expected the beginning of a quarter hour, such as 17:00 or 17:15, got "2027-01-02T06:05"',
      '3: expected a duration in whole quarter hours such as 3 h, got "3 hours"',
      '3: expected a notice such as 15 min, got "soon"',
      '3: expected a limit such as 120 MW or a reduction such as 25 %, got "120"',
      '4: expected a time that exists in Europe/Berlin, got "2027-03-28T02:30", which the change to summer time skips',
      '5: expected a duration in whole quarter hours such as 3 h, got "10 min"',
      '5: expected a limit such as 120 MW or a reduction such as 25 %, got "0 %"',
      '6: expected 3 to 5 columns "start,duration,order,notice,name", got 2',
    ]);
  });

  it('are not none', () => {
    expect(faultsOf('start,duration,order\n')).toEqual([
      '1: expected lines "start,duration,order,notice,name", got an empty file',
    ]);
  });
});

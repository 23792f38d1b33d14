import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SimError } from '../../src/base/errors.js';
import { submitOrder } from '../../src/workload/submitOrder.js';
import { parseSwf, type SwfOptions, type SwfTrace } from '../../src/workload/swf.js';

const read = (text: string, options: Partial<SwfOptions> = {}): SwfTrace =>
  parseSwf(new TextEncoder().encode(text), {
    file: 'log.swf',
    timeUnit: 's',
    lenient: false,
    shared: false,
    ...options,
  });

/** A line of 18 fields from the ones that matter. */
const line = (
  job: number,
  submit: string | number,
  run: string | number,
  allocated: number,
  requested: number,
  requestedTime: string | number,
  status = 1,
  user = 1,
): string =>
  `${job} ${submit} -1 ${run} ${allocated} -1 -1 ${requested} ${requestedTime} -1 ${status} ${user} 1 -1 1 -1 -1 -1`;

function refusal(text: string): SimError {
  try {
    read(text);
  } catch (thrown) {
    if (thrown instanceof SimError) return thrown;
    throw thrown;
  }
  throw new Error('the trace was read');
}

describe('parseSwf', () => {
  it('reads jobs by the stated rule', () => {
    const { table, counts } = read(
      [
        line(7, 10, 60, 4, 8, 100), // 4 allocated of 8 requested
        line(8, 11, 200, 4, 4, 100, 0), // ran over: cut to 100, estimate 200; failed
        line(9, 12, 50, -1, 16, -1, 5), // size from the request, estimate from the run; cancelled
        line(10, 13, -1, 2, 2, 30), // unknown run
        line(11, 14, 0, 2, 2, -1), // nothing ran
        line(12, 15, 5, -1, -1, 30), // unknown size: skipped
      ].join('\n'),
    );
    expect([...table.originalId!]).toEqual([7, 8, 9, 10, 11]);
    expect([...table.submitMs]).toEqual([10_000, 11_000, 12_000, 13_000, 14_000]);
    expect([...table.gpus]).toEqual([4, 4, 16, 2, 2]);
    expect([...table.runMs]).toEqual([60_000, 100_000, 50_000, 0, 0]);
    expect([...table.estimateMs]).toEqual([100_000, 200_000, 50_000, 30_000, 0]);
    expect([...table.endState]).toEqual([0, 1, 2, 0, 0]);
    expect(table.classNames).toEqual(['trace']);
    expect(counts).toEqual({
      lines: 6,
      jobs: 5,
      malformed: 0,
      unknownSize: 1,
      zeroRun: 2,
      runCut: 1,
      sizeFromRequest: 1,
      unknownEstimate: 2,
    });
  });

  it('takes CRLF, tabs, blank lines, a byte order mark, a header anywhere and no newline at the end', () => {
    const text = `\uFEFF; MaxProcs: 100\r\n;\r\n; Note: a: b\r\n\r\n${line(1, 5, 6, 1, 1, 7).replaceAll(' ', '\t')}\r\n  \r\n; MaxProcs: 7\r\n   ${line(2, 6, 6, 1, 1, 7)}  `;
    const { table, header } = read(text);
    expect([...table.submitMs]).toEqual([5000, 6000]);
    expect([...header]).toEqual([
      ['MaxProcs', '100'],
      ['Note', 'a: b'],
    ]);
  });

  it('keeps fractions of a second to the ms, and milliseconds as they are', () => {
    expect([...read(line(1, '12.5', '0.0014', 1, 1, '7.')).table.runMs]).toEqual([1]);
    expect([...read(line(1, '12.5', '3.25', 1, 1, 7)).table.submitMs]).toEqual([12_500]);
    expect([...read(line(1, '0.1234567890123456789', 1, 1, 1, 7)).table.submitMs]).toEqual([123]);
    expect([...read(line(1, 1_234_567, 890, 1, 1, 999), { timeUnit: 'ms' }).table.submitMs]).toEqual([1_234_567]);
  });

  it('reads any number of milliseconds below 2^53 exactly', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 53 - 1 }), (submit) => {
        expect(read(line(1, submit, 1, 1, 1, 1), { timeUnit: 'ms' }).table.submitMs[0]).toBe(submit);
      }),
    );
  });

  it('sorts by submit time, ties in file order', () => {
    const { table } = read(
      [line(1, 30, 1, 1, 1, 1), line(2, 10, 1, 1, 1, 1), line(3, 30, 1, 1, 1, 1), line(4, 10, 1, 1, 1, 1)].join('\n'),
    );
    expect([...table.originalId!]).toEqual([2, 4, 1, 3]);
    expect([...table.submitMs]).toEqual([10_000, 10_000, 30_000, 30_000]);
  });

  it('numbers users by first appearance, unknown and odd ones too', () => {
    const users = [900, -1, 900, 123_456_789, 3, -7, 123_456_789];
    const { table } = read(users.map((user, i) => line(i, i, 1, 1, 1, 1, 1, user)).join('\n'));
    expect([...table.userOf]).toEqual([0, 1, 0, 2, 3, 4, 2]);
  });

  it('puts the columns into shared memory when asked', () => {
    expect(read(line(1, 1, 1, 1, 1, 1), { shared: true }).table.submitMs.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(read(line(1, 1, 1, 1, 1, 1)).table.submitMs.buffer).toBeInstanceOf(ArrayBuffer);
  });

  it('names every malformed line with its number, column and what stood there', () => {
    const error = refusal(
      [
        '; header',
        line(1, 1, 1, 1, 1, 1),
        '1 2 3',
        line(2, 'x1', 1, 1, 1, 1),
        line(3, -5, 1, 1, 1, 1),
        line(4, 1, 1, 1.5, 1, 1),
        `${line(5, 1, 1, 1, 1, 1)} 9`,
      ].join('\n'),
    );
    expect(error.code).toBe('trace.format');
    expect(error.exitCode).toBe(2);
    expect(error.message).toBe('log.swf has 5 malformed lines');
    expect(error.issues.map((issue) => [issue.line, issue.column, issue.message])).toEqual([
      [3, 1, 'expected 18 fields, got 3'],
      [4, 3, 'expected submit time as a number, got "x1"'],
      [5, 1, 'expected a submit time of at least 0, got -5'],
      [6, 1, 'expected a whole number of processors, got 1.5'],
      [7, 1, 'expected 18 fields, got 19'],
    ]);
    expect(error.issues[0]).toMatchObject({ file: 'log.swf', sourceLine: '1 2 3' });
  });

  it.each(['NaN', '1e5', '+1', '-', '.', '--1', '1-', '0x10', '1,5', '∞', '\u0000'])(
    'refuses %j as a number',
    (text) => {
      expect(refusal(line(1, text, 1, 1, 1, 1)).message).toBe('log.swf has 1 malformed line');
    },
  );

  it('lists 20 malformed lines and counts the rest', () => {
    const error = refusal(Array.from({ length: 23 }, () => 'oops').join('\n'));
    expect(error.issues).toHaveLength(20);
    expect(error.message).toBe('log.swf has 23 malformed lines (the first 20 are listed, and 3 more)');
  });

  it('skips and counts malformed lines when lenient', () => {
    const { table, counts, malformed } = read(`oops\n${line(1, 1, 1, 1, 1, 1)}\n1 2`, { lenient: true });
    expect(table.count).toBe(1);
    expect(counts).toMatchObject({ lines: 3, jobs: 1, malformed: 2 });
    expect(malformed.map((issue) => issue.line)).toEqual([1, 3]);
  });

  it.each(['', '\n\n', '; MaxProcs: 5\n', line(1, 1, 1, -1, -1, 1)])('refuses a file without jobs: %j', (text) => {
    expect(refusal(text).message).toContain('log.swf has no jobs');
  });

  it('never throws anything but a trace error, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, lenient) => {
        try {
          parseSwf(bytes, { file: 'x', timeUnit: 's', lenient, shared: false });
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(SimError);
        }
      }),
    );
  });
});

describe('submitOrder', () => {
  it('is the stable order, or none when sorted', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 80 }), (times) => {
        const expected = times.map((_, i) => i).sort((a, b) => times[a]! - times[b]! || a - b);
        const isSorted = expected.every((row, i) => row === i);
        const order = submitOrder(Float64Array.from(times), times.length);
        expect(order && [...order]).toEqual(isSorted ? undefined : expected);
      }),
    );
  });
});

describe('groups and preceding jobs', () => {
  /** Job, submission, status, group, preceding job. */
  const linked = (job: number, submit: number, status: number, group: number, preceding: number): string =>
    `${job} ${submit} -1 60 4 -1 -1 4 100 -1 ${status} 1 ${group} -1 1 -1 ${preceding} -1`;
  const LOG = [
    linked(5, 30, 1, 9, 2), // waits for job 2, which failed
    linked(2, 10, 0, 4, -1),
    linked(3, 20, 1, -1, -1),
    linked(6, 40, 1, 4, 3),
    linked(7, 50, 1, 9, 99), // there is no job 99
    linked(8, 60, 1, 9, 9), // job 9 comes later
    linked(9, 70, 1, 9, 6),
  ].join('\n');

  it('makes groups accounts, numbered by first appearance in the file, unknown ones one', () => {
    const { table } = read(LOG);
    expect([...table.originalId!]).toEqual([2, 3, 5, 6, 7, 8, 9]);
    expect([...table.extra!.accountOf!]).toEqual([1, 2, 0, 1, 0, 0, 0]);
    expect(table.extra!.afterOk).toBeUndefined();
  });

  it('has no accounts where no group is known', () => {
    expect(read(linked(1, 0, 1, -1, -1)).table.extra).toBeUndefined();
  });

  it('reads dependencies on demand: on earlier jobs that completed; the others are counted', () => {
    const { table, dependencies } = read(LOG, { dependencies: true, shared: true });
    const { offsets, jobs } = table.extra!.afterOk!;
    const waitsFor = [...table.originalId!].map((id, row) => [
      id,
      [...jobs.subarray(offsets[row], offsets[row + 1])].map((before) => table.originalId![before]),
    ]);
    expect(waitsFor.filter(([, before]) => (before as number[]).length > 0)).toEqual([
      [6, [3]],
      [9, [6]],
    ]);
    expect(dependencies).toEqual({ kept: 2, unknown: 2, afterStopped: 1 });
    expect(jobs.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(read(LOG).dependencies).toBeUndefined();
  });
});

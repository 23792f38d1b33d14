import { describe, expect, it } from 'vitest';
import { inDocumentOrder, invalidDocument } from '../../src/scenario/issues.js';
import { issueText, issuesText } from '../../src/scenario/issueText.js';

const ISSUE = {
  path: 'horizon',
  message: 'expected a duration, got 365',
  hint: 'Write 365 d.',
  file: 's.yaml',
  line: 7,
  column: 10,
  sourceLine: 'horizon: 365',
};

describe('issueText', () => {
  it('shows place, path, message, the line with a caret, and the hint', () => {
    expect(issueText(ISSUE)).toBe(
      [
        's.yaml:7:10: horizon: expected a duration, got 365',
        '  7 | horizon: 365',
        '    |          ^',
        '  Write 365 d.',
      ].join('\n'),
    );
  });

  it('shows what it has of an issue without a place', () => {
    expect(issueText({ path: '', message: 'expected a file' })).toBe('expected a file');
    expect(issueText({ path: 'a', message: 'm', file: 'f.csv', line: 3 })).toBe('f.csv:3: a: m');
  });

  it('cuts a long line so that the caret stays under its place', () => {
    const sourceLine = `${'x'.repeat(300)}HERE${'y'.repeat(300)}`;
    const [, frame, caret] = issueText({ ...ISSUE, sourceLine, column: 301 }).split('\n');
    expect(frame!.length).toBeLessThan(120);
    expect(frame![caret!.indexOf('^')]).toBe('H');
  });

  it('keeps the caret in place behind tabs and hides control characters', () => {
    const [, frame, caret] = issueText({ ...ISSUE, sourceLine: '\tab\u001b: 1', column: 5 }).split('\n');
    expect(frame).toBe('  7 |  ab : 1');
    expect(frame![caret!.indexOf('^')]).toBe(':');
  });

  it('counts what is beyond the first fifty', () => {
    const text = (count: number) => issuesText(Array.from({ length: count }, () => ISSUE)).split('\n\n');
    expect(text(50)).toHaveLength(50);
    expect(text(51)[50]).toBe('and 1 more fault');
    expect(text(60_000).slice(50)).toEqual(['and 59950 more faults']);
  });

  it('lets the caller paint', () => {
    const paint = { place: (text: string) => `<${text}>`, caret: () => '!', hint: (text: string) => `(${text})` };
    expect(issuesText([ISSUE, ISSUE], paint).split('\n\n')).toHaveLength(2);
    expect(issueText(ISSUE, paint)).toMatch(/^<s\.yaml:7:10: >[^]*![^]*\(Write 365 d\.\)$/);
  });
});

describe('the order of issues', () => {
  it('is that of the document, other files after it, each issue once', () => {
    const at = (file: string, line: number, column = 1) => ({ ...ISSUE, file, line, column });
    const ordered = inDocumentOrder([at('z', 9), at('s', 2, 5), at('s', 2, 3), at('z', 9), at('a', 1)], 's');
    expect(ordered.map(({ file, line, column }) => `${file}${line}:${column}`)).toEqual([
      's2:3',
      's2:5',
      'z9:1',
      'a1:1',
    ]);
  });

  it('is kept by the error that counts them', () => {
    expect(invalidDocument('s.yaml', [ISSUE]).message).toBe('s.yaml has 1 problem');
    const error = invalidDocument('s.yaml', [ISSUE, { ...ISSUE, line: 1 }]);
    expect(error).toMatchObject({ code: 'scenario.invalid', exitCode: 2, message: 's.yaml has 2 problems' });
    expect(error.issues[0]!.line).toBe(1);
  });
});

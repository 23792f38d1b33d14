import { errorRecord, type ErrorRecord, type Issue } from '../base/errors.js';
import { issuesText } from '../scenario/issueText.js';
import { makeTalk, type Talk } from './talk.js';

/** Says what went wrong, on stderr or as JSON on stdout, and sets the exit code. */
export function reportFailure(thrown: unknown, args: readonly string[]): void {
  const record = errorRecord(thrown);
  process.exitCode = record.exitCode;
  const talk = makeTalk({ color: !args.includes('--no-color') });
  // Read off the arguments, because options are not parsed when they are what is wrong.
  if (args.includes('--json')) talk.data(failureJson(record));
  else talk.warn(failureText(record, talk));
}

/** `{"error": …}` with a line end. */
export function failureJson({ code, message, exitCode, issues }: ErrorRecord): string {
  const first = issues.find(({ file }) => file !== undefined);
  const place = first === undefined ? {} : { file: first.file, line: first.line, col: first.column };
  return `${JSON.stringify({ schemaVersion: 1, error: { code, message, exitCode, ...place, issues } })}\n`;
}

/** Code and message, then each issue with its place. */
export function failureText({ code, message, issues }: ErrorRecord, talk: Talk): string {
  const heading = `${talk.paint('red', code)}: ${message}`;
  const placed = issues.filter((issue) => !saysNoMore(issue, message));
  if (placed.length > 0) {
    const { paint } = talk;
    const text = issuesText(placed, {
      place: (place) => paint('bold', place),
      caret: (caret) => paint('red', caret),
      hint: (hint) => paint('cyan', hint),
    });
    return `${heading}\n\n${text}\n`;
  }
  const hints = issues.map(({ hint }) => hint).filter((hint) => hint !== undefined);
  return `${[heading, ...hints.map((hint) => `  ${talk.paint('cyan', hint)}`)].join('\n')}\n`;
}

/** Whether an issue without a line only repeats the message. */
const saysNoMore = (issue: Issue, message: string): boolean =>
  issue.line === undefined && message.includes(issue.message);

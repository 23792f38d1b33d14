import type { Issue } from '../base/errors.js';

/** A line is shown up to this many characters around the caret. */
const MAX_SHOWN = 100;
/** Of more issues than this the rest is counted: nobody reads on, and the first mends many. */
const MAX_ISSUES = 50;

/** What a terminal may paint; the parts of an issue's text. */
export interface IssuePaint {
  readonly place: (text: string) => string;
  readonly caret: (text: string) => string;
  readonly hint: (text: string) => string;
}

const PLAIN: IssuePaint = { place: (text) => text, caret: (text) => text, hint: (text) => text };

/**
 * An issue as text: where, what was expected and what came, the line with a caret under the place, what to do.
 *
 * ```
 * my.yaml:7:10: horizon: expected a duration with a unit, e.g. 365 d, got 365
 *   7 | horizon: 365
 *     |          ^
 *   hint: …
 * ```
 */
export function issueText(issue: Issue, paint: IssuePaint = PLAIN): string {
  const lines = [`${paint.place(placeOf(issue))}${issue.path === '' ? '' : `${issue.path}: `}${issue.message}`];
  lines.push(...frameOf(issue, paint));
  if (issue.hint !== undefined) lines.push(`  ${paint.hint(issue.hint)}`);
  return lines.join('\n');
}

/** The issues, an empty line between two; beyond the first 50 how many there are. */
export function issuesText(issues: readonly Issue[], paint: IssuePaint = PLAIN): string {
  const texts = issues.slice(0, MAX_ISSUES).map((issue) => issueText(issue, paint));
  const more = issues.length - texts.length;
  if (more > 0) texts.push(`and ${more} more ${more === 1 ? 'fault' : 'faults'}`);
  return texts.join('\n\n');
}

function placeOf({ file, line, column }: Issue): string {
  if (file === undefined) return '';
  if (line === undefined) return `${file}: `;
  return column === undefined ? `${file}:${line}: ` : `${file}:${line}:${column}: `;
}

function frameOf({ line, column, sourceLine }: Issue, paint: IssuePaint): string[] {
  if (line === undefined || column === undefined || sourceLine === undefined) return [];
  // Long lines (JSON on one line) are cut so that the caret stays in sight; tabs count as one blank.
  const from = Math.max(0, Math.min(column - 1 - MAX_SHOWN / 2, sourceLine.length - MAX_SHOWN));
  const cutLeft = from > 0 ? '…' : '';
  const cutRight = sourceLine.length > from + MAX_SHOWN ? '…' : '';
  const shown = sourceLine.slice(from, from + MAX_SHOWN).replaceAll(/[\t\p{Cc}]/gu, ' ');
  const gutter = String(line);
  const pad = ' '.repeat(gutter.length);
  return [
    `  ${gutter} | ${cutLeft}${shown}${cutRight}`,
    `  ${pad} | ${' '.repeat(cutLeft.length + column - 1 - from)}${paint.caret('^')}`,
  ];
}

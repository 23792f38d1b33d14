import type { Issue } from '../base/errors.js';
import { SimError } from '../base/errors.js';
import { formatPath } from './sourcePath.js';
import type { SourceDoc, SourcePath } from './sourceDoc.js';
import { didYouMean, listed } from './suggest.js';

interface IssueOptions {
  readonly hint?: string | undefined;
  /** Point at the key rather than at its value. */
  readonly onKey?: boolean;
}

/** An issue that points at a path of a document. */
export function issueAt(doc: SourceDoc, path: SourcePath, message: string, options: IssueOptions = {}): Issue {
  const { line, column, sourceLine, file = doc.file, path: named } = doc.locate(path, options.onKey);
  return {
    path: named ?? formatPath(path),
    message,
    ...(options.hint === undefined ? {} : { hint: options.hint }),
    file,
    line,
    column,
    sourceLine,
  };
}

/** An issue about a name nothing answers to, with the names there are. */
export function unknownName(
  doc: SourceDoc,
  path: SourcePath,
  what: string,
  name: string,
  known: readonly string[],
): Issue {
  const names = known.length === 0 ? `the name of a ${what} (there are none)` : `one of ${listed(known)}`;
  return issueAt(doc, path, `unknown ${what}: expected ${names}; got ${JSON.stringify(name)}`, {
    hint: didYouMean(name, known),
  });
}

/**
 * Issues in document order, each once: first those of `mainFile` and of overrides, then those of other
 * files in the order in which they were first met.
 */
export function inDocumentOrder(issues: readonly Issue[], mainFile: string): Issue[] {
  const files = [mainFile];
  const unique = new Map<string, Issue>();
  for (const issue of issues) {
    if (issue.file !== undefined && !files.includes(issue.file)) files.push(issue.file);
    const key = JSON.stringify([issue.file, issue.line, issue.column, issue.path, issue.message]);
    if (!unique.has(key)) unique.set(key, issue);
  }
  const rank = (issue: Issue): number => (issue.file === undefined ? 0 : files.indexOf(issue.file));
  return [...unique.values()].sort(
    (a, b) => rank(a) - rank(b) || (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0),
  );
}

/** The one error for a document with faults. */
export function invalidDocument(file: string, issues: readonly Issue[]): SimError {
  const ordered = inDocumentOrder(issues, file);
  const count = ordered.length === 1 ? '1 problem' : `${ordered.length} problems`;
  return new SimError('scenario.invalid', `${file} has ${count}`, ordered);
}

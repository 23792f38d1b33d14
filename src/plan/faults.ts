import { SimError, type ErrorCode, type Issue } from '../base/errors.js';
import { issueAt } from '../scenario/issues.js';
import { checkSchema } from '../scenario/schemaIssues.js';
import type { SourceDoc, SourcePath } from '../scenario/sourceDoc.js';
import type { z } from 'zod';

/** Errors of an input, which join the report; any other is passed on. */
const INPUT_FAULTS: readonly ErrorCode[] = [
  'scenario.invalid',
  'policy.invalid',
  'series.format',
  'trace.format',
  'io.read',
];

/** Collects every fault of a plan, so that one hides no other. */
export class Faults {
  readonly issues: Issue[] = [];

  add(issues: readonly Issue[]): void {
    // One by one: very many arguments do not fit the stack.
    for (const issue of issues) this.issues.push(issue);
  }

  at(doc: SourceDoc, path: SourcePath, message: string, hint?: string): void {
    this.issues.push(issueAt(doc, path, message, { hint }));
  }

  /** The document's value where it fits the schema; otherwise its faults are noted. */
  check<T>(schema: z.ZodType<T>, doc: SourceDoc): T | undefined {
    const checked = checkSchema(schema, doc);
    if (checked.ok) return checked.value;
    this.add(checked.issues);
    return undefined;
  }

  /** What reading an input gives; a fault of the input is noted, at `place` when it brings no place of its own. */
  reading<T>(place: () => Issue, read: () => T): T | undefined {
    try {
      return read();
    } catch (thrown) {
      if (!(thrown instanceof SimError) || !INPUT_FAULTS.includes(thrown.code)) throw thrown;
      if (thrown.issues.length > 0) this.add(thrown.issues);
      else this.issues.push({ ...place(), message: thrown.message });
      return undefined;
    }
  }
}

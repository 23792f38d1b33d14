import type { Issue } from '../base/errors.js';
import { z } from 'zod';
import { issueAt } from './issues.js';
import { partOf } from './layeredDoc.js';
import { receivedText } from './received.js';
import { scenarioSchema, type Scenario } from './scenarioSchema.js';
import { checkSchema } from './schemaIssues.js';
import { isPlainObject } from './sourcePath.js';
import type { SourceDoc } from './sourceDoc.js';

/** What of a scenario is structurally sound, and what is not. All fields are there when there are no issues. */
export interface ParsedScenario {
  readonly fields: Partial<Scenario>;
  readonly issues: readonly Issue[];
}

/**
 * The structure of a scenario: every field by itself, every fault at once.
 *
 * A field with a fault is absent from `fields`; of `sites`, entries with a fault are holes, so that indices
 * still say where an entry stands. So the checks behind this one can go on with the rest.
 */
export function parseScenario(doc: SourceDoc): ParsedScenario {
  if (!isPlainObject(doc.value)) {
    const message = `expected a scenario, that is an object with version, kind, question, …; got ${receivedText(doc.value)}`;
    return { fields: {}, issues: [issueAt(doc, [], message)] };
  }
  const issues: Issue[] = [];
  const fields: Record<string, unknown> = {};
  const whole = checkSchema(scenarioSchema, doc);
  if (!whole.ok) issues.push(...whole.issues);
  for (const [key, schema] of Object.entries(scenarioSchema.shape)) {
    if (!Object.hasOwn(doc.value, key)) continue;
    const checked = checkSchema<unknown>(schema, partOf(doc, [key]));
    if (checked.ok) fields[key] = checked.value;
    else if (key === 'sites') fields[key] = soundEntries(scenarioSchema.shape.sites, doc.value[key]);
  }
  return { fields: fields, issues };
}

function soundEntries<T>(schema: z.ZodArray<z.ZodType<T>>, value: unknown): (T | undefined)[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.map((entry) => {
    const checked = schema.element.safeParse(entry);
    return checked.success ? checked.data : undefined;
  });
}

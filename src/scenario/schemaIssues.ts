import { z } from 'zod';
import type { Issue } from '../base/errors.js';
import { atLeast, atMost, definitionOf, expectationOf } from './expectation.js';
import { issueAt } from './issues.js';
import { numberSlip, receivedText } from './received.js';
import { valueAt } from './sourcePath.js';
import type { SourceDoc } from './sourceDoc.js';
import { didYouMean, listed } from './suggest.js';

/** A value that passed its schema, or all that is wrong with it. */
export type Checked<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly issues: readonly Issue[] };

/**
 * Checks a whole document against a schema. Every fault becomes one issue at its place, in words: what was
 * expected, what came, and the key or name that was probably meant.
 */
export function checkSchema<T>(schema: z.ZodType<T>, doc: SourceDoc): Checked<T> {
  const result = schema.safeParse(doc.value, { error: describe });
  if (result.success) return { ok: true, value: result.data };
  return { ok: false, issues: flatten(result.error.issues).flatMap((issue) => toIssues(issue, doc)) };
}

type ZodIssue = z.core.$ZodIssue;
type RawIssue = z.core.$ZodRawIssue;
type Path = (string | number)[];

/** Begins a message made here, which carries a list behind it; a schema's own message does not. */
const MARK = '\u0001';

/**
 * The message of an issue. Known keys of an object or names of a choice travel behind it, as candidates for "did you
 * mean", and faults that zod did not look for: zod hands the schema to this function alone.
 */
function describe(issue: RawIssue): string {
  return MARK + JSON.stringify([expectedText(issue), candidatesOf(issue), faultsBeside(issue)]);
}

/**
 * Where a union does not know which of its options is meant, zod looks no further: the faults of those keys that all
 * options have alike.
 */
function faultsBeside(issue: RawIssue): readonly ZodIssue[] {
  const { input } = issue;
  if (issue.code !== 'invalid_union' || issue.discriminator === undefined) return [];
  if (typeof input !== 'object' || input === null) return [];
  const [first = {}, ...others] = optionsOf(issue).map((option) => definitionOf(option).shape ?? {});
  return Object.entries(first).flatMap(([key, schema]) => {
    if (others.some((shape) => shape[key] !== schema)) return [];
    const { error } = z.safeParse(schema, (input as Readonly<Record<string, unknown>>)[key], { error: describe });
    return (error?.issues ?? []).map((fault): ZodIssue => ({ ...fault, path: [key, ...fault.path] }));
  });
}

const optionsOf = (issue: RawIssue): readonly z.core.$ZodType[] => {
  const schema = schemaOf(issue);
  return (schema && definitionOf(schema).options) ?? [];
};

function expectedText(issue: RawIssue): string {
  const schema = schemaOf(issue);
  const isNumber = schema !== undefined && definitionOf(schema).type === 'number';
  switch (issue.code) {
    case 'too_small':
      if (isNumber) return expectationOf(schema);
      if (issue.origin === 'string' && Number(issue.minimum) === 1) return 'text that is not empty';
      return sizeText(issue.origin, atLeast(issue.minimum, issue.inclusive !== false));
    case 'too_big':
      return isNumber
        ? expectationOf(schema)
        : sizeText(issue.origin, atMost(issue.maximum, issue.inclusive !== false));
    case 'not_multiple_of':
      return `a multiple of ${issue.divisor}`;
    case 'invalid_format':
      return issue.pattern === undefined ? `text in the form ${issue.format}` : `text matching ${issue.pattern}`;
    case 'unrecognized_keys':
      return '';
    case 'invalid_union':
      if (issue.discriminator !== undefined) return `one of ${listed(candidatesOf(issue))}`;
      break;
    default:
  }
  return schema === undefined ? 'something else' : expectationOf(schema);
}

/** The schema at fault; of a failed check, the schema it belongs to. */
const schemaOf = (issue: RawIssue): z.core.$ZodType | undefined =>
  (issue.schema ?? issue.inst) as z.core.$ZodType | undefined;

function sizeText(origin: string, bound: string): string {
  if (origin === 'array' || origin === 'set') return `a list of ${bound}`;
  return origin === 'string' ? `text of ${bound} characters` : `${origin} of ${bound}`;
}

function candidatesOf(issue: RawIssue): string[] {
  if (issue.code === 'invalid_value') return issue.values.map(String);
  const schema = schemaOf(issue);
  if (schema === undefined) return [];
  const def = definitionOf(schema);
  if (issue.code === 'unrecognized_keys') return Object.keys(def.shape ?? {});
  if (issue.code !== 'invalid_union' || issue.discriminator === undefined) return [];
  const discriminator = issue.discriminator;
  return (def.options ?? []).flatMap((option) =>
    [...(option._zod.propValues?.[discriminator] ?? [])].filter((value) => value !== undefined).map(String),
  );
}

/** Replaces each union's issue by those of the branch that was probably meant. */
function flatten(issues: readonly ZodIssue[], prefix: Path = []): ZodIssue[] {
  return issues.flatMap((issue) => {
    const placed = { ...issue, path: [...prefix, ...issue.path] } as ZodIssue;
    if (issue.code !== 'invalid_union') return [placed];
    const { beside } = readMessage(issue.message);
    if (beside !== undefined && beside.length > 0)
      return [placed, ...flatten(beside, placed.path.slice(0, -1) as Path)];
    const branches = issue.errors.map((errors) => flatten(errors)).filter((errors) => !wrongAtRoot(errors));
    const [meant] = branches.sort((a, b) => mismatches(a) - mismatches(b) || a.length - b.length);
    return meant === undefined ? [placed] : flatten(meant, placed.path as Path);
  });
}

/** The branch wanted another kind of value altogether: text where an object came. */
const wrongAtRoot = (issues: readonly ZodIssue[]): boolean =>
  issues.some(
    ({ path, code }) =>
      path.length === 0 && (code === 'invalid_type' || code === 'invalid_value' || code === 'invalid_union'),
  );

/** Faults that say the branch is another variant: a fixed word that differs, a key it lacks or does not know. */
function mismatches(issues: readonly ZodIssue[]): number {
  return issues.reduce((sum, issue) => {
    if (issue.code === 'invalid_value' && issue.path.length === 1) return sum + 10;
    if (issue.code === 'unrecognized_keys' && issue.path.length === 0) return sum + issue.keys.length;
    return sum;
  }, 0);
}

function toIssues(issue: ZodIssue, doc: SourceDoc): Issue[] {
  const path = issue.path as Path;
  const { text, candidates } = readMessage(issue.message);
  if (issue.code === 'unrecognized_keys' && candidates !== undefined) {
    return issue.keys.map((key) =>
      issueAt(doc, [...path, key], `unknown key: expected one of ${listed(candidates)}`, {
        hint: didYouMean(key, candidates) ?? 'Remove it.',
        onKey: true,
      }),
    );
  }
  const value = valueAt(doc.value, path);
  if (candidates === undefined) {
    if (value === undefined) return [issueAt(doc, path, `is missing: ${text}`)];
    const got = text.includes(', got ') || text.includes('; got ') ? '' : `, got ${receivedText(value)}`;
    return [issueAt(doc, path, `${text}${got}`)];
  }
  const slip = typeof value === 'string' && text.includes('number') ? numberSlip(value) : '';
  const message = value === undefined ? `is missing: expected ${text}` : `expected ${text}, got ${receivedText(value)}`;
  return [
    issueAt(doc, path, message + slip, {
      hint: typeof value === 'string' ? didYouMean(value, candidates) : undefined,
    }),
  ];
}

/** `candidates` is undefined for a message the schema brought itself. */
function readMessage(message: string): { text: string; candidates?: string[]; beside?: ZodIssue[] } {
  if (!message.startsWith(MARK)) return { text: message };
  const [text, candidates, beside] = JSON.parse(message.slice(MARK.length)) as [string, string[], ZodIssue[]];
  return { text, candidates, beside };
}

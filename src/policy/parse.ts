import type { Issue } from '../base/errors.js';
import type { PolicyPartSpec, PolicySpec } from '../scenario/runSpec.js';
import { didYouMean } from '../scenario/suggest.js';
import type { PolicyAxis, PolicyDef } from './contracts.js';
import { readParameters } from './parameters.js';
import { findPolicy, NO_MODULES, POLICY_AXES, policyNames, type PolicyModules } from './registry.js';

export type ParsedPolicy =
  { readonly ok: true; readonly policy: PolicySpec } | { readonly ok: false; readonly issues: readonly Issue[] };

/** A user's own policy as it is written (its path) → the sha256 under which it stands among the modules. */
export interface OwnPolicies {
  readonly moduleOf: ReadonlyMap<string, string>;
  readonly modules: PolicyModules;
}

const NO_OWN: OwnPolicies = { moduleOf: new Map(), modules: NO_MODULES };

/** `./mine.ts`, `../policies/mine.js`, `/home/…/mine.ts`, or a bare `mine.ts`: a folder's name alone could be an order. */
const PATH = String.raw`(?:(?:\.{1,2})?/[^+@^~:()\s]+?|[^+@^~:()/\s]+?)\.(?:[cm]?[jt]s)`;
const PART = String.raw`\s*(${PATH}|[^\s+@/:^~()]+(?:\s*\([^()]*\))?)\s*`;
const POLICY = new RegExp(
  `^${PART}(?:\\+${PART})?(?:/${PART})?(?:@${PART})?(?::${PART})?(?:\\^${PART})?(?:~(${PART}(?:\\+${PART})*))?$`,
);
/** The parts of a text such as `peak-guard(180 MW)+idle-sleep`. */
const EACH_PART = new RegExp(PART, 'g');
const IS_PATH = new RegExp(`^${PATH}$`);

/** Paths of users' own policies that a text names. */
export function ownPolicyPaths(text: string): readonly string[] {
  const match = POLICY.exec(text);
  const parts = POLICY_AXES.flatMap((_, index) => {
    const part = match?.[index + 1];
    return part === undefined ? [] : eachPart(part);
  });
  return parts.filter((part) => IS_PATH.test(part));
}

/** What stands where nothing is written; a policy file alone is completed to something sensible. */
const DEFAULTS: Readonly<Partial<Record<PolicyAxis, string>>> = { backfill: 'none' };
const AROUND_A_FILE: Readonly<Partial<Record<PolicyAxis, string>>> = {
  order: 'fcfs',
  backfill: 'easy',
  placement: 'pack',
};

/**
 * Reads `order+backfill/preempt@placement:partition^siting~power`, of which order and placement are required and power may
 * be several joined by +, or the path of a policy file alone. Issues carry the axis as path; the caller knows where the text stood.
 */
export function parsePolicy(text: string, own: OwnPolicies = NO_OWN): ParsedPolicy {
  const match = POLICY.exec(text) as readonly (string | undefined)[] | null;
  const alone = match !== null && match[1] !== undefined && IS_PATH.test(match[1]) && match[4] === undefined;
  if (!match || (match[4] === undefined && !alone)) {
    const message = `expected a policy written order+backfill@placement, got ${JSON.stringify(text)}`;
    const hint = /\.[cm]?[jt]s\b/.test(text)
      ? "A policy file's path begins with ./, ../ or / and holds no blank and none of + @ : ^ ~ ( )."
      : 'For example fcfs+easy@pack, or las/las@pack with pre-emption.';
    return { ok: false, issues: [{ path: '', message, hint }] };
  }
  const written: Partial<Record<PolicyAxis, string>> = { ...DEFAULTS };
  POLICY_AXES.forEach((axis, index) => {
    const part = match[index + 1];
    if (part !== undefined) written[axis] = part;
  });
  if (alone) completeFile(written, match, own);
  const issues: Issue[] = [];
  const parts: Partial<Record<Exclude<PolicyAxis, 'power'>, PolicyPartSpec>> = {};
  const power: PolicyPartSpec[] = [];
  const texts: Partial<Record<PolicyAxis, string>> = {};
  for (const axis of POLICY_AXES) {
    const part = written[axis];
    if (part === undefined) continue;
    const read =
      axis === 'power' ? eachPart(part).map((each) => readPart(axis, each, own)) : [readPart(axis, part, own)];
    for (const each of read) {
      if (!each.ok) issues.push(...each.issues);
      else if (axis === 'power') power.push(each.part);
      else parts[axis] = each.part;
    }
    texts[axis] = read.map((each) => (each.ok ? each.text : '')).join('+');
    if (axis === 'power') issues.push(...pointlessTogether(read));
  }
  if (issues.length > 0) return { ok: false, issues };
  const { order, backfill, placement } = parts as Required<typeof parts>;
  const together = power.length > 0 ? { power } : {};
  return { ok: true, policy: { ...parts, ...together, text: canonicalText(texts), order, backfill, placement } };
}

const eachPart = (text: string): string[] => [...text.matchAll(EACH_PART)].map((match) => match[1]!);

/** Of power policies joined by +: the same one twice, and one that says nothing beside others. */
function pointlessTogether(read: readonly ReadPart[]): Issue[] {
  const sound = read.flatMap((each) => (each.ok ? [each] : []));
  if (read.length < 2) return [];
  const issues: Issue[] = [];
  const texts = sound.map(({ text }) => text);
  for (const text of new Set(texts.filter((each, index) => texts.indexOf(each) < index)))
    issues.push({ path: 'power', message: `expected each power policy once, got ${text} twice` });
  for (const { text, definition } of sound)
    if (definition.axis === 'power' && definition.alone === true)
      issues.push({
        ...{
          path: 'power',
          message: `expected ${text} alone, for beside others it changes nothing; got ${texts.join('+')}`,
        },
        hint: `Leave ${text} out.`,
      });
  return issues;
}

/** A file alone fills the axis it is for; what is not written around it gets a sensible part. */
function completeFile(
  written: Partial<Record<PolicyAxis, string>>,
  match: readonly (string | undefined)[],
  own: OwnPolicies,
): void {
  const path = match[1]!;
  const axis = own.modules.get(own.moduleOf.get(path) ?? '')?.axis ?? 'order';
  POLICY_AXES.forEach((other, index) => {
    if (other === axis) written[other] = path;
    else if (match[index + 1] === undefined || index === 0) {
      const part = AROUND_A_FILE[other];
      if (part !== undefined) written[other] = part;
    }
  });
}

/** Where a part of an axis stands, shown for a policy file. */
const PLACE_OF: Readonly<Record<PolicyAxis, string>> = {
  order: 'first, as in ./mine.ts+easy@pack',
  backfill: 'after +, as in fcfs+./mine.ts@pack',
  preempt: 'after /, as in fcfs+easy/./mine.ts@pack',
  placement: 'after @, as in fcfs+easy@./mine.ts',
  partition: 'after :, as in fcfs+easy@pack:./mine.ts',
  siting: 'after ^, as in fcfs+easy@pack^./mine.ts',
  power: 'after ~, as in fcfs+easy@pack~./mine.ts',
};

type ReadPart =
  | { readonly ok: true; readonly part: PolicyPartSpec; readonly text: string; readonly definition: PolicyDef }
  | { readonly ok: false; readonly issues: readonly Issue[] };

function readPart(axis: PolicyAxis, text: string, own: OwnPolicies): ReadPart {
  const [, name, args] = /^(.+?)\s*(?:\(([^()]*)\))?$/.exec(text.trim())! as unknown as [string, string, string?];
  const module = own.moduleOf.get(name);
  const definition: PolicyDef | undefined = module === undefined ? findPolicy(axis, name) : own.modules.get(module);
  if (definition?.axis !== axis) {
    const known = policyNames(axis);
    const got = definition === undefined ? JSON.stringify(name) : `${name}, a policy for the ${definition.axis}`;
    const message = `expected the ${axis} to be one of ${known.join(', ')}, got ${got}`;
    const hint = definition === undefined ? didYouMean(name, known) : `Write it ${PLACE_OF[definition.axis]}.`;
    return { ok: false, issues: [{ path: axis, message, ...(hint === undefined ? {} : { hint }) }] };
  }
  const given = args === undefined || args.trim() === '' ? [] : args.split(',').map((arg) => arg.trim());
  const read = readParameters(name, definition.parameters ?? [], given, axis);
  if (!read.ok) return read;
  const part = { name, params: read.params, ...(module === undefined ? {} : { module }) };
  return { ok: true, part, text: `${name}${read.text}`, definition };
}

function canonicalText(texts: Readonly<Partial<Record<PolicyAxis, string>>>): string {
  const { order = '', backfill, preempt, placement = '', partition, siting, power } = texts;
  const optional = (sign: string, part: string | undefined): string => (part === undefined ? '' : `${sign}${part}`);
  return (
    `${order}${optional('+', backfill)}${optional('/', preempt)}@${placement}` +
    `${optional(':', partition)}${optional('^', siting)}${optional('~', power)}`
  );
}

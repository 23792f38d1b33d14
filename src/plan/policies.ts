import { parsePolicy, policyNames } from '../policy/registry.js';
import type { PolicyAxis } from '../policy/contracts.js';
import type { PolicySpec } from '../scenario/runSpec.js';
import { issueAt } from '../scenario/issues.js';
import type { SourceDoc, SourcePath } from '../scenario/sourceDoc.js';
import { didYouMean } from '../scenario/suggest.js';
import type { Faults } from './faults.js';

const AXES: readonly string[] = ['order', 'backfill', 'placement'] satisfies readonly PolicyAxis[];

/** The policies a scenario compares, in its order. */
export function resolvePolicies(
  doc: SourceDoc,
  policy: string | readonly string[] | undefined,
  faults: Faults,
): readonly PolicySpec[] {
  const texts: readonly string[] = typeof policy === 'string' ? [policy] : (policy ?? []);
  const policies: PolicySpec[] = [];
  texts.forEach((text, index) => {
    const path: SourcePath = typeof policy === 'string' ? ['policy'] : ['policy', index];
    const parsed = parsePolicy(text);
    if (!parsed.ok) {
      for (const { path: axis, message, hint } of parsed.issues) {
        faults.add([issueAt(doc, path, message, { hint: hint ?? nearName(text, axis) })]);
      }
      return;
    }
    if (policies.some((other) => other.text === parsed.policy.text)) {
      faults.at(doc, path, `expected each policy once; ${parsed.policy.text} stands in the list already`);
    } else policies.push(parsed.policy);
  });
  return policies;
}

/** The part that was probably meant on an axis; parts of other axes are not offered. */
export function nearName(text: string, axis: string): string | undefined {
  const at = AXES.indexOf(axis);
  const part = text.split(/[+@]/)[at]?.trim();
  return part === undefined ? undefined : didYouMean(part, policyNames(axis as PolicyAxis));
}

import { parsePolicy } from '../policy/parse.js';
import { definitionOf, partsOf } from '../policy/registry.js';
import type { PolicySpec } from '../scenario/runSpec.js';
import { issueAt } from '../scenario/issues.js';
import type { PolicyParts } from '../scenario/rulesSchema.js';
import type { Scenario } from '../scenario/scenarioSchema.js';
import type { SourceDoc, SourcePath } from '../scenario/sourceDoc.js';
import { didYouMean } from '../scenario/suggest.js';
import type { Faults } from './faults.js';
import { fileBeside } from './files.js';
import type { PolicyFiles } from './ownPolicies.js';

/** The policies a scenario compares, in its order; policy files they name are loaded. */
export function resolvePolicies(
  doc: SourceDoc,
  policy: Scenario['policy'] | undefined,
  faults: Faults,
  files: PolicyFiles,
): readonly PolicySpec[] {
  const list = Array.isArray(policy) ? policy : policy === undefined ? [] : [policy];
  const policies: PolicySpec[] = [];
  list.forEach((written, index) => {
    const text = policyText(written);
    const path: SourcePath = Array.isArray(policy) ? ['policy', index] : ['policy'];
    const sound = faults.reading(
      () => issueAt(doc, path, ''),
      () => {
        files.loadAll(text, (file) => fileBeside(doc, path, file));
        return true;
      },
    );
    if (sound === undefined) return;
    const parsed = parsePolicy(text, files);
    if (!parsed.ok) {
      for (const { path: axis, message, hint } of parsed.issues) {
        const place = typeof written === 'string' || axis === '' ? path : [...path, axis];
        faults.add([issueAt(doc, place, message, { hint })]);
      }
      return;
    }
    if (policies.some((other) => other.text === parsed.policy.text)) {
      faults.at(doc, path, `expected each policy once; ${parsed.policy.text} stands in the list already`);
    } else policies.push(parsed.policy);
  });
  return policies;
}

/** Classes of jobs that parameters of policies name and the workload does not have. */
export function checkPolicyClasses(
  doc: SourceDoc,
  policy: Scenario['policy'] | undefined,
  policies: readonly PolicySpec[],
  classNames: readonly string[],
  faults: Faults,
): void {
  policies.forEach((of, index) => {
    for (const { axis, part } of partsOf(of)) {
      if (part.module !== undefined) continue;
      for (const { name, kind } of definitionOf(axis, part).parameters ?? []) {
        const value = (part.params as Readonly<Record<string, unknown>>)[name];
        if (kind !== 'class' || typeof value !== 'string' || value === '' || classNames.includes(value)) continue;
        const expected = `expected ${name} of ${part.name} to be one of ${classNames.join(', ')}`;
        const path: SourcePath = Array.isArray(policy) ? ['policy', index] : ['policy'];
        faults.at(doc, path, `${expected}, got ${value}`, didYouMean(value, classNames));
      }
    }
  });
}

/** A policy given by its parts in the text form. */
function policyText(policy: string | PolicyParts): string {
  if (typeof policy === 'string') return policy;
  const { order, backfill, preempt, placement, partition, siting, power } = policy;
  const optional = (sign: string, part: string | undefined): string => (part === undefined ? '' : sign + part);
  return (
    `${order}${optional('+', backfill)}${optional('/', preempt)}@${placement}` +
    `${optional(':', partition)}${optional('^', siting)}${optional('~', power)}`
  );
}

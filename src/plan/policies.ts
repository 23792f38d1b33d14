import { parsePolicy } from '../policy/parse.js';
import type { PolicySpec } from '../scenario/runSpec.js';
import { issueAt } from '../scenario/issues.js';
import type { SourceDoc, SourcePath } from '../scenario/sourceDoc.js';
import type { Faults } from './faults.js';
import { fileBeside } from './files.js';
import type { PolicyFiles } from './ownPolicies.js';

/** The policies a scenario compares, in its order; policy files they name are loaded. */
export function resolvePolicies(
  doc: SourceDoc,
  policy: string | readonly string[] | undefined,
  faults: Faults,
  files: PolicyFiles,
): readonly PolicySpec[] {
  const texts: readonly string[] = typeof policy === 'string' ? [policy] : (policy ?? []);
  const policies: PolicySpec[] = [];
  texts.forEach((text, index) => {
    const path: SourcePath = typeof policy === 'string' ? ['policy'] : ['policy', index];
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
      for (const { message, hint } of parsed.issues) {
        faults.add([issueAt(doc, path, message, { hint })]);
      }
      return;
    }
    if (policies.some((other) => other.text === parsed.policy.text)) {
      faults.at(doc, path, `expected each policy once; ${parsed.policy.text} stands in the list already`);
    } else policies.push(parsed.policy);
  });
  return policies;
}

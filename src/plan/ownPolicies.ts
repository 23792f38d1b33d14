import { SimError } from '../base/errors.js';
import type { PolicyDef } from '../policy/contracts.js';
import { evaluatePolicy } from '../policy/own/evaluate.js';
import { ownPolicyPaths, type OwnPolicies } from '../policy/parse.js';
import type { PolicyCode } from '../scenario/policyCode.js';

/** Bundles the policy file at a path; the caller of a plan brings it, since a plan touches no file system. */
export type LoadPolicy = (path: string, shown: string) => PolicyCode;

/** The policy files of a plan: each loaded once, its shape checked, its code kept by its hash for the runs. */
export class PolicyFiles implements OwnPolicies {
  readonly moduleOf = new Map<string, string>();
  readonly modules = new Map<string, PolicyDef>();
  readonly codes: Record<string, PolicyCode> = {};
  private readonly load: LoadPolicy | undefined;

  constructor(load: LoadPolicy | undefined) {
    this.load = load;
  }

  /**
   * Loads every file that a policy's text names.
   *
   * @param beside - where a relative path begins
   * @throws SimError `io.read` or `policy.invalid` for the first one that is none
   */
  loadAll(text: string, beside: (path: string) => string): void {
    for (const path of ownPolicyPaths(text)) {
      if (this.moduleOf.has(path)) continue;
      if (this.load === undefined) throw new SimError('usage', `policy files are not read here, got ${path}`);
      const code = this.load(beside(path), path);
      this.modules.set(code.sha256, evaluatePolicy(code));
      this.codes[code.sha256] = code;
      this.moduleOf.set(path, code.sha256);
    }
  }
}

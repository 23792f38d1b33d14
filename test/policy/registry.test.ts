import { describe, expect, it } from 'vitest';
import { easy } from '../../src/policy/backfill/easy.js';
import { parsePolicy } from '../../src/policy/parse.js';
import { indexed, listPolicies, policyNames, readsMarket } from '../../src/policy/registry.js';
import type { PolicyDef } from '../../src/policy/contracts.js';

describe('the registry', () => {
  it('refuses two definitions of one name on one axis', () => {
    expect(() => indexed([easy, easy] as readonly PolicyDef[])).toThrow('policy backfill/easy is registered twice');
  });

  it('gives every part a summary and a kebab-case name', () => {
    for (const { name, summary } of listPolicies()) {
      expect(name).toMatch(/^[a-z][a-z0-9-]*$/);
      expect(summary.length).toBeGreaterThan(10);
    }
  });

  it('reads order+backfill@placement, blanks allowed', () => {
    const parsed = parsePolicy(' fcfs + easy @ pack ');
    expect(parsed.ok && parsed.policy.text).toBe('fcfs+easy@pack');
    expect(parsed.ok && readsMarket(parsed.policy)).toBe(false);
  });

  it('leaves out what is not written: no backfill, no pre-emption', () => {
    const parsed = parsePolicy('fcfs@pack');
    expect(parsed.ok && parsed.policy.text).toBe('fcfs+none@pack');
    expect(parsed.ok && parsed.policy.preempt).toBe(undefined);
  });

  it('names every unknown part and what there is instead', () => {
    const parsed = parsePolicy('fcsf+easi@pack');
    expect(parsed.ok).toBe(false);
    if (parsed.ok) return;
    expect(parsed.issues.map((issue) => issue.message)).toEqual([
      `expected the order to be one of ${policyNames('order').join(', ')}, got "fcsf"`,
      `expected the backfill to be one of ${policyNames('backfill').join(', ')}, got "easi"`,
    ]);
  });

  it.each(['', 'fcfs', 'fcfs+easy', 'fcfs+easy@pack@pack', '+@'])('refuses %j and shows the form', (text) => {
    const parsed = parsePolicy(text);
    expect(!parsed.ok && parsed.issues[0]!.message).toMatch(/order\+backfill@placement/);
  });
});

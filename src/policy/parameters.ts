import type { Parsed } from './contracts.js';

/** Checks that a policy part which takes no parameters was given none. */
export function noParameters(raw: unknown, path: string): Parsed<undefined> {
  if (raw === undefined || (typeof raw === 'object' && raw !== null && Object.keys(raw).length === 0)) {
    return { ok: true, params: undefined };
  }
  return { ok: false, issues: [{ path, message: `expected no parameters, got ${JSON.stringify(raw)}` }] };
}

import type { SourceMap } from 'node:module';
import { SimError } from '../../base/errors.js';
import { textOf } from './evaluate.js';

/** Tells whoever watches the run that a user's code is at work: for loops that never end. */
export interface PolicyWatch {
  enter(nowMs: number, job: number): void;
  leave(): void;
}

/** What each question is answered with; the others are told, not asked. */
const ANSWERS: Readonly<Record<string, 'number' | 'boolean' | undefined>> = {
  key: 'number',
  slope: 'number',
  compare: 'number',
  onQueued: 'boolean',
  onUnqueued: 'boolean',
  onReleased: 'boolean',
  onChanged: 'boolean',
  onCapacity: 'boolean',
  onPower: 'boolean',
  onTimer: 'boolean',
  blockedBy: 'number',
  blockedWithout: 'number',
  largestFit: 'number',
  fits: 'boolean',
  choose: 'number',
};

/**
 * A user's policy object behind a guard: what it throws becomes a broken contract that names the policy, the
 * call, the time and the job, and so does an answer of the wrong kind; and a watch is told while its code runs.
 */
export function guarded<T extends object>(
  policy: T,
  { path, source }: { readonly path: string; readonly source: SourceMap | undefined },
  clock: { readonly nowMs: number },
  watch: PolicyWatch | undefined,
): T {
  if (typeof policy !== 'object' || (policy as T | null) === null) {
    throw new SimError(
      'policy.contract',
      `policy '${path}': expected create to return an object, got ${typeof policy}`,
    );
  }
  const when = (job: number): string => `at ${clock.nowMs} ms${job >= 0 ? `, job ${job}` : ''}`;
  const checked = (name: string, answer: unknown, job: number): unknown => {
    const expected = ANSWERS[name];
    if (expected === undefined || (typeof answer === expected && !Number.isNaN(answer))) return answer;
    const got = ['object', 'function'].includes(typeof answer) ? `a ${typeof answer}` : String(answer);
    throw new SimError(
      'policy.contract',
      `policy '${path}' answered ${name} ${when(job)} with ${got}; expected a ${expected}`,
    );
  };
  const shielded: Record<string, unknown> = {};
  for (const name of methodsOf(policy)) {
    const value = (policy as Record<string, unknown>)[name];
    if (typeof value !== 'function') {
      shielded[name] = value;
      continue;
    }
    const call = value as (...args: unknown[]) => unknown;
    shielded[name] = (...args: unknown[]): unknown => {
      const job = typeof args[0] === 'number' ? args[0] : -1;
      watch?.enter(clock.nowMs, job);
      try {
        return checked(name, call.apply(policy, args), job);
      } catch (thrown) {
        if (thrown instanceof SimError) throw thrown;
        throw new SimError(
          'policy.contract',
          `policy '${path}' threw in ${name} ${when(job)}: ${textOf(thrown, source)}`,
        );
      } finally {
        watch?.leave();
      }
    };
  }
  return shielded as T;
}

/** Names of own and inherited members, those of the language's own objects left out. */
function methodsOf(policy: object): ReadonlySet<string> {
  const names = new Set<string>();
  let at: object | null = policy;
  while (at !== null && Object.getPrototypeOf(at) !== null) {
    for (const name of Object.getOwnPropertyNames(at)) if (name !== 'constructor') names.add(name);
    at = Object.getPrototypeOf(at) as object | null;
  }
  return names;
}

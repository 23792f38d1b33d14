import { idlePowerPolicies } from '../plan/idlePowerPolicies.js';
import type { Plan } from '../plan/plan.js';
import type { Talk } from './talk.js';

const said = new WeakMap<Talk, Set<string>>();

/** Says on stderr what of plans is without effect; each note once in a command, however often it plans. */
export function sayNotes(plans: readonly Pick<Plan, 'policies' | 'runs' | 'specs'>[], talk: Talk): void {
  const before = said.get(talk) ?? new Set();
  said.set(talk, before);
  for (const note of plans.flatMap(idlePowerPolicies)) {
    if (before.has(note)) continue;
    before.add(note);
    talk.say(note);
  }
}

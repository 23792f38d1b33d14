import { traitKeys, type TraitKeys } from '../scenario/traitsSchema.js';

const KEYS = Object.keys(traitKeys);

/** Of what a class or a trace says, that which it says of all its jobs. */
export function traitsOf(entry: TraitKeys): TraitKeys {
  return Object.fromEntries(Object.entries(entry).filter(([key, value]) => KEYS.includes(key) && value !== undefined));
}

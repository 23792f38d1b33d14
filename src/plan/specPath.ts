import { invariant } from '../base/errors.js';

/**
 * A place, or several, in plain data: `sites[].tariff.charges[kind=capacity].eurPerKwYear`. `[]` is every entry of a
 * list, `[key=value]` every one whose `key` is that text; several conditions are written one behind the other.
 */
export type SpecPath = string;

type Step =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'each'; readonly key: string; readonly is: string }
  | { readonly kind: 'all' };

/**
 * A copy of plain data with every value at a path replaced; what has no such place stays as it is, the same object.
 *
 * @param change - gets the value at the place; places that are absent are not asked about
 */
export function changeAt<T>(value: T, path: SpecPath, change: (found: unknown) => unknown): T {
  return changed(value, stepsOf(path), change) as T;
}

/** All values at a path, in order. */
export function valuesAt(value: unknown, path: SpecPath): unknown[] {
  const found: unknown[] = [];
  changeAt(value, path, (one) => {
    found.push(one);
    return one;
  });
  return found;
}

function stepsOf(path: SpecPath): readonly Step[] {
  const tokens = path.match(/[^.[\]]+|\[[^\]]*\]/g) ?? [];
  invariant(tokens.join('') === path.replaceAll('.', ''), `a path such as a.b[].c, got ${path}`);
  return tokens.map((token): Step => {
    if (!token.startsWith('[')) return { kind: 'key', key: token };
    if (token === '[]') return { kind: 'all' };
    const [key, is] = token.slice(1, -1).split('=');
    invariant(key !== undefined && is !== undefined, `a condition such as [kind=energy] in ${path}, got ${token}`);
    return { kind: 'each', key, is };
  });
}

function changed(value: unknown, steps: readonly Step[], change: (found: unknown) => unknown): unknown {
  const [step, ...rest] = steps;
  if (step === undefined) return value === undefined ? undefined : change(value);
  if (typeof value !== 'object' || value === null) return value;
  if (step.kind === 'key') {
    const before = (value as Record<string, unknown>)[step.key];
    const after = changed(before, rest, change);
    return after === before ? value : { ...value, [step.key]: after };
  }
  if (step.kind === 'all') return Array.isArray(value) ? mapped(value, (entry) => changed(entry, rest, change)) : value;
  const fits = (entry: unknown): boolean => (entry as Record<string, unknown> | null)?.[step.key] === step.is;
  // A second condition is asked of the entries that met the first.
  if (!Array.isArray(value)) return fits(value) ? changed(value, rest, change) : value;
  return mapped(value, (entry) => (fits(entry) ? changed(entry, rest, change) : entry));
}

/** The list itself where nothing changes. */
function mapped(list: readonly unknown[], change: (entry: unknown) => unknown): readonly unknown[] {
  const after = list.map(change);
  return after.every((entry, at) => entry === list[at]) ? list : after;
}

import type { SourcePath } from './sourceDoc.js';

export type PlainObject = Readonly<Record<string, unknown>>;

export const isPlainObject = (value: unknown): value is PlainObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `['sites', 1, 'tariff']` → `sites[1].tariff`; the whole document is ''. */
export function formatPath(path: SourcePath): string {
  let text = '';
  for (const segment of path) {
    if (typeof segment === 'number') text += `[${segment}]`;
    else text += text === '' ? segment : `.${segment}`;
  }
  return text;
}

/** `sites[1].tariff` or `sites.1.tariff` → segments; `undefined` when it is not a path. */
export function parsePath(text: string): (string | number)[] | undefined {
  const segments: (string | number)[] = [];
  for (const part of text.split('.')) {
    const match = /^([^[\]\s]*)((?:\[\d+\])*)$/.exec(part);
    if (!match) return undefined;
    const [, name = '', indices = ''] = match;
    // Only a later segment may be a bare index list, as in `sites.[1]`; an empty name alone is a typing slip.
    if (name === '' && indices === '') return undefined;
    if (name !== '') segments.push(/^\d+$/.test(name) ? Number(name) : name);
    for (const index of indices.matchAll(/\d+/g)) segments.push(Number(index[0]));
  }
  return segments;
}

/** The value at a path, `undefined` where there is none. Only own properties count. */
export function valueAt(value: unknown, path: SourcePath): unknown {
  let at: unknown = value;
  for (const segment of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, segment)) return undefined;
    at = (at as Record<string | number, unknown>)[segment];
  }
  return at;
}

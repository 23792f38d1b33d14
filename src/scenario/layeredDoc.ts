import { formatPath, isPlainObject, valueAt, type PlainObject } from './sourcePath.js';
import type { SourceDoc, SourcePath, SourcePosition } from './sourceDoc.js';

/** The part of a document under a path, as a document whose positions still point into the whole. */
export function partOf(doc: SourceDoc, prefix: SourcePath): SourceDoc {
  return {
    file: doc.file,
    value: valueAt(doc.value, prefix),
    locate(path, onKey): SourcePosition {
      const whole = [...prefix, ...path];
      return { path: formatPath(whole), ...doc.locate(whole, onKey) };
    },
  };
}

/**
 * A document refined by another: objects merge key by key, anything else (lists too) is replaced; `{ 0: … }` over
 * a list refines its first entry. A figure is replaced whole, so that no new value keeps an old source. Each value's position is in the document it came from.
 */
export function mergeDocs(base: SourceDoc, overlay: SourceDoc): SourceDoc {
  return {
    file: base.file,
    value: mergeValues(base.value, overlay.value),
    locate(path, onKey): SourcePosition {
      if (!covers(overlay.value, path)) return base.locate(path, onKey);
      return { file: overlay.file, ...overlay.locate(path, onKey) };
    },
  };
}

function mergeValues(base: unknown, overlay: unknown): unknown {
  if (Array.isArray(base) && isPlainObject(overlay) && namesEntries(overlay, base)) {
    return base.map((item: unknown, i) => (Object.hasOwn(overlay, i) ? mergeValues(item, overlay[i]) : item));
  }
  if (!isPlainObject(base) || !isPlainObject(overlay) || Object.hasOwn(base, 'value')) return overlay;
  const merged = new Map(Object.entries(base));
  for (const [key, value] of Object.entries(overlay)) {
    merged.set(key, merged.has(key) ? mergeValues(merged.get(key), value) : value);
  }
  return Object.fromEntries(merged);
}

/** Whether the keys are indices of the list; anything else in a list's place is left for validation to refuse. */
function namesEntries(overlay: PlainObject, list: readonly unknown[]): boolean {
  const keys = Object.keys(overlay);
  return keys.length > 0 && keys.every((key) => /^\d+$/.test(key) && Object.hasOwn(list, key));
}

/** Whether the overlay decides what stands at a path: it reaches it, or replaced something above it. */
function covers(overlay: unknown, path: SourcePath): boolean {
  let at = overlay;
  for (const segment of path) {
    if (!isPlainObject(at)) return true;
    if (!Object.hasOwn(at, segment)) return false;
    at = at[segment];
  }
  return path.length > 0;
}

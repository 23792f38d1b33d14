import { parseDocument } from 'yaml';
import type { Issue } from '../base/errors.js';
import { formatPath, isPlainObject, parsePath, valueAt } from './sourcePath.js';
import { receivedText } from './received.js';
import type { SourceDoc, SourcePath, SourcePosition } from './sourceDoc.js';

/** One override and where it came from, as messages call it: `--set`, or the option that stands for a key. */
export interface Override {
  /** `path=value`. */
  readonly text: string;
  readonly from: string;
}

/**
 * A document with `path=value` overrides applied in order, before anything is validated.
 *
 * Values are YAML (`0.9`, `30 d`, `[fcfs+none@pack, fcfs+easy@pack]`). A list is indexed by `[n]` or `.n`, and
 * its length does not change. Going into a name refines what it names: `workload.load=0.9` turns
 * `workload: frontier-mix` into `{ use: frontier-mix, load: 0.9 }`. Keys that nobody knows are reported by
 * validation like those of a file, with the override as their place.
 *
 * @param refinable - whether the text at a path is such a name
 */
export function applyOverrides(
  doc: SourceDoc,
  overrides: readonly Override[],
  refinable: (path: SourcePath) => boolean,
): { readonly doc: SourceDoc; readonly issues: readonly Issue[] } {
  let current = doc;
  const issues: Issue[] = [];
  for (const [index, override] of overrides.entries()) {
    // The n-th --set is line n of what was typed.
    const line = 1 + overrides.slice(0, index).filter(({ from }) => from === override.from).length;
    const applied = applyOverride(current, override, line, refinable);
    if ('value' in applied) current = applied;
    else issues.push(applied);
  }
  return { doc: current, issues };
}

function applyOverride(
  doc: SourceDoc,
  { text, from }: Override,
  line: number,
  refinable: (path: SourcePath) => boolean,
): SourceDoc | Issue {
  const fault = (message: string, column: number, path = '', hint?: string): Issue => ({
    path,
    message,
    ...(hint === undefined ? {} : { hint }),
    file: from,
    line,
    column,
    sourceLine: text,
  });
  const equals = text.indexOf('=');
  if (equals <= 0) return fault('expected path=value', 1, '', 'For example --set replications=3');
  const pathText = text.slice(0, equals).trim();
  const path = parsePath(pathText);
  if (path === undefined) return fault(`expected a path such as sites[0].zone, got ${JSON.stringify(pathText)}`, 1);
  const name = formatPath(path);
  const parsed = parseDocument(text.slice(equals + 1), { schema: 'core', uniqueKeys: true, logLevel: 'silent' });
  const syntax = parsed.errors[0] ?? parsed.warnings[0];
  if (syntax !== undefined) {
    return fault(`expected a YAML value: ${syntax.message.split('\n')[0]!}`, equals + 2 + syntax.pos[0], name);
  }
  if (parsed.contents === null) return fault('expected a value behind the =, got nothing', equals + 1, name);
  const value: unknown = parsed.toJS({ maxAliasCount: 0 });

  const blocked = blockedAt(doc.value, path, refinable);
  if (blocked !== undefined) return fault(blocked, 1, name);
  const position = (onKey: boolean): SourcePosition => {
    return { file: from, line, column: onKey ? 1 : equals + 2, sourceLine: text };
  };
  return {
    file: doc.file,
    value: withValue(doc.value, path, value),
    locate: (asked, onKey = false) => {
      const inside = path.every((segment, depth) => segment === asked[depth]);
      if (inside) return { ...position(onKey), path: formatPath(asked) };
      // A parent that the document lacked exists because of the override.
      const made = asked.every((segment, depth) => segment === path[depth]) && valueAt(doc.value, asked) === undefined;
      return made ? { ...position(true), path: formatPath(asked) } : doc.locate(asked, onKey);
    },
  };
}

/** Why the path cannot be walked, if it cannot. Missing keys can be: validation knows which may be there. */
function blockedAt(root: unknown, path: SourcePath, refinable: (path: SourcePath) => boolean): string | undefined {
  let at = root;
  for (const [depth, segment] of path.entries()) {
    if (at === undefined || at === null) return undefined;
    const here = formatPath(path.slice(0, depth)) || 'the document';
    if (Array.isArray(at)) {
      if (typeof segment !== 'number') return `${here} is a list: expected an index such as [0], got ${segment}`;
      if (segment >= at.length) {
        const entries = at.length === 1 ? '1 entry' : `${at.length} entries`;
        return `${here} has ${entries}: expected an index below that, got ${segment}`;
      }
    } else if (!isPlainObject(at)) {
      if (typeof at === 'string' && refinable(path.slice(0, depth))) return undefined;
      return `${here} is ${receivedText(at)}, which has no keys`;
    }
    at = valueAt(at, [segment]);
  }
  return undefined;
}

/** A copy with the value at the path; the untouched parts are shared. */
function withValue(at: unknown, path: SourcePath, value: unknown): unknown {
  const [segment, ...rest] = path;
  if (segment === undefined) return value;
  if (Array.isArray(at)) return at.map((item: unknown, i) => (i === segment ? withValue(item, rest, value) : item));
  const object = typeof at === 'string' ? { use: at } : isPlainObject(at) ? at : {};
  return Object.fromEntries([
    ...Object.entries(object).filter(([key]) => key !== String(segment)),
    [String(segment), withValue(valueAt(object, [segment]), rest, value)],
  ]);
}

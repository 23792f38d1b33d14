import type { Figure } from '../scenario/figure.js';
import { SCENARIO_DEFAULTS, type DefaultedKey } from '../scenario/defaults.js';
import { scenarioSchema } from '../scenario/scenarioSchema.js';
import type { SourceDoc, SourcePath } from '../scenario/sourceDoc.js';
import { formatPath, valueAt } from '../scenario/sourcePath.js';

/** One key of the scenario as it is run, and who said so. */
export interface ConfigEntry {
  readonly key: string;
  /** As written: plain YAML data. */
  readonly value: unknown;
  /** `default`, the override's origin (`--set`, `--seed`, …), or `file:line`. */
  readonly from: string;
  /** Why the default is what it is. */
  readonly reason: string | undefined;
}

/** Every key of the scenario with its value and its origin, in the schema's order. */
export function effectiveConfig(doc: SourceDoc): readonly ConfigEntry[] {
  return Object.keys(scenarioSchema.shape).map((key) => {
    const value = valueAt(doc.value, [key]);
    if (value !== undefined) {
      return { key, value, from: originOf(doc, [key]), reason: undefined };
    }
    const fallback = SCENARIO_DEFAULTS[key as DefaultedKey];
    return { key, value: fallback.value, from: 'default', reason: fallback.reason };
  });
}

/**
 * One key of a document that the scenario refers to, as the run has it.
 *
 * @param prefix - what leads to the key from the scenario; empty: it is a key of the scenario
 * @param used - as validated; of a figure its number
 */
export function effectiveEntry(
  doc: SourceDoc,
  prefix: string,
  path: SourcePath,
  used: string | number | boolean | Figure,
  fallback: { readonly reason: string },
): ConfigEntry {
  const key = prefix === '' ? formatPath(path) : `${prefix}.${formatPath(path)}`;
  const value = typeof used === 'object' ? used.value : used;
  return valueAt(doc.value, path) === undefined
    ? { key, value, from: 'default', reason: fallback.reason }
    : { key, value, from: originOf(doc, path), reason: undefined };
}

/** The option or variable that set a value, or the line it stands in: of the scenario, or of the document it refines. */
function originOf(doc: SourceDoc, path: SourcePath): string {
  const { file = doc.file, line } = doc.locate(path);
  return /^(--|GIGASIM_)/.test(file) ? file : `${file}:${line}`;
}

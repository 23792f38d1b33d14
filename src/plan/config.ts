import { SCENARIO_DEFAULTS, type DefaultedKey } from '../scenario/defaults.js';
import { scenarioSchema } from '../scenario/scenarioSchema.js';
import type { SourceDoc } from '../scenario/sourceDoc.js';
import { valueAt } from '../scenario/sourcePath.js';

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

/** Every key of the scenario with its value and its origin, in the schema's order: `--print-config`. */
export function effectiveConfig(doc: SourceDoc): readonly ConfigEntry[] {
  return Object.keys(scenarioSchema.shape).map((key) => {
    const value = valueAt(doc.value, [key]);
    if (value !== undefined) {
      // Only what an override set has a place in another text than the scenario's.
      const { file, line } = doc.locate([key]);
      return { key, value, from: file ?? `${doc.file}:${line}`, reason: undefined };
    }
    const fallback = SCENARIO_DEFAULTS[key as DefaultedKey];
    return { key, value: fallback.value, from: 'default', reason: fallback.reason };
  });
}

import { SCENARIO_DEFAULTS, type DefaultedKey } from '../scenario/defaults.js';
import { scenarioSchema } from '../scenario/scenarioSchema.js';
import type { SourceDoc } from '../scenario/sourceDoc.js';
import { valueAt } from '../scenario/sourcePath.js';

/** One key of the scenario as it is run, and who said so. */
export interface ConfigEntry {
  readonly key: string;
  /** As written: plain YAML data. */
  readonly value: unknown;
  /** `default`, an option such as `--set`, or `file:line`. */
  readonly from: string;
  /** Why the default is what it is. */
  readonly reason: string | undefined;
}

/** Every key of the scenario with its value and its origin, in the schema's order: `--print-config`. */
export function effectiveConfig(doc: SourceDoc): readonly ConfigEntry[] {
  return Object.keys(scenarioSchema.shape).map((key) => {
    const value = valueAt(doc.value, [key]);
    if (value !== undefined) {
      const { file = doc.file, line } = doc.locate([key]);
      return { key, value, from: file.startsWith('--') ? file : `${file}:${line}`, reason: undefined };
    }
    const fallback = SCENARIO_DEFAULTS[key as DefaultedKey];
    return { key, value: fallback.value, from: 'default', reason: fallback.reason };
  });
}

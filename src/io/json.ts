import { readFileSync } from 'node:fs';

/** A value as JSON for people and programs: indented, ended by a line feed; NaN and infinities are null. */
export function jsonText(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/**
 * A JSON file of our own; `undefined` when it is missing or no JSON, because then it is as good as not written.
 *
 * @param insteadOfNull - what null stands for in this file
 */
export function parseJson(path: string, insteadOfNull: unknown = null): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'), (_, member: unknown) => member ?? insteadOfNull);
  } catch {
    return undefined;
  }
}

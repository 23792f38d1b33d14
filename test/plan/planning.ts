import { readFileSync } from 'node:fs';
import { errorRecord, type Issue } from '../../src/base/errors.js';
import { openLibrary } from '../../src/io/library.js';
import { parseYaml } from '../../src/io/yaml.js';
import { planScenario, type Plan, type PlanOptions } from '../../src/plan/plan.js';
import type { Library, LibraryKind } from '../../src/scenario/sourceDoc.js';

/** The shipped documents. */
export const shipped = openLibrary(['scenarios']);

/** The shipped documents and these, by `kind/name`. */
export function libraryWith(documents: Readonly<Record<string, string>>): Library {
  const own = new Map(
    Object.entries(documents).map(([key, text]) => [key, parseYaml(text, `${key.replace('/', 's/')}.yaml`)]),
  );
  const ownNames = (kind: LibraryKind) =>
    [...own.keys()].filter((key) => key.startsWith(`${kind}/`)).map((key) => key.slice(kind.length + 1));
  return {
    find: (kind, name) => own.get(`${kind}/${name}`) ?? shipped.find(kind, name),
    names: (kind) => [...new Set([...shipped.names(kind), ...ownNames(kind)])].sort(),
  };
}

export function planText(text: string, options: Partial<PlanOptions> = {}): Plan {
  return planScenario(parseYaml(text, 's.yaml'), {
    library: shipped,
    readFile: (path) => readFileSync(path),
    buildVersion: 'test',
    ...options,
  });
}

/** The faults of a scenario; none when it can be planned. */
export function faultsOf(text: string, options: Partial<PlanOptions> = {}): readonly Issue[] {
  try {
    planText(text, options);
    return [];
  } catch (thrown) {
    const record = errorRecord(thrown);
    if (record.code !== 'scenario.invalid') throw thrown;
    return record.issues;
  }
}

export const inShort = ({ file, line, column, path, message }: Issue): string =>
  `${file ?? ''}:${line ?? ''}:${column ?? ''} ${path}: ${message}`;

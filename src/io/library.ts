import { existsSync, readdirSync, statSync } from 'node:fs';
import { isAbsolute, join, relative } from 'node:path';
import { SimError } from '../base/errors.js';
import type { Library, LibraryKind, SourceDoc } from '../scenario/sourceDoc.js';
import { readText } from './files.js';
import { ioError } from './ioError.js';
import { parseYaml } from './yaml.js';

/** Where the documents of each kind lie inside a library's folder. */
const SUB_FOLDER: Readonly<Record<LibraryKind, string>> = {
  site: 'sites',
  zone: 'zones',
  hardware: 'hardware',
  model: 'models',
  stack: 'stacks',
  workload: 'workloads',
  reliability: 'reliability',
  scenario: '.',
};

const DOCUMENT = /^(.+)\.(?:yaml|yml|json)$/;

/**
 * The documents of one or more folders by kind and name; the name is the file's without its ending.
 *
 * A later folder's document replaces an earlier one's of the same name. Folders are listed and files read
 * when first asked for, and then kept. Names are looked up, never made into paths.
 *
 * @throws SimError `io.read` when a folder is missing; on use also `scenario.invalid` for a file that
 * cannot be parsed, or for two files of one name in one folder
 */
export function openLibrary(folders: readonly string[]): Library {
  for (const folder of folders) {
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) continue;
    throw ioError('io.read', folder, 'a folder of scenarios', 'there is none', 'Check the path.');
  }
  const files = new Map<LibraryKind, ReadonlyMap<string, string>>();
  const documents = new Map<string, SourceDoc>();

  const filesOf = (kind: LibraryKind): ReadonlyMap<string, string> => {
    let known = files.get(kind);
    if (known === undefined) {
      known = new Map(folders.flatMap((folder) => [...listFolder(join(folder, SUB_FOLDER[kind]))]));
      files.set(kind, known);
    }
    return known;
  };

  return {
    find(kind, name) {
      const path = filesOf(kind).get(name);
      if (path === undefined) return undefined;
      let document = documents.get(path);
      if (document === undefined) {
        document = parseYaml(readText(path), shownPath(path));
        documents.set(path, document);
      }
      return document;
    },
    names: (kind) => [...filesOf(kind).keys()].sort(),
  };
}

function listFolder(folder: string): Map<string, string> {
  const found = new Map<string, string>();
  if (!existsSync(folder)) return found;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const name = entry.isDirectory() ? undefined : DOCUMENT.exec(entry.name)?.[1];
    if (name === undefined || name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    const other = found.get(name);
    if (other !== undefined) {
      const message = `${shownPath(path)}: expected one document of each name, ${shownPath(other)} has the same. Rename one`;
      throw new SimError('scenario.invalid', message);
    }
    found.set(name, path);
  }
  return found;
}

/** As short as it stays unambiguous: relative inside the working directory. */
function shownPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short === '' || short.startsWith('..') || isAbsolute(short) ? path : short;
}

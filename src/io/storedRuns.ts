import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { RunSpec } from '../scenario/runSpec.js';
import { ioError } from './ioError.js';
import { parseJson } from './json.js';
import { RESULT_SCHEMA_VERSION } from './runFolder.js';

/** A run as its folder says it was made. */
export interface StoredManifest {
  readonly folder: string;
  readonly runKey: string;
  /** Of the program that made it. */
  readonly version: string;
  readonly fingerprint: string;
  readonly spec: RunSpec;
  /** sha256 of each input by name. */
  readonly inputs: Readonly<Record<string, string>>;
}

/**
 * The runs that a folder written by `--out` holds: its own, or those of a results folder, by folder name;
 * `undefined` when it is no folder at all.
 *
 * @throws SimError `io.read` for a folder that holds none, for a run of another schema version and for a damaged manifest
 */
export function storedRuns(path: string): readonly StoredManifest[] | undefined {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return undefined;
  const own = manifestIn(path);
  if (own !== undefined) return [own];
  const runs = join(path, 'runs');
  const names = statSync(runs, { throwIfNoEntry: false })?.isDirectory() === true ? readdirSync(runs).sort() : [];
  const found = names
    .filter((name) => !name.startsWith('.'))
    .map((name) => manifestIn(join(runs, name)))
    .filter((manifest) => manifest !== undefined);
  if (found.length > 0) return found;
  throw ioError('io.read', path, 'a run folder or a results folder', 'there is no manifest.json in it', ADVICE);
}

const ADVICE = 'gigasim run SCENARIO --out FOLDER writes one.';

function manifestIn(folder: string): StoredManifest | undefined {
  const path = join(folder, 'manifest.json');
  if (!existsSync(path)) return undefined;
  const manifest = (parseJson(path) ?? {}) as Partial<StoredManifest> & { readonly schemaVersion?: number };
  const { schemaVersion, runKey, version, fingerprint, spec, inputs } = manifest;
  const expected = `a run of schema version ${RESULT_SCHEMA_VERSION}`;
  if (schemaVersion !== undefined && schemaVersion !== RESULT_SCHEMA_VERSION) {
    const came = `its manifest.json has schema version ${String(schemaVersion)}`;
    throw ioError('io.read', folder, expected, came, 'Run it again.');
  }
  const complete = runKey !== undefined && version !== undefined && fingerprint !== undefined && inputs !== undefined;
  if (schemaVersion === undefined || !complete || spec === undefined) {
    throw ioError('io.read', folder, expected, 'its manifest.json is damaged', 'Run it again.');
  }
  return { folder, runKey, version, fingerprint, spec, inputs };
}

import { readdirSync, statSync } from 'node:fs';
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
 * @throws SimError `io.read` for a folder that holds none, and for a run of another schema version
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
  const manifest = parseJson(join(folder, 'manifest.json')) as
    (Partial<StoredManifest> & { readonly schemaVersion?: number }) | undefined;
  if (manifest === undefined) return undefined;
  const { schemaVersion, runKey, version, fingerprint, spec, inputs } = manifest;
  const complete = runKey !== undefined && version !== undefined && fingerprint !== undefined && inputs !== undefined;
  if (schemaVersion !== RESULT_SCHEMA_VERSION || !complete || spec === undefined) {
    const came = `its manifest.json has schema version ${String(schemaVersion)}`;
    throw ioError('io.read', folder, `a run of schema version ${RESULT_SCHEMA_VERSION}`, came, 'Run it again.');
  }
  return { folder, runKey, version, fingerprint, spec, inputs };
}

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SimError } from '../base/errors.js';
import type { Column } from '../metrics/columns.js';
import type { RunResult } from '../metrics/runResult.js';
import type { RunSpec } from '../scenario/runSpec.js';
import { ensureWritableFolder, sweepAbandoned, temporaryName, writeFileAtomic } from './files.js';
import { ioError, systemCode } from './ioError.js';
import { jsonText, parseJson } from './json.js';
import { writeParquet } from './parquet.js';

/** Of the files below; raised when a reader of old ones would misread new ones. */
export const RESULT_SCHEMA_VERSION = 1;

/** What a run leaves in its folder. */
export interface RunRecord {
  /** sha256 of everything the result depends on; names the folder. */
  readonly runKey: string;
  /** Of the program. */
  readonly version: string;
  readonly spec: RunSpec;
  /** sha256 of each input by name. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly result: Pick<RunResult, 'fingerprint' | 'schedule' | 'sites'>;
  /** Tables by name without ending, e.g. `jobs` and `series`; each becomes a `.parquet` file. */
  readonly tables: Readonly<Record<string, readonly Column[]>>;
  /** Wall times, host, date: nothing that belongs to the result. */
  readonly timings: Readonly<Record<string, unknown>>;
}

/** A complete run found in a results folder. */
export interface StoredRun {
  readonly folder: string;
  readonly result: RunRecord['result'];
}

interface Manifest {
  readonly schemaVersion: number;
  readonly runKey: string;
  readonly fingerprint: string;
  readonly files: Readonly<Record<string, FileContent>>;
}

/**
 * Results on disk: `plan.json` and `runs/<first 16 digits of the run key>/` with `manifest.json`,
 * `summary.json`, a Parquet file a table, and `timings.json`.
 *
 * A run's folder appears under its name complete or not at all, and is found again by its key, so a plan
 * that was interrupted or extended does only what is missing. In `summary.json`, null is a number that does
 * not exist, such as the EUR per GPU-hour of no GPU-hours.
 */
export interface ResultsFolder {
  readonly path: string;
  /** The run of that key, if it is there with all tables asked for and every file is as it was written. */
  find(runKey: string, tables?: readonly string[]): StoredRun | undefined;
  /** Returns the run's folder; what was under its name before is replaced. */
  write(run: RunRecord): string;
  /** The plan's own file: what was asked and which runs answer it, by key. */
  writePlan(plan: Readonly<Record<string, unknown>>): void;
}

/**
 * Opens a folder for results, making it where it is missing; what killed processes left half-written there is
 * removed. Call it before the runs.
 *
 * @throws SimError `io.write` when it cannot be written to, here and on use
 */
export function openResultsFolder(path: string): ResultsFolder {
  const runs = join(path, 'runs');
  ensureWritableFolder(runs);
  sweepAbandoned(path);
  sweepAbandoned(runs);
  const folderOf = (runKey: string): string => join(runs, runKey.slice(0, 16));
  return {
    path,
    find: (runKey, tables = []) => findRun(folderOf(runKey), runKey, tables),
    write(run) {
      const temporary = join(runs, temporaryName(run.runKey.slice(0, 16)));
      const folder = folderOf(run.runKey);
      try {
        mkdirSync(temporary);
        fillFolder(temporary, run);
        replaceFolder(temporary, folder);
      } catch (thrown) {
        throw thrown instanceof SimError ? thrown : ioError('io.write', folder, 'a folder to write', thrown, ADVICE);
      } finally {
        rmSync(temporary, { recursive: true, force: true });
      }
      return folder;
    },
    writePlan(plan) {
      writeFileAtomic(join(path, 'plan.json'), jsonText({ schemaVersion: RESULT_SCHEMA_VERSION, ...plan }));
    },
  };
}

const ADVICE = 'Choose another place with --out.';

function fillFolder(folder: string, run: RunRecord): void {
  const { runKey, version, spec, inputs, result, tables } = run;
  const { fingerprint, schedule, sites } = result;
  const write = (name: string, value: object): void => {
    writeFileSync(join(folder, name), jsonText(value));
  };
  write('summary.json', { schemaVersion: RESULT_SCHEMA_VERSION, runKey, fingerprint, schedule, sites });
  for (const [name, columns] of Object.entries(tables)) writeParquet(join(folder, `${name}.parquet`), columns);
  const names = ['summary.json', ...Object.keys(tables).map((name) => `${name}.parquet`)];
  const files = Object.fromEntries(names.map((name) => [name, contentOf(join(folder, name))]));
  write('manifest.json', { schemaVersion: RESULT_SCHEMA_VERSION, runKey, version, fingerprint, inputs, spec, files });
  write('timings.json', { schemaVersion: RESULT_SCHEMA_VERSION, runKey, ...run.timings });
}

interface FileContent {
  readonly bytes: number;
  readonly sha256: string;
}

/** Size first, because a hash reads the file. */
function isAsWritten(path: string, written: FileContent): boolean {
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  return size === written.bytes && contentOf(path).sha256 === written.sha256;
}

function contentOf(path: string): FileContent {
  const bytes = readFileSync(path);
  return { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** A folder cannot be renamed onto a full one: the old one steps aside first, under a hidden name. */
function replaceFolder(from: string, to: string): void {
  const aside = `${from}.old`;
  try {
    if (existsSync(to)) renameSync(to, aside);
    renameSync(from, to);
  } catch (thrown) {
    // Another process wrote the same run in between; equal keys, equal results.
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(systemCode(thrown)) || !existsSync(to)) throw thrown;
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

function findRun(folder: string, runKey: string, tables: readonly string[]): StoredRun | undefined {
  const manifest = parseJson(join(folder, 'manifest.json')) as Partial<Manifest> | undefined;
  if (manifest?.schemaVersion !== RESULT_SCHEMA_VERSION || manifest.runKey !== runKey) return undefined;
  const files = manifest.files ?? {};
  const asked = tables.map((name) => `${name}.parquet`);
  if (asked.some((name) => !(name in files))) return undefined;
  const whole = Object.entries(files).every(([name, written]) => isAsWritten(join(folder, name), written));
  const summary = whole ? (parseJson(join(folder, 'summary.json'), NaN) as StoredRun['result'] | undefined) : undefined;
  if (summary === undefined) return undefined;
  const { fingerprint, schedule, sites } = summary;
  return { folder, result: { fingerprint, schedule, sites } };
}

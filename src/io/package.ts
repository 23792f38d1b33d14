import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, parse } from 'node:path';
import { fileURLToPath } from 'node:url';
import { invariant } from '../base/errors.js';

/** The scenarios that come with the program: `scenarios/` beside the package's own package.json. */
export function builtInScenariosFolder(): string {
  return join(packageFolder(), 'scenarios');
}

/** The program's version, as its package.json says. */
export function packageVersion(): string {
  return readPackage(packageFolder()).version ?? 'unknown';
}

/**
 * The version and a hash of the program's own code, e.g. `0.1.0+1f8a90c2d4e6`: what a run key takes for the
 * build, so that results of a changed program are never taken for this one's.
 *
 * Cost: reads every file of the program once, about 10 ms; compiled code and sources hash differently.
 */
export function buildId(): string {
  known ??= `${packageVersion()}+${codeHash(dirname(dirname(fileURLToPath(import.meta.url))))}`;
  return known;
}

let known: string | undefined;

function codeHash(folder: string): string {
  const hash = createHash('sha256');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.[jt]s$/.test(name) && !name.endsWith('.d.ts'))
    .sort();
  for (const name of files) hash.update(`${name}\n`).update(readFileSync(join(folder, name)));
  return hash.digest('hex').slice(0, 12);
}

/** Upwards from this file, because the sources and the compiled code lie at different depths. */
function packageFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (readPackage(folder).name !== 'gigasim') {
    invariant(folder !== parse(folder).root, 'the program lies inside its package');
    folder = dirname(folder);
  }
  return folder;
}

function readPackage(folder: string): { name?: string; version?: string } {
  const path = join(folder, 'package.json');
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as { name?: string; version?: string }) : {};
}

import { createRequire } from 'node:module';
import { basename, dirname, resolve } from 'node:path';
import type { BuildFailure } from 'esbuild';
import { SimError, type Issue } from '../base/errors.js';
import { sha256 } from '../scenario/canonical.js';
import { EXPORTS, type PolicyCode } from '../scenario/policyCode.js';
import { readBytes } from './files.js';

/** Loaded when the first policy file is named: it takes longer than the rest of the program. */
const esbuild = (): typeof import('esbuild') => createRequire(import.meta.url)('esbuild') as typeof import('esbuild');

/**
 * Bundles a policy file (.ts or .js) with what it imports into one script. The same files give the same bytes,
 * wherever they lie.
 *
 * @param shown - the path as the user wrote it, for messages
 * @throws SimError `io.read` when it cannot be read, `policy.invalid` with every fault and its place when it does
 * not compile or imports something that is no file
 */
export function bundlePolicy(path: string, shown = path): PolicyCode {
  readBytes(path); // says what is wrong with a missing file better than a bundler does
  const folder = dirname(resolve(path));
  try {
    const { outputFiles } = esbuild().buildSync({
      entryPoints: [basename(path)],
      absWorkingDir: folder,
      bundle: true,
      write: false,
      format: 'iife',
      globalName: EXPORTS,
      platform: 'neutral',
      target: 'node20',
      charset: 'utf8',
      legalComments: 'none',
      logLevel: 'silent',
      sourcemap: 'external',
      sourcesContent: false,
      outfile: 'bundle.js',
    });
    const textOf = (ending: string): string => outputFiles.find(({ path: file }) => file.endsWith(ending))!.text;
    const code = textOf('.js');
    return { path: shown, code, map: textOf('.map'), sha256: sha256(code) };
  } catch (thrown) {
    const { errors } = thrown as Partial<BuildFailure>;
    if (errors === undefined) throw thrown;
    throw new SimError(
      'policy.invalid',
      `${shown} does not compile`,
      errors.map((error) => issueOf(shown, error)),
    );
  }
}

function issueOf(shown: string, { text, location }: BuildFailure['errors'][number]): Issue {
  const unresolved = /^Could not resolve "([^"]*)"/.exec(text)?.[1];
  const isFile = unresolved?.startsWith('.') === true;
  const message =
    unresolved === undefined ? text : `expected an import of a file that is there, got ${JSON.stringify(unresolved)}`;
  const hint =
    unresolved === undefined || isFile
      ? {}
      : { hint: 'A policy sees the world it is given and nothing else: no Node modules; types by import type.' };
  if (location === null) return { path: '', message, file: shown, ...hint };
  const { line, column, lineText } = location;
  return { path: '', message, file: shown, line, column: column + 1, sourceLine: lineText, ...hint };
}

import { dirname, isAbsolute, join } from 'node:path';
import type { SourceDoc, SourcePath } from '../scenario/sourceDoc.js';

/** Reads a file whole; the caller of a plan brings it, since a plan touches no file system. */
export type ReadFile = (path: string) => Uint8Array;

/** A path as it is meant where it was written: relative to the folder of that document. */
export function fileBeside(doc: SourceDoc, path: SourcePath, file: string): string {
  return isAbsolute(file) ? file : join(dirname(doc.locate(path).file ?? doc.file), file);
}

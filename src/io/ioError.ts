import { SimError } from '../base/errors.js';

/** What a file system's error code means to somebody who did not write the file system. */
const MEANING: Readonly<Record<string, string>> = {
  ENOENT: 'there is nothing of that name',
  EACCES: 'this user may not do that',
  EPERM: 'this user may not do that',
  EROFS: 'the file system is read-only',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EEXIST: 'something of that name is in the way',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'its symbolic links go round in a circle',
  EMFILE: 'too many files are open',
  ERR_FS_FILE_TOO_LARGE: 'it is larger than 2 GiB',
};

/** The code of a failed system call, e.g. `ENOENT`; '' for anything else. */
export function systemCode(thrown: unknown): string {
  if (!(thrown instanceof Error) || !('code' in thrown)) return '';
  return typeof thrown.code === 'string' ? thrown.code : '';
}

/** An `io.read` or `io.write` error in the order where, expected, came, what to do. */
export function ioError(
  code: 'io.read' | 'io.write',
  path: string,
  expected: string,
  came: unknown,
  advice: string,
): SimError {
  const system = systemCode(came);
  const what =
    typeof came === 'string' ? came : (MEANING[system] ?? (came instanceof Error ? came.message : String(came)));
  return new SimError(code, `${path}: expected ${expected}; ${what}. ${advice}`, [], { cause: came });
}

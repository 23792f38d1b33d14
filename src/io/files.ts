import { randomBytes } from 'node:crypto';
import {
  existsSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ioError, systemCode } from './ioError.js';

/** Most bytes a gzip file may unpack to: the longest array a typed view of 32-bit offsets can address. */
const MAX_UNPACKED_BYTES = 2 ** 31;

/**
 * The content of a file, unpacked when it starts with gzip's magic bytes, whatever its name.
 *
 * @throws SimError `io.read` for what is missing, no regular file, empty (also after unpacking),
 * not readable by this user, or gzip that is cut off or damaged
 */
export function readBytes(path: string): Uint8Array {
  return contentOf(path, readRaw(path));
}

/** What {@link readBytes} makes of bytes that came another way, e.g. standard input; `path` is for messages. */
export function contentOf(path: string, bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0) throw ioError('io.read', path, 'a file with content', 'it is empty', ADVICE_COPY);
  if (!(bytes[0] === 0x1f && bytes[1] === 0x8b)) return bytes;
  const unpacked = unpack(path, bytes);
  if (unpacked.length === 0) {
    throw ioError('io.read', path, 'a file with content', 'it is gzip of nothing', ADVICE_COPY);
  }
  return unpacked;
}

const ADVICE_COPY = 'Was it copied or downloaded completely?';

/** As {@link readBytes}, decoded as UTF-8; bytes that are not UTF-8 are an error, never replaced. */
export function readText(path: string): string {
  const bytes = readBytes(path);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw ioError('io.read', path, 'UTF-8 text', 'it holds bytes that are none', 'Save it as UTF-8.');
  }
}

/**
 * Writes a file so that its name holds the old content or all of the new, never a part.
 *
 * The bytes go to a hidden name in the same folder, which is renamed; missing folders are made.
 *
 * @param options.durable - also flush to the disk before the rename (survives a power cut; some ms)
 * @throws SimError `io.write`; the hidden file is removed
 */
export function writeFileAtomic(path: string, data: string | Uint8Array, options: { durable?: boolean } = {}): void {
  const temporary = join(dirname(path), temporaryName(basename(path)));
  try {
    makeFolder(dirname(path));
    writeAll(temporary, typeof data === 'string' ? Buffer.from(data, 'utf8') : data, options.durable ?? false);
    renameSync(temporary, path);
  } catch (thrown) {
    rmSync(temporary, { force: true, recursive: false });
    throw ioError('io.write', path, 'a place to write a file', thrown, adviceFor('--out'));
  }
}

const adviceFor = (option: string): string => `Choose another place with ${option}.`;

/** Makes a folder, with its parents, and proves by writing that it can be written to: call it before a long run. */
export function ensureWritableFolder(path: string, option = '--out'): void {
  try {
    makeFolder(path);
    // Permission bits do not tell: root passes them all and a read-only mount ignores them.
    const probe = join(path, temporaryName('probe'));
    writeAll(probe, new Uint8Array(1), false);
    rmSync(probe);
  } catch (thrown) {
    throw ioError('io.write', path, 'a folder to write to', thrown, adviceFor(option));
  }
}

/**
 * The same for a file that is to be written later: its folder is there and can be written to, and it is no directory
 * itself. A folder is made only where one is asked for (`--out`): a misspelt one of a file would be left behind.
 *
 * @param option - by which the user named it
 */
export function ensureWritableFile(path: string, option: string): void {
  const folder = dirname(path);
  if (!existsSync(folder)) {
    throw ioError(
      'io.write',
      path,
      'a file in a folder that is there',
      `there is no folder ${folder}`,
      adviceFor(option),
    );
  }
  ensureWritableFolder(folder, option);
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
    throw ioError('io.write', path, 'the name of a file', 'it is a directory', adviceFor(option));
  }
}

/** A hidden name beside `name` that no other process or thread has chosen; it tells whose it is. */
export function temporaryName(name: string): string {
  return `.${name}.${String(process.pid)}-${randomBytes(6).toString('hex')}.tmp`;
}

/** What {@link temporaryName} makes, with what is moved aside under it. */
const TEMPORARY = /^\..+\.(\d+)-[0-9a-f]{12}\.tmp(\.old)?$/;

/**
 * Removes what killed processes left under temporary names in a folder: what is older than this process and
 * whose process is gone. What cannot be removed stays.
 *
 * Wrong for a folder that several hosts or containers write to at the same time: process numbers of one say
 * nothing about another, and a result that is being written there may be taken for abandoned.
 */
export function sweepAbandoned(folder: string): void {
  for (const name of readdirSync(folder)) {
    const pid = TEMPORARY.exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    const path = join(folder, name);
    const modifiedMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY;
    if (modifiedMs >= performance.timeOrigin) continue;
    try {
      rmSync(path, { recursive: true, force: true });
    } catch {
      // Another user's, say: it is in nobody's way.
    }
  }
}

/** Signal 0 reaches a living process and does nothing; EPERM is a living one of another user. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return systemCode(thrown) !== 'ESRCH';
  }
}

/** Step by step: Node's own recursive mkdir never returns where mkdir says ENOENT below an existing folder (/proc). */
function makeFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  if (dirname(path) !== path) makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (thrown) {
    // Another process may have made it in between.
    if (!(systemCode(thrown) === 'EEXIST' && statSync(path).isDirectory())) throw thrown;
  }
}

function readRaw(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (thrown) {
    const advice = systemCode(thrown) === 'EISDIR' ? 'Name a file inside it.' : 'Check the path.';
    throw ioError('io.read', path, 'a readable file', thrown, advice);
  }
}

function unpack(path: string, bytes: Uint8Array): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_UNPACKED_BYTES });
  } catch (thrown) {
    const cut = systemCode(thrown) === 'Z_BUF_ERROR';
    const large = systemCode(thrown) === 'ERR_BUFFER_TOO_LARGE';
    const came = large ? 'it unpacks to more than 2 GiB' : cut ? 'it is cut off' : 'it is damaged';
    throw ioError('io.read', path, 'a whole gzip file', came, large ? 'Unpack and split it.' : ADVICE_COPY);
  }
}

function writeAll(path: string, bytes: Uint8Array, durable: boolean): void {
  const file = openSync(path, 'wx');
  try {
    for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
    if (durable) fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

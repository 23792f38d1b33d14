import { chmodSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ensureWritableFile, ensureWritableFolder, readBytes, readText, writeFileAtomic } from '../../src/io/files.js';
import { temporaryFolder } from './temporaryFolder.js';

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
function put(name: string, content: string | Uint8Array): string {
  writeFileSync(at(name), content);
  return at(name);
}

const LONG = Array.from({ length: 5000 }, (_, i) => `line ${i}`).join('\n');

describe('reading', () => {
  it('returns plain bytes as they are and gunzips by magic bytes, whatever the name', () => {
    expect(readText(put('plain.gz', LONG))).toBe(LONG);
    expect(readText(put('packed.txt', gzipSync(LONG)))).toBe(LONG);
    expect([...readBytes(put('one', new Uint8Array([0x1f])))]).toEqual([0x1f]);
  });

  it('joins the members of a gzip file made by concatenation', () => {
    expect(readText(put('two.gz', Buffer.concat([gzipSync('a,'), gzipSync('b')])))).toBe('a,b');
  });

  it.each([
    ['a missing file', () => at('absent'), /absent: expected a readable file; there is nothing of that name\. Check/],
    ['a directory', () => folder, /it is a directory\. Name a file inside it\./],
    ['a path through a file', () => join(put('file', 'x'), 'y'), /a part of the path is a file/],
    ['an empty file', () => put('empty', ''), /expected a file with content; it is empty/],
    ['gzip of nothing', () => put('empty.gz', gzipSync('')), /gzip of nothing/],
    ['a gzip file cut off', () => put('cut.gz', gzipSync(LONG).subarray(0, 400)), /whole gzip file; it is cut off/],
    ['a gzip file cut off in its header', () => put('cut2.gz', gzipSync(LONG).subarray(0, 5)), /it is cut off/],
    ['a damaged gzip file', () => put('bad.gz', damaged(gzipSync(LONG))), /it is damaged/],
    ['text that is not UTF-8', () => put('latin1', new Uint8Array([0x61, 0xe9, 0x62])), /expected UTF-8 text/],
  ])('refuses %s as io.read and says what to do', (_, make, message) => {
    const path = make();
    expect(() => readText(path)).toThrow(
      expect.objectContaining({
        code: 'io.read',
        exitCode: 2,
        message: expect.stringMatching(message) as string,
      }) as Error,
    );
  });

  it.skipIf(process.getuid?.() === 0)('refuses a file this user may not read (root may read all)', () => {
    const path = put('secret', 'x');
    chmodSync(path, 0);
    expect(() => readBytes(path)).toThrow(/may not/);
  });
});

describe('writing', () => {
  it('replaces a file whole, makes missing folders and leaves no temporary file', () => {
    const path = at('out/deep/a.txt');
    writeFileAtomic(path, 'first');
    writeFileAtomic(path, new TextEncoder().encode('second'), { durable: true });
    expect(readFileSync(path, 'utf8')).toBe('second');
    expect(readdirSync(at('out/deep'))).toEqual(['a.txt']);
  });

  it('keeps the old content and cleans up when the rename fails', () => {
    mkdirSync(at('taken/inside'), { recursive: true });
    expect(() => {
      writeFileAtomic(at('taken'), 'x');
    }).toThrow(expect.objectContaining({ code: 'io.write' }) as Error);
    expect(readdirSync(at('taken'))).toEqual(['inside']);
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('finds out before a run that a folder or file cannot be written', () => {
    const file = put('a-file', 'x');
    const unwritable = expect.objectContaining({ code: 'io.write', exitCode: 2 }) as Error;
    expect(() => {
      ensureWritableFolder(join(file, 'results'));
    }).toThrow(unwritable);
    expect(() => {
      ensureWritableFolder(file);
    }).toThrow(unwritable);
    expect(() => {
      ensureWritableFolder('/proc/gigasim');
    }).toThrow(unwritable);
    expect(() => {
      ensureWritableFile(folder, '--csv');
    }).toThrow(unwritable);
    expect(() => {
      ensureWritableFile(join(file, 'jobs.csv'), '--csv');
    }).toThrow(unwritable);
  });

  it('makes no folder for a file: one that is not there is refused', () => {
    expect(() => {
      ensureWritableFile(at('misspelt/jobs.csv'), '--csv');
    }).toThrow(/jobs\.csv: expected a file in a folder that is there; there is no folder .*misspelt\. Choose another/);
    expect(readdirSync(folder)).not.toContain('misspelt');
  });

  it('leaves a checked folder empty and a checked file untouched', () => {
    ensureWritableFolder(at('new/results'));
    ensureWritableFile(at('new/results/jobs.csv'), '--csv');
    expect(readdirSync(at('new/results'))).toEqual([]);
  });
});

function damaged(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes);
  for (let i = 40; i < 80; i++) copy[i] = copy[i]! ^ 0xff;
  return copy;
}

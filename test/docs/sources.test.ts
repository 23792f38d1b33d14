import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const ROOT = resolve(import.meta.dirname, '../..');
const SCENARIOS = join(ROOT, 'scenarios');

const ENTRIES = readFileSync(join(ROOT, 'docs/sources.md'), 'utf8')
  .split('\n')
  .flatMap((line) => /^- `([^`]+)`: \S/.exec(line)?.[1] ?? []);
const KEYS = new Set(ENTRIES);

function yamlFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.ya?ml$/.test(name))
    .map((name) => join(folder, name))
    .sort();
}

/** Every value inside a document with its dotted path, containers included. */
function* nodes(value: unknown, path: string): Generator<{ path: string; value: unknown }> {
  yield { path, value };
  if (typeof value !== 'object' || value === null) return;
  for (const [key, child] of Object.entries(value)) yield* nodes(child, path === '' ? key : `${path}.${key}`);
}

const documents = (folder: string) =>
  yamlFiles(folder).map((file) => ({
    file: relative(ROOT, file),
    all: [...nodes(parse(readFileSync(file, 'utf8')), '')],
  }));

const isFigure = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && 'value' in value;

describe('sources', () => {
  it('no key stands twice in docs/sources.md', () => {
    expect(ENTRIES.filter((key, i) => ENTRIES.indexOf(key) !== i)).toEqual([]);
    expect(KEYS.size).toBeGreaterThan(20);
  });

  it('every source named under scenarios/ is an entry of docs/sources.md', () => {
    const unknown = documents(SCENARIOS).flatMap(({ file, all }) =>
      all
        .filter(({ path }) => /(^|\.)(source|sources\.\d+)$/.test(path))
        .filter(({ value }) => typeof value !== 'string' || !KEYS.has(value))
        .map(({ path, value }) => [String(value), `${file}: ${path}`] as const),
    );
    // One place each: a key is missing once, however often it is named.
    expect(Object.fromEntries(unknown)).toEqual({});
  });

  it.each(['hardware', 'sites', 'models', 'reliability', 'stacks'])(
    'every figure under scenarios/%s has a source or is a stated assumption',
    (folder) => {
      const files = documents(join(SCENARIOS, folder));
      expect(files.length).toBeGreaterThanOrEqual(3);
      const bare = files.flatMap(({ file, all }) =>
        all
          .filter(({ value }) => isFigure(value) && value['source'] === undefined && value['assumption'] !== true)
          .map(({ path }) => `${file}: ${path}`),
      );
      expect(bare).toEqual([]);
    },
  );

  it('no number under scenarios/hardware, sites, models or reliability stands outside a figure or a sourced reference', () => {
    const bare = ['hardware', 'sites', 'models', 'reliability']
      .flatMap((folder) => documents(join(SCENARIOS, folder)))
      .flatMap(({ file, all }) =>
        all
          .filter(({ path, value }) => typeof value === 'number' && !/(^version|\.value|\.year)$/.test(path))
          .filter(({ path }) => !path.startsWith('reference.'))
          .map(({ path }) => `${file}: ${path}`),
      );
    expect(bare).toEqual([]);
  });

  it('sources that are documents of this project exist', () => {
    const text = readFileSync(join(ROOT, 'docs/sources.md'), 'utf8');
    const own = [...text.matchAll(/docs\/[a-z-]+\.md(?= of this project)/g)].map(([path]) => path);
    expect(own.length).toBeGreaterThan(0);
    expect(own.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });
});

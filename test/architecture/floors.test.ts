import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

/** A folder imports its own files and lower floors, never sideways, never up (README, "Architecture"). */
const FLOOR: Readonly<Record<string, number>> = {
  base: 0,
  engine: 1,
  scenario: 1,
  cluster: 2,
  energy: 2,
  training: 2,
  workload: 3,
  power: 3,
  economics: 3,
  policy: 4,
  metrics: 4,
  plan: 5,
  sim: 5,
  io: 5,
  pool: 6,
  report: 7,
  cli: 8,
};

const SRC = resolve(import.meta.dirname, '../../src');

export function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name))
    .sort();
}

const folderOf = (file: string): string => relative(SRC, file).split('/')[0]!;

export function relativeImportsOf(text: string, file: string): string[] {
  const specifiers = [...text.matchAll(/(?:from\s+|import\s*\(\s*|^import\s+)['"](\.[^'"]+)['"]/gm)].map((m) => m[1]!);
  return specifiers.map((specifier) => resolve(dirname(file), specifier));
}

function violations(files: readonly { path: string; text: string }[]): string[] {
  const wrong: string[] = [];
  for (const { path, text } of files) {
    const from = folderOf(path);
    if (from.endsWith('.ts')) continue; // src/index.ts re-exports and holds nothing
    for (const target of relativeImportsOf(text, path)) {
      const to = folderOf(target);
      if (to !== from && !(FLOOR[to]! < FLOOR[from]!)) wrong.push(`${relative(SRC, path)} -> ${relative(SRC, target)}`);
    }
  }
  return wrong;
}

describe('floors', () => {
  it('every source folder stands on a floor', () => {
    const folders = new Set(
      sourceFiles(SRC)
        .map(folderOf)
        .filter((name) => !name.endsWith('.ts')),
    );
    expect([...folders].filter((name) => !(name in FLOOR))).toEqual([]);
  });

  it('no file imports sideways or upwards', () => {
    const files = sourceFiles(SRC).map((path) => ({ path, text: readFileSync(path, 'utf8') }));
    expect(files.length).toBeGreaterThan(20);
    expect(violations(files)).toEqual([]);
  });

  it('finds a planted violation, static, dynamic or for its side effects', () => {
    const path = join(SRC, 'engine/planted.ts');
    expect(violations([{ path, text: "import { a } from '../policy/a.js';" }])).toHaveLength(1);
    expect(violations([{ path, text: "const a = await import('../scenario/a.js');" }])).toHaveLength(1);
    expect(violations([{ path, text: "import '../cli/main.js';" }])).toHaveLength(1);
    expect(violations([{ path, text: "import { a } from '../base/a.js';" }])).toHaveLength(0);
  });
});

import { describe, expect, it } from 'vitest';
import { parseYaml } from '../../src/io/yaml.js';
import { mergeDocs, partOf } from '../../src/scenario/layeredDoc.js';
import { applyOverrides } from '../../src/scenario/overrides.js';
import { formatPath, parsePath } from '../../src/scenario/sourcePath.js';

const DOC = `seed: 1
sites:
  - gf-fr-hdf
  - { name: mine, tariff: { leviesEurPerMWh: 3 } }
`;
const doc = parseYaml(DOC, 's.yaml');
const apply = (...texts: string[]) =>
  applyOverrides(
    doc,
    texts.map((text) => ({ text, from: '--set' })),
    (path) => path[0] === 'sites' && path.length === 2,
  );

describe('--set', () => {
  it('sets keys, list entries in both spellings, and new keys', () => {
    const { doc: set, issues } = apply(
      'seed=2',
      'sites[1].name=other',
      'sites.1.tariff.leviesEurPerMWh=4.5',
      'prices=resample',
    );
    expect(issues).toEqual([]);
    expect(set.value).toEqual({
      seed: 2,
      sites: ['gf-fr-hdf', { name: 'other', tariff: { leviesEurPerMWh: 4.5 } }],
      prices: 'resample',
    });
    expect(doc.value).toMatchObject({ seed: 1 });
  });

  it('reads values as YAML, and what stands behind the first = only', () => {
    expect(apply('seed=[a, b=c]').doc.value).toMatchObject({ seed: ['a', 'b=c'] });
    expect(apply('seed="1"').doc.value).toMatchObject({ seed: '1' });
    expect(apply('seed=NO').doc.value).toMatchObject({ seed: 'NO' });
    expect(apply('seed=30 d').doc.value).toMatchObject({ seed: '30 d' });
  });

  it('refines a name instead of losing it', () => {
    expect(apply('sites[0].zone=DE-LU').doc.value).toMatchObject({ sites: [{ use: 'gf-fr-hdf', zone: 'DE-LU' }, {}] });
  });

  it('points issues at the override, and others still at the file', () => {
    const { doc: set } = apply('seed=1', 'sites[1].tariff={ leviesEurPerMWh: x }');
    expect(set.locate(['sites', 1, 'tariff', 'leviesEurPerMWh'])).toEqual({
      file: '--set',
      line: 2,
      column: 17,
      sourceLine: 'sites[1].tariff={ leviesEurPerMWh: x }',
      path: 'sites[1].tariff.leviesEurPerMWh',
    });
    expect(set.locate(['sites', 1, 'name'])).toMatchObject({ line: 4 });
  });

  it('refuses what is no override or leads nowhere, each with its place', () => {
    const faults = (text: string) => apply(text).issues.map(({ message, column }) => `${column!} ${message}`);
    expect(faults('seed')).toEqual(['1 expected path=value']);
    expect(faults('=3')).toEqual(['1 expected path=value']);
    expect(faults('a..b=3')).toEqual(['1 expected a path such as sites[0].zone, got "a..b"']);
    expect(faults('seed=')).toEqual(['5 expected a value behind the =, got nothing']);
    expect(faults('seed=[1')[0]).toMatch(/^\d+ expected a YAML value/);
    expect(faults('seed.x=1')).toEqual(['1 seed is 1, which has no keys']);
    expect(apply('sites=[a]', 'sites[1]=x').issues[0]!.message).toMatch('sites has 1 entry: expected an index');
    expect(faults('sites[2]=x')).toEqual(['1 sites has 2 entries: expected an index below that, got 2']);
    expect(faults('sites.name=x')).toEqual(['1 sites is a list: expected an index such as [0], got name']);
  });

  it('cannot reach a prototype', () => {
    apply('__proto__.polluted=1', 'constructor.prototype.polluted=1');
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});

describe('paths', () => {
  it.each(['', 'a', 'a.b', 'a[0].b[1][2]'])('%j reads as it is written', (text) => {
    if (text !== '') expect(formatPath(parsePath(text)!)).toBe(text);
    else expect(formatPath([])).toBe('');
  });

  it.each(['', '.', 'a.', 'a[', 'a[x]', 'a[-1]', 'a b'])('%j is none', (text) => {
    expect(parsePath(text)).toBeUndefined();
  });
});

describe('a refined document', () => {
  const base = parseYaml(
    'a: { x: 1, y: 2 }\nfigure: { value: 1, source: s }\nlist: [{ p: 1, q: 2 }, { p: 3 }]\n',
    'base.yaml',
  );
  const refine = (text: string) => mergeDocs(base, partOf(parseYaml(`it: ${text}\n`, 'over.yaml'), ['it']));

  it('merges objects, replaces lists and figures whole', () => {
    expect(refine('{ a: { y: 3 } }').value).toMatchObject({ a: { x: 1, y: 3 } });
    expect(refine('{ figure: { value: 2 } }').value).toMatchObject({ figure: { value: 2 } });
    expect(refine('{ figure: { value: 2 } }').value).not.toMatchObject({ figure: { source: 's' } });
    expect(refine('{ list: [1] }').value).toMatchObject({ list: [1] });
  });

  it('refines a list entry named by its index, and leaves other objects for validation to refuse', () => {
    expect(refine('{ list: { 0: { q: 9 } } }').value).toMatchObject({ list: [{ p: 1, q: 9 }, { p: 3 }] });
    for (const odd of ['{ 2: 1 }', '{}', '{ length: 1 }']) {
      expect(Array.isArray((refine(`{ list: ${odd} }`).value as { list: unknown }).list)).toBe(false);
    }
  });

  it('knows of each value which document it came from', () => {
    const doc = refine('{ a: { y: 3 }, list: [7] }');
    expect(doc.locate(['a', 'x'])).toMatchObject({ line: 1, column: 9 });
    expect(doc.locate(['a', 'x']).file).toBeUndefined();
    expect(doc.locate(['a', 'y'])).toMatchObject({ file: 'over.yaml', path: 'it.a.y' });
    expect(doc.locate(['list', 0, 'p'])).toMatchObject({ file: 'over.yaml' });
  });
});

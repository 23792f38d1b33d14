import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SimError } from '../../src/base/errors.js';
import { parseYaml } from '../../src/io/yaml.js';

function faultOf(text: string): SimError {
  try {
    parseYaml(text, 'a.yaml');
  } catch (thrown) {
    if (thrown instanceof SimError) return thrown;
    throw thrown;
  }
  throw new Error('expected a fault');
}

const TWO_SITES = [
  'version: 1',
  'sites:',
  '  - id: north',
  '    zone: NO',
  '  - id: south',
  '    tariff: &t { levies: 3 }',
  '    backup: *t',
  'seed:',
  '',
].join('\n');

describe('parseYaml', () => {
  it('merges maps under <<, own keys first, then those of earlier maps, and knows where each value is written', () => {
    const text = [
      'base: &b { nodes: 8, zone: FR }',
      'other: &o { zone: DE, price: 50 }',
      'sites:',
      '  - { <<: *b, nodes: 9 }',
      '  - name: x',
      '    <<: [*b, *o]',
      '  - "<<": text',
      '',
    ].join('\n');
    const doc = parseYaml(text, 'a.yaml');
    expect((doc.value as { sites: unknown }).sites).toEqual([
      { nodes: 9, zone: 'FR' },
      { name: 'x', nodes: 8, zone: 'FR', price: 50 },
      { '<<': 'text' },
    ]);
    const at = (...path: (string | number)[]) => [doc.locate(path).line, doc.locate(path).column];
    expect(at('sites', 0, 'nodes')).toEqual([4, 22]);
    expect(at('sites', 0, 'zone')).toEqual([1, 28]);
    expect(at('sites', 1, 'zone')).toEqual([1, 28]);
    expect(at('sites', 1, 'price')).toEqual([2, 30]);
  });

  it('refuses merge keys with anything but maps, with themselves, or that multiply without end', () => {
    expect(faultOf('a: &a 3\nb: { <<: *a }\n').message).toBe(
      'a.yaml:2:10: cannot be read as YAML or JSON: expected a map to merge, or a list of maps, got something else',
    );
    expect(faultOf('b: &b { <<: [{ x: 1 }, 2] }\n').message).toContain('a.yaml:1:13');
    expect(faultOf('b: &b { <<: *b }\n').message).toContain('at most 1000 merges');
    const levels = Array.from({ length: 30 }, (_, i) => `l${i + 1}: &l${i + 1} { <<: [*l${i}, *l${i}] }`);
    expect(faultOf(['l0: &l0 { x: 1 }', ...levels, ''].join('\n')).message).toContain('at most 1000 merges');
    const nested = levels.map((line) => line.replace(/<<: \[(.*), (.*)\]/, 'p: { <<: $1 }, q: { <<: $2 }'));
    expect(faultOf(['l0: &l0 { x: 1 }', ...nested, ''].join('\n')).message).toContain('at most 1000 merges');
  });

  it('reads YAML 1.2: NO, yes and on are text, octal needs 0o', () => {
    expect(parseYaml('a: NO\nb: yes\nc: on\nd: 010\ne: 0o10\nf: true\ng: 1e3\nh: ~\n', 'a.yaml').value).toEqual({
      a: 'NO',
      b: 'yes',
      c: 'on',
      d: 10,
      e: 8,
      f: true,
      g: 1000,
      h: null,
    });
  });

  it('reads any JSON as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom(undefined, 2, '\t'), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        if (text.includes('__proto__')) return; // own property there and here; toEqual sees a prototype
        expect(parseYaml(text, 'a.json').value).toEqual(JSON.parse(text));
      }),
      { numRuns: 200 },
    );
  });

  it('reads a map of very many keys, and finds each where it stands, without comparing all with all', () => {
    const count = 40_000;
    const lines = Array.from({ length: count }, (_, index) => `key-${index}: ${index}`);
    const doc = parseYaml(lines.join('\n'), 'a.yaml');
    expect(Object.keys(doc.value as object)).toHaveLength(count);
    for (let index = 0; index < count; index++) expect(doc.locate([`key-${index}`], true).line).toBe(index + 1);
    const { issues } = faultOf([...lines, 'key-7: 0'].join('\n'));
    expect(issues).toMatchObject([{ line: count + 1, column: 1, message: 'this key stands here twice' }]);
  });

  it('refuses keys that become the same text, as 1 and "1"', () => {
    expect(faultOf('1: a\n"1": b\n').issues).toMatchObject([{ line: 2, message: 'this key stands here twice' }]);
  });

  it('points at values, keys and the nearest parent of what is absent', () => {
    const doc = parseYaml(TWO_SITES, 'a.yaml');
    expect(doc.locate(['sites', 0, 'zone'])).toEqual({ line: 4, column: 11, sourceLine: '    zone: NO' });
    expect(doc.locate(['sites', 0, 'zone'], true)).toMatchObject({ line: 4, column: 5 });
    expect(doc.locate(['sites', 1, 'tarif', 'levies'])).toMatchObject({ line: 5, column: 5 });
    expect(doc.locate(['sites', 7])).toMatchObject({ line: 3, column: 3 });
    expect(doc.locate(['sites', 'north'])).toMatchObject({ line: 3, column: 3 });
    expect(doc.locate(['sites', 1, 'backup', 'levies'])).toMatchObject({ line: 6, column: 26 });
    expect(doc.locate(['seed'])).toEqual({ line: 8, column: 1, sourceLine: 'seed:' });
    expect(doc.locate([])).toMatchObject({ line: 1, column: 1 });
  });

  it('keeps carriage returns and byte order marks out of positions and lines', () => {
    const doc = parseYaml('\uFEFFa: 1\r\nb:\r\n  c: x\r\n', 'a.yaml');
    expect(doc.value).toEqual({ a: 1, b: { c: 'x' } });
    expect(doc.locate(['b', 'c'])).toEqual({ line: 3, column: 6, sourceLine: '  c: x' });
  });

  it('reports every syntax fault of a file in the order of its lines', () => {
    const fault = faultOf('a: 1\na: 2\nb: [1, 2\nc: !secret x\nd: "open\n');
    expect(fault.code).toBe('scenario.invalid');
    expect(fault.issues.length).toBeGreaterThanOrEqual(3);
    expect(fault.issues[0]).toMatchObject({ file: 'a.yaml', line: 2, column: 1, sourceLine: 'a: 2' });
    expect(fault.issues[0]!.message).toBe('this key stands here twice');
    expect(fault.issues.map((issue) => issue.line!)).toEqual(fault.issues.map((i) => i.line!).sort((a, b) => a - b));
    expect(fault.message).toMatch(/^a\.yaml:2:1: cannot be read .* \(and \d+ more\)$/);
  });

  it.each([
    ['an empty text', ''],
    ['a comment alone', '# nothing\n'],
    ['a second document', 'a: 1\n---\nb: 2\n'],
    ['a custom tag', 'a: !include secrets.yaml\n'],
    ['a tab as indentation', 'a:\n\tb: 1\n'],
    ['a collection as key', '{ a: 1 }: 2\n'],
    ['an unknown alias', 'a: *nobody\n'],
    ['aliases that multiply', `a: &a [x, x]\n${laughs(12)}`],
    ['nesting without end', '['.repeat(50_000)],
    ['a text of many megabytes', `a: ${'x'.repeat(4_000_001)}`],
    ['bytes that are no text', '\u0000\u0001\u0002{{{{]]]'],
  ])('refuses %s as scenario.invalid with an issue', (_, text) => {
    const fault = faultOf(text);
    expect(fault.code).toBe('scenario.invalid');
    expect(fault.exitCode).toBe(2);
    expect(fault.issues.length).toBeGreaterThan(0);
    expect(fault.issues.length).toBeLessThanOrEqual(20);
  });

  it.each([
    ['a: 1\n---\nb: 2\n', 'expected one document a file', 1],
    [`a: ${'['.repeat(20_000)}`, 'nested a few levels deep', 1],
  ])('says in its own words what the parser says to programmers: %#', (text, what, faults) => {
    const { issues } = faultOf(text);
    expect(issues).toHaveLength(faults);
    expect(issues[0]!.message).toContain(what);
    expect(issues[0]!.message).not.toMatch(/parseAllDocuments|call stack/);
  });

  it('pollutes no prototype', () => {
    const value = parseYaml('__proto__: { polluted: 1 }\nconstructor: { prototype: { polluted: 1 } }\n', 'a').value;
    expect(Object.keys(value as object)).toEqual(['__proto__', 'constructor']);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});

/** Each line doubles the one before. */
function laughs(levels: number): string {
  const lines = Array.from({ length: levels }, (_, i) => {
    const name = (n: number): string => String.fromCharCode(97 + n);
    return `${name(i + 1)}: &${name(i + 1)} [*${name(i)}, *${name(i)}]\n`;
  });
  return lines.join('');
}

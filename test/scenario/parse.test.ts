import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseYaml } from '../../src/io/yaml.js';
import { parseScenario } from '../../src/scenario/parse.js';
import type { SourceDoc } from '../../src/scenario/sourceDoc.js';

const GOOD = `version: 1
kind: scenario
question: Which site is cheaper?
sites: [gf-fr-hdf, gf-de-jul]
workload: frontier-mix
policy: fcfs+easy@pack
horizon: 365 d
`;
const faultsOf = (text: string): string[] =>
  parseScenario(parseYaml(text, 's.yaml')).issues.map(({ line, column, path, message }) =>
    [`${line!}:${column!}`, path, message].join(' | '),
  );
const changed = (key: string, value: string): string[] =>
  faultsOf(GOOD.replace(new RegExp(`^${key}:.*\n`, 'm'), '') + `${key}: ${value}\n`);

describe('parseScenario', () => {
  it('takes a sound scenario and turns durations into milliseconds', () => {
    const { fields, issues } = parseScenario(parseYaml(GOOD, 's.yaml'));
    expect(issues).toEqual([]);
    expect(fields.horizon).toBe(31_536_000_000);
    expect(fields.warmup).toBeUndefined();
  });

  it('reads JSON the same way', () => {
    const json = JSON.stringify(parseYaml(GOOD, 's.yaml').value);
    expect(parseScenario(parseYaml(json, 's.json')).fields).toEqual(parseScenario(parseYaml(GOOD, 's.yaml')).fields);
  });

  it('refuses bare numbers where a duration needs its unit', () => {
    const expected = 'expected a duration with a unit, such as 365 d, 12 h or 90 s, got';
    expect(changed('horizon', '365')).toEqual([`7:10 | horizon | ${expected} 365`]);
    expect(changed('warmup', '"30"')).toEqual([`8:9 | warmup | ${expected} "30"`]);
    expect(changed('warmup', '-1 d')).toEqual([`8:9 | warmup | ${expected} "-1 d"`]);
  });

  it('refuses null, NaN and infinity, whatever the key', () => {
    for (const value of ['null', '~', '.nan', '.inf', '-.inf', '']) {
      for (const key of ['seed', 'replications', 'calendarYear', 'question', 'sites', 'workload', 'policy', 'warmup']) {
        expect(changed(key, value), `${key}: ${value}`).toHaveLength(1);
      }
    }
  });

  it('says which required keys are missing', () => {
    expect(faultsOf('version: 1\n').map((fault) => fault.split(' | ').slice(1).join(' '))).toEqual([
      'kind is missing: expected scenario',
      'question is missing: expected text',
      'sites is missing: expected a list',
      'workload is missing: expected text or an object',
      'policy is missing: expected text or { order, backfill, preempt, … } or a list',
      'horizon is missing: expected a duration with a unit, such as 365 d, 12 h or 90 s',
    ]);
  });

  it('keeps what is sound beside what is not, sites by their index', () => {
    const text = GOOD.replace('[gf-fr-hdf, gf-de-jul]', '[7, gf-de-jul]').replace('365 d', 'a year');
    const { fields, issues } = parseScenario(parseYaml(text, 's.yaml'));
    expect(issues.map(({ path }) => path)).toEqual(['sites[0]', 'horizon']);
    expect(fields.sites).toEqual([undefined, 'gf-de-jul']);
    expect(fields.policy).toBe('fcfs+easy@pack');
    expect('horizon' in fields).toBe(false);
  });

  it('refuses a document that is no object', () => {
    for (const text of ['- 1', '7', 'text']) expect(faultsOf(text)).toHaveLength(1);
  });

  it('never throws and never lets a strange value through, whatever the document', () => {
    const strange = fc.anything({ withNullPrototype: false, withBigInt: true, maxDepth: 3 });
    const keys = ['version', 'kind', 'question', 'sites', 'workload', 'policy', 'horizon', 'seed', 'prices', 'odd'];
    const place = { line: 1, column: 1, sourceLine: '' };
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...keys), strange), (value) => {
        const doc: SourceDoc = { file: 'x', value, locate: () => place };
        const { fields, issues } = parseScenario(doc);
        if ('odd' in value) expect(issues.some(({ path }) => path === 'odd')).toBe(true);
        for (const [key, field] of Object.entries(fields)) {
          if (key === 'horizon') expect(Number.isSafeInteger(field)).toBe(true);
        }
        for (const issue of issues) expect(issue.message).not.toMatch(/Invalid input|undefined|\u0001/);
      }),
      { numRuns: 300 },
    );
  });
});

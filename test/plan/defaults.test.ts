import { describe, expect, it } from 'vitest';
import { planText, shipped } from './planning.js';

const using = (workload: string, sites = '[gf-fr-hdf]'): string => `version: 1
kind: scenario
question: Which figures stand behind it?
sites: ${sites}
workload: ${workload}
policy: fcfs+easy@pack
horizon: 1 d
`;
const LISTED = '{ jobs: [{ submit: 0 h, gpus: 8, run: 1 h }] }';
const workloadConfig = (text: string, options = {}) =>
  planText(text, options)
    .config.filter(({ key }) => key.startsWith('workload.'))
    .map(({ key, value, from }) => [key.slice('workload.'.length), value, from]);
const flagged = (text: string, options = {}) =>
  planText(text, options).assumptions.map(({ document, path, value }) => [document, path, value]);

describe('the configuration of a plan', () => {
  it('holds load, thinning, budget and oversize of a mix, each with the document that says so', () => {
    const workload = '{ use: frontier-mix, load: 0.7 }';
    const file = shipped.find('workload', 'frontier-mix')!.file;
    const [load, thinning, budget, oversize] = workloadConfig(using(workload), { set: ['workload.budget=expected'] });
    expect(load).toEqual(['load', 0.7, 's.yaml:5']);
    expect(thinning!.slice(0, 2)).toEqual(['thinning', 0.1]);
    expect(thinning![2]).toMatch(`${file}:`);
    expect(budget).toEqual(['budget', 'expected', '--set']);
    expect(oversize).toEqual(['oversize', 'rescale', 'default']);
  });

  it('has of a list only what a list is run by', () => {
    expect(workloadConfig(using(LISTED))).toEqual([
      ['oversize', 'refuse', 'default'],
      ['gpuPowerFraction', 0.95, 'default'],
    ]);
  });

  it('holds how a trace is read, and a reason for every default', () => {
    const job = '1 0 -1 600 4 -1 -1 4 900 -1 1 1 1 1 1 -1 -1 -1\n';
    const options = { readFile: () => new TextEncoder().encode(job) };
    expect(workloadConfig(using('{ trace: t.swf, lenient: true }'), options)).toEqual([
      ['timeUnit', 's', 'default'],
      ['lenient', true, 's.yaml:5'],
      ['gpuPowerFraction', 0.95, 'default'],
      ['dependencies', false, 'default'],
    ]);
    const { config } = planText(using('{ trace: t.swf }'), options);
    for (const { from, reason } of config) expect(reason !== undefined).toBe(from === 'default');
  });

  it('holds what an interruption costs each class under a policy that interrupts, and only then', () => {
    const workload =
      '{ jobs: [{ submit: 0 h, gpus: 8, run: 1 h }], jobClasses: [{ name: job, gpuPowerFraction: 1, restart: 3 min }] }';
    const costs = (policy: string) =>
      workloadConfig(using(workload), { policy }).filter(([key]) => (key as string).startsWith('jobClasses'));
    expect(costs('fcfs+easy@pack')).toEqual([]);
    expect(costs('priority+easy/priority@pack')).toEqual([
      ['jobClasses[0].checkpoint', '1 h', 'default'],
      ['jobClasses[0].restart', '3 min', 's.yaml:5'],
      ['jobClasses[0].resize', '10 min', 'default'],
    ]);
    const own = flagged(using(workload), { policy: 'priority+easy/priority@pack' });
    expect(own.filter(([document]) => document === 'workload inline')).toEqual([
      ['workload inline', 'checkpoint', undefined],
      ['workload inline', 'resize', undefined],
    ]);
  });

  it('holds the adder to the price at each site', () => {
    const adder = { use: 'gf-de-jul', tariff: { dayAheadAdderEurPerMWh: 2 } };
    const { config } = planText(using('mmc', `[gf-fr-hdf, ${JSON.stringify(adder)}]`));
    expect(config.filter(({ key }) => /^sites\[.\]\.tariff/.test(key)).map(({ key, value }) => [key, value])).toEqual([
      ['sites[0].tariff.dayAheadAdderEurPerMWh', 0],
      ['sites[1].tariff.dayAheadAdderEurPerMWh', 2],
    ]);
  });
});

describe('the assumptions behind a plan', () => {
  it('hold the default load and thinning of a mix that says neither', () => {
    const mix = shipped.find('workload', 'frontier-mix')!.value as Record<string, unknown>;
    const bare = JSON.stringify({ ...mix, name: 'inline', load: undefined, thinning: undefined });
    expect(flagged(using(bare)).filter(([document]) => document === 'workload inline')).toEqual(
      expect.arrayContaining([
        ['workload inline', 'load', 0.85],
        ['workload inline', 'thinning', 0.1],
      ]),
    );
  });

  it('hold of a list the draw of its jobs, and no load or thinning, which it does not use', () => {
    const own = flagged(using(LISTED)).filter(([document]) => document === 'workload inline');
    expect(own).toEqual([['workload inline', 'gpuPowerFraction', 0.95]]);
    const named = '{ jobs: [{ submit: 0 h, gpus: 8, run: 1 h }], jobClasses: [{ name: job, gpuPowerFraction: 0.5 }] }';
    expect(flagged(using(named)).filter(([document]) => document === 'workload inline')).toEqual([]);
  });

  it('hold who shares an account, which no source says', () => {
    const mix = '{ use: frontier-mix, accounts: 20 }';
    const note = planText(using(mix)).assumptions.find(({ path }) => path === 'accounts');
    expect(note).toMatchObject({ value: 20, flag: 'assumption' });
  });

  it('hold the exponent of an elastic class that says none', () => {
    const exponents = (elastic: string) =>
      flagged(
        using(
          `{ jobs: [{ submit: 0 h, gpus: 8, run: 1 h }], jobClasses: [{ name: job, gpuPowerFraction: 1, elastic: ${elastic} }] }`,
        ),
      ).filter(([, path]) => String(path).endsWith('exponent'));
    expect(exponents('{ min: 0.5, max: 2 }')).toEqual([['workload inline', 'jobClasses[0].elastic.exponent', 0.9]]);
    expect(exponents('{ min: 0.5, max: 2, exponent: 0.7 }')).toEqual([]);
  });

  it('hold no thinning where no class is thinned', () => {
    expect(flagged(using('mmc')).some(([, path]) => path === 'thinning')).toBe(false);
  });

  it.each(['CH', 'CZ', 'HU', 'SE4'])('hold the constant carbon of %s', (zone) => {
    const note = planText(using('mmc', `[{ use: gf-fr-hdf, zone: ${zone} }]`)).assumptions.find(
      ({ document, path }) => document === `zone ${zone}` && path === 'carbon',
    );
    expect(note).toMatchObject({
      flag: 'assumption',
      note: expect.stringMatching('annual mean in every hour') as unknown,
    });
  });
});

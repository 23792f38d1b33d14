import { describe, expect, it } from 'vitest';
import { workloadSchema } from '../../src/scenario/workloadSchema.js';
import { resolveGenerator } from '../../src/workload/resolve.js';
import type { ResolvedMix } from '../../src/workload/resolved.js';
import { shippedDocument, shippedGenerator, shippedNames } from './shipped.js';

type Doc = Record<string, unknown> & { classes: Record<string, unknown>[] };
const mmc = (): Doc => structuredClone(shippedDocument('mmc')) as Doc;

/** Paths and messages of what the schema refuses after a change to the M/M/c document. */
function faultsOf(change: (document: Doc) => void): string[] {
  const document = mmc();
  change(document);
  const result = workloadSchema.safeParse(document);
  return result.success ? [] : result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
}

const JOB = { submit: '0 h', gpus: 1, run: '1 h' };
const setJobs = (document: Doc, jobs: unknown[]): void => {
  Reflect.deleteProperty(document, 'classes');
  document['jobs'] = jobs;
};

/** Gives the first class a model and tokens, by default in place of its duration. */
function giveTokens({ classes }: Doc, tokens: unknown, instead = true): void {
  Object.assign(classes[0]!, { model: 'm', tokens });
  if (instead) Reflect.deleteProperty(classes[0]!, 'duration');
}

describe('workloadSchema', () => {
  it.each(shippedNames)('accepts %s, and resolves it to plain JSON', (name) => {
    const generator = shippedGenerator(name);
    expect(JSON.parse(JSON.stringify(generator))).toEqual(generator);
  });

  it('keeps the classes of frontier-mix and frontier-mix-full equal', () => {
    const [thinned, full] = ['frontier-mix', 'frontier-mix-full'].map((name) => shippedGenerator(name) as ResolvedMix);
    expect(full!.classes).toEqual(thinned!.classes);
    expect([thinned!.thinning, full!.thinning]).toEqual([0.1, 1]);
  });

  it('keeps all of frontier-models but its models equal to frontier-mix', () => {
    expect(shippedGenerator('frontier-models')).toEqual(shippedGenerator('frontier-mix'));
    const { classes } = shippedDocument('frontier-models') as Doc;
    expect(classes.map(({ model }) => (model as { name?: string } | undefined)?.name)).toEqual([
      'llama-3.1-405b',
      'llama-3-70b',
      'llama-3-8b',
      undefined,
      undefined,
    ]);
  });

  it.each<[string, (document: Doc) => void, RegExp]>([
    [
      'neither classes nor jobs',
      (d) => void Reflect.deleteProperty(d, 'classes'),
      /^: expected exactly one of classes/,
    ],
    ['an unknown key', (d) => void (d['lode'] = 1), /lode/],
    ['a load of 0', (d) => void (d['load'] = 0), /^load/],
    ['an infinite load', (d) => void (d['load'] = Infinity), /^load/],
    [
      'a share and a rate',
      (d) => void (d.classes[0]!['jobsPerHour'] = 1),
      /exactly one of gpuTimeShare and jobsPerHour/,
    ],
    ['two classes of one name', (d) => void d.classes.push(d.classes[0]!), /customer is classes\[0\] already/],
    ['only thinnable classes', (d) => void (d.classes[0]!['thinnable'] = true), /not thinnable/],
    ['no sizes', (d) => void (d.classes[0]!['sizes'] = { values: [] }), /sizes/],
    ['half a GPU', (d) => void (d.classes[0]!['sizes'] = { values: [{ gpus: 0.5, weight: 1 }] }), /gpus/],
    [
      'a shape of 23 hours',
      (d) => void (d.classes[0]!['arrivals'] = { process: 'poisson', hourOfDay: { values: new Array(23).fill(1) } }),
      /hourOfDay/,
    ],
    [
      'a shape of zeros',
      (d) => void (d.classes[0]!['arrivals'] = { process: 'poisson', weekday: { values: new Array(7).fill(0) } }),
      /above 0/,
    ],
    [
      'p90 below the median',
      (d) => void (d.classes[0]!['duration'] = { shape: 'lognormal', medianH: 5, p90H: 4, minH: 1, maxH: 9 }),
      /at least medianH/,
    ],
    [
      'p90 and sigma',
      (d) => void (d.classes[0]!['duration'] = { shape: 'lognormal', medianH: 5, p90H: 6, sigma: 1, minH: 1, maxH: 9 }),
      /exactly one of p90H and sigma/,
    ],
    ['end states above 1', (d) => void (d.classes[0]!['endStates'] = { failed: 0.7, cancelled: 0.7 }), /at most 1/],
    [
      'a job without a unit of time',
      (d) => void (Reflect.deleteProperty(d, 'classes'), (d['jobs'] = [{ submit: '0', gpus: 1, run: '1 h' }])),
      /submit: expected a duration with a unit/,
    ],
    [
      'a bare number for a duration',
      (d) => void (Reflect.deleteProperty(d, 'classes'), (d['jobs'] = [{ submit: '0 h', gpus: 1, run: 1 }])),
      /run: expected a duration with a unit/,
    ],
    [
      'fewest GPUs above those asked for',
      (d) => {
        setJobs(d, [{ ...JOB, gpus: 4, minGpus: 5 }]);
      },
      /jobs\.0\.minGpus: expected at most the 4 GPUs/,
    ],
    [
      'most GPUs below those asked for',
      (d) => {
        setJobs(d, [{ ...JOB, gpus: 4, maxGpus: 3 }]);
      },
      /jobs\.0\.maxGpus: expected at least the 4 GPUs/,
    ],
    [
      'an id twice, though one is a number',
      (d) => {
        setJobs(d, [
          { ...JOB, id: 7 },
          { ...JOB, id: '7' },
        ]);
      },
      /jobs\.1\.id: expected an id of its own; 7 is jobs\[0\] already/,
    ],
    [
      'a job that waits for one that is not there',
      (d) => {
        setJobs(d, [
          { ...JOB, id: 'prepare' },
          { ...JOB, after: ['prepar'] },
        ]);
      },
      /jobs\.1\.after\.0: expected the id of a job in this list; got prepar\. Did you mean prepare\?/,
    ],
    [
      'jobs that wait for each other in a circle',
      (d) => {
        setJobs(d, [
          { ...JOB, id: 'a', after: 'c' },
          { ...JOB, id: 'b', after: ['a'] },
          { ...JOB, id: 'c', after: ['b', 'a'] },
        ]);
      },
      /jobs\.0\.after: expected jobs that wait for no circle of jobs; got a after c after b after a/,
    ],
    [
      'a job that waits for itself',
      (d) => {
        setJobs(d, [{ ...JOB, id: 1, after: 1 }]);
      },
      /got 1 after 1/,
    ],
    [
      'a deadline without a unit',
      (d) => {
        setJobs(d, [{ ...JOB, deadline: '+2' }]);
      },
      /jobs\.0\.deadline: expected a duration such as 12 h/,
    ],
    [
      'accounts beside listed jobs',
      (d) => {
        setJobs(d, [JOB]);
        d['accounts'] = 2;
      },
      /accounts: expected accounts only beside classes/,
    ],
    [
      'a speed-up that is not concave',
      (d) => void (d.classes[0]!['elastic'] = { min: 0.5, max: 2, exponent: 1.1 }),
      /exponent/,
    ],
    [
      'elastic sizes all above the one asked for',
      (d) => void (d.classes[0]!['elastic'] = { min: 1.5, max: 2 }),
      /elastic\.min/,
    ],
    [
      'elastic sizes all below the one asked for',
      (d) => void (d.classes[0]!['elastic'] = { min: 0.5, max: 0.9 }),
      /elastic\.max/,
    ],
    [
      'tokens below 0',
      (d) => {
        giveTokens(d, -1);
      },
      /tokens: /,
    ],
    [
      'fewer than 1,000 tokens',
      (d) => {
        giveTokens(d, 1e-30);
      },
      /tokens: expected at least 1e-9 \(1,000 tokens: the unit is 10\^12\)/,
    ],
    [
      'infinitely many tokens',
      (d) => {
        giveTokens(d, Infinity);
      },
      /tokens: /,
    ],
    [
      'tokens and a duration',
      (d) => {
        giveTokens(d, 1, false);
      },
      /tokens: expected exactly one of duration and tokens/,
    ],
    [
      'neither tokens nor a duration',
      (d) => void Reflect.deleteProperty(d.classes[0]!, 'duration'),
      /expected duration, or tokens where the class names a model/,
    ],
    [
      'tokens without a model',
      (d) => {
        giveTokens(d, 1);
        Reflect.deleteProperty(d.classes[0]!, 'model');
      },
      /tokens: expected tokens only where the class names a model/,
    ],
    [
      'a median of tokens above its p90',
      (d) => {
        giveTokens(d, { shape: 'lognormal', medianT: 2, p90T: 1, minT: 0, maxT: 3 });
      },
      /p90T to be at least medianT/,
    ],
    [
      'speeds beside a model',
      (d) => {
        giveTokens(d, 1);
        d.classes[0]!['speeds'] = { 'h100-sxm': 2 };
      },
      /speeds: expected no speeds where the class names a model/,
    ],
    ['a speed of 0', (d) => void (d.classes[0]!['speeds'] = { 'h100-sxm': 0 }), /speeds\.h100-sxm/],
    ['a deadline before the plan is done', (d) => void (d.classes[0]!['deadline'] = 0.5), /deadline/],
    [
      'a checkpoint without a unit',
      (d) => void (d.classes[0]!['checkpoint'] = 60),
      /checkpoint: expected a duration with a unit/,
    ],
    [
      'an unknown job class',
      (d) =>
        void (Reflect.deleteProperty(d, 'classes'), (d['jobs'] = [{ submit: '0 h', gpus: 1, run: '2 h', class: 'x' }])),
      /expected one of job; got x/,
    ],
  ])('refuses %s', (_, change, expected) => {
    expect(faultsOf(change).join('\n')).toMatch(expected);
  });

  it('reads sigma from the ratio of p90 to the median', () => {
    const document = mmc();
    document.classes[0]!['duration'] = {
      shape: 'lognormal',
      medianH: 1,
      p90H: Math.exp(1.2815515655446004),
      minH: 0,
      maxH: 9,
    };
    const { classes } = resolveGenerator(workloadSchema.parse(document)) as ResolvedMix;
    expect(classes[0]!.duration).toEqual({ shape: 'lognormal', median: 3_600_000, sigma: 1, min: 0, max: 32_400_000 });
  });
});

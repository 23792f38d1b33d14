import { fileURLToPath } from 'node:url';
import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../io/temporaryFolder.js';
import { RandomStreams } from '../../../src/base/random.js';
import { errorRecord } from '../../../src/base/errors.js';
import { bundlePolicy } from '../../../src/io/bundlePolicy.js';
import { PolicyFiles } from '../../../src/plan/ownPolicies.js';
import { parsePolicy } from '../../../src/policy/parse.js';
import { evaluatePolicies } from '../../../src/policy/own/evaluate.js';
import { PLAIN_TRAITS, type ClassTraits } from '../../../src/scenario/classTraits.js';
import { schedule, type Schedule } from '../../../src/sim/schedule.js';
import { jobTable, machine } from '../../support/jobs.js';

const fixtures = fileURLToPath(new URL('./fixtures/', import.meta.url));
const shipped = fileURLToPath(new URL('../../../scenarios/policies/', import.meta.url));

const ROWS = Array.from({ length: 40 }, (_, i) => ({
  submitMs: 10 * i,
  gpus: 1 + ((7 * i) % 16),
  runMs: 100 + ((37 * i) % 90),
}));

const scratch = temporaryFolder();

function run(text: string, folder = fixtures, traits: Partial<ClassTraits> = {}, guaranteedRunMs = 0): Schedule {
  const files = new PolicyFiles(bundlePolicy);
  files.loadAll(text, (path) => folder + path);
  const parsed = parsePolicy(text, files);
  if (!parsed.ok) throw new Error(parsed.issues.map(({ message }) => message).join('; '));
  return schedule({
    partitions: [machine(4, 4)],
    policy: parsed.policy,
    jobs: jobTable(ROWS),
    startMs: 0,
    horizonMs: undefined,
    streams: new RandomStreams('own'),
    modules: evaluatePolicies(files.codes),
    traits: [{ ...PLAIN_TRAITS, ...traits }],
    guaranteedRunMs,
  });
}

const failure = (text: string, ...how: [string?, Partial<ClassTraits>?, number?]): string => {
  try {
    run(text, ...how);
  } catch (thrown) {
    const { code, message, issues } = errorRecord(thrown);
    const lines = issues.map(
      ({ path, message: what, hint = '', line = 0, column = 0 }) => `${path}: ${what}. ${hint} [${line}:${column}]`,
    );
    return [`${code}: ${message}`, ...lines].join('\n');
  }
  return 'ran';
};

describe("a user's own policy", () => {
  it('orders by key as the built-in order of the same key does', () => {
    // 1 / GPUs, smallest first: the largest job goes first.
    expect([...run('./helped.ts+easy@pack').startMs]).toEqual([...run('largest-first+easy@pack').startMs]);
  });

  it.each(['least-work-first.ts', 'deadline-pressure.ts', 'room-for-small-jobs.ts'])(
    '%s is shipped and runs',
    (file) => {
      const { endMs } = run(`./${file}`, shipped);
      expect(endMs.some((end) => Number.isNaN(end))).toBe(false);
    },
  );

  it('alone is completed by the parts it lacks', () => {
    const files = new PolicyFiles(bundlePolicy);
    files.loadAll('./least-work-first.ts', (path) => shipped + path);
    const parsed = parsePolicy('./least-work-first.ts', files);
    expect(parsed.ok && parsed.policy.text).toBe('./least-work-first.ts+easy@pack');
    files.loadAll('./room-for-small-jobs.ts', (path) => shipped + path);
    const whole = parsePolicy('./room-for-small-jobs.ts', files);
    expect(whole.ok && whole.policy.text).toBe('fcfs+./room-for-small-jobs.ts@pack');
  });

  it('has the same code and hash wherever its file lies, and another when an import changes', () => {
    const here = bundlePolicy(`${fixtures}helped.ts`);
    const fromElsewhere = bundlePolicy(`${fixtures}../fixtures/helped.ts`, './other.ts');
    expect(fromElsewhere.sha256).toBe(here.sha256);
    expect(bundlePolicy(`${fixtures}throws.ts`).sha256).not.toBe(here.sha256);
  });

  it('remembers nothing from one run to the next', () => {
    expect(run('./remembers.js+easy@pack').fingerprint).toBe(run('./remembers.js+easy@pack').fingerprint);
  });
});

describe('a policy that breaks its contract is stopped and named with time and job:', () => {
  it.each([
    [
      './throws.ts+easy@pack',
      /policy\.contract: policy '\.\/throws\.ts' threw in key at 70 ms, job 7: RangeError: seven \(throws\.ts:3:26\)/,
    ],
    ['./startsTwice.js', /policy '\.\/startsTwice\.js' of .* started job 0 at 0 ms: it is not in the queue/],
    [
      './startsWhatDoesNotFit.js',
      /started job \d+ at \d+ ms: it needs \d+ GPUs, the largest job that fits now has \d+/,
    ],
    ['fcfs+greedy@./busyGpu.js', /policy '\.\/busyGpu\.js' of .* placed job \d+ at \d+ ms: (node|rack) 0/],
    [
      './startsNothing.js',
      /'\.\/startsNothing\.js' of .* started nothing at 0 ms: nothing of the partition is held, and job 0 \(1 GPUs\) waits and fits/,
    ],
    ['fcfs+./deaf.js@pack', /started nothing at 0 ms/],
    ['./nan.js+easy@pack', /answered key at 0 ms, job 0 with NaN; expected a number/],
    ['fcfs+easy/./pingPong.js@pack', /pre-empted job \d+ at \d+ ms: after 100000 others at this instant/],
    ['./undefinedKey.js+easy@pack', /answered key at 0 ms, job 0 with undefined; expected a number/],
    ['./bigKey.js+easy@pack', /answered key at 0 ms, job 0 with \d+; expected a number/],
    ['./throwsNull.js+easy@pack', /'\.\/throwsNull\.js' threw in key at 0 ms, job 0: threw null/],
    ['./comparesNan.js+easy@pack', /compare gave NaN for jobs \d+ and \d+; expected a number/],
    ['fcfs+./swallows.js@pack', /'\.\/swallows\.js' of .* started job \d+ at \d+ ms: it needs/],
    ['./chance.js+easy@pack', /threw in key at 0 ms, job 0: Error: Math\.random is not reproducible/],
    ['./clock.js+easy@pack', /Date\.now is not reproducible; use world\.nowMs/],
    [
      './peeks.js+easy@pack',
      /'\.\/peeks\.js' asked for the true run time of a job; expected the estimate, or 'clairvoyant: true'/,
    ],
  ])('%s', (text, message) => {
    expect(failure(text)).toMatch(message);
  });

  it('pre-empts a job of a class that is not to be, or before its guaranteed time', () => {
    const text = 'fcfs+easy/./evictsAll.js@pack';
    const named = (why: string): RegExp => new RegExp(`evictsAll\\.js' of .* pre-empted job \\d+ at \\d+ ms: ${why}`);
    expect(failure(text, fixtures, { preemptible: false })).toMatch(named('its class is not preemptible'));
    expect(failure(text, fixtures, {}, 50)).toMatch(named('it has run \\d+ ms of the 50 ms guaranteed'));
  });
});

describe('a file that is no policy is refused before anything runs:', () => {
  it.each([
    [
      './misspelt.js+easy@pack',
      /sumary: expected no key sumary beside key\. Did you mean summary\?.*\nstarves: expected a boolean, got string/,
    ],
    ['./nothing.js+easy@pack', /expected an object as default export, got nothing/],
    ['./absent.ts+easy@pack', /io\.read/],
    ['fcfs+./throws.ts@pack', /expected the backfill to be one of .*, got \.\/throws\.ts, a policy for the order/],
  ])('%s', (text, message) => {
    expect(failure(text)).toMatch(message);
  });

  it.each([
    [
      'a syntax error, with its place',
      'export default { key: (job) => job +};',
      /does not compile\n.*Unexpected "}".*\[1:37\]/,
    ],
    [
      'an import that is no file',
      "import { readFileSync } from 'node:fs';\nexport default { key: (job) => readFileSync('x').length + job };",
      /expected an import of a file that is there, got "node:fs"\. A policy sees the world it is given.*\[1:30\]/,
    ],
    [
      'an import of a file that is not there',
      "import { x } from './nowhere.js';\nexport default { key: x };",
      /expected an import of a file that is there, got "\.\/nowhere\.js"\.  \[/,
    ],
    ['something thrown while loading', "throw new Error('early');", /failed while loading: Error: early/],
    ['a loop while loading', 'for (;;);', /failed while loading: .*timed out/],
  ])('%s', (_, text, message) => {
    const folder = `${scratch}/`;
    writeFileSync(`${folder}mine.ts`, text);
    expect(failure('./mine.ts+easy@pack', folder)).toMatch(message);
  });
});

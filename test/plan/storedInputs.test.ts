import { describe, expect, it } from 'vitest';
import { missingFromFolder, storedSchedule } from '../../src/plan/storedInputs.js';
import { planReplay, replayHash } from '../../src/plan/replay.js';
import { SimError } from '../../src/base/errors.js';
import type { LoadPolicy } from '../../src/plan/ownPolicies.js';
import { sha256 } from '../../src/scenario/canonical.js';
import type { PolicyCode } from '../../src/scenario/policyCode.js';
import { parsePolicy } from '../../src/policy/parse.js';
import type { PolicySpec, RunSpec } from '../../src/scenario/runSpec.js';
import { simulate } from '../../src/sim/simulate.js';

const line = (job: number, submit: number): string =>
  [job, submit, -1, 10, 4, -1, -1, 4, 20, -1, 1, 1, -1, -1, -1, -1, -1, -1].join(' ');
const bytes = new TextEncoder().encode(`${line(1, 0)}\n${line(2, 5)}\nno line\n`);
const replayOf = (timeUnit: 's' | 'ms') =>
  planReplay({
    ...{ file: 'log.swf', bytes, gpus: 4, gpusPerNode: 4, timeUnit, lenient: true },
    policy: 'fcfs+easy@first-fit',
    buildVersion: 'test',
  });
const never = (): never => {
  throw new Error('nothing is read');
};

function policyOf(text: string): PolicySpec {
  const parsed = parsePolicy(text);
  if (!parsed.ok) throw new Error(text);
  return parsed.policy;
}

describe('a stored run', () => {
  it.each(['s', 'ms'] as const)('of a replay reads its trace again the way its hash says, in %s', (timeUnit) => {
    const { spec, inputs } = replayOf(timeUnit);
    const asked: string[] = [];
    const again = storedSchedule(
      spec,
      inputs.contentSha256,
      (path) => {
        asked.push(path);
        return bytes;
      },
      never,
    );
    expect(asked).toEqual(['log.swf']);
    expect(simulate(again.spec, again.inputs).fingerprint).toBe(simulate(spec, inputs).fingerprint);
  });

  it('refuses another trace under the same path', () => {
    const { spec, inputs } = replayOf('s');
    const other = new TextEncoder().encode(line(1, 0));
    expect(() => storedSchedule(spec, inputs.contentSha256, () => other, never)).toThrow(
      /^log\.swf: expected the trace that the run was made from \([0-9a-f]{16}…\), got another/,
    );
    expect(replayHash('s', true, bytes)).not.toBe(replayHash('s', false, bytes));
  });

  describe("with a user's own policy", () => {
    const codeOf = (sign: '' | '-'): PolicyCode => {
      const code = `var gigasimPolicy = { default: { name: 'mine', summary: 's', key: (job) => ${sign}job } };`;
      return { path: './mine.js', code, sha256: sha256(code) };
    };
    const plan = (load: LoadPolicy) =>
      planReplay({
        ...{ file: 'log.swf', bytes, gpus: 4, gpusPerNode: 4, timeUnit: 's', lenient: true },
        ...{ policy: './mine.js', buildVersion: 'test', loadPolicy: load },
      });
    const { spec, inputs } = plan(() => codeOf(''));
    const again = (load: LoadPolicy) => storedSchedule(spec, inputs.contentSha256, () => bytes, load);

    it('reads its file again, and is the same run', () => {
      const stored = again(() => codeOf(''));
      expect(simulate(stored.spec, stored.inputs).fingerprint).toBe(simulate(spec, inputs).fingerprint);
    });

    it('says when the file is gone or another, and advises a replay no scenario', () => {
      const gone = (): never => {
        throw new SimError('io.read', './mine.js: there is nothing of that name.');
      };
      expect(() => again(gone)).toThrow(
        /^\.\/mine\.js: there is nothing.* policy of this run.*; or replay the trace again\.$/,
      );
      expect(() => again(() => codeOf('-'))).toThrow(
        /^\.\/mine\.js: expected the policy that the run was made with \(\w{16}…\), got another .*replay the trace again\.$/,
      );
    });

    it('counts as missing until it is read', () => {
      expect(missingFromFolder(spec)).toBe("its policy's file ./mine.js");
    });
  });

  it('needs its scenario for prices and the trace of a scenario, and says how', () => {
    const { spec } = replayOf('s');
    const generated: RunSpec = {
      ...spec,
      workload: { kind: 'generated', name: 'mix', generator: {}, classNames: ['any'] },
    };
    expect(storedSchedule(generated, {}, never, never).spec.workload).toEqual(generated.workload);
    const lacking: [RunSpec, string][] = [
      [{ ...generated, policy: policyOf('fcfs+easy@pack^cheapest-energy') }, 'the prices that its policy reads'],
      [
        { ...spec, workload: { kind: 'trace', name: 'log.swf', input: 'trace/0', classNames: [] } },
        'its trace log.swf',
      ],
    ];
    for (const [lacks, what] of lacking) {
      expect(missingFromFolder(lacks)).toBe(what);
      expect(() => storedSchedule(lacks, {}, never, never)).toThrow(
        `it lacks ${what}. Explain the run from its scenario: gigasim explain SCENARIO --policy '${lacks.policy.text}' --replication 1`,
      );
    }
  });
});

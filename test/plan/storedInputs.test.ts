import { describe, expect, it } from 'vitest';
import { missingFromFolder, storedSchedule } from '../../src/plan/storedInputs.js';
import { planReplay, replayHash } from '../../src/plan/replay.js';
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
    const again = storedSchedule(spec, inputs.contentSha256, (path) => {
      asked.push(path);
      return bytes;
    });
    expect(asked).toEqual(['log.swf']);
    expect(simulate(again.spec, again.inputs).fingerprint).toBe(simulate(spec, inputs).fingerprint);
  });

  it('refuses another trace under the same path', () => {
    const { spec, inputs } = replayOf('s');
    const other = new TextEncoder().encode(line(1, 0));
    expect(() => storedSchedule(spec, inputs.contentSha256, () => other)).toThrow(
      /^log\.swf: expected the trace that the run was made from \([0-9a-f]{16}…\), got another/,
    );
    expect(replayHash('s', true, bytes)).not.toBe(replayHash('s', false, bytes));
  });

  it('needs its scenario for prices, a policy file and the trace of a scenario, and says how', () => {
    const { spec } = replayOf('s');
    const generated: RunSpec = {
      ...spec,
      workload: { kind: 'generated', name: 'mix', generator: {}, classNames: ['any'] },
    };
    expect(storedSchedule(generated, {}, never).spec.workload).toEqual(generated.workload);
    const { policy } = spec;
    const lacking: [RunSpec, string][] = [
      [{ ...generated, policy: policyOf('fcfs+easy@pack^cheapest-energy') }, 'the prices that its policy reads'],
      [
        { ...spec, policy: { ...policy, order: { name: './mine.ts', params: {}, module: 'ab' } } },
        "its policy's file ./mine.ts",
      ],
      [
        { ...spec, workload: { kind: 'trace', name: 'log.swf', input: 'trace/0', classNames: [] } },
        'its trace log.swf',
      ],
    ];
    for (const [lacks, what] of lacking) {
      expect(missingFromFolder(lacks)).toBe(what);
      expect(() => storedSchedule(lacks, {}, never)).toThrow(
        `it lacks ${what}. Explain the run from its scenario: gigasim explain SCENARIO --policy '${lacks.policy.text}' --replication 1`,
      );
    }
  });
});

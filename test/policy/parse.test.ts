import { describe, expect, it } from 'vitest';
import { ownPolicyPaths, parsePolicy } from '../../src/policy/parse.js';

describe('paths of policy files in a text', () => {
  it.each([
    ['fcfs+easy@pack', []],
    ['./mine.ts', ['./mine.ts']],
    ['mine.js+easy@pack', ['mine.js']],
    ['fcfs+../p/mine.mts/las@./where.cjs', ['../p/mine.mts', './where.cjs']],
    ['fcfs/./mine.ts@pack', ['./mine.ts']],
    ['/opt/my policies/x.ts@pack', []],
    ['fcfs+easy(4)/las@topology(2):fair^./where.ts', ['./where.ts']],
    ['fcfs+easy@pack~cap(0.5)+./mine.ts+idle-sleep', ['./mine.ts']],
  ])('%s', (text, paths) => {
    expect(ownPolicyPaths(text)).toEqual(paths);
  });
});

describe('parameters', () => {
  it.each([
    ['fcfs+easy(1, 2, 3)@pack', /expected .*easy.*, got "2"|expected easy without parameters/],
    ['fcfs(x)@pack', /expected fcfs without parameters, got "x"/],
  ])('%s is refused', (text, message) => {
    const parsed = parsePolicy(text);
    expect(!parsed.ok && parsed.issues.map((issue) => issue.message).join('\n')).toMatch(message);
  });
});

describe('several power policies', () => {
  const messages = (power: string): string[] => {
    const parsed = parsePolicy(`fcfs+easy@pack~${power}`);
    return parsed.ok
      ? []
      : parsed.issues.map(({ message, hint }) => `${message}${hint === undefined ? '' : ` ${hint}`}`);
  };

  it('are joined by + and keep the order they are written in', () => {
    const parsed = parsePolicy('fcfs+easy@pack ~ peak-guard(180 MW) + idle-sleep(after=20 min)+cap(0.8)');
    if (!parsed.ok) throw new Error(parsed.issues[0]!.message);
    expect(parsed.policy.text).toBe('fcfs+easy@pack~peak-guard(180 MW)+idle-sleep(20 min)+cap(0.8)');
    expect(parsed.policy.power!.map(({ name }) => name)).toEqual(['peak-guard', 'idle-sleep', 'cap']);
    expect(parsed.policy.power![1]!.params).toEqual({ after: 1_200_000, wake: 600_000, draw: 0.05 });
  });

  it('may be one policy with different parameters, but not the same twice', () => {
    expect(messages('cap(0.8, train)+cap(0.5, debug)')).toEqual([]);
    const two = parsePolicy('fcfs+easy@pack~cap(0.8)+cap(0.7)+peak-guard');
    expect(two.ok && two.policy.text).toBe('fcfs+easy@pack~cap(0.8)+cap(0.7)+peak-guard(0.9)');
    expect(messages('cap(0.5)+idle-sleep+cap(0.5)')).toEqual(['expected each power policy once, got cap(0.5) twice']);
  });

  it('are refused with none, which would say nothing', () => {
    expect(messages('none+idle-sleep')).toEqual([
      'expected none alone, for beside others it changes nothing; got none+idle-sleep Leave none out.',
    ]);
    expect(messages('none')).toEqual([]);
  });

  it('have all that is wrong with them said at once', () => {
    expect(messages('cop+idle-sleep(draw=2)+idle-sleep(after=-1 min)')).toEqual([
      expect.stringContaining('got "cop" Did you mean cap?'),
      'expected draw of idle-sleep to be a number of at least 0 and at most 1, got "draw=2"',
      'expected after of idle-sleep to be a duration such as 2 h of at least 0 ms, got "after=-1 min"',
    ]);
  });
});

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

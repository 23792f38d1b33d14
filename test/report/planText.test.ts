import { describe, expect, it } from 'vitest';
import { planJson, planText } from '../../src/report/planText.js';
import { planText as planOf } from '../plan/planning.js';

const scenario = (workload: string): string => `version: 1
kind: scenario
question: Which jobs wait for another?
sites: [gf-fr-hdf]
workload: ${workload}
policy: fcfs+easy@pack
horizon: 1 h
`;
const job = (number: number, status: number, preceding: number): string =>
  `${number} ${number} -1 60 4 -1 -1 4 100 -1 ${status} 1 1 -1 1 -1 ${preceding} -1\n`;
const readFile = () =>
  new TextEncoder().encode([job(1, 1, -1), job(2, 0, 1), job(3, 1, 2), job(4, 1, 9), job(5, 1, 1)].join(''));

describe('the text of a plan', () => {
  it('says which dependencies of a trace are kept and which are not', () => {
    const plan = planOf(scenario('{ trace: t.swf, dependencies: true }'), { readFile });
    expect(planText('s.yaml', plan, 5).replaceAll(/\s+/g, ' ')).toContain(
      '2 dependencies of jobs; left out: 1 on a job that failed or was cancelled, 1 on none that comes before',
    );
    expect(planJson('s.yaml', plan, 5)['dependencies']).toEqual({ kept: 2, unknown: 1, afterStopped: 1 });
  });

  it('does not speak of them where they are not read', () => {
    const plan = planOf(scenario('{ trace: t.swf }'), { readFile });
    expect(planText('s.yaml', plan, 5)).not.toContain('dependencies');
    expect(planJson('s.yaml', plan, 5)).not.toHaveProperty('dependencies');
  });
});

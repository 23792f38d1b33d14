import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { refuseContradictions, replicationOptions, type BenchOptions } from '../../src/cli/benchOptions.js';

const plainOptions: BenchOptions = { rankBy: 'jctMeanMs', maxReps: 100, set: [], color: false };

const refused =
  (options: Partial<BenchOptions>, typed: readonly string[] = []) =>
  (): void => {
    refuseContradictions({ ...plainOptions, ...options }, (name) => typed.includes(name));
  };

describe('bench', () => {
  it('refuses one file for two documents, however it is written', () => {
    expect(refused({ csv: 'same', markdown: 'same' })).toThrow('--csv and --markdown: expected two files, got same');
    expect(refused({ csv: './same', markdown: 'a/../same' })).toThrow('expected two files');
    expect(refused({ csv: 'a.csv', markdown: 'a.md' })).not.toThrow();
  });

  it('refuses a maximum of replications that nothing adds to', () => {
    expect(refused({ maxReps: 50 }, ['maxReps'])).toThrow('--max-reps: expected --precision with it');
    expect(refused({ maxReps: 50, precision: 0.02 }, ['maxReps', 'precision'])).not.toThrow();
    expect(refused({})).not.toThrow();
  });

  it('refuses to set policies that --policies replaces, and nothing else', () => {
    const policies = ['fcfs+easy@pack'];
    for (const set of ['policy=sjf+easy@pack', ' policy = x', 'policy[0]=x'])
      expect(refused({ policies, set: ['seed=1', set] }), set).toThrow(
        `--set ${set}: expected no policy beside --policies`,
      );
    expect(refused({ policies, set: ['policyShare=1', 'workload.policy=x'] })).not.toThrow();
    expect(refused({ set: ['policy=sjf+easy@pack'] })).not.toThrow();
  });

  it('knows which options for more replications were typed', () => {
    const command = new Command().option('--reps <n>').option('--precision <p>').option('--max-reps <n>', '', '100');
    command.parse(['--precision', '2%', '--reps', '5'], { from: 'user' });
    expect(replicationOptions(command)).toEqual(['--reps', '--precision']);
  });
});

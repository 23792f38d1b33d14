import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { gigasim, MAIN, temporaryFile, temporaryFolder } from './gigasim.js';

describe('gigasim', () => {
  it.each([[[]], [['--help']], [['-h']], [['help']]])('%j shows every command and ends well', async (args) => {
    const { code, stdout, stderr } = await gigasim(args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const name of ['run', 'compare', 'replay', 'validate', 'list']) expect(stdout).toContain(`\n  ${name} `);
  });

  it.each(['run', 'compare', 'replay', 'throughput', 'validate', 'list'])(
    '%s --help shows its options',
    async (name) => {
      const { code, stdout } = await gigasim([name, '--help']);
      expect(code).toBe(0);
      expect(stdout).toContain('--json');
    },
  );

  it('help COMMAND is COMMAND --help', async () => {
    expect(await gigasim(['help', 'run'])).toEqual(await gigasim(['run', '--help']));
  });

  it('prints its version', async () => {
    expect((await gigasim(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('a usage error', () => {
  it.each([
    [['comparee', 'x'], 'Did you mean compare?'],
    [['compare', 'tiny-easy', '--thread', '2'], 'Did you mean --threads?'],
    [['compare', 'tiny-esy'], 'Did you mean tiny-easy?'],
    [['compare', 'tiny-easy', '--threads', '0'], 'at least 1'],
    [['compare', 'tiny-easy', '--threads', '1.5'], 'at least 1'],
    [['compare'], 'gigasim compare --help'],
    [['list', 'planets'], 'scenarios'],
    [['replay', 'log.swf'], '--gpus'],
    [['compare', 'tiny-easy', '--policy', 'fcfs+eazy@pack'], 'Did you mean easy?'],
    [['compare', 'tiny-easy', '--set', 'horizn=3 d'], 'Did you mean horizon?'],
    [['compare', 'tiny-easy', '--out', ''], 'Expected the name of a folder'],
    [['compare', 'tiny-easy', 'tiny-easy'], 'tiny-easy twice'],
    [['replay', 'log.swf', '--gpus', 'x'], "'x'"],
    [['replay', 'log.swf', '--gpus', ''], 'Expected a number'],
  ])('%j says what to do and ends with 2', async (args, advice) => {
    const { code, stdout, stderr } = await gigasim(args);
    expect(stderr).toContain(advice);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it('is a JSON document on stdout with --json', async () => {
    const { code, stdout, stderr } = await gigasim(['compare', 'tiny-easy', '--plain', '--json']);
    const { error } = JSON.parse(stdout) as { error: Record<string, unknown> };
    expect(error).toMatchObject({ code: 'usage', exitCode: 2 });
    expect({ code, stderr }).toEqual({ code: 2, stderr: '' });
  });

  it.each([
    ['a file in the way', () => temporaryFile('in-the-way', 'x')],
    ['a file in the middle of the path', () => join(temporaryFile('in-the-way', 'x'), 'results')],
    ['a place under /proc', () => '/proc/gigasim/results'],
  ])('is found for an --out with %s, before any run', async (_, make) => {
    const out = make();
    const log = temporaryFile('log.swf', '1 0 -1 10 1 -1 -1 1 10 -1 1 1 -1 -1 -1 -1 -1 -1\n');
    for (const command of [
      ['compare', 'tiny-easy'],
      ['run', 'tiny-easy'],
      ['replay', log, '--gpus', '8'],
    ]) {
      const { code, stdout, stderr } = await gigasim([...command, '--out', out]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(/^io\.write: /);
      expect(stderr).not.toMatch(/run 1|jobs\/s/);
    }
  });
});

describe('an option that could change nothing', () => {
  it.each([
    [['replay', 'log.swf', '--gpus', '8'], ['--set', 'a=1'], 'no scenario'],
    [['replay', 'log.swf', '--gpus', '8'], ['--seed', '1'], 'nothing is drawn at random'],
    [['replay', 'log.swf', '--gpus', '8'], ['--reps', '2'], 'nothing is drawn at random'],
    [['replay', 'log.swf', '--gpus', '8'], ['--threads', '2'], 'one run'],
    [['validate', 'tiny-easy'], ['--threads', '2'], 'nothing is run'],
    [['validate', 'tiny-easy'], ['-o', 'results'], 'nothing is run'],
    [['list', 'sites'], ['--seed', '2'], 'runs nothing'],
    [['list', 'sites'], ['--out', 'results'], 'runs nothing'],
  ])('of %j, %j, is refused with the reason', async (command, option, reason) => {
    const { code, stdout, stderr } = await gigasim([...command, ...option]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(reason);
    expect(stderr).toContain(`${command[0]!} takes no --`);
  });
});

describe('output that cannot be written', () => {
  const to = async (args: readonly string[], stdio: [number | 'pipe', number | 'pipe']) => {
    const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', ...stdio] });
    let stderr = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const code = await new Promise((resolve) => child.on('close', resolve));
    return { code, stderr };
  };

  it.skipIf(!existsSync('/dev/full'))(
    'is said and ends with 2; talk that cannot be written changes nothing',
    async () => {
      const full = openSync('/dev/full', 'w');
      onTestFinished(() => {
        closeSync(full);
      });
      const lost = await to(['run', 'tiny-energy', '-q'], [full, 'pipe']);
      expect(lost).toEqual({ code: 2, stderr: expect.stringMatching(/^io\.write: .*the disk is full/) as string });
      expect((await to(['run', 'tiny-energy'], ['pipe', full])).code).toBe(0);
    },
  );
});

describe('colour', () => {
  // What is painted is the error; stderr is a pipe here, so only FORCE_COLOR brings it.
  const escape = '\u001b[';
  it.each([
    [{}, [], false],
    [{ FORCE_COLOR: '1' }, [], true],
    [{ FORCE_COLOR: '1' }, ['--no-color'], false],
    [{ NO_COLOR: '1' }, [], false],
  ])('with %j and %j is %s', async (env, args, isPainted) => {
    const { stderr } = await gigasim(['compare', 'no-such-scenario', ...args], { env });
    expect(stderr.includes(escape)).toBe(isPainted);
  });
});

describe('precedence', () => {
  const valueOf = (stdout: string, key: string): string[] =>
    stdout
      .split('\n')
      .find((line) => line.startsWith(`${key}\t`))!
      .split('\t')
      .slice(1, 3);

  it('is option, then environment, then scenario, then default', async () => {
    const show = ['validate', 'tiny-two-sites', '--print-config', '--plain'];
    const env = { GIGASIM_SEED: '7', GIGASIM_REPS: '2' };
    const scenario = (await gigasim(show)).stdout;
    expect(valueOf(scenario, 'replications')).toEqual([expect.stringMatching(/tiny-two-sites\.yaml:\d+$/), '3']);
    expect(valueOf(scenario, 'seed')[0]).toBe('default');
    const environment = (await gigasim(show, { env })).stdout;
    expect(valueOf(environment, 'replications')).toEqual(['GIGASIM_REPS', '2']);
    const option = (await gigasim([...show, '--reps', '4', '--set', 'seed=9'], { env })).stdout;
    expect(valueOf(option, 'replications')).toEqual(['--reps', '4']);
    expect(valueOf(option, 'seed')).toEqual(['--set', '9']);
  });

  it('takes an empty variable for one that is not set', async () => {
    const { code, stdout } = await gigasim(['validate', 'tiny-easy', '--print-config', '--plain'], {
      env: { GIGASIM_SEED: '', GIGASIM_REPS: '', GIGASIM_OUT: '', GIGASIM_POLICY: '' },
    });
    expect(code).toBe(0);
    expect(valueOf(stdout, 'seed')[0]).toBe('default');
  });

  it('holds for the folder of results too', async () => {
    const out = temporaryFolder();
    const { stderr } = await gigasim(['compare', 'tiny-easy', '-v'], { env: { GIGASIM_OUT: out } });
    expect(stderr).toContain(`wrote ${out}`);
  });
});

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { gigasim, temporaryFile, type Ended } from './gigasim.js';

const throughput = (model: string, ...args: string[]): Promise<Ended> => gigasim(['throughput', model, ...args]);
const H100 = ['--hardware', 'h100-sxm'];

interface Document {
  readonly execution: Record<string, number | string | boolean>;
  readonly stepMs: number;
  readonly tokensPerS: number;
  readonly mfu: number;
  readonly fits: boolean;
  readonly parts: Record<string, number>;
  readonly memory: Record<string, number>;
  readonly byPods: readonly { pods: number; relative: number }[];
  readonly runnersUp: readonly { estimate: { tokensPerS: number } }[];
  readonly daysPerTrillionTokens: number;
  readonly tokensPerDay: number;
  readonly searched: boolean;
  readonly stack: string;
  readonly sequence: number;
}

async function documentOf(model: string, ...args: string[]): Promise<Document> {
  const { code, stdout, stderr } = await throughput(model, ...args, '--json');
  expect(stderr.replace(/^next: .*\n/m, '')).toBe('');
  expect(code).toBe(0);
  return JSON.parse(stdout) as Document;
}

describe('throughput', () => {
  it('searches for the fastest parallelism that fits and says which it chose, and the next ones', async () => {
    const { code, stdout, stderr } = await throughput('llama-3.1-405b', '--gpus', '16384', ...H100);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^parallelism +TP\d+ PP\d+.* \(the fastest found that fits\)$/m);
    for (const heading of ['Time of a step', 'In more pods', 'Next fastest'])
      expect(stdout).toContain(`\n${heading}\n`);
    expect(stdout).toMatch(/^memory +\d+\.\d of 80 GB a GPU, it fits/m);
    expect(stderr).toMatch(/^next: gigasim throughput llama-3\.1-405b --gpus 32768 --hardware h100-sxm/m);
  });

  it('suggests twice the GPUs with what was typed, less what follows from them, where that can run', async () => {
    const asked = ['--tp', '2', '--dp', '4', '--micro-batch', '1', '--precision', 'fp8', '--oversubscription', '3'];
    const { stderr } = await throughput('llama-3-8b', '--gpus', '8', ...H100, ...asked);
    expect(stderr).toMatch(
      /^next: gigasim throughput llama-3-8b --gpus 16 --hardware h100-sxm --tp 2 --micro-batch 1 --precision fp8 --oversubscription 3   how/m,
    );
    const whole = ['--tp', '2', '--pp', '1', '--cp', '1', '--global-batch', '4'];
    const largest = await throughput('llama-3-8b', '--gpus', '8', ...H100, ...whole);
    expect(largest.code).toBe(0);
    expect(largest.stderr).not.toContain('next:');
  });

  it('takes the parallelism that is given, and what follows from it can be checked by hand', async () => {
    const ranks = ['--tp', '8', '--pp', '16', '--cp', '1', '--dp', '64', '--micro-batch', '1', '--interleave', '8'];
    const of = await documentOf('llama-3.1-405b', '--gpus', '8192', ...H100, ...ranks, '--global-batch', '2048');
    expect(of.searched).toBe(false);
    expect(of.execution).toMatchObject({ tensor: 8, pipeline: 16, data: 64, globalBatch: 2048, precision: 'bf16' });
    expect(of.tokensPerS).toBeCloseTo((2048 * 8192 * 1000) / of.stepMs, 3);
    // 2.524e12 model FLOPs a token, a peak of 989 TFLOP/s.
    expect(of.mfu).toBeCloseTo((of.tokensPerS * 2.524e12) / (8192 * 989e12), 3);
    expect(Object.values(of.parts).reduce((sum, ms) => sum + ms, 0)).toBeCloseTo(of.stepMs, 6);
    expect(of.tokensPerDay).toBeCloseTo(of.tokensPerS * 86_400, 0);
    expect(of.daysPerTrillionTokens * of.tokensPerDay).toBeCloseTo(1e12, 0);
    expect(of.memory['totalGB']).toBeLessThanOrEqual(80);
    expect(of.fits).toBe(true);
  });

  it('slows down in more pods, more so where they are more oversubscribed', async () => {
    const at = (oversubscription: string) =>
      documentOf('gpt3-175b', '--gpus', '1024', ...H100, '--oversubscription', oversubscription);
    const [little, much] = [await at('2'), await at('16')];
    const speeds = much.byPods.map(({ relative }) => relative);
    expect(speeds[0]).toBe(1);
    expect(speeds).toEqual(speeds.toSorted((a, b) => b - a));
    expect(speeds.at(-1)).toBeLessThan(little.byPods.at(-1)!.relative);
    expect(speeds.at(-1)).toBeLessThan(0.95);
  });

  it('starts from the pods asked for', async () => {
    const [one, eight] = [
      await documentOf('gpt3-175b', '--gpus', '1024', ...H100, '--tp', '8', '--pp', '8'),
      await documentOf('gpt3-175b', '--gpus', '1024', ...H100, '--tp', '8', '--pp', '8', '--pods', '8'),
    ];
    expect(eight.tokensPerS).toBeLessThan(one.tokensPerS);
    const { code, stderr } = await throughput('gpt3-175b', '--gpus', '16384', ...H100, '--pods', '1');
    expect(code).toBe(2);
    expect(stderr).toContain('--pods: expected 2 to 2048 for 16384 GPUs in pods of 9216, got 1');
  });

  it('takes precision, sequence and stack', async () => {
    const of = await documentOf('llama-3-70b', '--gpus', '64', ...H100, '--precision', 'fp8', '--sequence', '4096');
    expect(of).toMatchObject({ sequence: 4096, execution: { precision: 'fp8' } });
    const other = await documentOf('llama-3-70b', '--gpus', '64', ...H100, '--stack', 'assumed');
    expect(other.stack).toBe('assumed');
    expect(of.stack).not.toBe('assumed');
  });

  it('warns where nothing was calibrated for the hardware', async () => {
    const { code, stderr } = await throughput('llama-3-8b', '--gpus', '64', '--hardware', 'mi300x');
    expect(code).toBe(0);
    expect(stderr).toContain('nothing published was calibrated for mi300x at bf16: constants are assumed');
  });

  it('reads a model and hardware of one’s own from files, and says what is wrong in them', async () => {
    const shipped = (path: string): string =>
      readFileSync(resolve(import.meta.dirname, '../../scenarios', path), 'utf8');
    const text = shipped('models/llama-3-8b.yaml');
    const model = temporaryFile('mine.yaml', text.replace('llama-3-8b', 'mine'));
    const hardware = temporaryFile('part.yaml', shipped('hardware/h100-sxm.yaml'));
    const [own, same] = [
      await documentOf(model, '--gpus', '64', '--hardware', hardware),
      await documentOf('llama-3-8b', '--gpus', '64', ...H100),
    ];
    expect(own.tokensPerS).toBe(same.tokensPerS);
    const broken = temporaryFile('mine.yaml', text.replace('layers:', 'layer:'));
    const { code, stderr } = await throughput(broken, '--gpus', '64', ...H100);
    expect(code).toBe(2);
    expect(stderr).toMatch(/mine\.yaml:\d+:\d+: layer: unknown key[\s\S]*Did you mean layers\?/);
  });

  it('prints names and values with --plain', async () => {
    const { stdout } = await throughput('llama-3-8b', '--gpus', '8', ...H100, '--plain', '-q');
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toBe('name\tvalue');
    expect(lines.every((line) => line.split('\t').length === 2)).toBe(true);
    expect(lines.some((line) => /^tokensPerS\t[\d.]+$/.test(line))).toBe(true);
  });
});

it('list models shows every model it takes, with its size', async () => {
  const { code, stdout, stderr } = await gigasim(['list', 'models', '--plain']);
  expect(code).toBe(0);
  const rows = stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'));
  expect(rows).toHaveLength(13);
  expect(rows).toContainEqual(['deepseek-v3', 'DeepSeek-V3 671B-A37B (DeepSeek)', '671', '36.7', '61', '7168', '4096']);
  expect(stderr).toContain('next: gigasim throughput');
});

describe('throughput refuses', () => {
  const refused = async (model: string, ...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await throughput(model, ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    return stderr;
  };

  it('a model or hardware nothing answers to, with the name that was meant', async () => {
    expect(await refused('lama-3-8b', '--gpus', '8', ...H100)).toMatch(/unknown model[\s\S]*Did you mean llama-3-8b\?/);
    expect(await refused('llama-3-8b', '--gpus', '8', '--hardware', 'h10-sxm')).toContain('Did you mean h100-sxm?');
    expect(await refused('llama-3-8b', '--gpus', '8', ...H100, '--stack', 'asumed')).toContain('Did you mean assumed?');
  });

  it('a model that does not fit, with the memory figure and the GPUs it fits on', async () => {
    const stderr = await refused('llama-3.1-405b', '--gpus', '8', ...H100);
    expect(stderr).toMatch(/does not fit on 8 GPUs of h100-sxm: expected at most 80 GB a GPU, got 9\d\d GB at least/);
    const enough = /It fits on --gpus (\d+)/.exec(stderr)![1]!;
    expect((await documentOf('llama-3.1-405b', '--gpus', enough, ...H100)).fits).toBe(true);
  });

  it('a given parallelism that does not fit where another would', async () => {
    const stderr = await refused('llama-3-70b', '--gpus', '64', ...H100, '--tp', '1', '--pp', '1', '--zero', '1');
    expect(stderr).toMatch(/does not fit on 64 GPUs[\s\S]*It fits in another parallelism/);
  });

  it('numbers that do not divide, all of them by option', async () => {
    const stderr = await refused('llama-3-8b', '--gpus', '8', ...H100, '--tp', '3', '--pp', '15');
    expect(stderr).toContain('--tp: TP 3 does not divide the 32 heads of llama-3-8b');
    expect(stderr).toContain('--pp: PP 15 does not divide the 32 layers of llama-3-8b');
    expect(stderr).toContain('--gpus: TP 3 × PP 15 × CP 1 = 45 does not divide 8 GPUs');
  });

  it('options out of range together with what does not divide, and blames none that was not given', async () => {
    const several = await refused('llama-3-8b', '--gpus', '8', ...H100, '--pods', '2', '--oversubscription', '0.5');
    expect(several).toMatch(/--pods: expected 1 for 8 GPUs in pods of \d+, got 2/);
    expect(several).toContain('--oversubscription: expected at least 1, got 0.5');
    const both = await refused('llama-3-8b', '--gpus', '8', ...H100, '--tp', '7', '--pods', '0');
    expect(both).toContain('--pods: expected 1 for 8 GPUs');
    expect(both).toContain('--tp: TP 7 does not divide the 32 heads');
    const huge = await refused('llama-3-8b', '--gpus', '10000000', ...H100);
    expect(huge).toContain('--gpus: expected at most 1048576 GPUs of one job, got 10000000');
    const many = await refused('llama-3-8b', '--gpus', '1000000', ...H100);
    expect(many).toMatch(/--gpus: .*got 1000000/);
    for (const stderr of [huge, many]) expect(stderr).not.toContain('--global-batch:');
  });

  it('a precision the hardware lacks, and one there is none of', async () => {
    const lacking = await refused('llama-3-8b', '--gpus', '8', '--hardware', 'a100-sxm', '--precision', 'fp8');
    expect(lacking).toContain('--precision: expected a precision that a100-sxm has, one of fp16, bf16, got fp8');
    expect(await refused('llama-3-8b', '--gpus', '8', ...H100, '--precision', 'int8')).toContain('int8');
    expect(await refused('llama-3-8b', '--gpus', '8', ...H100, '--zero', '4')).toContain('4');
  });

  it('options that could change nothing', async () => {
    expect(await refused('llama-3-8b', '--gpus', '8', ...H100, '--seed', '3')).toContain('takes no --seed');
  });
});

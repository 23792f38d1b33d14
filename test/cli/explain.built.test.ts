import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { gigasim, temporaryFile, temporaryFolder } from './gigasim.js';

const swf = (job: number, submit: number, run: number, processors: number, requested: number): string =>
  [job, submit, -1, run, processors, -1, -1, processors, requested, -1, 1, 1, -1, -1, -1, -1, -1, -1].join(' ');
/** Four processors: 12 needs them all and waits for 11; 14 would delay it. */
const LOG = `${[swf(11, 0, 100, 3, 100), swf(12, 10, 50, 4, 60), swf(14, 30, 80, 1, 90)].join('\n')}\n`;

async function runFolder(args: readonly string[]): Promise<string> {
  const out = temporaryFolder();
  expect((await gigasim([...args, '--out', out, '-q'])).code).toBe(0);
  return join(out, 'runs', readdirSync(join(out, 'runs'))[0]!);
}

interface Document {
  readonly job: number;
  readonly recorded: { readonly equal: boolean } | null;
  readonly first: {
    readonly ms: number;
    readonly reasons: readonly { readonly reason: string; readonly ms: number }[];
  };
}

const json = async (args: readonly string[]): Promise<Document> => {
  const { code, stdout } = await gigasim(['explain', ...args, '--json', '-q']);
  expect(code).toBe(0);
  return JSON.parse(stdout) as Document;
};

describe('explain', () => {
  it('explains a job of a run folder, found to be the same run, and names what to explain next', async () => {
    const folder = await runFolder(['run', 'tiny-easy']);
    const { code, stdout, stderr } = await gigasim(['explain', folder, '--job', '4', '-v']);
    expect({ code, lines: stdout.split('\n').length > 15 }).toEqual({ code: 0, lines: true });
    expect(stdout).toContain('Why it waited 16.0 min');
    expect(stderr).toContain('same fingerprint as');
    const [, next] = /^next: gigasim (.*?) {3}/m.exec(stderr)!;
    expect((await gigasim(next!.split(' '))).code).toBe(0);
  });

  it('takes the job that waited longest when none is named, and the results folder of one run', async () => {
    const folder = await runFolder(['run', 'tiny-easy']);
    const document = await json([join(folder, '..', '..')]);
    expect(document).toMatchObject({ job: 4, recorded: { equal: true } });
    expect(document.first.reasons.reduce((sum, { ms }) => sum + ms, 0)).toBe(16 * 60_000);
  });

  it('is what run suggests after --out', async () => {
    const { stderr } = await gigasim(['run', 'tiny-easy', '--out', temporaryFolder()]);
    const [, next] = /^next: gigasim (.*?) {3}/m.exec(stderr)!;
    expect((await gigasim(next!.split(' '))).stdout).toContain('Why it waited');
  });

  it('lists the runs of a results folder with several, and takes one by its policy and replication', async () => {
    const folder = join(await runFolder(['run', 'tiny-two-sites', '--reps', '2']), '..', '..');
    const several = await gigasim(['explain', folder]);
    expect(several.code).toBe(2);
    expect(several.stderr).toContain('expected one run, 4 of its 4 match');
    expect(several.stderr.match(/runs\/\w{16}: fcfs/g)).toHaveLength(4);
    const chosen = ['--policy', 'fcfs+easy@pack', '--replication', '2'];
    const fromFolder = await json([folder, ...chosen]);
    const fromScenario = await json(['tiny-two-sites', ...chosen]);
    expect({ ...fromScenario, run: '', recorded: null }).toEqual({ ...fromFolder, run: '', recorded: null });
    expect(fromFolder.recorded!.equal).toBe(true);
  });

  it('reads the trace of a replay again by its path, and refuses another', async () => {
    const log = temporaryFile('log.swf', LOG);
    const folder = await runFolder(['replay', log, '--gpus', '4', '--gpus-per-node', '1']);
    expect(await json([folder, '--job', '14'])).toMatchObject({
      job: 14,
      first: { ms: 120_000, reasons: [{ reason: 'reservation', ms: 70_000 }, { reason: 'capacity', ms: 50_000 }] }, // prettier-ignore
      recorded: { equal: true },
    });
    writeFileSync(log, LOG.replace('12 10', '12 11'));
    const changed = await gigasim(['explain', folder]);
    expect(changed.code).toBe(2);
    expect(changed.stderr).toContain('expected the trace that the run was made from');
  });

  it("reads a user's own policy again by its path", async () => {
    const log = temporaryFile('log.swf', LOG);
    const policy = temporaryFile('mine.js', "export default { name: 'mine', summary: 's', key: (job) => -job };");
    const folder = await runFolder(['replay', log, '--gpus', '4', '--gpus-per-node', '1', '--policy', policy]);
    expect(await json([folder])).toMatchObject({ recorded: { equal: true } });
    rmSync(policy);
    const gone = await gigasim(['explain', folder]);
    expect({ code: gone.code, scenario: gone.stderr.includes('SCENARIO') }).toEqual({ code: 2, scenario: false });
    expect(gone.stderr).toContain('It is the policy of this run');
  });

  it.each(['{ "schemaVersion": 1, "runK', 'null', '{}'])(
    'says of a manifest that it is damaged: %s',
    async (content) => {
      const folder = temporaryFolder();
      writeFileSync(join(folder, 'manifest.json'), content);
      const { code, stderr } = await gigasim(['explain', folder]);
      expect({ code, damaged: stderr.includes('its manifest.json is damaged') }).toEqual({ code: 2, damaged: true });
    },
  );

  it('says when the run on disk was made otherwise, and by which build', async () => {
    const folder = await runFolder(['run', 'tiny-easy']);
    const path = join(folder, 'manifest.json');
    const manifest = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
    writeFileSync(path, JSON.stringify({ ...manifest, fingerprint: '00ff', version: '0.0.1+old' }));
    const { code, stdout, stderr } = await gigasim(['explain', folder]);
    expect({ code, explained: stdout.includes('Why it waited') }).toEqual({ code: 0, explained: true });
    expect(stderr).toContain('The run on disk has fingerprint 00ff (by build 0.0.1+old');
  });

  it.each([
    [['tiny-easy', '--job', '99'], 'expected a job of the run, got 99; the run has 6, 0 to 5'],
    [['tiny-easy', '--job', 'first'], '--job: expected the number of a job, got "first"'],
    [['tiny-easy', '--replication', '2'], 'expected a replication up to 1, got 2'],
    [['tiny-easy', '--policy', 'fcsf+easy@pack'], 'Did you mean fcfs?'],
    [['tiny-easy', '--reps', '2'], 'explain takes no --reps'],
  ])('refuses %j', async (args, message) => {
    const { code, stdout, stderr } = await gigasim(['explain', ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  it('refuses what cannot change a run that is done, and a folder without runs', async () => {
    const folder = await runFolder(['run', 'tiny-easy']);
    const changed = await gigasim(['explain', folder, '--seed', '2']);
    expect({ code: changed.code, said: changed.stderr.includes('--seed cannot change') }).toEqual({
      code: 2,
      said: true,
    });
    const empty = await gigasim(['explain', temporaryFolder()]);
    expect(empty.stderr).toContain('expected a run folder or a results folder');
  });
});

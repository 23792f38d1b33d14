import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { gigasim, temporaryFolder } from './gigasim.js';

const DATA = resolve(import.meta.dirname, '../../../shared/data');
const SCRIPTS = resolve(import.meta.dirname, '../../bench/deLu2024');
/** A Python with pyarrow may stand elsewhere than on the path. */
const PYTHON = process.env['GIGASIM_PYTHON'] ?? 'python3';
const hasPyarrow = spawnSync(PYTHON, ['-c', 'import pyarrow.parquet']).status === 0;
const why = !existsSync(DATA) ? '../shared/data is absent' : hasPyarrow ? '' : `${PYTHON} has no pyarrow`;

it.skipIf(why !== '')(
  `agrees with a script of its own on the bill of DE-LU 2024, term by term to 1e-9${why === '' ? '' : ` (skipped: ${why})`}`,
  async () => {
    const out = temporaryFolder();
    execFileSync(PYTHON, [join(SCRIPTS, 'prepare.py'), DATA, out]);
    const ran = await gigasim(['run', join(out, 'scenario.yaml'), '--out', join(out, 'run'), '-q']);
    expect(ran.code, ran.stderr).toBe(0);
    const [run] = readdirSync(join(out, 'run', 'runs'));
    const { status, stdout, stderr } = spawnSync(
      PYTHON,
      [join(SCRIPTS, 'recompute.py'), out, join(out, 'run', 'runs', run!)],
      { encoding: 'utf8' },
    );
    expect(stderr).toBe('');
    expect(stdout).not.toContain('differ:');
    expect(stdout.split('\n').filter((line) => /^de-lu-2024(-contracts)?\t/.test(line)).length).toBeGreaterThan(30);
    expect(status, stdout).toBe(0);
  },
  120_000,
);

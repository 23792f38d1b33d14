import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseYaml } from '../../src/io/yaml.js';
import { planScenario } from '../../src/plan/plan.js';
import { simulate } from '../../src/sim/simulate.js';
import { shipped } from '../plan/planning.js';

const DOCS = 'docs/workloads.md';
const BLOCK = /(<!-- placement:start -->\n)([\s\S]*?)(<!-- placement:end -->)/;
const FILE = 'scenarios/placement-matters.yaml';

const plan = planScenario(parseYaml(readFileSync(FILE, 'utf8'), FILE), {
  library: shipped,
  readFile: (path) => readFileSync(path),
  buildVersion: 'test',
});

interface Trained {
  readonly mfu: number;
  readonly gpuHoursPerGToken: number;
}

/** Means over the seeds, of the class that trains the largest model. */
function trained(policy: number, group: number): Trained {
  const runs = plan.specs.filter(
    (_, index) => plan.runs[index]!.policy === policy && plan.runs[index]!.group === group,
  );
  const found = runs.map((spec) => simulate(spec, plan.inputs).schedule.classes[0]!.training!);
  const mean = (of: (at: number) => number): number => found.reduce((sum, _, at) => sum + of(at), 0) / found.length;
  return {
    mfu: mean((at) => found[at]!.mfuFraction),
    gpuHoursPerGToken: mean((at) => found[at]!.usefulGpuHours / (found[at]!.tokens / 1e9)),
  };
}

const byPolicy = plan.policies.map((_, policy) => plan.groups.map((__, group) => trained(policy, group)));
const [pack, random] = byPolicy as [Trained[], Trained[]];

describe('placement over pods', () => {
  it('costs nothing where all bandwidth leaves a pod, and random more the less leaves it', () => {
    expect(random[0]).toEqual(pack[0]);
    expect(random[1]!.mfu).toBeLessThan(0.99 * pack[1]!.mfu);
    expect(random[2]!.mfu).toBeLessThan(0.95 * pack[2]!.mfu);
    expect(random[2]!.gpuHoursPerGToken).toBeGreaterThan(1.05 * pack[2]!.gpuHoursPerGToken);
    expect(pack[2]!.mfu).toBeGreaterThan(0.98 * pack[0]!.mfu);
  });

  it('is in docs/workloads.md as it is simulated (GIGASIM_WRITE_DOCS=1 writes it)', () => {
    const titles = ['1', '1/3', '1/7'];
    const cells = ({ mfu, gpuHoursPerGToken }: Trained): string =>
      `${(100 * mfu).toFixed(1)} % | ${gpuHoursPerGToken.toFixed(0)}`;
    const table = [
      '| bandwidth that leaves a pod | `pack`: MFU | GPU-hours | `random`: MFU | GPU-hours |',
      '| --- | --- | --- | --- | --- |',
      ...titles.map((title, at) => `| ${title} | ${cells(pack[at]!)} | ${cells(random[at]!)} |`),
    ].join('\n');
    const text = readFileSync(DOCS, 'utf8');
    if (process.env['GIGASIM_WRITE_DOCS'] === '1') {
      writeFileSync(
        DOCS,
        text.replace(BLOCK, (_, start: string, __, end: string) => `${start}\n${table}\n\n${end}`),
      );
      return;
    }
    expect(BLOCK.exec(text)?.[2]?.trim()).toBe(table);
  });
});

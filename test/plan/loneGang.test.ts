import { describe, expect, it } from 'vitest';
import { estimate } from '../../src/metrics/statistics.js';
import { gangPlace, loneGang, planLoneGang, type GangPlace } from '../../src/plan/loneGang.js';
import {
  defaultGangs,
  ownSetting,
  settingOverrides,
  sweepGrid,
  sweepSettings,
} from '../../src/plan/reliabilitySweep.js';
import { writeFloors } from '../../src/plan/writeFloors.js';
import type { RunSpec } from '../../src/scenario/runSpec.js';
import { simulate } from '../../src/sim/simulate.js';
import { effectiveIntervalMs, gangEttr, gangFigures } from '../../src/training/gangReliability.js';
import { planText } from './planning.js';

const MINUTE = 60_000;
const about = { buildVersion: 'test', question: 'q?' };

function specsOf(more: string, sites = '[gf-de-jul]'): readonly RunSpec[] {
  const text = `version: 1\nkind: scenario\nquestion: q?\nsites: ${sites}\nworkload: frontier-mix\npolicy: fcfs+easy@pack\nhorizon: 1 d\nreplications: 1\n${more}`;
  return planText(text).specs;
}
const llama = specsOf('reliability: llama3');
const place: GangPlace = gangPlace(llama);

describe('a gang alone', () => {
  it('runs on the largest partition, as large as spares leave it', () => {
    expect(place).toMatchObject({ partition: 0, mostGpus: 100_008 - 98 * 4 });
    const both = gangPlace(specsOf('reliability: llama3', '[aif-de-24k, gf-de-jul]'));
    expect(both.base.sites[0]!.id).toBe('gf-de-jul');
  });

  it('agrees with the closed form to a hundredth', () => {
    for (const [gpus, interval] of [
      [16_384, 10 * MINUTE],
      [4096, 'daly'],
      [65_536, 2 * MINUTE],
      [65_536, 'daly'],
    ] as const) {
      const { specs, inputs } = planLoneGang(place, { gpus, interval }, { ...about, replications: 6 });
      const ettr = estimate(specs.map((spec) => simulate(spec, inputs).schedule.goodput!.ettrFraction));
      const figures = gangFigures(loneGang(place, gpus));
      const { closedForm } = gangEttr(figures, effectiveIntervalMs(figures, interval));
      expect(ettr.halfWidth).toBeLessThan(0.01);
      expect(Math.abs(ettr.mean - closedForm), `${gpus} GPUs at ${interval}`).toBeLessThan(0.01);
    }
  });

  it('has the storage to itself: no part of it bounds what Daly asks for', () => {
    expect(llama[0]!.checkpoints!.storageShare).toBe(0.5);
    const { specs } = planLoneGang(place, { gpus: 1024, interval: 'daly' }, { ...about, replications: 1 });
    expect(specs[0]!.checkpoints!.storageShare).toBeUndefined();
  });

  it('is told from jobs of the workload, which keep to no interval shorter than their writes', () => {
    const { least, most } = writeFloors(place)!;
    // 4 GB a GPU over 25 GB/s a node of 4, and as much as the storage takes of the largest; less 0.2 s of copying.
    expect(least.ms).toBeLessThanOrEqual(Math.ceil(640) - 200);
    expect(most.gpus).toBe(32_768);
    const figures = gangFigures(loneGang(place, most.gpus));
    expect(most.ms).toBe(effectiveIntervalMs(figures, 1));
    expect(most.ms).toBe(figures.writeMs - figures.stallMs);
  });

  it('draws other failures in each replication, and is the same run when planned again', () => {
    const planned = () => planLoneGang(place, { gpus: 1024, interval: 'daly' }, { ...about, replications: 2 });
    const [first, again] = [planned(), planned()];
    expect(first.runs.map(({ key }) => key)).toEqual(again.runs.map(({ key }) => key));
    const [one, two] = first.specs.map((spec) => simulate(spec, first.inputs).fingerprint);
    expect(one).not.toBe(two);
  });

  it('writes checkpoints of the model of the largest jobs', () => {
    const [base] = llama;
    const row = { tokensPerS: 1, mfu: 0.4, speedByPods: [1], activeWByPods: [1], parallelism: 'TP8' };
    const training = (model: string, gpus: number) => {
      return { model, flopsPerToken: 1, stateBytes: gpus, rows: [[{ ...row, gpus }]] };
    };
    const traits = [training('small', 64), training('large', 4096), undefined].map((of) => ({
      ...{ priority: 0, preemptible: true, checkpointMs: 0, restartMs: 0, resizeMs: 0, speedupExponent: 1, dataTB: 0 },
      ...{ speedByPartition: undefined, qos: undefined, sites: undefined },
      ...(of === undefined ? {} : { training: of }),
    }));
    const at = { ...place, base: { ...base!, traits } };
    expect(loneGang(at, 1024).stateBytes).toBe(4096);
    const { specs } = planLoneGang(at, { gpus: 1024, interval: 'daly' }, { ...about, replications: 1 });
    expect(specs[0]!.traits![0]!.training!.model).toBe('large');
  });

  it('is tried in powers of four and on nearly the whole machine', () => {
    expect(defaultGangs(place)).toEqual([1024, 4096, 16_384, 65_536, 99_328]);
    expect(defaultGangs({ ...place, mostGpus: 120 })).toEqual([4, 16, 64, 120]);
  });
});

describe('the values of a sweep', () => {
  it('lie around what the scenario says', () => {
    const own = ownSetting(llama);
    expect(own).toEqual({ interval: 'daly', spares: 98, rateFactor: 1 });
    const grid = sweepGrid(llama, {});
    expect(grid.spares).toEqual([0, 25, 98, 392]);
    expect(grid.rateFactor).toEqual([0.5, 1, 2]);
    // A gang on the whole machine writes for 230 s.
    expect(grid.interval).toEqual(['daly', ...[2, 5, 15, 30, 120].map((minutes) => minutes * MINUTE)]);
    expect(sweepSettings(own, grid, false)).toHaveLength(1 + 5 + 3 + 2);
    expect(sweepSettings(own, grid, true)).toHaveLength(6 * 4 * 3);
  });

  it('are asked for, with the own one among them', () => {
    const grid = sweepGrid(llama, { interval: [MINUTE], spares: [5], rateFactor: [3, 0.1] });
    expect(grid).toEqual({ interval: ['daly', MINUTE], spares: [5, 98], rateFactor: [0.1, 1, 3] });
  });

  it('change the runs as the scenario so written does', () => {
    const own = ownSetting(llama);
    const variant = settingOverrides({ interval: 90_000, spares: 7, rateFactor: 2 }, own, llama);
    expect(variant.map(({ from }) => from)).toEqual(['--intervals', '--spares', '--rates']);
    const text =
      'version: 1\nkind: scenario\nquestion: q?\nsites: [gf-de-jul]\nworkload: frontier-mix\npolicy: fcfs+easy@pack\nhorizon: 1 d\nreplications: 1\nreliability: llama3';
    const [changed] = planText(text, { variant, set: ['reliability.rateFactor=9'] }).specs;
    const [written] = specsOf(
      'reliability: { use: llama3, rateFactor: 2, spares: { nodes: 7 } }\ncheckpoints: { interval: 90 s }',
    );
    expect(changed).toEqual(written);
    expect(settingOverrides(own, own, llama)).toEqual([]);
  });

  it('keep spares that differ by partition where nothing is said of them', () => {
    const two = specsOf('reliability: llama3', '[aif-de-24k, gf-de-jul]');
    const own = ownSetting(two);
    expect(own.spares).toBeUndefined();
    expect(settingOverrides({ ...own, interval: MINUTE }, own, two).map(({ text }) => text)).toEqual([
      'checkpoints.interval=1 min',
    ]);
  });
});

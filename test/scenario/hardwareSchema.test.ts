import { describe, expect, it } from 'vitest';
import { hardwareSchema } from '../../src/scenario/hardwareSchema.js';
import { namesIn, shippedHardware } from '../power/catalogue.js';

const H100 = shippedHardware('h100-sxm');

function faultOf(change: Record<string, unknown>): string[] {
  const result = hardwareSchema.safeParse({ ...H100, ...change });
  return result.success ? [] : result.error.issues.map((issue) => issue.path.join('.'));
}

describe('hardware catalogue', () => {
  it('holds the ten parts, each under its own name', () => {
    expect(namesIn('hardware')).toEqual(
      [
        'a100-sxm',
        'b200-sxm',
        'b300-sxm',
        'gb200-nvl72',
        'gb300-nvl72',
        'gh200',
        'h100-sxm',
        'h200-sxm',
        'mi300x',
        'mi355x',
      ].sort(),
    );
    for (const name of namesIn('hardware')) expect(shippedHardware(name).name).toBe(name);
  });

  it.each(namesIn('hardware'))('%s: the scale-up domain is a node or a rack', (name) => {
    const { scaleUpGpus, gpusPerNode, nodesPerRack } = shippedHardware(name);
    expect([gpusPerNode.value, gpusPerNode.value * nodesPerRack.value]).toContain(scaleUpGpus.value);
  });

  it('SuperPOD parts have non-blocking domains of 9,216 GPUs', () => {
    for (const name of namesIn('hardware').filter((id) => id !== 'gh200' && id !== 'a100-sxm')) {
      const { gpusPerNode, nodesPerRack, racksPerPod } = shippedHardware(name);
      expect(gpusPerNode.value * nodesPerRack.value * racksPerPod.value, name).toBe(9216);
    }
  });
});

describe('hardware schema', () => {
  it('takes bare numbers as a user writes them', () => {
    const result = hardwareSchema.parse({ ...H100, tdpW: 500 });
    expect(result.tdpW).toEqual({ value: 500 });
  });

  it.each([
    ['no GPUs', { gpusPerNode: 0 }, 'gpusPerNode'],
    ['half a GPU', { gpusPerNode: 7.5 }, 'gpusPerNode'],
    ['more nodes a rack than the occupancy index holds', { nodesPerRack: 33 }, 'nodesPerRack'],
    ['a NaN rating', { tdpW: NaN }, 'tdpW'],
    ['an infinite rating', { nonGpuRatedW: Infinity }, 'nonGpuRatedW'],
    ['a number as text', { tdpW: '700' }, 'tdpW'],
    ['a negative network share', { networkWPerGpu: -1 }, 'networkWPerGpu'],
    ['undersubscription', { oversubscription: 0.5 }, 'oversubscription'],
    ['an idle GPU above its rating', { gpuIdleW: 800 }, 'gpuIdleW'],
    ['other parts that draw less when busy', { nonGpuIdleFraction: 0.9 }, 'nonGpuIdleFraction'],
    ['a missing figure', { hbmGB: undefined }, 'hbmGB'],
    ['an unknown precision', { peakTflops: { ...H100.peakTflops, fp64: 34 } }, 'peakTflops'],
    ['a misspelt key', { tpdW: 700 }, ''],
  ])('refuses %s', (_, change, path) => {
    expect(faultOf(change)).toEqual([path]);
  });
});

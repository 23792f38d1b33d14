import { describe, expect, it } from 'vitest';
import { facilityHours, facilitySpec } from '../../src/power/facility.js';
import { nodePower, ratedNodeW, trainingW } from '../../src/power/nodePower.js';
import { phaseWatts } from '../../src/power/phasePower.js';
import { shippedHardware, shippedSite } from './catalogue.js';

const TRAINING = [{ gpuPowerFraction: 0.95 }];

/** Idle and fully busy draw of a node without its network share, W. */
function node(name: string, gpuCapW?: number) {
  const hardware = shippedHardware(name);
  const { idleW, activeWByClass, networkWPerGpu } = nodePower(hardware, TRAINING, { gpuCapW });
  const gpus = hardware.gpusPerNode.value;
  const busyW = idleW + gpus * activeWByClass[0]!;
  const networkW = gpus * networkWPerGpu;
  return { idleW, busyW, networkW, ratedW: ratedNodeW(hardware, { gpuCapW }) };
}

const within = (low: number, value: number, high: number) => {
  expect(value).toBeGreaterThanOrEqual(low);
  expect(value).toBeLessThanOrEqual(high);
};

describe('calibration to published power', () => {
  it('an 8×H100 node trains at the measured 7.75–8.48 kW and idles at 20–25 % of its 10.2 kW', () => {
    const { idleW, busyW, ratedW, networkW } = node('h100-sxm');
    within(7750, busyW, 8480);
    expect(ratedW - networkW).toBe(10_200);
    within(0.2, idleW / 10_200, 0.25);
  });

  it('an 8×A100 node lies inside the measured distributions, idle and busy', () => {
    const { idleW, busyW } = node('a100-sxm');
    within(1512, idleW, 1696);
    within(5040, busyW, 5452);
  });

  it.each([
    ['h200-sxm', 10_200, 8],
    ['b200-sxm', 14_300, 8],
    ['b300-sxm', 14_000, 8],
    ['gb300-nvl72', 7500, 4],
    ['gb200-nvl72', 6700, 4],
  ])('%s is rated as its source says: %i W a node', (name, ratedW) => {
    expect(node(name).ratedW - node(name).networkW).toBe(ratedW);
  });

  it('100,008 GB300 GPUs are rated near 200 MW of IT and train at 0.9 of it', () => {
    const { racks } = shippedSite('gf-de-jul').partitions[0]!;
    const nodes = racks!.value * shippedHardware('gb300-nvl72').nodesPerRack.value;
    expect(nodes * 4).toBe(100_008);
    const { ratedW, busyW, networkW, idleW } = node('gb300-nvl72');
    within(195e6, nodes * ratedW, 205e6);
    within(178e6, nodes * (busyW + networkW), 182e6);
    within(46e6, nodes * (idleW + networkW), 48e6);
    // With a tenth of each step in exposed communication.
    const exposedW = 4 * trainingW(shippedHardware('gb300-nvl72'), 0.95, 0.1);
    within(172e6, nodes * (idleW + exposedW + networkW), 175e6);
  });

  it('an 8×H100 node that hangs, restarts or writes a checkpoint draws about half of what it does in training', () => {
    const { idleW, busyW } = node('h100-sxm');
    const { stallW, hangW, initialiseW } = phaseWatts(shippedHardware('h100-sxm'));
    for (const watts of [stallW, hangW, initialiseW]) within(0.45, (idleW + 8 * watts) / busyW, 0.6);
  });

  it('the AI Factory of 24,000 GH200 draws about 17 MW at full tilt and 11 MW at the load factor of its reference', () => {
    const site = shippedSite('aif-de-24k');
    const { nodes, gpuCapW } = site.partitions[0]!;
    const { ratedW, busyW, networkW } = node('gh200', gpuCapW!.value);
    const itW = nodes!.value * (busyW + networkW);
    within(15.4e6, itW, 15.8e6);
    const facility = facilitySpec(site.facility, nodes!.value * ratedW);
    const { aW, b } = facilityHours(facility, { stepMs: 3_600_000, values: Float64Array.of(9) });
    const facilityW = aW[0]! + b[0]! * itW;
    within(16e6, facilityW, 17e6);
    within(10.5e6, facilityW * site.reference!.loadFactor, 11.5e6);
  });
});

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { speedAtCap } from '../../src/power/capCurve.js';
import { nodePower, ratedNodeW, trainingW } from '../../src/power/nodePower.js';
import { phaseWatts } from '../../src/power/phasePower.js';
import { shippedHardware } from '../power/catalogue.js';

/** Rows of the first table of docs/power.md: its first cell names the part. */
const ID_OF: Readonly<Record<string, string>> = {
  'A100 SXM': 'a100-sxm',
  'H100 SXM': 'h100-sxm',
  'B200 SXM': 'b200-sxm',
  'GB300 NVL72 tray': 'gb300-nvl72',
  'GH200, cap 550 W': 'gh200',
};

const text = readFileSync(resolve(import.meta.dirname, '../../docs/power.md'), 'utf8');
const rows = text
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .map((line) => line.split('|').slice(1, -1))
  .map((cells) => cells.map((cell) => cell.trim()))
  .filter(([part]) => part! in ID_OF);

describe('docs/power.md', () => {
  it.each(rows)('node table, %s', (part, ...cells) => {
    const hardware = shippedHardware(ID_OF[part]!);
    const options = part.includes('cap 550') ? { gpuCapW: 550 } : {};
    const { idleW, activeWByClass, networkWPerGpu } = nodePower(hardware, [{ gpuPowerFraction: 0.95 }], options);
    const gpus = hardware.gpusPerNode.value;
    const activeW = activeWByClass[0]!;
    expect(cells.map((cell) => Number(cell.replace(/[ ,W]/g, '')))).toEqual([
      gpus,
      hardware.tdpW.value,
      hardware.gpuIdleW.value,
      hardware.nonGpuRatedW.value,
      idleW,
      activeW,
      idleW + gpus * activeW,
      ratedNodeW(hardware, options) - gpus * networkWPerGpu,
      networkWPerGpu,
    ]);
  });

  it('phases of a job, an H100 in each', () => {
    const h100 = shippedHardware('h100-sxm');
    const { idleW, activeWByClass } = nodePower(h100, [{ gpuPowerFraction: 0.95 }]);
    const { stallW, hangW, initialiseW } = phaseWatts(h100);
    const phases: [string, number, number][] = [
      ['computing', 0.95, activeWByClass[0]!],
      ['exposed communication', h100.exposedPowerFraction.value, trainingW(h100, 0.95, 1)],
      ['checkpoint stall', h100.stallPowerFraction.value, stallW],
      ['hang, until a fault is found', h100.hangPowerFraction.value, hangW],
      ['initialisation and restart', h100.initialisePowerFraction.value, initialiseW],
      ['idle', h100.gpuIdleW.value / h100.tdpW.value, 0],
    ];
    for (const [phase, fraction, addedW] of phases) {
      const cells = text
        .match(new RegExp(`^\\| ${phase} \\|(.*)\\|$`, 'm'))![1]!
        .split('|')
        .slice(1);
      const shown = cells.map((cell) => Number(cell.replaceAll(',', '')));
      expect([phase, ...shown]).toEqual([phase, fraction, Math.round(fraction * 700), addedW, idleW + 8 * addedW]);
    }
  });

  it('speed under a power cap, point by point', () => {
    const cells = (name: string): string[] =>
      text
        .match(new RegExp(`^\\| ${name} \\|(.*)\\|$`, 'm'))![1]!
        .split('|')
        .map((cell) => cell.trim());
    const points = [0.1, ...[200, 300, 400, 500, 600, 700].map((watts) => watts / 700)];
    expect(cells('cap, of TDP').map(Number)).toEqual(points.map((cap) => Number(cap.toFixed(3))));
    expect(cells('speed').map(Number)).toEqual(points.map((cap) => Number(speedAtCap(cap, 0.1).toFixed(3))));
  });

  it('shows every part of the table', () => {
    expect(rows).toHaveLength(Object.keys(ID_OF).length);
  });
});

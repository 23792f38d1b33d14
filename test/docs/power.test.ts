import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nodePower, ratedNodeW } from '../../src/power/nodePower.js';
import { shippedHardware } from '../power/catalogue.js';

/** Rows of the first table of docs/power.md: its first cell names the part. */
const ID_OF: Readonly<Record<string, string>> = {
  'A100 SXM': 'a100-sxm',
  'H100 SXM': 'h100-sxm',
  'B200 SXM': 'b200-sxm',
  'GB300 NVL72 tray': 'gb300-nvl72',
  'GH200, cap 550 W': 'gh200',
};

const rows = readFileSync(resolve(import.meta.dirname, '../../docs/power.md'), 'utf8')
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

  it('shows every part of the table', () => {
    expect(rows).toHaveLength(Object.keys(ID_OF).length);
  });
});

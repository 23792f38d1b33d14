import { describe, expect, it } from 'vitest';
import { siteTotal } from '../../src/metrics/siteTotal.js';
import { runText } from '../../src/report/runText.js';
import { simulate } from '../../src/sim/simulate.js';
import { brokeredTask, generatedTask } from '../support/tinyRuns.js';
import { unreliable } from '../support/unreliable.js';

describe('useful GPU-hours of sites', () => {
  it('are those of the schedule where all sites share it, each paying its own bill over them', () => {
    const { spec, inputs } = generatedTask(0);
    const { schedule, sites } = simulate({ ...spec, ...unreliable(spec.partitions) }, inputs);
    const { usefulGpuHours } = schedule.goodput!;
    expect(usefulGpuHours).toBeGreaterThan(0);
    expect(usefulGpuHours).toBeLessThan(schedule.gpuHoursUsed);
    for (const site of sites) {
      expect(site.usefulGpuHours).toBeCloseTo(usefulGpuHours, 9);
      expect(site.eurPerUsefulGpuHour).toBe(site.bill.totalEur / site.usefulGpuHours!);
      expect(site.eurPerUsefulGpuHour!).toBeGreaterThan(site.eurPerGpuHour);
    }
  });

  it('are split among the sites of a broker, and their total is that of the schedule', () => {
    const { spec, inputs } = brokeredTask(0);
    const { schedule, sites } = simulate({ ...spec, ...unreliable(spec.partitions) }, inputs);
    for (const { usefulGpuHours, gpuHoursUsed } of sites) {
      expect(usefulGpuHours).toBeGreaterThan(0);
      expect(usefulGpuHours!).toBeLessThan(gpuHoursUsed);
    }
    expect(siteTotal(sites).usefulGpuHours).toBeCloseTo(schedule.goodput!.usefulGpuHours, 9);
  });

  it('are not told of a run without phases', () => {
    const { spec, inputs } = generatedTask(0);
    for (const site of simulate(spec, inputs).sites) expect(site).not.toHaveProperty('usefulGpuHours');
  });

  it('stand in the words of the run, with what interrupted jobs', () => {
    const { spec, inputs } = generatedTask(0);
    const changed = { ...spec, ...unreliable(spec.partitions) };
    const text = runText({ spec: changed, inputs, result: simulate(changed, inputs), key: '' });
    expect(text).toMatch(/^GPU time +useful \d+\.\d\d %, checkpoints \d/m);
    expect(text).toMatch(/^ETTR/m);
    expect(text).toMatch(/^software +\d/m);
    expect(text).toContain('EUR per useful');
  });
});

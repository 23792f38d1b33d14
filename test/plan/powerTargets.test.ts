import { describe, expect, it } from 'vitest';
import { faultsOf, planText } from './planning.js';

/** Four H100 nodes that idle at 12,328 W; a GPU that trains at 0.57 of TDP adds 399 − 70 + 172.5 W, 502 W. */
const scenario = (policy: string, jobs = '{ submit: 0 h, gpus: 16, run: 2 h }', overhead = 1): string =>
  [
    'version: 1',
    'kind: scenario',
    'question: Is there power for the largest job?',
    'sites: [{ name: a, zone: FR, partitions: [{ name: main, hardware: h100-sxm, nodes: 4 }], ',
    `  facility: { liquidFraction: 1, liquidCoolingFraction: 0, upsEfficiency: ${String(1 / overhead)}, distributionEfficiency: 1, fixedFraction: 0 },`,
    '  tariff: { capacityEurPerKwYear: 0, networkEurPerMWh: 0, leviesEurPerMWh: 0 } }]',
    `workload: { jobClasses: [{ name: train, gpuPowerFraction: 0.95 }], jobs: [${jobs}] }`,
    `policy: ${policy}`,
    'horizon: 1 d',
    'warmup: 0 s',
    '',
  ].join('\n');
const messages = (...given: Parameters<typeof scenario>): string[] =>
  faultsOf(scenario(...given)).map(({ path, message }) => `${path}: ${message}`);

describe('a power too low for the largest job', () => {
  it('is refused with the least that would do: idle machines and the job at the strongest cap', () => {
    expect(messages("'fcfs+easy@pack~peak-guard(20 MW)'")).toEqual([]);
    expect(messages("'fcfs+easy@pack~peak-guard(20 kW)'")).toEqual([
      'policy: expected peak-guard to keep a under at least 0.02036 MW' +
        ', which its machines draw idle with a job of 16 GPUs at 0.57 of TDP; got 0.02 MW',
    ]);
  });

  it('is the least to the watt: 12,328 + 16 × 502 = 20,360 W', () => {
    expect(messages("'fcfs+easy@pack~peak-guard(20.36 kW)'")).toEqual([]);
    expect(messages("'fcfs+easy@pack~peak-guard(20.35 kW)'")).toHaveLength(1);
    // With a building that adds a tenth.
    expect(messages("'fcfs+easy@pack~peak-guard(22.39 kW)'", undefined, 1.1)).toHaveLength(1);
    expect(messages("'fcfs+easy@pack~peak-guard(22.397 kW)'", undefined, 1.1)).toEqual([]);
  });

  it('is told as a share where the policy has one, and goes by the cap that the policy may use', () => {
    // All busy: 12,328 + 32 × 768 = 36,904 W; 20,360 are 0.552 of it.
    expect(messages("'fcfs+easy@pack~peak-guard(0.55)'")[0]).toContain('(a share of 0.552)');
    expect(messages("'fcfs+easy@pack~peak-guard(0.56)'")).toEqual([]);
    expect(messages("'fcfs+easy@pack~peak-guard(0.55, 0.5)'")).toEqual([]);
    expect(messages("'fcfs+easy@pack~cap(17 kW)'")).toHaveLength(1);
    expect(messages("'fcfs+easy@pack~cap(0.3)'")).toEqual([]);
  });

  it('is told of every policy of a list at once', () => {
    const list = "[fcfs+easy@pack, 'fcfs+easy@pack~peak-guard(0.4)', 'sjf+easy@pack~cap(14 kW)']";
    expect(messages(list).map((message) => message.slice(0, 9))).toEqual(['policy[1]', 'policy[2]']);
  });

  it('goes by the jobs of a trace too', () => {
    const trace = '1 0 -1 3600 16 -1 -1 16 3600 -1 1 1 1 1 1 -1 -1 -1\n';
    const traced = scenario("'fcfs+easy@pack~peak-guard(0.5)'").replace(/workload: .*/, 'workload: { trace: t.swf }');
    expect(faultsOf(traced, { readFile: () => new TextEncoder().encode(trace) })[0]!.message).toContain('16 GPUs');
  });

  it('is no fault without a policy that keeps one', () => {
    expect(planText(scenario('fcfs+easy@pack~demand-response')).specs).toHaveLength(1);
  });
});

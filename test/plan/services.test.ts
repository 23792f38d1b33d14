import { describe, expect, it } from 'vitest';
import { simulate } from '../../src/sim/simulate.js';
import { faultsOf, planText } from './planning.js';

const PROFILE = `{ values: [${Array.from({ length: 24 }, (_, hour) => (hour < 12 ? 0.5 : 1)).join(', ')}] }`;
const chat = (keys: string): string => `{ ${keys}, replicaGpus: 8, gpuPowerFraction: 0.8, profile: ${PROFILE} }`;
const site = (
  name: string,
  zone: string,
  partitions = '[{ name: main, hardware: h100-sxm, nodes: 10, racksPerPod: 1 }]',
) => `
  - name: ${name}
    title: ${name}
    zone: ${zone}
    partitions: ${partitions}
    facility:
      { liquidFraction: 1, liquidCoolingFraction: 0, upsEfficiency: 1, distributionEfficiency: 1, fixedFraction: 0 }
    tariff: { capacityEurPerKwYear: 0, networkEurPerMWh: 0, leviesEurPerMWh: 0 }
    series: { price: { constant: 50 }, carbon: { constant: 0 }, wetBulb: { constant: 10 } }`;
const TWO = `[{ name: small, hardware: h100-sxm, nodes: 2 }, { name: large, hardware: gb300-nvl72, racks: 1 }]`;

const scenario = (
  service: string,
  { sites = site('a', 'FR'), workload = 'jobs: [{ submit: 0 h, gpus: 8, run: 1 h }]', more = '' } = {},
) => `
version: 1
kind: scenario
question: q
sites: ${sites}
workload:
  ${workload}
  service: ${service}
policy: fcfs+easy@pack
horizon: 24 h
${more}`;

const faults = (...given: Parameters<typeof scenario>): string[] =>
  faultsOf(scenario(...given)).map(
    ({ path, message, hint }) => `${path}: ${message}${hint === undefined ? '' : ` ${hint}`}`,
  );

describe('services of a workload', () => {
  it('hold whole replicas: so many GPUs, or a share of the partition rounded down', () => {
    const replicas = (keys: string): number =>
      planText(scenario(chat(keys))).specs[0]!.services![0]!.places[0]!.replicas;
    expect(replicas('gpus: 24')).toBe(3);
    expect(replicas('share: 0.3')).toBe(3);
    expect(replicas('share: 0.39')).toBe(3);
  });

  it('are a share of what the partition begins with where that grows', () => {
    const partitions = '[{ name: main, hardware: h100-sxm, phases: [{ at: 0 h, nodes: 10 }, { at: 9 h, nodes: 20 }] }]';
    const plan = planText(scenario(chat('share: 0.5'), { sites: site('a', 'FR', partitions) }));
    expect(plan.specs[0]!.services![0]!.places[0]!.replicas).toBe(5);
  });

  it('go to the partition they name, or the largest, with whole watts of its hardware', () => {
    const at = (keys: string) =>
      planText(scenario(chat(keys), { sites: site('a', 'FR', TWO) })).specs[0]!.services![0]!.places[0]!;
    expect(at('gpus: 8').partition).toBe(1);
    const small = at('gpus: 8, partition: small');
    expect(small.partition).toBe(0);
    // Mean 0.6 of 700 W: 420 − 70 + 172.5 = 522.5 → 523; at 0.4 382.5 → 383, at 0.8 662.5 → 663.
    expect(small.deviationWByHour[0]).toBe(383 - 523);
    expect(small.deviationWByHour[23]).toBe(663 - 523);
  });

  it('follow the clock of the site where they name no zone, so sites of other clocks do not share a schedule', () => {
    const sites = site('a', 'FR') + site('b', 'FI') + site('c', 'DE-LU');
    const groups = (keys: string) => planText(scenario(chat(keys), { sites })).groups.map((group) => group.sites);
    expect(groups('gpus: 8')).toEqual([['a'], ['b'], ['c']]);
    expect(groups('gpus: 8, timeZone: UTC')).toEqual([['a', 'b', 'c']]);
    const plan = planText(scenario(chat('gpus: 8'), { sites }));
    expect(plan.specs[1]!.services![0]!.places[0]!.timeZone).toBe('Europe/Helsinki');
  });

  it('are at each site of a broker, which moves none of them', () => {
    const sites = site('a', 'FR') + site('b', 'FI');
    const text = scenario(chat('gpus: 16'), { sites }).replace('fcfs+easy@pack', 'fcfs+easy@pack^cheapest-energy');
    const plan = planText(text);
    const [spec] = plan.specs;
    expect(spec!.services![0]!.places.map(({ partition, replicas }) => [partition, replicas])).toEqual([
      [0, 2],
      [1, 2],
    ]);
    const result = simulate(spec!, plan.inputs, { keepJobs: true });
    expect([...result.jobs!.partitionOf!.slice(0, 4)]).toEqual([0, 0, 1, 1]);
    expect(result.sites.map(({ gpuHoursUsed }) => gpuHoursUsed)).toContain(16 * 24);
  });

  it('stand beside jobs that are drawn', () => {
    const workload = 'use: mmc';
    const plan = planText(scenario(chat('share: 0.5'), { workload, more: 'replications: 1\nwarmup: 1 d' }));
    const { schedule } = simulate(plan.specs[0]!, plan.inputs);
    expect(schedule.classes.at(-1)).toMatchObject({ name: 'service', gpuHoursUsed: 40 * 24 });
    expect(schedule.offeredLoadTarget).toBeGreaterThan(0);
  });

  it('may be several, each a class by its name', () => {
    const list = `[${chat('name: chat, gpus: 8')}, ${chat('name: search, gpus: 16')}]`;
    const [spec] = planText(scenario(list)).specs;
    expect(spec!.workload.classNames).toEqual(['job', 'chat', 'search']);
    expect(spec!.traits!.map(({ preemptible, stateless }) => [preemptible, stateless])).toEqual([
      [true, undefined],
      [false, true],
      [false, true],
    ]);
  });

  it('show in the configuration what they leave to defaults', () => {
    const shown = planText(scenario(chat('gpus: 8'))).config.filter(({ key }) => key.startsWith('workload.service'));
    expect(shown.map(({ key, value, from }) => [key, value, from])).toEqual([
      ['workload.service.name', 'service', 'default'],
      ['workload.service.timeZone', "the site's", 'default'],
    ]);
  });

  it('name every fault in one pass', () => {
    expect(faults(chat('gpus: 12'))).toEqual([
      'workload.service.gpus: expected whole replicas of 8 GPUs, got 12 (site a) The nearest is 16.',
    ]);
    expect(faults(chat('gpus: 88'))).toEqual([
      'workload.service.gpus: expected at most the 80 GPUs that partition main begins with beside spares and other services, got 88 (site a)',
    ]);
    expect(faults(chat('share: 0.05'))).toEqual([
      'workload.service.share: expected at least one replica of 8 GPUs in partition main, got 4 GPUs (site a)',
    ]);
    expect(faults(chat('gpus: 8, partition: man, timeZone: Europe/Pari'))).toEqual([
      "workload.service.partition: expected one of the site's partitions main; got man (site a) Did you mean main?",
      'workload.service.timeZone: expected an IANA time zone such as Europe/Berlin, got Europe/Pari',
    ]);
    expect(faults(chat('gpus: 8').replace('replicaGpus: 8', 'replicaGpus: 12'))).toEqual([
      'workload.service.replicaGpus: expected whole nodes of 8 GPUs (h100-sxm), got 12 (site a) The nearest is 16.',
    ]);
    expect(faults(chat('name: job, gpus: 8'))).toEqual([
      'workload.service.name: expected a name that no class and no other service of the workload has; got job',
    ]);
  });

  it('refuse a profile of 23 values, a share beside GPUs and a value above 1', () => {
    const short = chat('gpus: 8').replace('[0.5, ', '[');
    expect(faults(short).join()).toMatch(/^workload\.service\.profile\.values: .*24/);
    expect(faults(chat('gpus: 8, share: 0.5'))).toEqual([
      'workload.service: expected exactly one of gpus and share; got both',
    ]);
    expect(faults(chat('gpus: 8').replace('[0.5, ', '[1.5, ')).join()).toMatch(
      /^workload\.service\.profile\.values\[0\]/,
    );
  });

  it('leave too little for a job that does not fit beside them', () => {
    const workload = 'jobs: [{ submit: 0 h, gpus: 72, run: 1 h }]';
    expect(faults(chat('gpus: 8'), { workload })).toEqual([]);
    expect(faults(chat('gpus: 16'), { workload }).join()).toMatch(/jobs\[0\]\.gpus: .*72 GPUs.*has 64/);
  });
});

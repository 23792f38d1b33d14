import { describe, expect, it } from 'vitest';
import { MS_PER_HOUR, MS_PER_MINUTE } from '../../src/base/units.js';
import type { WindowSpec } from '../../src/scenario/runSpec.js';
import { PLAIN_TRAITS } from '../../src/scenario/classTraits.js';
import type { Schedule, ScheduleInput } from '../../src/sim/schedule.js';
import { run } from '../support/brokered.js';
import { jobTable, machine, type PlainJob } from '../support/jobs.js';

const MIN = MS_PER_MINUTE;
/** Nodes of 4 GPUs: 100 W idle and 40 W of network; a busy GPU adds 50 W. Asleep a node saves 90 W. */
const NODE = machine(2, 4);
const SLEEP = 'fcfs+easy@pack~idle-sleep(15 min, 5 min, 0.1)';

const minutes = (submit: number, gpus: number, runs: number, more: Partial<PlainJob> = {}): PlainJob => ({
  ...{ submitMs: submit * MIN, gpus, runMs: runs * MIN },
  ...more,
});
const ran = (jobs: readonly PlainJob[], given: Partial<ScheduleInput> = {}, policy = SLEEP): Schedule =>
  run(policy, given.partitions ?? [NODE], jobs, { horizonMs: 2 * MS_PER_HOUR, ...given });
/** IT joules of each quarter hour. */
const joules = ({ curves }: Schedule): number[] => [...curves[0]!.itWms].map((wms) => wms / 1000);
const endsMin = ({ endMs }: Schedule): number[] => [...endMs].map((ms) => ms / MIN);

describe('two nodes that sleep after 15 minutes and wake in 5, on paper', () => {
  // A has node 0 from 0 to 10 min. Node 1 sleeps from 15, node 0 from 25 min, until B gets both at 30: it waits until 35 and
  // ends at 55. Both sleep from 70 on.
  const result = ran([minutes(0, 4, 10), minutes(30, 8, 20)]);

  it('the job that gets them begins when they are awake', () => {
    expect([...result.startMs].map((ms) => ms / MIN)).toEqual([0, 30]);
    expect(endsMin(result)).toEqual([10, 55]);
  });

  it('draws in each quarter hour what their states say, to the joule', () => {
    expect(joules(result)).toEqual([
      280 * 900 + 200 * 600, // A
      280 * 900 - 90 * (900 + 300), // node 1 all along, node 0 from 25 min
      280 * 900 + 400 * 600, // idle until 35 min, then B
      280 * 900 + 400 * 600, // B until 55
      280 * 900 - 180 * 300,
      ...[100 * 900, 100 * 900, 100 * 900],
    ]);
  });

  it('counts what slept, what woke, and what waited for it', () => {
    const { asleepNodeMs, savedWms, wakes, wakeWms, wakingGpuMs } = result.power!.sleep!;
    expect(asleepNodeMs).toBe((15 + 5 + 50 + 50) * MIN);
    expect(savedWms).toBe(90 * asleepNodeMs);
    expect(wakes).toBe(2);
    expect(wakeWms).toBe(2 * 100 * 5 * MIN);
    expect(wakingGpuMs).toBe(8 * 5 * MIN);
    expect(result.progress.interruptions!.lostGpuMs[1]).toBe(0);
  });
});

describe('a node', () => {
  it('that is given to a job at the instant it would fall asleep is awake, a millisecond later it is not', () => {
    expect(endsMin(ran([minutes(15, 4, 10)]))).toEqual([25]);
    const late = ran([{ submitMs: 15 * MIN + 1, gpus: 4, runMs: 10 * MIN }]);
    expect([...late.endMs]).toEqual([30 * MIN + 1]);
    expect(late.power!.sleep!.wakes).toBe(1);
  });

  it('that several small jobs share wakes once: who comes later waits for the rest', () => {
    const result = ran([minutes(20, 1, 10), minutes(22, 1, 10), minutes(26, 1, 10)]);
    expect(endsMin(result)).toEqual([35, 35, 36]);
    expect(result.power!.sleep!.wakes).toBe(1);
    expect(result.power!.sleep!.wakingGpuMs).toBe((5 + 3) * MIN);
    // From 20 to 25 nobody draws for them; node 1 sleeps.
    expect(joules(result)[1]).toBe(280 * 900 - 90 * (900 + 300) + 50 * (2 * 300 + 240));
  });

  it('goes on waking when its job is killed, and sleeps again when it has been free for so long', () => {
    const course: WindowSpec = {
      ...{ name: 'course', kind: 'reservation', partition: 0, nodes: 1, fromMs: 0, toMs: 22 * MIN, drainMs: 0 },
    };
    const only = { ...NODE, nodes: 1 };
    const extra = { reservationOf: Int16Array.of(0, -1) };
    const rows = [minutes(20, 4, 60, { estimateMs: MIN }), minutes(23, 4, 10)];
    const result = ran(rows, {
      partitions: [only],
      windows: [course],
      jobs: { ...jobTable(rows), extra },
    });
    // The reservation's job gets a node that sleeps since 15, and is killed while it wakes; the next waits from 23 to 25.
    expect(endsMin(result)).toEqual([22, 35]);
    expect(joules(result)[1]).toBe(140 * 900 - 90 * 300 + 200 * 300);
    expect(result.power!.sleep!.wakingGpuMs).toBe(4 * (2 + 2) * MIN);
  });

  it('in maintenance is on: it wakes for it and sleeps again only when it has been back for so long', () => {
    const service: WindowSpec = {
      ...{ name: 'service', kind: 'maintenance', partition: 0, nodes: 1, fromMs: 30 * MIN, toMs: 60 * MIN, drainMs: 0 },
    };
    const result = ran([minutes(0, 4, 119)], { windows: [service] });
    // Node 1 sleeps from 15 to 30 and from 75 min on.
    expect(result.power!.sleep!.asleepNodeMs).toBe((15 + 45) * MIN);
    expect(joules(result).slice(0, 6)).toEqual([0, 90, 0, 0, 0, 90].map((savedW) => (480 - savedW) * 900));
  });

  it('sleeps through the beginning and the end of the horizon, of which only the inside counts', () => {
    const result = ran([minutes(-60, 4, 10)], { startMs: -60 * MIN, horizonMs: 30 * MIN });
    expect(joules(result)).toEqual([100 * 900, 100 * 900]);
    expect(result.power!.sleep!.asleepNodeMs).toBe(2 * 30 * MIN);
    const waking = ran([minutes(27, 8, 10)], { horizonMs: 30 * MIN });
    expect(joules(waking)[1]).toBe(280 * 900 - 180 * 720);
    expect(waking.power!.sleep!.wakingGpuMs).toBe(8 * 3 * MIN);
    expect(waking.power!.sleep!.wakeWms).toBe(200 * 3 * MIN);
  });
});

describe('jobs on sleeping nodes', () => {
  it('are restarted after the nodes are awake', () => {
    // Pre-empted at 20 after 20 of 40 min; it goes on at 30 where it is, on the node that was free since 0: it sleeps.
    const traits = [{ ...PLAIN_TRAITS, restartMs: 3 * MIN }];
    const rows = [minutes(0, 4, 40), minutes(20, 4, 10, { priority: 1 })];
    const result = ran(rows, { traits }, 'priority+none/priority@pack~idle-sleep(15 min, 5 min, 0.1)');
    // Node 1 is there for the second: it waits from 20 to 25.
    expect(endsMin(result)).toEqual([40, 35]);
    const one = ran(
      [...rows, minutes(20, 4, 30, { priority: 1 })],
      { traits },
      'priority+none/priority@pack~idle-sleep(15 min, 5 min, 0.1)',
    );
    // Now both nodes are wanted: 20 min of the first are left when it gets node 1 at 35, awake, and 3 min of restart.
    expect(endsMin(one)).toEqual([58, 35, 50]);
  });

  it('that are resized while their nodes wake pay for the resize when these are awake', () => {
    const traits = [{ ...PLAIN_TRAITS, resizeMs: 2 * MIN }];
    const rows = [minutes(20, 8, 60, { minGpus: 4, maxGpus: 8 }), minutes(22, 4, 10, { minGpus: 4, maxGpus: 4 })];
    const result = ran(rows, { traits }, 'fcfs+elastic@pack~idle-sleep(15 min, 5 min, 0.1)');
    // The first has both nodes from 20 min on and gives one up at 22. Both are awake at 25: the second runs until 35, the
    // first is resized until 27 and does 4 of 60 min of work on half its GPUs by 35. Then it is resized again, until 37.
    expect(endsMin(result)).toEqual([37 + 56, 35]);
    expect(result.power!.sleep!.wakingGpuMs).toBe((8 * 2 + 4 * 3 + 4 * 3) * MIN);
    expect(result.progress.interruptions!.lostGpuMs[0]).toBe((4 * 2 + 8 * 2) * MIN);
  });

  it('end as they would without sleep where waking takes no time, and what is saved is all that changes', () => {
    const rows = [minutes(0, 4, 10), minutes(30, 8, 20), minutes(40, 2, 20), minutes(70, 1, 5)];
    const plain = ran(rows, {}, 'fcfs+easy@pack');
    const slept = ran(rows, {}, 'fcfs+easy@pack~idle-sleep(15 min, 0 min, 0)');
    expect(slept.endMs).toEqual(plain.endMs);
    const saved = joules(plain).reduce((sum, j) => sum + j, 0) - joules(slept).reduce((sum, j) => sum + j, 0);
    expect(saved).toBe(slept.power!.sleep!.savedWms / 1000);
    expect(saved).toBeGreaterThan(0);
  });
});

it('who wakes in the warm-up is not counted', () => {
  // Both wake at −30 min; node 0 again at 60.
  const result = ran([minutes(-30, 8, 10), minutes(60, 4, 10)], { startMs: -60 * MIN });
  expect(endsMin(result)).toEqual([-15, 75]);
  expect(result.power!.sleep!.wakes).toBe(1);
});

it('nothing sleeps where nodes would have to be idle for longer than they are, and the run is the same', () => {
  const rows = [minutes(0, 4, 10), minutes(30, 8, 20)];
  const plain = ran(rows, {}, 'fcfs+easy@pack');
  const never = ran(rows, {}, 'fcfs+easy@pack~idle-sleep(3 h)');
  expect(never.fingerprint).toBe(plain.fingerprint);
  expect(never.power!.sleep).toEqual({ asleepNodeMs: 0, savedWms: 0, wakes: 0, wakeWms: 0, wakingGpuMs: 0 });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { machine } from '../support/jobs.js';
import { runRuled, startsOrReasons, type Rules, type RuledJob } from '../support/rules.js';
import { stretches } from '../support/stretches.js';

const GPUS_PER_NODE = 2;
const fourNodes = [machine(4, GPUS_PER_NODE)];
const run = (jobs: readonly RuledJob[], rules: Rules = {}) =>
  runRuled(jobs, { partitions: fourNodes, policy: 'fcfs+elastic(20 ms)@first-fit', ...rules });

describe('elastic', () => {
  /*
   * 4 nodes of 2 GPUs, speed as the number of GPUs. R (4 GPUs) runs 0–100. E asks for 8, at least 4, at 10: starts on the
   * 4 that are free, at half speed: 45 of its 80 ms are done at 100. Then 4 GPUs are free: 35 left take 35 ms instead of
   * 70, and the resize of 6 is worth it: E ends at 100 + 6 + 35 = 141. The resize costs 6 ms × 8 GPUs.
   */
  it('starts a job on the GPUs that are free and lends it more when they are', () => {
    const jobs = [
      { submitMs: 0, gpus: 4, runMs: 100 },
      { submitMs: 10, gpus: 8, runMs: 80, minGpus: 4 },
    ];
    const done = run(jobs, { traits: [{ resizeMs: 6 }] });
    expect(stretches(done)).toEqual([
      [0, 4, 0, 100],
      [1, 4, 10, 100],
      [1, 8, 100, 141],
    ]);
    const { attainedGpuMs, lostGpuMs, resizes } = done.progress.interruptions!;
    expect(attainedGpuMs[1]).toBe(4 * 90 + 8 * 41);
    expect(lostGpuMs[1]).toBe(48);
    expect(resizes[1]).toBe(1);
  });

  /*
   * E asks for 4 GPUs (2 to 8) for 100 ms and grows to 8 when its first 20 ms are over: 80 left in 40 instead of 80, a
   * resize of 5. At 45 it has done 20 + 2 × 20 = 60. The head H (rigid, 4 GPUs) makes it give up 2 nodes: 40 left from 50
   * on at speed 1, end at 90. When H ends at 75, 15 left would take 7.5 instead of 15: less than twice the resize.
   */
  it('takes lent GPUs back for the head of the queue, and lends none where a resize is not worth it', () => {
    const jobs = [
      { submitMs: 0, gpus: 4, runMs: 100, minGpus: 2, maxGpus: 8 },
      { submitMs: 45, gpus: 4, runMs: 30 },
    ];
    expect(stretches(run(jobs, { traits: [{ resizeMs: 5 }] }))).toEqual([
      [0, 4, 0, 20],
      [0, 8, 20, 45],
      [0, 4, 45, 90],
      [1, 4, 45, 75],
    ]);
  });

  /*
   * 3 nodes. A (speed ~ √GPUs) and B (speed ~ GPUs) ask for a node each. The third goes to B at 10: 90 left at double
   * speed, ends at 55. Then A, with 45 left, takes a second node: 45 / √2 = 31.8, ends at 87.
   */
  it('lends a node to the job that gains most by it', () => {
    const jobs = [
      { submitMs: 0, gpus: 2, runMs: 100, maxGpus: 4, jobClass: 0 },
      { submitMs: 0, gpus: 2, runMs: 100, maxGpus: 4, jobClass: 1 },
    ];
    const traits = [{ speedupExponent: 0.5 }, { speedupExponent: 1 }];
    const policy = 'fcfs+elastic(10 ms)@pack';
    expect(stretches(run(jobs, { traits, policy, partitions: [machine(3, GPUS_PER_NODE)] }))).toEqual([
      [0, 2, 0, 55],
      [1, 2, 0, 10],
      [1, 4, 10, 55],
      [0, 4, 55, 87],
    ]);
  });

  /* Both run on 4 GPUs; the head needs 1 node: A loses 1 − √½ = 0.29 of its speed by it, B 0.5. */
  it('takes a node from the job that loses least by it', () => {
    const jobs = [
      { submitMs: 0, gpus: 4, runMs: 100, minGpus: 2, jobClass: 1 },
      { submitMs: 0, gpus: 4, runMs: 100, minGpus: 2, jobClass: 0 },
      { submitMs: 5, gpus: 2, runMs: 500 },
    ];
    const done = run(jobs, { traits: [{ speedupExponent: 0.5 }, { speedupExponent: 1 }] });
    expect(stretches(done).slice(0, 4)).toEqual([
      [0, 4, 0, 100],
      [1, 4, 0, 5],
      [1, 2, 5, 100],
      [2, 2, 5, 505],
    ]);
  });

  it('charges no resize to a job that shrinks at the instant it started', () => {
    const jobs = [
      { submitMs: 0, gpus: 8, runMs: 10, minGpus: 4 },
      { submitMs: 0, gpus: 4, runMs: 20 },
    ];
    const done = run(jobs, { traits: [{ resizeMs: 3 }] });
    expect(stretches(done)).toEqual([
      [0, 4, 0, 20],
      [1, 4, 0, 20],
    ]);
    expect([...done.progress.interruptions!.resizes]).toEqual([0, 0]);
    expect([...done.progress.interruptions!.lostGpuMs]).toEqual([0, 0]);
  });

  it('shrinks nobody when all together could not make room', () => {
    const jobs = [
      { submitMs: 0, gpus: 4, runMs: 100 },
      { submitMs: 0, gpus: 4, runMs: 100, minGpus: 2 },
      { submitMs: 5, gpus: 4, runMs: 10 },
    ];
    const done = run(jobs);
    expect([...done.startMs]).toEqual([0, 0, 100]);
    expect([...done.progress.interruptions!.resizes]).toEqual([0, 0, 0]);
  });

  it('leaves jobs on nodes that leave service as they are: nothing would come of it', () => {
    const jobs = [
      { submitMs: 0, gpus: 8, runMs: 100, minGpus: 2 },
      { submitMs: 10, gpus: 2, runMs: 10 },
    ];
    const window = { name: 'm', kind: 'maintenance' as const, partition: 0, nodes: 4 };
    const done = run(jobs, { windows: [{ ...window, fromMs: 150, toMs: 160, drainMs: 145 }] });
    expect(stretches(done)).toEqual([
      [0, 8, 0, 100],
      [1, 2, 160, 170],
    ]);
  });

  /*
   * 10 GPUs. At 1 the 8 GPUs of B are reserved from 100 on with 2 to spare. At 2 C goes before B and starts on 2 GPUs:
   * there is nothing to spare any more, so D, which would run past 100, waits for the end of C.
   */
  it('reserves anew when a job that goes first has started since', () => {
    const jobs = [
      { submitMs: 0, gpus: 6, runMs: 100 },
      { submitMs: 1, gpus: 8, runMs: 300 },
      { submitMs: 2, gpus: 2, runMs: 200 },
      { submitMs: 2, gpus: 2, runMs: 400 },
    ];
    const of = (policy: string) => [...run(jobs, { policy, partitions: [machine(10, 1)] }).startMs];
    expect(of('sjf+easy@first-fit')).toEqual([0, 100, 2, 202]);
    expect(of('sjf+elastic@first-fit')).toEqual([0, 100, 2, 202]);
  });

  it.each(['fcfs', 'sjf', 'ljf', 'smallest-first', 'largest-first', 'smallest-area', 'fair-share', 'wfp3', 'unicef'])(
    'leaves rigid jobs to EASY, with %s',
    (order) => {
      const rigid = fc.record({
        submitMs: fc.nat(60),
        gpus: fc.integer({ min: 1, max: 8 }),
        runMs: fc.integer({ min: 1, max: 40 }),
        user: fc.nat(2),
      });
      const starts = (jobs: readonly RuledJob[], backfill: string) => [
        ...run(jobs, { policy: `${order}+${backfill}@first-fit` }).startMs,
      ];
      fc.assert(
        fc.property(fc.array(rigid, { minLength: 1, maxLength: 30 }), fc.nat(60), (rows, slackMs) => {
          const jobs = rows
            .map((row, i) => ({ ...row, estimateMs: row.runMs + ((i * 7) % (slackMs + 1)) }))
            .sort((a, b) => a.submitMs - b.submitMs);
          expect(starts(jobs, 'elastic')).toEqual(starts(jobs, 'easy'));
        }),
        { numRuns: 150 },
      );
    },
  );

  /*
   * 4 nodes of 2 GPUs, at most 5 a user. E asks for 8, at least 4: two nodes, half the speed, so 80 ms take 160. Its
   * second job of 2 GPUs would make 6 and waits. F's minimum is 3 nodes: more than ever allowed.
   */
  it('runs a job that asks for more than its caps ever allow on the most they do', () => {
    const jobs = [
      { submitMs: 0, gpus: 8, runMs: 80, minGpus: 4 },
      { submitMs: 0, gpus: 2, runMs: 10 },
      { submitMs: 0, gpus: 8, runMs: 10, minGpus: 5, user: 1 },
    ];
    const limits = { qos: [], perUser: { maxGpus: 5 } };
    const done = run(jobs, { limits });
    expect(startsOrReasons(done)).toEqual([0, 160, 'cap']);
    expect(stretches(done)).toEqual([
      [0, 4, 0, 160],
      [1, 2, 160, 170],
    ]);
    const rigid = run(jobs, { limits, policy: 'fcfs+easy/priority@first-fit' });
    expect(startsOrReasons(rigid)).toEqual(['cap', 0, 'cap']);
  });

  /*
   * 8 nodes of 1 GPU, 6 a user. Another holds 6 until 50; E asks for 8 and starts on 2: 10 of its 60 ms are done at 50. The
   * rest takes 50 / (6 / 8) = 66.7 on the 6 it may hold.
   */
  it('starts such a job smaller still where that is what is free', () => {
    const jobs = [
      { submitMs: 0, gpus: 6, runMs: 50, user: 1 },
      { submitMs: 10, gpus: 8, runMs: 60, minGpus: 1 },
    ];
    const limits = { qos: [], perUser: { maxGpus: 6 } };
    const done = run(jobs, { limits, partitions: [machine(8, 1)] });
    expect(stretches(done)).toEqual([
      [0, 6, 0, 50],
      [1, 2, 10, 50],
      [1, 6, 50, 117],
    ]);
  });
});

const INTERVAL_MS = 12;
const aJob = fc
  .record({
    submitMs: fc.integer({ min: 0, max: 80 }),
    gpus: fc.integer({ min: 1, max: 8 }),
    fewer: fc.integer({ min: 0, max: 7 }),
    more: fc.integer({ min: 0, max: 7 }),
    runMs: fc.integer({ min: 0, max: 60 }),
    over: fc.integer({ min: 0, max: 30 }),
  })
  .map(({ submitMs, gpus, fewer, more, runMs, over }) => ({
    ...{ submitMs, gpus, runMs, estimateMs: runMs + over },
    ...{ minGpus: Math.max(1, gpus - fewer), maxGpus: Math.min(8, gpus + more) },
  }));
const someJobs = fc
  .array(aJob, { minLength: 1, maxLength: 30 })
  .map((jobs) => [...jobs].sort((a, b) => a.submitMs - b.submitMs));

describe('elastic jobs of any kind', () => {
  const property = (check: (jobs: readonly RuledJob[], resizeMs: number, exponent: number) => void): void => {
    fc.assert(fc.property(someJobs, fc.integer({ min: 0, max: 4 }), fc.constantFrom(0, 0.5, 0.9, 1), check), {
      numRuns: 300,
    });
  };
  const elastic = (jobs: readonly RuledJob[], resizeMs: number, speedupExponent: number) =>
    run(jobs, { policy: `fcfs+elastic(${INTERVAL_MS} ms)@pack`, traits: [{ resizeMs, speedupExponent }] });

  it('do their work exactly once, to less than 1 ms a change of speed, and lose what resizes cost', () => {
    property((jobs, resizeMs, exponent) => {
      const done = elastic(jobs, resizeMs, exponent);
      const { attainedGpuMs, lostGpuMs } = done.progress.interruptions!;
      const all = stretches(done);
      jobs.forEach(({ gpus, runMs, minGpus = gpus, maxGpus = gpus }, id) => {
        const own = all.filter(([job]) => job === id);
        let work = 0;
        let attained = 0;
        let lost = 0;
        let fastest = 0;
        own.forEach(([, on, fromMs, toMs], index) => {
          expect(on).toBeGreaterThanOrEqual(minGpus);
          expect(on).toBeLessThanOrEqual(maxGpus);
          if (index > 0) expect(fromMs).toBe(own[index - 1]![3]);
          const speed = (on / gpus) ** exponent;
          const costMs = Math.min(toMs - fromMs, index === 0 ? 0 : resizeMs);
          work += (toMs - fromMs - costMs) * speed;
          attained += (toMs - fromMs) * on;
          lost += costMs * on;
          fastest = Math.max(fastest, speed);
        });
        expect(work).toBeGreaterThan(runMs - 1e-6);
        expect(work).toBeLessThan(runMs + fastest * own.length + 1e-6);
        expect(attainedGpuMs[id]).toBe(attained);
        expect(lostGpuMs[id]).toBe(lost);
      });
    });
  });

  it('grow at most once an interval, so sizes do not swing', () => {
    property((jobs, resizeMs, exponent) => {
      const all = stretches(elastic(jobs, resizeMs, exponent));
      jobs.forEach((_, id) => {
        const own = all.filter(([job]) => job === id);
        own.slice(1).forEach(([, on, fromMs], index) => {
          const [, before, beganMs] = own[index]!;
          if (on > before) expect(fromMs - beganMs).toBeGreaterThanOrEqual(INTERVAL_MS);
        });
      });
    });
  });

  it('leave no room for the head of the queue, were it free or given up', () => {
    property((jobs, resizeMs, exponent) => {
      const done = elastic(jobs, resizeMs, exponent);
      const all = stretches(done);
      const held = (gpus: number): number => (gpus < GPUS_PER_NODE ? 1 : Math.ceil(gpus / GPUS_PER_NODE));
      for (const nowMs of new Set(all.flatMap(([, , fromMs, toMs]) => [fromMs, toMs]))) {
        const waits = jobs.findIndex(({ submitMs }, id) => submitMs <= nowMs && done.startMs[id]! > nowMs);
        if (waits < 0) continue;
        const { gpus, minGpus = gpus } = jobs[waits]!;
        // Nodes in use if everybody were as small as can be; jobs below a node may share one, or not.
        const least = all
          .filter(([, , fromMs, toMs]) => fromMs <= nowMs && nowMs < toMs)
          .reduce((sum, [job, on]) => {
            const needs = jobs[job]!.minGpus ?? jobs[job]!.gpus;
            return sum + (on < GPUS_PER_NODE ? 1 : Math.max(1, held(needs)));
          }, 0);
        expect(least + held(minGpus)).toBeGreaterThan(4);
      }
    });
  });

  it('come out the same twice, and never hold more than there is', () => {
    property((jobs, resizeMs, exponent) => {
      const done = elastic(jobs, resizeMs, exponent);
      expect(elastic(jobs, resizeMs, exponent).fingerprint).toBe(done.fingerprint);
      const [curve] = done.curves;
      const binMs = 900_000;
      for (const busy of curve!.busyGpuMs) expect(busy).toBeLessThanOrEqual(8 * binMs);
      const all = stretches(done);
      for (const [, , nowMs] of all) {
        const used = all
          .filter(([, , fromMs, toMs]) => fromMs <= nowMs && nowMs < toMs)
          .reduce((sum, [, on]) => sum + (on < GPUS_PER_NODE ? on : Math.ceil(on / GPUS_PER_NODE) * GPUS_PER_NODE), 0);
        expect(used).toBeLessThanOrEqual(8);
      }
    });
  });

  it('end when the last job does', () => {
    const done = run([{ submitMs: 0, gpus: 2, runMs: 5, maxGpus: 8 }], { policy: 'fcfs+elastic(60 min)@pack' });
    expect(done.curves[0]!.itWms.reduce((sum, wms) => sum + wms, 0)).toBe(5 * (4 * 100 + 8 * 10 + 2 * 50));
  });
});

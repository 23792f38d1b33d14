import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { errorRecord } from '../../src/base/errors.js';
import { heldGpus } from '../../src/cluster/layout.js';
import type { PolicyDef } from '../../src/policy/contracts.js';
import { policyNames } from '../../src/policy/registry.js';
import { at, placesOf, policyOf, run, traits } from '../support/brokered.js';

const signals = [0, 1].map((site) => ({
  priceEurPerMWh: { stepMs: 50, values: Float64Array.from({ length: 2000 }, (_, i) => ((i * 7 + site * 3) % 11) - 2) },
  carbonKgPerMWh: { stepMs: 50, values: Float64Array.from({ length: 2000 }, (_, i) => (i * 5 + site) % 13) },
  overheadW: { stepMs: 50, values: new Float64Array(2000) },
  overheadFactor: { stepMs: 50, values: new Float64Array(2000).fill(1.1) },
}));

describe('without a siting policy', () => {
  it('jobs stay where they were submitted, and the table is not written', () => {
    const ran = run('fcfs+easy@pack', [at(0, 1), at(0, 1)], [{ submitMs: 0, gpus: 4, runMs: 1, partition: 1 }]);
    expect(placesOf(ran)).toEqual([1]);
  });
});

describe('a siting policy alone', () => {
  it('leaves a job in its partition at home, and sends it to the largest that holds it elsewhere', () => {
    const partitions = [at(0, 3), at(0, 1), at(1, 1), at(1, 2), at(1, 2)];
    const job = { submitMs: 0, gpus: 4, runMs: 1, partition: 1 };
    expect(placesOf(run('fcfs@pack^home', partitions, [job]))).toEqual([1]);
    expect(placesOf(run('fcfs@pack^home', partitions, [job], { traits: traits({ sites: [1] }) }))).toEqual([3]);
  });
});

describe('moving data to another site', () => {
  const moved = { traits: traits({ dataTB: 1.5 }), transferMsPerTB: 33 };
  const two = [at(0, 2), at(1, 2)];

  it('takes its time per terabyte, whole ms, before the job may start there, and none at home', () => {
    const job = { submitMs: 10, gpus: 4, runMs: 100 };
    const ran = run('fcfs+easy@pack^round-robin', two, [job, job], moved);
    expect(placesOf(ran)).toEqual([0, 1]);
    expect([...ran.startMs]).toEqual([10, 10 + 50]); // ⌈1.5 × 33⌉
    expect([...ran.progress.readyMs!]).toEqual([10, 60]);
  });

  it('counts as waiting at the site it goes to', () => {
    const ran = run(
      'fcfs+easy@pack^round-robin',
      two,
      [
        { submitMs: 0, gpus: 4, runMs: 100 },
        { submitMs: 0, gpus: 4, runMs: 100 },
      ],
      moved,
    );
    expect(ran.curves.map(({ queuedJobMs }) => queuedJobMs[0])).toEqual([0, 50]);
  });

  it('lets jobs submitted later start before one whose data is on the way', () => {
    const rows = [
      { submitMs: 0, gpus: 8, runMs: 5 },
      { submitMs: 0, gpus: 8, runMs: 100 },
      { submitMs: 1, gpus: 8, runMs: 5, partition: 1 },
    ];
    const given = { ...moved, traits: traits({ dataTB: 1, sites: [1] }) };
    const ran = run('fcfs+easy@pack^home', two, rows, given);
    expect([...ran.startMs]).toEqual([33, 38, 1]);
  });
});

describe('allowed sites', () => {
  it.each(policyNames('siting'))('are respected by %s', (siting) => {
    const rows = Array.from({ length: 12 }, (_, i) => ({ submitMs: i, gpus: 4, runMs: 40, partition: i % 2 }));
    const given = { traits: traits({ sites: [1] }), signals };
    expect(new Set(placesOf(run(`fcfs@pack^${siting}`, [at(0, 2), at(1, 2)], rows, given)))).toEqual(new Set([1]));
  });

  it('that cannot hold a job stop the run, with the job and what to do', () => {
    const given = { traits: traits({ sites: [1] }) };
    const large = { submitMs: 0, gpus: 8, runMs: 1 };
    expect(() => run('fcfs@pack^home', [at(0, 2), at(1, 1)], [large], given)).toThrow(
      /job 0 \(8 GPUs, class any\): expected a partition that holds it at the sites its class is allowed at \(1\)/,
    );
  });
});

const aJob = fc.record({
  submitMs: fc.integer({ min: 0, max: 60 }),
  gpus: fc.integer({ min: 1, max: 12 }),
  runMs: fc.integer({ min: 0, max: 30 }),
  over: fc.integer({ min: 0, max: 10 }),
  partition: fc.integer({ min: 0, max: 2 }),
});
const jobs = fc
  .array(aJob, { maxLength: 60 })
  .map((rows) =>
    rows.map((row) => ({ ...row, estimateMs: row.runMs + row.over })).sort((x, y) => x.submitMs - y.submitMs),
  );

describe('with home', () => {
  it('a brokered run is the separate runs of its sites, job for job and watt for watt', () => {
    // Partitions 0 and 1 are site 0, partition 2 is site 1.
    const sites = [[at(0, 4), at(0, 3)], [at(1, 3)]];
    fc.assert(
      fc.property(jobs, (rows) => {
        const together = run('fcfs+easy@pack^home', sites.flat(), rows);
        sites.forEach((own, site) => {
          const offset = site === 0 ? 0 : 2;
          const mine = rows.flatMap((row, i) => ((row.partition < 2 ? 0 : 1) === site ? [i] : []));
          if (mine.length === 0) return;
          const alone = run(
            'fcfs+easy@pack',
            own.map((partition) => ({ ...partition, site: 0 })),
            mine.map((i) => ({ ...rows[i]!, partition: rows[i]!.partition - offset })),
          );
          expect(mine.map((i) => together.startMs[i])).toEqual([...alone.startMs]);
          expect(mine.map((i) => together.endMs[i])).toEqual([...alone.endMs]);
          const busy = (curve: { readonly busyGpuMs: Float64Array }) =>
            curve.busyGpuMs.reduce((sum, ms) => sum + ms, 0);
          expect(busy(together.curves[site]!)).toBe(busy(alone.curves[0]!));
        });
      }),
    );
  });
});

describe('every pair of a partition and a siting policy', () => {
  const compositions = [undefined, ...policyNames('partition')].flatMap((partition) =>
    policyNames('siting').map((siting) => `fcfs+easy@pack${partition === undefined ? '' : `:${partition}`}^${siting}`),
  );

  it.each(compositions)('%s loses no job, starts none early, and holds no more than there is', (text) => {
    const partitions = [at(0, 3), at(0, 1), at(1, 2), at(1, 3)];
    const given = {
      traits: traits({ speedByPartition: [1, 2, 0.5, 3], dataTB: 0.2, sites: [0, 1] }),
      transferMsPerTB: 30,
      signals,
    };
    fc.assert(
      fc.property(jobs, (rows) => {
        const ran = run(text, partitions, rows, given);
        const changes = partitions.map((): { atMs: number; gpus: number }[] => []);
        rows.forEach((row, job) => {
          const partition = ran.progress.partitionOf[job]!;
          const speed = [1, 2, 0.5, 3][partition]!;
          const isMoved = (row.partition < 2 ? 0 : 1) !== (partition < 2 ? 0 : 1);
          expect(ran.startMs[job]).toBeGreaterThanOrEqual(row.submitMs + (isMoved ? 6 : 0));
          expect(ran.endMs[job]).toBe(ran.startMs[job]! + Math.ceil(row.runMs / speed));
          const held = heldGpus(row.gpus, 4);
          changes[partition]!.push({ atMs: ran.startMs[job]!, gpus: held }, { atMs: ran.endMs[job]!, gpus: -held });
        });
        changes.forEach((own, partition) => {
          let held = 0;
          for (const { gpus } of own.sort((x, y) => x.atMs - y.atMs || x.gpus - y.gpus)) {
            held += gpus;
            expect(held).toBeLessThanOrEqual(4 * partitions[partition]!.nodes);
          }
        });
        const again = run(text, partitions, rows, given);
        expect(again.fingerprint).toBe(ran.fingerprint);
        expect(placesOf(again)).toEqual(placesOf(ran));
      }),
      { numRuns: 30 },
    );
  });
});

describe('a policy that chooses what was not offered', () => {
  const stray: PolicyDef = {
    axis: 'siting',
    name: 'stray',
    summary: 'goes where it is not allowed',
    create: () => ({ choose: () => 7 }),
  };

  it('stops the run and is named, with time and job', () => {
    const policy = { ...policyOf('fcfs@pack^home'), siting: { name: 'stray', params: {}, module: 'hash' } };
    let error: unknown;
    try {
      run('fcfs@pack^home', [at(0, 1), at(1, 1)], [{ submitMs: 5, gpus: 1, runMs: 1 }], {
        policy,
        modules: new Map([['hash', stray]]),
      });
    } catch (thrown) {
      error = thrown;
    }
    expect(errorRecord(error)).toMatchObject({ code: 'policy.contract' });
    expect(String(error)).toMatch(/'stray'.*sent job 0 at 5 ms to site 7; expected one of 0, 1/);
  });
});

describe('a broker and partitions that cannot run a job', () => {
  const rows = [0, 1, 2, 3].map((submitMs) => ({ submitMs, gpus: 16, runMs: 10 }));
  const row = { gpus: 16, tokensPerS: 1000, mfu: 0.4, speedByPods: [1], activeWByPods: [50], parallelism: 'DP16' };
  const training = { model: 'm', flopsPerToken: 1, stateBytes: 1, rows: [[row], null] };

  it('sends none to one in whose memory its model does not fit', () => {
    const done = run('fcfs+easy@pack^round-robin', [at(0, 4), at(1, 4)], rows, { traits: traits({ training }) });
    expect(placesOf(done)).toEqual([0, 0, 0, 0]);
    expect(done.endMs.every(Number.isFinite)).toBe(true);
  });

  it('sends none to one whose spares leave it too small', () => {
    const reliability = {
      ...{ name: 'none fail', failuresPerGpuDay: 0, rateFactor: 1, detectionMs: 1, swapMs: 1, repairs: [] },
      causes: [{ name: 'job', share: 1, scope: 'job' as const }],
      spareNodes: [1, 0],
    };
    const done = run('fcfs+easy@pack^round-robin', [at(0, 4), at(1, 4)], rows, { reliability });
    expect(placesOf(done)).toEqual([1, 1, 1, 1]);
  });
});

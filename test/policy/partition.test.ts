import { describe, expect, it } from 'vitest';
import { at, placesOf, run, traits } from '../support/brokered.js';

/** Two partitions of one site: 1 node of old GPUs, 1 of new ones that are twice as fast and draw three times as much. */
const OLD = 0;
const NEW = 1;
const two = [at(0, 1, 100), at(0, 1, 300)];
const twice = { traits: traits({ speedByPartition: [1, 2] }) };
const job = (submitMs: number, runMs = 100, user = 0) => ({ submitMs, gpus: 4, runMs, user });

describe('fastest', () => {
  it('sends jobs to the fastest GPUs and waits for them, where they take run time / speed', () => {
    const ran = run('fcfs@pack:fastest', two, [job(0), job(0)], twice);
    expect(placesOf(ran)).toEqual([NEW, NEW]);
    expect([...ran.startMs]).toEqual([0, 50]);
    expect([...ran.endMs]).toEqual([50, 100]);
  });

  it('takes the partition that can start it among equally fast ones, then the one with the shorter queue', () => {
    // 0 → first; 1 → the other, which is free; 2: both full, equal; 3: the first has a queue of 200 GPU·ms.
    const ran = run('fcfs@pack:fastest', [at(0, 1), at(0, 1)], [job(0), job(1), job(2), job(3)]);
    expect(placesOf(ran)).toEqual([0, 1, 0, 1]);
  });

  it('counts the queue per GPU, so a partition of twice the size takes twice the work', () => {
    const rows = Array.from({ length: 9 }, (_, i) => job(i, 1000));
    const ran = run('fcfs@pack:fastest', [at(0, 1), at(0, 2)], rows);
    expect(placesOf(ran).filter((partition) => partition === 1)).toHaveLength(6);
  });

  it('never sends a job where it does not fit the empty machine', () => {
    const ran = run('fcfs@pack:fastest', [at(0, 3), at(0, 1)], [{ submitMs: 0, gpus: 9, runMs: 10 }], twice);
    expect(placesOf(ran)).toEqual([0]);
  });
});

describe('cheapest', () => {
  it('takes the least watts for the work: 100 W at speed 1 before 300 W at speed 2', () => {
    expect(placesOf(run('fcfs@pack:cheapest', two, [job(0)], twice))).toEqual([OLD]);
  });

  it('takes the hungrier GPUs where they are fast enough: 300 W at speed 4 before 100 W at speed 1', () => {
    const given = { traits: traits({ speedByPartition: [1, 4] }) };
    expect(placesOf(run('fcfs@pack:cheapest', two, [job(0)], given))).toEqual([NEW]);
  });
});

describe('fair', () => {
  /** Class 0 gains 4 from the new GPUs, class 1 gains 2. */
  const classes = [...traits({ speedByPartition: [1, 4] }), ...traits({ speedByPartition: [1, 2] })];
  const fairly = (
    rows: readonly { submitMs: number; gpus: number; runMs: number; user: number; jobClass: number }[],
    policy = 'fcfs@pack:fair',
  ) => {
    const partitions = [at(0, 1), at(0, 1)].map((one) => ({
      ...one,
      power: { ...one.power, activeWByClass: [50, 50] },
    }));
    return run(policy, partitions, rows, { traits: classes });
  };
  const row = (submitMs: number, user: number, jobClass: number, runMs = 100) => ({
    ...job(submitMs, runMs, user),
    jobClass,
  });

  it('gives a lone user the partition of the highest throughput, and by hand what two users get', () => {
    // Equal shares of speeds 1 and 4: s̄ = 2.5; of 1 and 2: 1.5.
    //   0, user 0: nobody else. n(old) = 1/2.5 = 0.4, n(new) = 4/2.5 = 1.6 → new. Throughput of user 0: 1.6.
    //   1, user 1, at the same instant: the new node has 4 GPUs × 25 ms queued, so its delay is (100 + 4 × 50)/4 = 75 ms
    //      and n(new) = 100/(75 + 50)/1.5 = 0.53; n(old) = 1/1.5 = 0.67. Both below 1.6 → the higher: old.
    const ran = fairly([row(0, 0, 0), row(0, 1, 1)]);
    expect(placesOf(ran)).toEqual([NEW, OLD]);
    expect([...ran.endMs]).toEqual([25, 100]);
  });

  it('leaves the GPUs that others gain most from to them, once the user is not the one who gets least', () => {
    // User 1 alone, then idle GPUs: user 0 is at 1.6, far above user 1 (0.67 on old GPUs).
    //   job 2 of user 0 (gain 4): old would bring it to the harmonic mean of 1.6 and 0.4 = 0.64 < 0.67, so new.
    //   job 3 of user 1 (gain 2), at 0.67 and the least: m is user 0's 1.6; both choices stay below → the higher n: new.
    const ran = fairly([row(0, 0, 0), row(0, 1, 1), row(1000, 0, 0), row(2000, 1, 1)]);
    expect(placesOf(ran)).toEqual([NEW, OLD, NEW, NEW]);
  });

  it('has a user who is ahead take the old GPUs for a job that gains less from the new ones than others do', () => {
    // User 0 is at 1.6 with three jobs of gain 4; user 1 at 0.67 after one job on old GPUs.
    // Its own class-1 job leaves user 0 above 0.67 on either, so what others gain decides:
    //   A(new) = (3 × 1.6 + 1.33)/4 = 1.53, A(old) = (3 × 0.4 + 0.67)/4 = 0.47: 0.77 on new, 0.47 on old → old.
    const ran = fairly([row(0, 0, 0), row(0, 1, 1), row(1000, 0, 0), row(2000, 0, 0), row(3000, 0, 1)]);
    expect(placesOf(ran)).toEqual([NEW, OLD, NEW, NEW, OLD]);
  });

  it.each([
    ['still leaves the new GPUs to a user who sent their last job in the last period', 3_600_000, OLD],
    ['takes what is best for its own user once the other has sent nothing for a period', 2 * 3_600_000, NEW],
  ])('%s', (_, lastMs, place) => {
    // As above; in an hour what was counts half, in two a quarter: user 0 stays above 0.67 on either, if user 1 counts.
    const rows = [row(0, 0, 0), row(0, 1, 1), row(1000, 0, 0), row(2000, 0, 0), row(lastMs, 0, 1)];
    expect(placesOf(fairly(rows, 'fcfs@pack:fair(memory=1 h)'))).toEqual([NEW, OLD, NEW, NEW, place]);
  });
});

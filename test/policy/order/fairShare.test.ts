import { describe, expect, it } from 'vitest';
import { RandomStreams } from '../../../src/base/random.js';
import { HalfLife } from '../../../src/policy/order/halfLife.js';
import { parsePolicy } from '../../../src/policy/parse.js';
import { schedule } from '../../../src/sim/schedule.js';
import { jobTable, machine, type PlainJob } from '../../support/jobs.js';
import { OrderRig } from '../../support/orderRig.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe("the key, Slurm's effective usage by shares", () => {
  /** Users 0 and 1 in account 0, user 2 in account 1; accounts have shares 1 and 3. */
  const jobs = {
    ...jobTable([
      { submitMs: 0, gpus: 3, runMs: 1, user: 0 },
      { submitMs: 0, gpus: 6, runMs: 1, user: 2 },
      { submitMs: 1, gpus: 1, runMs: 1, user: 0 },
      { submitMs: 1, gpus: 1, runMs: 1, user: 1 },
      { submitMs: 1, gpus: 1, runMs: 1, user: 2 },
    ]),
    extra: { accountOf: Int32Array.of(0, 1, 0, 0, 1), accountShares: Float64Array.of(1, 3) },
  };

  it('decays usage, counts running jobs exactly, and charges a user for his account', () => {
    const rig = new OrderRig('fair-share(1 h, 5 min)', jobs);
    // 3 GPUs for the first hour; 6 GPUs from 1 h on. At 3 h, in GPU·H/ln 2: 3·½·¼ = 0.375 and 6·¾ = 4.5.
    rig.ran(0, 0, HOUR);
    rig.policy.onStarted!(1);
    rig.join(3 * HOUR - 1, 2, 3, 4);
    expect(rig.at(3 * HOUR)).toEqual([3, 2, 4]);
    // Of 4.875: user 0 E = 0.0769 and S = 1/8; user 1 E = half of his account's, 0.0385; user 2 E = 0.9231, S = 3/4.
    const key = (job: number): number => rig.policy.key(job);
    expect(key(2)).toBeCloseTo((0.375 / 4.875) * 8, 9);
    expect(key(3)).toBeCloseTo((0.375 / 4.875 / 2) * 8, 9);
    expect(key(4)).toBeCloseTo((4.5 / 4.875 / 3) * 4, 9);
  });

  it('stands still between recalculations', () => {
    const rig = new OrderRig('fair-share', jobs).ran(0, 0, MINUTE).join(MINUTE, 2, 3);
    expect(rig.at(5 * MINUTE - 1)).toEqual([2, 3]);
    expect(rig.at(5 * MINUTE)).toEqual([3, 2]);
  });
});

describe('decay', () => {
  it('is 2^(−t/half-life) for any whole number of ms', () => {
    const decay = new HalfLife(7 * DAY);
    for (const ms of [0, 1, 2, 3, 12_345_678, 7 * DAY, 70 * DAY, 2 ** 40 + 1]) {
      expect(decay.factor(ms)).toBeCloseTo(2 ** (-ms / (7 * DAY)), 14);
    }
    expect(decay.factor(7 * DAY)).toBeCloseTo(0.5, 14);
  });
});

describe('on a saturated machine', () => {
  const GPUS = 60;
  const SHARES = [1, 2, 3, 6];
  const IDLE = SHARES.length;

  /** Everybody but one always has jobs waiting; the idle user submits one job on day 10. */
  const run = () => {
    const draw = new RandomStreams('saturated').fork('jobs');
    const rows: PlainJob[] = [];
    SHARES.forEach((_, user) => {
      for (let i = 0; i < 6000; i++) {
        rows.push({
          submitMs: 0,
          gpus: 1 + Math.floor(12 * draw()),
          runMs: 1 + Math.floor(2 * HOUR * draw()),
          user,
        });
      }
    });
    rows.push({ submitMs: 10 * DAY, gpus: 8, runMs: HOUR, user: IDLE });
    const table = jobTable(rows);
    const parsed = parsePolicy('fair-share+none@first-fit');
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
    const { startMs, endMs } = schedule({
      partitions: [machine(GPUS, 1)],
      policy: parsed.policy,
      jobs: { ...table, extra: { accountOf: table.userOf, accountShares: Float64Array.of(...SHARES, 1) } },
      startMs: 0,
      horizonMs: 20 * DAY,
      streams: new RandomStreams('fair-share'),
    });
    return { table, startMs, endMs };
  };
  const { table, startMs, endMs } = run();

  it('usage converges to the shares: within 2 % of each over the second ten days', () => {
    const used = SHARES.map(() => 0);
    for (let job = 0; job < table.count; job++) {
      const from = Math.max(10 * DAY, startMs[job]!);
      const to = Math.min(20 * DAY, endMs[job]! || 20 * DAY);
      if (to > from && table.userOf[job] !== IDLE) used[table.userOf[job]!]! += table.gpus[job]! * (to - from);
    }
    const all = used.reduce((sum, one) => sum + one, 0);
    expect(all).toBeGreaterThan(0.85 * GPUS * 10 * DAY);
    used.forEach((one, user) => {
      const due = SHARES[user]! / 12;
      expect(Math.abs(one / all - due) / due).toBeLessThan(0.02);
    });
  });

  it('a user who was idle goes first', () => {
    const job = table.userOf.indexOf(IDLE);
    const overtaken = [...startMs].filter((start, other) => other !== job && start > 10 * DAY && start < startMs[job]!);
    expect(overtaken).toEqual([]);
    expect(startMs[job]! - 10 * DAY).toBeLessThan(2 * HOUR);
  });
});

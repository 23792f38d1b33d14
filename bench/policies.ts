import { listPolicies, policyNames } from '../src/policy/registry.js';
import { parsePolicy } from '../src/policy/parse.js';
import { schedule, type ScheduleInput } from '../src/sim/schedule.js';
import { cpuSeconds } from './harness.js';
import { withQueueOf } from './overloaded.js';

const QUEUED = 10_000;
const ARRIVALS = 4_000;
/** Timed runs of each policy, the least counts; fewer where one takes long. */
const RUNS = 3;
const LONG_S = 15;

interface Measured {
  readonly policy: string;
  readonly queuedMean: number;
  readonly events: number;
  readonly usPerEvent: number;
  readonly usPerPass: number;
  readonly checksum: string;
}

/** Every order under EASY, every backfill and every pre-emption, at 10,000 queued: CPU time an event against FCFS. */
export function benchPolicies(print: (row: Record<string, unknown>) => void): void {
  const { input } = withQueueOf(QUEUED, 'fcfs+easy@pack', ARRIVALS);
  const measured = compositions().map((policy) => measure(policy, input));
  const of = (policy: string): number => measured.find((row) => row.policy === policy)!.usPerEvent;
  for (const row of measured) {
    print({
      ...row,
      toFcfsEasy: Math.round((10 * row.usPerEvent) / of('fcfs+easy@pack')) / 10,
      toFcfsNone: Math.round((10 * row.usPerEvent) / of('fcfs+none@pack')) / 10,
    });
  }
}

function compositions(): readonly string[] {
  const orders = policyNames('order').map((order) => `${order}+easy@pack`);
  const backfills = policyNames('backfill').map((backfill) => `fcfs+${backfill}@pack`);
  const bounded = ['fcfs+conservative(100)@pack', 'fcfs+easy(10)@pack'];
  const preempts = listPolicies()
    .filter(({ axis }) => axis === 'preempt')
    .map(({ name }) => `fcfs+easy/${name}@pack`);
  return [...new Set([...orders, ...backfills, ...bounded, ...preempts])];
}

function measure(policyText: string, base: ScheduleInput): Measured {
  const parsed = parsePolicy(policyText);
  if (!parsed.ok) throw new Error(`${policyText}: ${parsed.issues[0]!.message}`);
  const input = { ...base, policy: parsed.policy };
  let least = Number.POSITIVE_INFINITY;
  let ran = schedule({ ...input, horizonMs: Math.ceil(base.horizonMs! / 20 / 900_000) * 900_000 }); // compiles
  for (let run = 0; run < RUNS && !(least > LONG_S && least < Number.POSITIVE_INFINITY); run++) {
    const since = process.cpuUsage();
    ran = schedule(input);
    least = Math.min(least, cpuSeconds(since));
  }
  const queuedMs = ran.curves[0]!.queuedJobMs.reduce((sum, jobMs) => sum + jobMs, 0);
  // Each arrival, end and pass is an event; what is neither of the first two is taken for passes.
  const ends = ran.endMs.reduce((count, end) => count + (Number.isNaN(end) ? 0 : 1), 0);
  const arrivals = input.jobs.submitMs.filter((at) => at < input.horizonMs!).length;
  const round = (value: number): number => Math.round(100 * value) / 100;
  return {
    policy: policyText,
    queuedMean: Math.round(queuedMs / input.horizonMs!),
    events: ran.events,
    usPerEvent: round((1e6 * least) / ran.events),
    usPerPass: round((1e6 * least) / Math.max(1, ran.events - ends - arrivals)),
    checksum: ran.fingerprint.slice(0, 16),
  };
}

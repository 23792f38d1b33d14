import { drawExponential, drawNormal, RandomStreams } from '../src/base/random.js';
import { parsePolicy } from '../src/policy/parse.js';
import { schedule, type Schedule, type ScheduleInput } from '../src/sim/schedule.js';
import { allocateJobColumns, type JobTable } from '../src/workload/jobTable.js';

const GPUS = 100_000;

/** A schedule that is overloaded all the time, run once. */
export interface Overloaded {
  readonly input: ScheduleInput;
  readonly once: Schedule;
  readonly queuedMean: number;
}

/** The backlog is adjusted until the mean queue is within 15 % of the target: how fast it drains is not known before. */
export function withQueueOf(target: number, policyText = 'fcfs+easy@pack', arrivals = 40_000): Overloaded {
  const parsed = parsePolicy(policyText);
  if (!parsed.ok) throw new Error(`${policyText} is not registered`);
  const power = { idleW: 2170, activeWByClass: [768], networkWPerGpu: 114 };
  const shape = { nodes: GPUS / 8, gpusPerNode: 8, nodesPerRack: 8, racksPerPod: 144 };
  const partitions = [{ name: 'p', hardware: 'bench', ...shape, power }];
  let backlog = target;
  for (let attempt = 0; ; attempt++) {
    const streams = new RandomStreams('bench');
    const input = { partitions, policy: parsed.policy, startMs: 0, streams, ...overloaded(backlog, arrivals) };
    const once = schedule(input);
    const queuedMean = once.curves[0]!.queuedJobMs.reduce((sum, jobMs) => sum + jobMs, 0) / input.horizonMs;
    if (Math.abs(queuedMean / target - 1) < 0.15) return { input, once, queuedMean };
    if (attempt === 20)
      throw new Error(`no backlog gives ${policyText} a mean queue of ${target}; the last one gave ${queuedMean}`);
    backlog = Math.max(1, Math.round(backlog + (target - queuedMean)));
  }
}

/** A full machine, `backlog` jobs queued at the start, then arrivals that offer exactly what the machine can do. */
function overloaded(backlog: number, arrivals: number): { jobs: JobTable; horizonMs: number } {
  const draw = new RandomStreams('bench').fork(`easy/${String(backlog)}`);
  const full = 4_000; // jobs that fill the machine at the start
  const count = full + backlog + arrivals;
  const columns = allocateJobColumns(count);
  let gpuMs = 0;
  for (let job = 0; job < count; job++) {
    const gpus = draw() < 0.7 ? 2 ** Math.floor(4 * draw()) : 8 * 2 ** Math.floor(8 * draw() ** 2);
    const runMs = Math.ceil(3.6e6 * Math.exp(1.2 * drawNormal(draw)));
    columns.gpus[job] = gpus;
    columns.runMs[job] = runMs;
    columns.estimateMs[job] = Math.ceil(runMs * (1 + 3 * draw()));
    gpuMs += gpus * runMs;
  }
  const gapMs = gpuMs / count / GPUS;
  let atMs = 0;
  for (let job = full + backlog; job < count; job++) {
    atMs += drawExponential(draw, gapMs);
    columns.submitMs[job] = Math.round(atMs);
  }
  const bin = 900_000;
  return { jobs: { ...columns, count, classNames: ['any'] }, horizonMs: Math.max(bin, Math.floor(atMs / bin) * bin) };
}

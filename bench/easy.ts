import { drawExponential, drawNormal, RandomStreams } from '../src/base/random.js';
import { parsePolicy } from '../src/policy/parse.js';
import { schedule, type Schedule, type ScheduleInput } from '../src/sim/schedule.js';
import { allocateJobColumns, type JobTable } from '../src/workload/jobTable.js';
import { measure, type Row } from './harness.js';

const JOBS = 40_000;
const GPUS = 100_000;

/** Whole schedules under EASY with 100, 1,000 and 10,000 jobs queued on average: a backlog, then load 1. */
export async function benchEasy(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const target of [100, 1_000, 10_000]) {
    const { input, once, queuedMean } = withQueueOf(target);
    const row = await measure('easy/schedule, per event', target, once.events, () => schedule(input).fingerprint);
    rows.push({ ...row, queuedMean: Math.round(queuedMean), queuedMax: once.queueMax, events: once.events });
  }
  return rows;
}

/** The backlog is adjusted until the mean queue is within 15 % of the target: how fast it drains is not known before. */
function withQueueOf(target: number): { input: ScheduleInput; once: Schedule; queuedMean: number } {
  const parsed = parsePolicy('fcfs+easy@pack');
  if (!parsed.ok) throw new Error('fcfs+easy@pack is not registered');
  const power = { idleW: 2170, activeWByClass: [768], networkWPerGpu: 114 };
  const shape = { nodes: GPUS / 8, gpusPerNode: 8, nodesPerRack: 8, racksPerPod: 144 };
  const partitions = [{ name: 'p', hardware: 'bench', ...shape, power }];
  let backlog = target;
  for (let attempt = 0; ; attempt++) {
    const streams = new RandomStreams('bench');
    const input = { partitions, policy: parsed.policy, startMs: 0, streams, ...overloaded(backlog) };
    const once = schedule(input);
    const queuedMean = once.curves[0]!.queuedJobMs.reduce((sum, jobMs) => sum + jobMs, 0) / input.horizonMs;
    if (Math.abs(queuedMean / target - 1) < 0.15) return { input, once, queuedMean };
    if (attempt === 20) throw new Error(`no backlog gives a mean queue of ${target}; the last one gave ${queuedMean}`);
    backlog = Math.max(1, Math.round(backlog + (target - queuedMean)));
  }
}

/** A full machine, `backlog` jobs queued at the start, then arrivals that offer exactly what the machine can do. */
function overloaded(backlog: number): { jobs: JobTable; horizonMs: number } {
  const draw = new RandomStreams('bench').fork(`easy/${String(backlog)}`);
  const full = 4_000; // jobs that fill the machine at the start
  const count = full + backlog + JOBS;
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

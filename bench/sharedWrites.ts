import { RandomStreams } from '../src/base/random.js';
import { CheckpointStorage } from '../src/sim/checkpointStorage.js';

/** Equal jobs that write checkpoints in the background to one storage, each once a period from a random phase on. */
export interface Writers {
  readonly count: number;
  /** Their mean write rate together, as a share of the storage's bandwidth. */
  readonly load: number;
  /** Most that one of them can write with, as a share of the bandwidth. */
  readonly link: number;
  /** All begin their writes at the same moment. */
  readonly inStep?: boolean;
}

const PERIOD_MS = 1_000_000;
/** Bytes a millisecond; so large that whole bytes do not show. */
const BANDWIDTH = 1e9;

/**
 * Mean time of a write by going from event to event: writers that write at once share the bandwidth evenly, none above
 * its link; one whose last write is not done when the next is due begins it after. Over `draws` of the phases.
 */
export function steppedWriteMs(writers: Writers, draws: number, periods = 4): number {
  const draw = new RandomStreams('shared writes').fork(`${writers.count}/${writers.load}/${writers.link}`);
  let sum = 0;
  let writes = 0;
  for (let i = 0; i < draws; i++) {
    const phases = Array.from({ length: writers.count }, () => (writers.inStep === true ? 0 : draw() * PERIOD_MS));
    for (const ms of writeTimes(writers, phases, periods)) {
      sum += ms;
      writes++;
    }
  }
  return sum / writes;
}

/** Times of the writes that begin after the first period. */
function writeTimes({ count, load, link }: Writers, phases: readonly number[], periods: number): number[] {
  const bytes = (load * BANDWIDTH * PERIOD_MS) / count;
  const times: number[] = [];
  const due = [...phases];
  const left = new Float64Array(count);
  const begunMs = new Float64Array(count);
  let now = 0;
  for (;;) {
    const writing = left.reduce((n, bytesLeft) => n + (bytesLeft > 0 ? 1 : 0), 0);
    const rate = Math.min(link * BANDWIDTH, BANDWIDTH / Math.max(1, writing));
    let next = Number.POSITIVE_INFINITY;
    for (let i = 0; i < count; i++) next = Math.min(next, left[i]! > 0 ? now + left[i]! / rate : due[i]!);
    if (next >= periods * PERIOD_MS) return times;
    for (let i = 0; i < count; i++) {
      if (left[i]! > 0) {
        left[i]! -= rate * (next - now);
        if (left[i]! < 1) {
          left[i] = 0;
          if (begunMs[i]! >= PERIOD_MS) times.push(next - begunMs[i]!);
        }
      }
      if (left[i] === 0 && due[i]! <= next) {
        left[i] = bytes;
        begunMs[i] = next;
        due[i]! += PERIOD_MS;
      }
    }
    now = next;
  }
}

/** What the simulator gives a job that begins among the others. */
export function closedFormWriteMs({ count, load, link }: Writers): number {
  const storage = new CheckpointStorage({ writeBytesPerMs: BANDWIDTH, readBytesPerMs: BANDWIDTH }, 0);
  const bytes = (load * BANDWIDTH * PERIOD_MS) / count;
  for (let others = 1; others < count; others++) storage.change(0, bytes / PERIOD_MS, 1);
  return storage.writeMs(bytes, link * BANDWIDTH);
}

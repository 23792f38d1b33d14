import { runTask } from '../src/pool/runTask.js';
import { handBack, type WorkerMessage } from '../src/pool/threads.js';

/** Entry of a worker thread: one run, its outcome moved back. */
export default function run({ task, heartbeat }: WorkerMessage): unknown {
  return handBack(runTask(task, heartbeat));
}

import type { OrderDef } from '../contracts.js';
import type { ParameterDef } from '../parameters.js';
import type { RunTimeParams } from './sjf.js';

/** What the order and the pre-emption of this name take, so that `srtf/srtf` means one thing. */
export const SRTF_PARAMETERS: readonly ParameterDef[] = [
  {
    name: 'by',
    kind: 'choice',
    default: 'run',
    choices: ['run', 'estimate'],
    summary: 'the true run time, which no scheduler knows (clairvoyant), or the estimate',
  },
];

/**
 * Shortest remaining time first: what is left of the run time when the job joins the queue, at reference speed.
 *
 * By default it knows the true run times, as the optimum for one machine does (Schrage); `by=estimate` is what a
 * scheduler can do. What is left does not change while a job waits, so the key is static. Without pre-emption nothing
 * is ever done before a job starts, and this is `sjf`. Long jobs wait as long as shorter ones keep coming.
 */
export const srtf: OrderDef<RunTimeParams> = {
  axis: 'order',
  name: 'srtf',
  summary: 'shortest remaining run time first',
  cite: 'Schrage, A proof of the optimality of the shortest remaining processing time discipline, Operations Research 1968',
  starves: true,
  clairvoyant: ({ by }) => by === 'run',
  parameters: SRTF_PARAMETERS,
  create: ({ by }, { world, truth }) => ({
    key:
      by === 'run' ? (job) => truth.remainingMs(job) : (job) => Math.max(0, world.estimateMs(job) - world.workMs(job)),
  }),
};

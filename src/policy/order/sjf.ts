import type { OrderDef } from '../contracts.js';

/** Which run time an order goes by: what the user asked for, or the true one that no scheduler knows. */
export interface RunTimeParams {
  readonly by: 'estimate' | 'run';
}

/**
 * Shortest job first, by the whole run time: of a job that was interrupted too (`srtf` counts what is left).
 * Long jobs wait as long as shorter ones keep coming.
 */
export const sjf: OrderDef<RunTimeParams> = {
  axis: 'order',
  name: 'sjf',
  summary: 'shortest job first, by estimate',
  cite: 'Smith, Various optimizers for single-stage production, Naval Research Logistics Quarterly 1956',
  starves: true,
  clairvoyant: ({ by }) => by === 'run',
  parameters: [
    {
      name: 'by',
      kind: 'choice',
      default: 'estimate',
      choices: ['estimate', 'run'],
      summary: 'the estimate that a scheduler sees, or the true run time that it does not (clairvoyant)',
    },
  ],
  create: ({ by }, { world, truth }) => ({
    key: by === 'run' ? (job) => truth.runMs(job) : (job) => world.estimateMs(job),
  }),
};

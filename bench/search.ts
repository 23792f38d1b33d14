import { openLibrary } from '../src/io/library.js';
import { builtInScenariosFolder } from '../src/io/package.js';
import { MODEL_DEFAULTS } from '../src/scenario/defaults.js';
import { hardwareSchema } from '../src/scenario/hardwareSchema.js';
import { modelSchema } from '../src/scenario/modelSchema.js';
import { acceleratorOf } from '../src/training/accelerator.js';
import { modelSpec } from '../src/training/modelSpec.js';
import { bestExecution } from '../src/training/search.js';
import { defaultStackDoc, stackDocs, stackSpec } from '../src/training/stacks.js';
import { measure, type Row } from './harness.js';

const GPUS = [512, 16_384, 98_304];

/** The best parallelism of each model of the catalogue on H100 and on GB200 NVL72: one search an operation. */
export async function benchSearch(): Promise<Row[]> {
  const library = openLibrary([builtInScenariosFolder()]);
  const rows: Row[] = [];
  for (const hardware of ['h100-sxm', 'gb200-nvl72']) {
    const accelerator = acceleratorOf(hardwareSchema.parse(library.find('hardware', hardware)?.value));
    const stack = stackSpec(defaultStackDoc(stackDocs(library), hardware, 'bf16'));
    for (const name of library.names('model')) {
      const model = modelSpec(modelSchema.parse(library.find('model', name)?.value));
      const globalBatch = Math.round(MODEL_DEFAULTS.globalBatchTokens.value / model.sequence);
      for (const gpus of GPUS) {
        const request = { gpus, globalBatch, exactBatch: false, precision: 'bf16' } as const;
        const span = { pods: 1, oversubscription: 7 };
        rows.push(
          await measure(`search/${hardware}: ${name}`, gpus, 1, () => {
            const found = bestExecution(model, accelerator, stack, { ...request, span });
            return found.ok ? found.best.estimate.tokensPerS : (found.least?.memoryGB ?? 0);
          }),
        );
      }
    }
  }
  return rows;
}

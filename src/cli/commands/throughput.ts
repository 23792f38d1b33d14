import { Option, type Command } from 'commander';
import { SimError } from '../../base/errors.js';
import { readText } from '../../io/files.js';
import { openLibrary } from '../../io/library.js';
import { builtInScenariosFolder } from '../../io/package.js';
import { parseYaml } from '../../io/yaml.js';
import { throughputOf, type ThroughputRequest } from '../../plan/throughput.js';
import { throughputJson, throughputPlain, throughputText } from '../../report/throughputText.js';
import type { Library, SourceDoc } from '../../scenario/sourceDoc.js';
import type { ExecutionSpec, Precision } from '../../training/execution.js';
import { ASSUMED_STACK } from '../../training/stacks.js';
import { addCommonOptions, numeric, refuseOptions, talkOf, wholeNumber, type CommonOptions } from '../options.js';
import { shellWord } from '../shellWord.js';

interface ThroughputOptions extends CommonOptions {
  readonly gpus: number;
  readonly hardware: string;
  readonly tp?: number;
  readonly pp?: number;
  readonly cp?: number;
  readonly ep?: number;
  readonly dp?: number;
  readonly microBatch?: number;
  readonly globalBatch?: number;
  readonly interleave?: number;
  readonly precision?: Precision;
  readonly recompute?: ExecutionSpec['recompute'];
  readonly zero?: '0' | '1' | '2' | '3';
  readonly sequence?: number;
  readonly pods?: number;
  readonly oversubscription?: number;
  readonly stack?: string;
}

export function define(command: Command): void {
  command
    .argument('<model>', 'a name from gigasim list models, or a file')
    .requiredOption('--gpus <n>', 'GPUs of the job', wholeNumber)
    .requiredOption('--hardware <name>', 'a name from gigasim list hardware, or a file')
    .option('--tp <n>', 'tensor parallelism', wholeNumber)
    .option('--pp <n>', 'pipeline parallelism', wholeNumber)
    .option('--cp <n>', 'context parallelism', wholeNumber)
    .option('--ep <n>', 'expert parallelism', wholeNumber)
    .option('--dp <n>', 'data parallelism: what the others leave', wholeNumber)
    .option('--micro-batch <n>', 'sequences of a micro-batch', wholeNumber)
    .option('--global-batch <n>', 'sequences of a global batch (default: about 16.8 million tokens)', wholeNumber)
    .option('--interleave <n>', 'virtual stages a pipeline rank', wholeNumber)
    .addOption(
      new Option('--precision <p>', 'of matrix multiplications (default: bf16)').choices([
        'fp16',
        'bf16',
        'fp8',
        'fp4',
      ]),
    )
    .addOption(new Option('--recompute <what>', 'activations').choices(['none', 'selective', 'full']))
    .addOption(
      new Option('--zero <stage>', '0 replicated, 1 optimiser sharded, 2 gradients too, 3 all').choices([
        '0',
        '1',
        '2',
        '3',
      ]),
    )
    .option('--sequence <n>', "tokens of a sequence (default: the model's own)", wholeNumber)
    .option('--pods <n>', 'pods the job lies in (default: as few as hold it)', numeric)
    .option('--oversubscription <x>', "bandwidth inside a pod over out of it (default: the hardware's)", numeric)
    .option('--stack <name>', 'software as calibrated (default: that of hardware and precision)');
  const why = 'a throughput is worked out from a formula, nothing is run';
  refuseOptions(addCommonOptions(command), { set: why, seed: why, reps: why, threads: why, out: why });
  command.action(throughput);
}

function throughput(model: string, options: ThroughputOptions, command: Command): void {
  const talk = talkOf(options);
  const { gpus, hardware, precision, sequence, globalBatch, pods, oversubscription, stack } = options;
  const given = {
    tensor: options.tp,
    pipeline: options.pp,
    context: options.cp,
    expert: options.ep,
    data: options.dp,
    microBatch: options.microBatch,
    interleave: options.interleave,
    recompute: options.recompute,
    zero: options.zero === undefined ? undefined : Number(options.zero),
  };
  const request: ThroughputRequest = {
    model: named(model),
    hardware: named(hardware),
    ...{ gpus, precision, sequence, globalBatch, pods, oversubscription, stack },
    given: asGiven(given),
  };
  const library = openLibrary([builtInScenariosFolder()]);
  const result = throughputOf(request, library);
  // With all ranks given only what they leave open is chosen.
  const isSearched = options.tp === undefined || options.pp === undefined;
  if (options.json) talk.json(throughputJson(result, isSearched));
  else talk.data(options.plain ? throughputPlain(result) : throughputText(result, isSearched));
  if (stack === undefined && result.stack.name === ASSUMED_STACK) {
    talk.warn(
      `nothing published was calibrated for ${result.hardware.name} at ${result.execution.precision}: constants are assumed`,
    );
  }
  const doubled: ThroughputRequest = {
    ...{ ...request, gpus: 2 * gpus, pods: undefined },
    given: asGiven({ ...given, data: undefined }),
  };
  if (!isPossible(doubled, library)) return;
  const next = `gigasim throughput ${shellWord(model)} --gpus ${String(2 * gpus)} --hardware ${shellWord(hardware)}`;
  talk.say(`next: ${next}${typed(command)}   how it scales`);
}

const asGiven = (given: Readonly<Record<string, unknown>>): ThroughputRequest['given'] =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));

/** What follows from the GPUs, and what is written beside it. */
const NOT_CARRIED: ReadonlySet<string> = new Set(['gpus', 'hardware', 'dp', 'pods']);

/** The options typed that say what is to be worked out, as a shell reads them back. */
const typed = (command: Command): string =>
  command.options
    .filter((option) => option.required && command.getOptionValueSource(option.attributeName()) === 'cli')
    .filter((option) => !NOT_CARRIED.has(option.attributeName()))
    .map((option) => ` ${option.long!} ${shellWord(String(command.getOptionValue(option.attributeName())))}`)
    .join('');

function isPossible(request: ThroughputRequest, library: Library): boolean {
  try {
    throughputOf(request, library);
    return true;
  } catch (thrown) {
    if (thrown instanceof SimError && thrown.code === 'usage') return false;
    throw thrown;
  }
}

/** A document where a file is meant: names of the catalogue have no slash and no such ending. */
function named(text: string): string | SourceDoc {
  return /\/|\.(ya?ml|json)$/.test(text) ? parseYaml(readText(text), text) : text;
}

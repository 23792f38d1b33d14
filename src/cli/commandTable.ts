import type { Command } from 'commander';

/** A command's own file: adds arguments, options and the action. */
export interface CommandModule {
  define(command: Command): void;
}

export interface CommandEntry {
  readonly name: string;
  readonly args: string;
  readonly summary: string;
  /** Imported when the command is called, so that the others cost nothing at start. */
  readonly load: () => Promise<CommandModule>;
}

/** Every command, in the order of the help. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'compare',
    args: 'SCENARIO...',
    summary: 'rank sites and policies by cost, with intervals, over price years and for changed inputs',
    load: () => import('./commands/compare.js'),
  },
  {
    name: 'bench',
    args: 'SCENARIO',
    summary: 'which scheduling policy is better: paired differences against a baseline, with intervals',
    load: () => import('./commands/bench.js'),
  },
  {
    name: 'reliability',
    args: 'SCENARIO',
    summary: 'ETTR by checkpoint interval, spares, failure rate and job size, with the best of each',
    load: () => import('./commands/reliability.js'),
  },
  {
    name: 'run',
    args: 'SCENARIO',
    summary: 'run a scenario and summarise each run, with curves of power, price and queue',
    load: () => import('./commands/run.js'),
  },
  {
    name: 'replay',
    args: 'TRACE',
    summary: 'schedule a job log (SWF) on a plain machine, with no scenario',
    load: () => import('./commands/replay.js'),
  },
  {
    name: 'explain',
    args: 'RUN',
    summary: 'why a job of a run waited: each reason, when it held, and which job stood in the way',
    load: () => import('./commands/explain.js'),
  },
  {
    name: 'throughput',
    args: 'MODEL',
    summary: 'how fast a model trains on so many GPUs: step time, MFU, memory, best parallelism',
    load: () => import('./commands/throughput.js'),
  },
  {
    name: 'budget',
    args: '--eur AMOUNT',
    summary: 'how many chips, MW and tokens a sum buys, by hardware and site, and what they cost a year',
    load: () => import('./commands/budget.js'),
  },
  {
    name: 'buildout',
    args: 'SCENARIO',
    summary: 'a site that grows over years: cash flows, NPV, levelised cost, and all at once early or late',
    load: () => import('./commands/buildout.js'),
  },
  {
    name: 'validate',
    args: 'SCENARIO',
    summary: 'check a scenario: every fault at once, or what will run',
    load: () => import('./commands/validate.js'),
  },
  {
    name: 'list',
    args: 'KIND',
    summary: 'list sites, zones, hardware, models, workloads, reliability, policies or scenarios',
    load: () => import('./commands/list.js'),
  },
];

/** `gigasim --help`: written without the option parser, so that it starts as fast as Node does. */
export function topHelp(): string {
  const width = Math.max(...COMMANDS.map(({ name, args }) => name.length + args.length + 1));
  const commands = COMMANDS.map(({ name, args, summary }) => `  ${`${name} ${args}`.padEnd(width)}  ${summary}`);
  return `gigasim simulates sites of about 100,000 GPUs: what they deliver, draw, emit and pay.

usage: gigasim COMMAND [options]

${commands.join('\n')}

  gigasim COMMAND --help       options of a command
  gigasim --version

examples
  gigasim compare scenarios/eu-five.yaml
  gigasim compare eu-five --set workload.load=0.7 --reps 10
  gigasim replay log.swf.gz --gpus 93312 --gpus-per-node 1 --policy fcfs+easy@first-fit

A SCENARIO is a file, a name from "gigasim list scenarios", or - for standard input.
`;
}

import { InvalidArgumentError } from 'commander';
import { parseDurationMs } from '../base/units.js';
import type { CommonOptions, RunOptions, ScenarioOptions } from './options.js';

export interface ReliabilityOptions extends CommonOptions, RunOptions, ScenarioOptions {
  readonly intervals?: readonly ('daly' | number)[];
  readonly spares?: readonly number[];
  readonly rates?: readonly number[];
  readonly gpus?: readonly number[];
  readonly grid?: boolean;
  readonly only?: 'site' | 'gang';
  readonly rankBy: 'ettr' | 'goodput';
  readonly maxRuns: number;
  readonly csv?: string;
}

/** `daly,15min,1h` as ms. */
export function intervalList(text: string): ('daly' | number)[] {
  return list(text, 'daly and durations with a unit, such as daly,5min,1h', (part) => {
    if (part === 'daly') return part;
    const ms = parseDurationMs(part);
    return ms !== undefined && ms > 0 ? ms : undefined;
  });
}

/** `0,16,64`. */
export const countList = (text: string): number[] =>
  list(text, 'whole numbers from 0 up, such as 0,16,64', (part) => wholeFrom(part, 0));

/** `1024,16384`. */
export const sizeList = (text: string): number[] =>
  list(text, 'whole numbers from 1 up, such as 1024,16384', (part) => wholeFrom(part, 1));

/** Larger ones than the scenario's key takes are refused by it. */
export const rateList = (text: string): number[] =>
  list(text, 'numbers from 0 up, such as 0.5,1,2', (part) =>
    /^(\d+(\.\d*)?|\.\d+)$/.test(part) ? Number(part) : undefined,
  );

function wholeFrom(part: string, least: number): number | undefined {
  const value = Number(part);
  return /^\d+$/.test(part) && Number.isSafeInteger(value) && value >= least ? value : undefined;
}

/** Values between commas, each once. */
function list<T>(text: string, expected: string, read: (part: string) => T | undefined): T[] {
  const values = text.split(',').map((part) => {
    const value = read(part.trim());
    if (value === undefined)
      throw new InvalidArgumentError(`Expected ${expected}; got ${part.trim() === '' ? 'nothing' : part.trim()}.`);
    return value;
  });
  return [...new Set(values)];
}

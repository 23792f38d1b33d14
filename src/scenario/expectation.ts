import { listed } from './suggest.js';
import type { z } from 'zod';

type Schema = z.core.$ZodType;

/** The parts of zod's definitions that are read here, by type name; zod types each kind of schema apart. */
interface Definition {
  readonly type: string;
  readonly innerType?: Schema;
  readonly in?: Schema;
  readonly out?: Schema;
  readonly options?: readonly Schema[];
  readonly shape?: Readonly<Record<string, Schema>>;
  readonly values?: readonly unknown[];
  readonly entries?: Readonly<Record<string, string | number>>;
  readonly checks?: readonly z.core.$ZodCheck[];
}

/** A check of a number. */
interface NumberCheck {
  readonly check: string;
  readonly value?: number;
  readonly inclusive?: boolean;
  readonly format?: string;
}

export const definitionOf = (schema: Schema): Definition => schema._zod.def;

/** What a schema wants, as a reader would say it: "a whole number from 1 to 32", "one of s, ms". */
export function expectationOf(schema: Schema): string {
  const def = definitionOf(schema);
  switch (def.type) {
    case 'number':
      return numberText((def.checks ?? []).map((check) => check._zod.def as NumberCheck));
    case 'int':
      return 'a whole number';
    case 'string':
      return 'text';
    case 'boolean':
      return 'true or false';
    case 'array':
    case 'tuple':
      return 'a list';
    case 'object':
      return objectText(def.shape ?? {});
    case 'record':
      return 'an object';
    case 'literal':
      return choice((def.values ?? []).map(literalText));
    case 'enum':
      return choice(Object.values(def.entries ?? {}).map(String));
    case 'union':
      return [...new Set((def.options ?? []).map(expectationOf))].join(' or ');
    case 'pipe':
      // A preprocessing step says nothing about what it wants; the schema behind it does.
      return expectationOf(definitionOf(def.in!).type === 'transform' ? def.out! : def.in!);
    default:
      return def.innerType === undefined ? `a value of type ${def.type}` : expectationOf(def.innerType);
  }
}

/** "at least 1", "more than 0": one bound in words. */
export const atLeast = (bound: number | bigint, inclusive: boolean): string =>
  `${inclusive ? 'at least' : 'more than'} ${bound}`;
export const atMost = (bound: number | bigint, inclusive: boolean): string =>
  `${inclusive ? 'at most' : 'less than'} ${bound}`;

function numberText(checks: readonly NumberCheck[]): string {
  const whole = checks.some(({ format }) => format?.includes('int'));
  const noun = whole ? 'a whole number' : 'a number';
  const low = checks.find(({ check }) => check === 'greater_than');
  const high = checks.find(({ check }) => check === 'less_than');
  if (low?.inclusive && high?.inclusive) return `${noun} from ${low.value!} to ${high.value!}`;
  const bounds: string[] = [];
  if (low !== undefined) bounds.push(atLeast(low.value!, low.inclusive === true));
  if (high !== undefined) bounds.push(atMost(high.value!, high.inclusive === true));
  if (bounds.length === 0) return noun;
  return `${noun}${bounds[0]!.startsWith('at') ? ' of' : ''} ${bounds.join(' and ')}`;
}

function objectText(shape: Readonly<Record<string, Schema>>): string {
  const keys = Object.keys(shape);
  const first = keys.slice(0, 3).join(', ');
  return keys.length === 0 ? 'an object' : `{ ${first}${keys.length > 3 ? ', …' : ''} }`;
}

const literalText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

const choice = (options: readonly string[]): string =>
  options.length === 1 ? options[0]! : `one of ${listed(options)}`;

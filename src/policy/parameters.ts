import type { Issue } from '../base/errors.js';
import { formatDuration, parseDurationMs } from '../base/units.js';

/** One parameter of a policy part: written `name(value, …)` in order, or `name(key=value)`. */
export interface ParameterDef {
  readonly name: string;
  /** `whole` and `number` are numbers, `duration` is read as `2 h` and passed in ms, `choice` is one of `choices`. */
  readonly kind: 'whole' | 'number' | 'duration' | 'choice';
  readonly default: number | string;
  /** Inclusive; of a duration in ms. */
  readonly min?: number;
  readonly max?: number;
  readonly choices?: readonly string[];
  /** What it does, and why the default is what it is. */
  readonly summary: string;
}

export type ParameterValues = Readonly<Record<string, number | string>>;

/** Arguments after checking, or everything wrong with them. */
export type Parsed =
  | { readonly ok: true; readonly params: ParameterValues; readonly text: string }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/**
 * Reads the arguments of a policy part; `text` is how they are written canonically: `(…)`, or nothing when all are
 * defaults.
 */
export function readParameters(
  part: string,
  definitions: readonly ParameterDef[],
  args: readonly string[],
  path: string,
): Parsed {
  const issues: Issue[] = [];
  const values: Record<string, number | string> = {};
  const complain = (message: string): void => {
    issues.push({ path, message });
  };
  args.forEach((arg, index) => {
    const named = /^([a-zA-Z][\w-]*)\s*=\s*(.*)$/.exec(arg);
    const definition = named ? definitions.find(({ name }) => name === named[1]) : definitions[index];
    if (definition === undefined) {
      const known = definitions.map(({ name }) => name).join(', ');
      complain(
        definitions.length === 0
          ? `expected ${part} without parameters, got ${JSON.stringify(arg)}`
          : `expected at most ${definitions.length} parameters of ${part} (${known}), got ${JSON.stringify(arg)}`,
      );
      return;
    }
    if (definition.name in values) {
      complain(`expected ${definition.name} of ${part} once, got it twice`);
      return;
    }
    const value = readValue(definition, (named ? named[2]! : arg).trim());
    if (typeof value === 'object')
      complain(`expected ${definition.name} of ${part} to be ${value.expected}, got ${JSON.stringify(arg)}`);
    else values[definition.name] = value;
  });
  if (issues.length > 0) return { ok: false, issues };
  const params = Object.fromEntries(definitions.map(({ name, default: value }) => [name, values[name] ?? value]));
  return { ok: true, params, text: canonicalArguments(definitions, params) };
}

function readValue(definition: ParameterDef, text: string): number | string | { readonly expected: string } {
  const { kind, min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY, choices = [] } = definition;
  if (kind === 'choice') return choices.includes(text) ? text : { expected: `one of ${choices.join(', ')}` };
  const duration = kind === 'duration';
  const value = duration ? parseDurationMs(text) : text === '' ? undefined : Number(text);
  const shown = (bound: number): string => (duration ? formatDuration(bound) : String(bound));
  const from = Number.isFinite(min) ? ` of at least ${shown(min)}` : '';
  const to = Number.isFinite(max) ? `${from === '' ? ' of' : ' and'} at most ${shown(max)}` : '';
  const what = duration ? 'a duration such as 2 h' : kind === 'whole' ? 'a whole number' : 'a number';
  const sound = value !== undefined && Number.isFinite(value) && (kind === 'number' || Number.isInteger(value));
  return sound && value >= min && value <= max ? value : { expected: `${what}${from}${to}` };
}

function canonicalArguments(definitions: readonly ParameterDef[], params: ParameterValues): string {
  const changed = definitions.filter(({ name, default: value }) => params[name] !== value);
  if (changed.length === 0) return '';
  const shown = ({ name, kind }: ParameterDef): string =>
    kind === 'duration' ? formatDuration(params[name] as number) : String(params[name]);
  // By position as long as no default stands between.
  const inOrder = changed.every((definition, index) => definition === definitions[index]);
  return `(${changed.map((definition) => (inOrder ? '' : `${definition.name}=`) + shown(definition)).join(', ')})`;
}

import type { Issue } from '../base/errors.js';
import { formatDuration, parseDurationMs, W_PER_MW } from '../base/units.js';

/** One parameter of a policy part: written `name(value, …)` in order, or `name(key=value)`. */
export interface ParameterDef {
  readonly name: string;
  /**
   * `whole` and `number` are numbers, `duration` is read as `2 h` and passed in ms, `choice` is one of `choices`, `power`
   * is read as `180 MW` and passed in W, `share or power` is that or a number from 0 to 1, `class` is a class of the
   * workload, which the plan checks (empty: all).
   */
  readonly kind: 'whole' | 'number' | 'duration' | 'choice' | 'power' | 'share or power' | 'class';
  readonly default: number | string;
  /** Inclusive; of a duration in ms, of `share or power` the least share. */
  readonly min?: number;
  readonly max?: number;
  /** Why no less than `min`, said where less is asked for. */
  readonly whyMin?: string;
  readonly choices?: readonly string[];
  /** A policy's canonical text says it even where it is the default: the level that a reader asks for first. */
  readonly written?: true;
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
 * defaults and none is always written.
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
  const { kind, min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY, choices = [], whyMin } = definition;
  if (kind === 'choice') return choices.includes(text) ? text : { expected: `one of ${choices.join(', ')}` };
  if (kind === 'class') return text;
  if (kind === 'power' || kind === 'share or power') return readPower(text, definition);
  const duration = kind === 'duration';
  const value = duration ? parseDurationMs(text) : text === '' ? undefined : Number(text);
  const shown = (bound: number): string => (duration ? formatDuration(bound) : String(bound));
  const from = Number.isFinite(min) ? ` of at least ${shown(min)}` : '';
  const to = Number.isFinite(max) ? `${from === '' ? ' of' : ' and'} at most ${shown(max)}` : '';
  const what = duration ? 'a duration such as 2 h' : kind === 'whole' ? 'a whole number' : 'a number';
  const sound = value !== undefined && Number.isFinite(value) && (kind === 'number' || Number.isInteger(value));
  const why = whyMin !== undefined && sound && value < min ? ` (${whyMin})` : '';
  return sound && value >= min && value <= max ? value : { expected: `${what}${from}${to}${why}` };
}

/** Watts; a share is at most 1, and no site draws as little as 1 W. */
function readPower(text: string, { kind, min = 0, whyMin }: ParameterDef): number | { readonly expected: string } {
  const shares = kind === 'share or power';
  const match = /^(\d+(?:\.\d+)?)\s*(MW|kW)?$/.exec(text);
  const value = match === null ? Number.NaN : Number(match[1]);
  const unit = match?.[2];
  if (shares && unit === undefined && value > 0 && value >= min && value <= 1) return value;
  if (unit !== undefined && value > 0) return Math.round(value * (unit === 'MW' ? W_PER_MW : 1000));
  const least = min > 0 ? `of at least ${String(min)}` : 'above 0';
  const why = whyMin !== undefined && unit === undefined && value < min ? ` (${whyMin})` : '';
  return { expected: `${shares ? `a share ${least} and up to 1, or ` : ''}a power such as 180 MW${why}` };
}

/** As {@link readPower} reads it. */
const powerText = (value: number): string => (value <= 1 ? String(value) : `${String(value / W_PER_MW)} MW`);

/** A value as it is written in a policy's text. */
export function valueText({ kind }: ParameterDef, value: number | string): string {
  if (typeof value === 'string') return value;
  if (kind === 'power' || kind === 'share or power') return powerText(value);
  return kind === 'duration' ? formatDuration(value) : String(value);
}

function canonicalArguments(definitions: readonly ParameterDef[], params: ParameterValues): string {
  const changed = definitions.filter(({ name, default: value, written }) => written === true || params[name] !== value);
  if (changed.length === 0) return '';
  // By position as long as no default stands between.
  const inOrder = changed.every((definition, index) => definition === definitions[index]);
  return `(${changed.map((definition) => (inOrder ? '' : `${definition.name}=`) + valueText(definition, params[definition.name]!)).join(', ')})`;
}

import { SourceMap } from 'node:module';
import { createContext, Script } from 'node:vm';
import { SimError } from '../../base/errors.js';
import type { PolicyDef } from '../contracts.js';
import type { PolicyModules } from '../registry.js';
import { EXPORTS, type PolicyCode } from '../../scenario/policyCode.js';
import { ownDefinition } from './definition.js';

/** Longer than any sensible file takes to load, ms. */
const LOAD_LIMIT_MS = 2000;

/** Takes away what would make two runs differ; the rest of the language stays. */
const PRELUDE = new Script(`
  const refuse = (what, instead) => () => { throw new Error(what + ' is not reproducible; use ' + instead); };
  Math.random = refuse('Math.random', 'the draw that create is given');
  Date = Object.assign(refuse('Date', 'world.nowMs'), { now: refuse('Date.now', 'world.nowMs') });
`);

/**
 * Runs a policy's code in a realm of its own, without Node's globals, clock or chance, and checks its shape.
 *
 * Called anew for each run, so nothing a policy remembers outside `create` leaks from one run to the next.
 * Not a defence against malice: whoever runs a policy trusts it as much as any program.
 *
 * @throws SimError `policy.invalid`
 */
export function evaluatePolicy({ path, code, map }: PolicyCode): PolicyDef {
  const realm = createContext(Object.create(null) as object, { codeGeneration: { strings: false, wasm: false } });
  PRELUDE.runInContext(realm);
  let exported: unknown;
  try {
    new Script(code, { filename: path }).runInContext(realm, { timeout: LOAD_LIMIT_MS });
    exported = (realm as Record<string, { readonly default?: unknown } | undefined>)[EXPORTS]?.default;
  } catch (thrown) {
    throw new SimError('policy.invalid', `${path} failed while loading: ${textOf(thrown, sourceMapOf(map))}`);
  }
  const definition = ownDefinition(path, exported);
  const source = sourceMapOf(map);
  if (source !== undefined) SOURCES.set(definition, source);
  return definition;
}

/** Where the code of a definition comes from, for messages. */
const SOURCES = new WeakMap<PolicyDef, SourceMap>();

export const sourceOf = (definition: PolicyDef): SourceMap | undefined => SOURCES.get(definition);

const sourceMapOf = (map: string | undefined): SourceMap | undefined =>
  map === undefined ? undefined : new SourceMap(JSON.parse(map) as ConstructorParameters<typeof SourceMap>[0]);

/** All own policies of a run, by the hash of their code. */
export function evaluatePolicies(codes: Readonly<Record<string, PolicyCode>> | undefined): PolicyModules {
  return new Map(Object.entries(codes ?? {}).map(([sha256, code]) => [sha256, evaluatePolicy(code)]));
}

/** Message of whatever was thrown, in whichever realm, with the place in the user's file. */
export function textOf(thrown: unknown, source?: SourceMap): string {
  if (typeof thrown !== 'object' || thrown === null) return `threw ${String(thrown)}`;
  const { name, message, stack } = thrown as { name?: unknown; message?: unknown; stack?: unknown };
  if (typeof message !== 'string') return 'threw something that is no error';
  const place = typeof stack === 'string' ? placeIn(stack, source) : undefined;
  return `${typeof name === 'string' ? `${name}: ` : ''}${message}${place === undefined ? '' : ` (${place})`}`;
}

/** The innermost frame of a stack that lies in the user's own files. */
function placeIn(stack: string, source: SourceMap | undefined): string | undefined {
  for (const [, line, column] of stack.matchAll(/[^\s():]:(\d+):(\d+)\)?$/gm)) {
    const entry = source?.findEntry(Number(line) - 1, Number(column) - 1);
    if (entry !== undefined && 'originalSource' in entry)
      return `${entry.originalSource}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
  }
  return undefined;
}

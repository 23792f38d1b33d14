import { SimError, type Issue } from '../base/errors.js';
import type { PolicyPartSpec, PolicySpec } from '../scenario/runSpec.js';
import type { BackfillDef, OrderDef, PlacementDef, PolicyAxis, PolicyDef } from './contracts.js';
import { easy } from './backfill/easy.js';
import { none } from './backfill/none.js';
import { fcfs } from './order/fcfs.js';
import { firstFit } from './placement/firstFit.js';
import { pack } from './placement/pack.js';

/** Every policy part there is. Adding one is a file and a line here. */
const DEFINITIONS: readonly PolicyDef[] = [fcfs, none, easy, firstFit, pack] as readonly PolicyDef[];

const AXES: readonly PolicyAxis[] = ['order', 'backfill', 'placement'];

/** Definitions by `axis/name`; two of one name on an axis are our own bug and stop at once. */
export function indexed(definitions: readonly PolicyDef[]): ReadonlyMap<string, PolicyDef> {
  const index = new Map<string, PolicyDef>();
  for (const definition of definitions) {
    const key = `${definition.axis}/${definition.name}`;
    if (index.has(key)) throw new SimError('internal.invariant', `policy ${key} is registered twice`);
    index.set(key, definition);
  }
  return index;
}

const REGISTRY = indexed(DEFINITIONS);

/** All parts, by axis, then in the order of the list above. */
export function listPolicies(): readonly PolicyDef[] {
  return AXES.flatMap((axis) => DEFINITIONS.filter((definition) => definition.axis === axis));
}

/** Names on one axis, for messages and suggestions. */
export function policyNames(axis: PolicyAxis): readonly string[] {
  return DEFINITIONS.filter((definition) => definition.axis === axis).map((definition) => definition.name);
}

export const orderDef = (name: string): OrderDef => lookUp('order', name) as OrderDef;
export const backfillDef = (name: string): BackfillDef => lookUp('backfill', name) as BackfillDef;
export const placementDef = (name: string): PlacementDef => lookUp('placement', name) as PlacementDef;

function lookUp(axis: PolicyAxis, name: string): PolicyDef {
  const definition = REGISTRY.get(`${axis}/${name}`);
  if (!definition) throw new SimError('internal.invariant', `no ${axis} policy '${name}' is registered`);
  return definition;
}

export type ParsedPolicy =
  | { readonly ok: true; readonly policy: PolicySpec }
  | { readonly ok: false; readonly issues: readonly Issue[]; readonly candidates: readonly string[] };

/** Reads `order+backfill@placement`. Issues carry no position; the caller knows where the text stood. */
export function parsePolicy(text: string): ParsedPolicy {
  const match = /^\s*([^+@\s]+)\s*\+\s*([^+@\s]+)\s*@\s*([^+@\s]+)\s*$/.exec(text);
  if (!match) {
    const message = `expected a policy written order+backfill@placement, got ${JSON.stringify(text)}`;
    return { ok: false, issues: [{ path: '', message, hint: 'For example fcfs+easy@pack.' }], candidates: [] };
  }
  const issues: Issue[] = [];
  const candidates: string[] = [];
  const names = match.slice(1, 4);
  AXES.forEach((axis, i) => {
    const known = policyNames(axis);
    if (known.includes(names[i]!)) return;
    candidates.push(...known);
    issues.push({
      path: axis,
      message: `expected the ${axis} to be one of ${known.join(', ')}, got ${JSON.stringify(names[i])}`,
    });
  });
  if (issues.length > 0) return { ok: false, issues, candidates };
  const parts: PolicyPartSpec[] = [];
  AXES.forEach((axis, i) => {
    const name = names[i]!;
    const parsed = lookUp(axis, name).parseParams(undefined, axis);
    if (parsed.ok) parts.push({ name, params: parsed.params });
    else issues.push(...parsed.issues);
  });
  if (issues.length > 0) return { ok: false, issues, candidates };
  const [order, backfill, placement] = parts as [PolicyPartSpec, PolicyPartSpec, PolicyPartSpec];
  const canonical = `${order.name}+${backfill.name}@${placement.name}`;
  return { ok: true, policy: { text: canonical, order, backfill, placement } };
}

/** True when any part's decisions depend on price, carbon or weather. */
export function readsMarket(policy: PolicySpec): boolean {
  return [orderDef(policy.order.name), backfillDef(policy.backfill.name), placementDef(policy.placement.name)].some(
    (definition) => definition.readsMarket,
  );
}

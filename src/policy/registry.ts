import { SimError } from '../base/errors.js';
import type { PolicyPartSpec, PolicySpec } from '../scenario/runSpec.js';
import type { Declared, DefByAxis, PolicyAxis, PolicyDef } from './contracts.js';
import type { ParameterValues } from './parameters.js';
import { conservative } from './backfill/conservative.js';
import { easy } from './backfill/easy.js';
import { elastic } from './backfill/elastic.js';
import { greedy } from './backfill/greedy.js';
import { none } from './backfill/none.js';
import { edf } from './order/edf.js';
import { f1 } from './order/f1.js';
import { fairShare } from './order/fairShare.js';
import { fcfs } from './order/fcfs.js';
import { gittins } from './order/gittins.js';
import { largestFirst } from './order/largestFirst.js';
import { las } from './order/las.js';
import { ljf } from './order/ljf.js';
import { priority } from './order/priority.js';
import { qssf } from './order/qssf.js';
import { roundRobin as roundRobinOrder } from './order/roundRobin.js';
import { sjf } from './order/sjf.js';
import { smallestArea } from './order/smallestArea.js';
import { smallestFirst } from './order/smallestFirst.js';
import { srtf } from './order/srtf.js';
import { unicef } from './order/unicef.js';
import { wfp3 } from './order/wfp3.js';
import { bestFit } from './placement/bestFit.js';
import { fgd } from './placement/fgd.js';
import { firstFit } from './placement/firstFit.js';
import { las as lasPreemption } from './preempt/las.js';
import { priority as priorityPreemption } from './preempt/priority.js';
import { srtf as srtfPreemption } from './preempt/srtf.js';
import { timeSlice } from './preempt/timeSlice.js';
import { pack } from './placement/pack.js';
import { random } from './placement/random.js';
import { spread } from './placement/spread.js';
import { topology } from './placement/topology.js';
import { cheapest } from './partition/cheapest.js';
import { fair } from './partition/fair.js';
import { fastest } from './partition/fastest.js';
import { cheapestEnergy } from './siting/cheapestEnergy.js';
import { greenest } from './siting/greenest.js';
import { home } from './siting/home.js';
import { leastQueued } from './siting/leastQueued.js';
import { roundRobin } from './siting/roundRobin.js';
import { cap } from './power/cap.js';
import { carbonAware } from './power/carbonAware.js';
import { demandResponse } from './power/demandResponse.js';
import { idleSleep } from './power/idleSleep.js';
import { noPower } from './power/none.js';
import { peakGuard } from './power/peakGuard.js';
import { priceAware } from './power/priceAware.js';

/** Every policy part there is. Adding one is a file and a line here. */
const DEFINITIONS = [
  // order
  fcfs,
  sjf,
  ljf,
  smallestFirst,
  largestFirst,
  smallestArea,
  edf,
  priority,
  fairShare,
  wfp3,
  unicef,
  f1,
  srtf,
  las,
  gittins,
  qssf,
  roundRobinOrder,
  // backfill
  none,
  easy,
  conservative,
  greedy,
  elastic,
  // preempt
  priorityPreemption,
  lasPreemption,
  srtfPreemption,
  timeSlice,
  // placement
  firstFit,
  bestFit,
  pack,
  spread,
  random,
  fgd,
  topology,
  // partition
  fastest,
  fair,
  cheapest,
  // siting
  home,
  roundRobin,
  leastQueued,
  cheapestEnergy,
  greenest,
  // power
  noPower,
  cap,
  peakGuard,
  demandResponse,
  priceAware,
  carbonAware,
  idleSleep,
] as readonly PolicyDef[];

/** In the order in which a policy is written. */
export const POLICY_AXES: readonly PolicyAxis[] = [
  'order',
  'backfill',
  'preempt',
  'placement',
  'partition',
  'siting',
  'power',
];

/** Users' own policies by the sha256 of their bundled code. */
export type PolicyModules = ReadonlyMap<string, PolicyDef>;

export const NO_MODULES: PolicyModules = new Map();

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
  return POLICY_AXES.flatMap((axis) => DEFINITIONS.filter((definition) => definition.axis === axis));
}

/** Names on one axis, for messages and suggestions. */
export function policyNames(axis: PolicyAxis): readonly string[] {
  return DEFINITIONS.filter((definition) => definition.axis === axis).map((definition) => definition.name);
}

/** The registered part of that name, if there is one. */
export function findPolicy<A extends PolicyAxis>(axis: A, name: string): DefByAxis[A] | undefined {
  return REGISTRY.get(`${axis}/${name}`) as DefByAxis[A] | undefined;
}

/** The definition a spec names; that it exists was checked when the spec was made. */
export function definitionOf<A extends PolicyAxis>(
  axis: A,
  part: PolicyPartSpec,
  modules: PolicyModules = NO_MODULES,
): DefByAxis[A] {
  const definition = part.module === undefined ? findPolicy(axis, part.name) : modules.get(part.module);
  if (definition?.axis !== axis) {
    throw new SimError('internal.invariant', `no ${axis} policy '${part.name}' is registered`);
  }
  return definition as DefByAxis[A];
}

/** The parts of a policy in the order they are written in, with the axis of each; several may be of one. */
export function partsOf(policy: PolicySpec): readonly { readonly axis: PolicyAxis; readonly part: PolicyPartSpec }[] {
  return POLICY_AXES.flatMap((axis) => {
    const parts = policy[axis] ?? [];
    return (Array.isArray(parts) ? (parts as readonly PolicyPartSpec[]) : [parts as PolicyPartSpec]).map((part) => ({
      axis,
      part,
    }));
  });
}

/** The definitions behind a policy, with the axes that are absent left out. */
export function definitionsOf(policy: PolicySpec, modules: PolicyModules = NO_MODULES): readonly PolicyDef[] {
  return partsOf(policy).map(({ axis, part }) => definitionOf(axis, part, modules));
}

/** Is this so of a part with its parameters? */
export function isDeclared(declared: Declared | undefined, part: PolicyPartSpec): boolean {
  return typeof declared === 'function' ? declared(part.params as ParameterValues) : declared === true;
}

/** True when any part's decisions depend on price, carbon or weather. */
export const readsMarket = (policy: PolicySpec, modules: PolicyModules = NO_MODULES): boolean =>
  someDeclares(policy, modules, ({ readsMarket: declared }) => declared);

/** True when a part takes GPUs from running jobs: pre-empts or resizes them. */
export const interrupts = (policy: PolicySpec, modules: PolicyModules = NO_MODULES): boolean =>
  someDeclares(policy, modules, (definition) => {
    if (definition.axis === 'power') return definition.preempts;
    return definition.axis === 'preempt' || (definition.axis === 'backfill' && definition.resizes === true);
  });

/** True when a part caps the GPUs of running jobs or suspends them: their speed and watts change as they run. */
export const capsJobs = (policy: PolicySpec, modules: PolicyModules = NO_MODULES): boolean =>
  someDeclares(policy, modules, (definition) => (definition.axis === 'power' ? definition.caps : false));

/** True when nodes may sleep: jobs then wait for them, with their GPUs. */
export const letsNodesSleep = (policy: PolicySpec, modules: PolicyModules = NO_MODULES): boolean =>
  someDeclares(policy, modules, (definition) => (definition.axis === 'power' ? definition.sleeps : false));

function someDeclares(
  policy: PolicySpec,
  modules: PolicyModules,
  what: (definition: PolicyDef) => Declared | undefined,
): boolean {
  return partsOf(policy).some(({ axis, part }) => isDeclared(what(definitionOf(axis, part, modules)), part));
}

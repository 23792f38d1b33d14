import { SimError } from '../base/errors.js';
import type { RunResult } from '../metrics/runResult.js';
import { evaluatePolicies } from '../policy/own/evaluate.js';
import { readsMarket, type PolicyModules } from '../policy/registry.js';
import type { RunSpec, SiteSpec } from '../scenario/runSpec.js';
import type { RunInputs } from '../workload/runInputs.js';
import type { Plan } from './planTypes.js';
import { runKey } from './runKey.js';

/** What merging reads of a plan. */
export type MergeablePlan = Pick<Plan, 'specs' | 'inputs'>;

/** A run of one of the plans, and where its sites stand in the run that does it. */
export interface MergedUse {
  /** Index into the plans. */
  readonly plan: number;
  /** Index into the plan's specs. */
  readonly run: number;
  readonly positions: readonly number[];
}

/** One run that does those of several plans. */
export interface MergedRun {
  /** Its sites begin with those of the first use, in their order. */
  readonly spec: RunSpec;
  /** By plan, then by run. */
  readonly uses: readonly MergedUse[];
  readonly key: string;
}

export interface MergedPlans {
  /** In the order of their first use: those of the first plan come first. */
  readonly runs: readonly MergedRun[];
  readonly inputs: RunInputs;
  /** Results of the merged runs, by index, as those of each plan's own runs, by plan and run. */
  readonly handBack: <R extends Pick<RunResult, 'sites'>>(results: readonly (R | undefined)[]) => (R | undefined)[][];
}

/**
 * Runs of several plans in as few as give the same: those whose specs are equal but for their sites become one, with
 * the sites of all, each different one once. It is simulated once, and settled at every site.
 *
 * Results are those of separate runs to the last bit, since a site is settled from the load curve alone. Runs whose
 * schedule depends on the sites, those under a broker and under a policy that reads the market, become one only where
 * their sites are equal but for their capital, which no schedule knows; the sites of each then follow as a whole.
 *
 * Specs are compared as written: one with its keys in another order is a run of its own, with the same result.
 *
 * Inputs of one name but of other content get the beginning of their hash behind their name, and so do they wherever
 * a site or the workload names them; those of the first plan keep theirs. A text of a site that is, letter by letter,
 * the name of an input is taken for that input.
 *
 * @param buildVersion - part of the keys
 */
export function mergePlans(plans: readonly MergeablePlan[], buildVersion: string): MergedPlans {
  const inputs = new MergedInputs();
  const open = new Map<string, OpenRun>();
  plans.forEach((plan, index) => {
    const rename = inputs.add(plan.inputs);
    const modules = evaluatePolicies(plan.inputs.policies);
    plan.specs.forEach((given, run) => {
      const spec = rename(given);
      const bound = isBound(spec, modules);
      const { sites, ...schedule } = spec;
      const key = JSON.stringify(bound ? { ...spec, sites: sites.map(asScheduled) } : schedule);
      let target = open.get(key);
      if (target === undefined) {
        target = new OpenRun(spec, bound);
        open.set(key, target);
      }
      target.uses.push({ plan: index, run, positions: target.place(sites) });
    });
  });
  const whole = inputs.whole();
  const runs = [...open.values()].map(({ spec, sites, uses }): MergedRun => {
    const merged = { ...spec, sites };
    return { spec: merged, uses, key: runKey(merged, whole, buildVersion) };
  });
  return {
    runs,
    inputs: whole,
    handBack: (results) => {
      const back = plans.map(({ specs }) => new Array<(typeof results)[number]>(specs.length).fill(undefined));
      runs.forEach(({ uses, spec }, index) => {
        const result = results[index];
        if (result === undefined) return;
        for (const { plan, run, positions } of uses) back[plan]![run] = resultAt(result, positions, spec.sites.length);
      });
      return back;
    },
  };
}

/** Does the schedule depend on the sites, or each of them have its own? */
const isBound = ({ brokered, policy }: RunSpec, modules: PolicyModules): boolean =>
  brokered === true || readsMarket(policy, modules);

/** What a schedule that depends on its sites may read of one. */
const asScheduled = (site: SiteSpec): SiteSpec => ({ ...site, capital: undefined });

/** Policies, by text, whose runs a change of their sites simulates anew, unless it is one of capital alone. */
export function mustBeRunApart({ specs, inputs }: MergeablePlan): readonly string[] {
  const modules = evaluatePolicies(inputs.policies);
  return [...new Set(specs.filter((spec) => isBound(spec, modules)).map(({ policy }) => policy.text))];
}

function resultAt<R extends Pick<RunResult, 'sites'>>(result: R, positions: readonly number[], count: number): R {
  const isWhole = positions.length === count && positions.every((position, at) => position === at);
  return isWhole ? result : { ...result, sites: positions.map((position) => result.sites[position]!) };
}

/** A merged run while sites are added to it. */
class OpenRun {
  readonly spec: RunSpec;
  readonly sites: SiteSpec[] = [];
  readonly uses: MergedUse[] = [];
  /** The sites are part of the schedule. */
  readonly #bound: boolean;
  readonly #places = new Map<string, number>();

  constructor(spec: RunSpec, bound: boolean) {
    this.spec = spec;
    this.#bound = bound;
  }

  /** Where each of these stands, once it is among the sites. */
  place(sites: readonly SiteSpec[]): readonly number[] {
    // Sites that are part of the schedule stay together in their order: the place of one tells its load curve.
    if (this.#bound) {
      const first = this.#placeOf(sites);
      return sites.map((_, position) => first + position);
    }
    return sites.map((site) => this.#placeOf([site]));
  }

  /** Where the first of these stands, once they are among the sites, one after the other. */
  #placeOf(sites: readonly SiteSpec[]): number {
    const text = JSON.stringify(sites);
    const before = this.#places.get(text);
    if (before !== undefined) return before;
    const first = this.sites.length;
    this.#places.set(text, first);
    this.sites.push(...sites);
    return first;
  }
}

/** Enough of a hash that two of one name do not meet. */
const HASH_DIGITS = 12;

/** Inputs of several plans under names that are each one content. */
class MergedInputs {
  readonly #series: Record<string, RunInputs['series'][string]> = {};
  readonly #traces: Record<string, RunInputs['traces'][string]> = {};
  readonly #sha256: Record<string, string> = {};
  readonly #policies: Record<string, NonNullable<RunInputs['policies']>[string]> = {};

  /** @returns what a spec of these inputs becomes */
  add({ series, traces, contentSha256, policies = {} }: RunInputs): (spec: RunSpec) => RunSpec {
    const renamed = new Map<string, string>();
    for (const [name, sha256] of Object.entries(contentSha256)) {
      const before = this.#sha256[name];
      const own = before === undefined || before === sha256 ? name : `${name}@${sha256.slice(0, HASH_DIGITS)}`;
      if (own !== name) renamed.set(name, own);
      if ((this.#sha256[own] ??= sha256) !== sha256) {
        throw new SimError('internal.invariant', `two inputs are called ${own}`);
      }
      const [steps, trace] = [series[name], traces[name]];
      if (steps !== undefined) this.#series[own] ??= steps;
      if (trace !== undefined) this.#traces[own] ??= trace;
    }
    Object.assign(this.#policies, policies); // named by their content
    if (renamed.size === 0) return (spec) => spec;
    return (spec) => ({
      ...spec,
      workload: renameIn(spec.workload, renamed),
      sites: spec.sites.map((site) => renameIn(site, renamed)),
    });
  }

  whole(): RunInputs {
    return { series: this.#series, traces: this.#traces, contentSha256: this.#sha256, policies: this.#policies };
  }
}

/** A plain value with every text that is such a name replaced. */
function renameIn<T>(value: T, names: ReadonlyMap<string, string>): T {
  const rename = (inner: unknown): unknown => {
    if (typeof inner === 'string') return names.get(inner) ?? inner;
    if (Array.isArray(inner)) return inner.map(rename);
    if (typeof inner !== 'object' || inner === null) return inner;
    return Object.fromEntries(Object.entries(inner).map(([key, member]) => [key, rename(member)]));
  };
  return rename(value) as T;
}

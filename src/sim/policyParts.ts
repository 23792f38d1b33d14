import type { RandomStreams } from '../base/random.js';
import type {
  BackfillPolicy,
  OrderPolicy,
  PartitionPolicy,
  PlacementPolicy,
  PolicyContext,
  PolicyDef,
  PolicySetup,
  PowerContext,
  PowerPolicy,
  PreemptPolicy,
  SitingPolicy,
} from '../policy/contracts.js';
import { CombinedPower } from '../policy/power/combined.js';
import { definitionOf, isDeclared, type PolicyModules } from '../policy/registry.js';
import { sourceOf } from '../policy/own/evaluate.js';
import { guarded, type PolicyWatch } from '../policy/own/guard.js';
import { noTruth, type Truth } from '../policy/truth.js';
import type { World } from '../policy/world.js';
import type { PolicyPartSpec } from '../scenario/runSpec.js';

interface MadeFromSetup {
  order: OrderPolicy;
  placement: PlacementPolicy;
  partition: PartitionPolicy;
  siting: SitingPolicy;
}

type PowerSources = Omit<PowerContext, keyof PolicySetup>;

interface MadeFromContext {
  backfill: BackfillPolicy;
  preempt: PreemptPolicy;
}

/** Makes the parts of a policy, each with draws of its own and the truth only where it declares to need it. */
export class PolicyParts {
  private readonly world: World;
  private readonly truth: Truth;
  private readonly streams: RandomStreams;
  private readonly modules: PolicyModules;

  private readonly watch: PolicyWatch | undefined;

  constructor(
    world: World,
    truth: Truth,
    streams: RandomStreams,
    modules: PolicyModules,
    watch: PolicyWatch | undefined,
  ) {
    this.world = world;
    this.truth = truth;
    this.streams = streams;
    this.modules = modules;
    this.watch = watch;
  }

  /** @param scope - the partition or site it is for; part of the name of its stream */
  create<A extends keyof MadeFromSetup>(axis: A, part: PolicyPartSpec, scope: number | string): MadeFromSetup[A] {
    const definition = definitionOf(axis, part, this.modules);
    const setup = { world: this.world, ...this.own(definition, part, `${String(scope)}/${axis}`) };
    return this.shielded(definition, part, () => definition.create(part.params, setup) as MadeFromSetup[A]);
  }

  createIn<A extends keyof MadeFromContext>(
    axis: A,
    part: PolicyPartSpec,
    context: Omit<PolicyContext, 'draw' | 'truth'>,
  ): MadeFromContext[A] {
    const definition = definitionOf(axis, part, this.modules);
    const whole = { ...context, ...this.own(definition, part, `${String(context.partition)}/${axis}`) };
    return this.shielded(definition, part, () => definition.create(part.params, whole) as MadeFromContext[A]);
  }

  createPower(power: readonly PolicyPartSpec[], sources: PowerSources): CombinedPower {
    const made = power.map((part, index) => {
      const definition = definitionOf('power', part, this.modules);
      const scope = index === 0 ? 'run/power' : `run/power/${String(index)}`;
      const context = { world: this.world, ...sources, ...this.own(definition, part, scope) };
      return {
        name: part.name,
        policy: this.shielded<PowerPolicy>(definition, part, () => definition.create(part.params, context)),
      };
    });
    return new CombinedPower(made);
  }

  /** A user's own part is called through a guard, its creation too. */
  private shielded<T extends object>(definition: PolicyDef, part: PolicyPartSpec, create: () => T): T {
    if (part.module === undefined) return create();
    const from = { path: part.name, source: sourceOf(definition) };
    const maker = guarded({ create }, from, this.world, this.watch);
    return guarded(maker.create(), from, this.world, this.watch);
  }

  private own(definition: PolicyDef, part: PolicyPartSpec, scope: string) {
    return {
      draw: this.streams.fork(`policy/${scope}`),
      truth: isDeclared(definition.clairvoyant, part) ? this.truth : noTruth(definition.name),
    };
  }
}

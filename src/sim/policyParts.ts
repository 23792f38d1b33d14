import type { RandomStreams } from '../base/random.js';
import type {
  BackfillPolicy,
  OrderPolicy,
  PartitionPolicy,
  PlacementPolicy,
  PolicyContext,
  PreemptPolicy,
  SitingPolicy,
} from '../policy/contracts.js';
import { definitionOf, type PolicyModules } from '../policy/registry.js';
import { noTruth, type Truth } from '../policy/truth.js';
import type { World } from '../policy/world.js';
import type { PolicyPartSpec } from '../scenario/runSpec.js';

interface MadeFromSetup {
  order: OrderPolicy;
  placement: PlacementPolicy;
  partition: PartitionPolicy;
  siting: SitingPolicy;
}

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

  constructor(world: World, truth: Truth, streams: RandomStreams, modules: PolicyModules) {
    this.world = world;
    this.truth = truth;
    this.streams = streams;
    this.modules = modules;
  }

  /** @param scope - the partition or site it is for; part of the name of its stream */
  create<A extends keyof MadeFromSetup>(axis: A, part: PolicyPartSpec, scope: number | string): MadeFromSetup[A] {
    const definition = definitionOf(axis, part, this.modules);
    const setup = { world: this.world, ...this.own(definition, `${String(scope)}/${axis}`) };
    return definition.create(part.params, setup) as MadeFromSetup[A];
  }

  createIn<A extends keyof MadeFromContext>(
    axis: A,
    part: PolicyPartSpec,
    context: Omit<PolicyContext, 'draw' | 'truth'>,
  ): MadeFromContext[A] {
    const definition = definitionOf(axis, part, this.modules);
    const made = definition.create(part.params, {
      ...context,
      ...this.own(definition, `${String(context.partition)}/${axis}`),
    });
    return made as MadeFromContext[A];
  }

  private own(definition: { readonly name: string; readonly clairvoyant?: boolean }, scope: string) {
    return {
      draw: this.streams.fork(`policy/${scope}`),
      truth: definition.clairvoyant === true ? this.truth : noTruth(definition.name),
    };
  }
}

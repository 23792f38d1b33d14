import type { PowerDef } from '../policy/contracts.js';
import { definitionOf } from '../policy/registry.js';
import type { RunSpec } from '../scenario/runSpec.js';
import type { Plan } from './planTypes.js';

type Need = NonNullable<PowerDef['needs']>;

const NEEDS: {
  readonly [N in Need]: { readonly isMet: (spec: RunSpec) => boolean; readonly lack: string };
} = {
  'deferrable jobs': {
    isMet: ({ traits = [] }) => traits.some(({ deferMs }) => deferMs !== undefined),
    lack: 'no class of jobs says deferrable: true',
  },
  limits: {
    isMet: ({ sites }) =>
      sites.some(({ grid, facility }) => {
        const bounded = grid?.connectionW !== undefined || grid?.limitSeries !== undefined;
        return bounded || (grid?.orders ?? []).length > 0 || facility.derating !== undefined;
      }),
    lack: 'no site has grid.orders, grid.limits, grid.connectionMW or a derating',
  },
};

/**
 * Of the built-in power policies of a plan, those that change nothing in any run, with the reason: a note each. Not an
 * error, since a scenario may compare a policy before it has what that acts on.
 */
export function idlePowerPolicies({ policies, runs, specs }: Pick<Plan, 'policies' | 'runs' | 'specs'>): string[] {
  return policies.flatMap(({ text, power = [] }, index) => {
    const own = specs.filter((_, run) => runs[run]!.policy === index);
    return power.flatMap((part) => {
      const needs = part.module === undefined ? definitionOf('power', part).needs : undefined;
      if (needs === undefined || own.some(NEEDS[needs].isMet)) return [];
      return [`note: ${part.name} changes nothing in ${text}: ${NEEDS[needs].lack}`];
    });
  });
}

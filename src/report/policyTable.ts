import type { Declared, PolicyDef } from '../policy/contracts.js';
import { valueText, type ParameterDef, type ParameterValues } from '../policy/parameters.js';
import { listPolicies } from '../policy/registry.js';
import { left, type ReportTable } from './table.js';

/**
 * Every part a policy is composed of: its axis, how it is written with its parameters' defaults, what it does and
 * where it was published. Clairvoyant parts are marked, since no real scheduler can be one.
 */
export function policyTable(): ReportTable {
  return {
    columns: [left('axis'), left('name'), left('knows'), left('what it does')],
    rows: listPolicies().map((definition) => {
      const { axis, summary, cite } = definition;
      return [axis, written(definition), marks(definition), cite === undefined ? summary : `${summary} (${cite})`];
    }),
  };
}

/** `name(parameter=default, …)`, as it may be typed. */
function written({ name, parameters = [] }: PolicyDef): string {
  return parameters.length === 0 ? name : `${name}(${parameters.map(parameterText).join(', ')})`;
}

const parameterText = (parameter: ParameterDef): string =>
  `${parameter.name}=${valueText(parameter, parameter.default)}`;

/** What it knows beyond jobs, queue and machine. */
function marks({ clairvoyant, readsMarket, parameters = [] }: PolicyDef): string {
  const knows = clairvoyance(clairvoyant, parameters);
  return [
    ...(knows === undefined ? [] : [knows]),
    ...(readsMarket !== undefined && readsMarket !== false ? ['market'] : []),
  ].join(', ');
}

/** `clairvoyant`, or with which value of a parameter it is so. */
function clairvoyance(declared: Declared | undefined, parameters: readonly ParameterDef[]): string | undefined {
  if (typeof declared !== 'function') return declared === true ? 'clairvoyant' : undefined;
  const defaults: ParameterValues = Object.fromEntries(parameters.map(({ name, default: value }) => [name, value]));
  if (declared(defaults)) return 'clairvoyant';
  const when = parameters.flatMap((parameter) =>
    (parameter.choices ?? [])
      .filter((choice) => declared({ ...defaults, [parameter.name]: choice }))
      .map((choice) => `${parameter.name}=${choice}`),
  );
  return when.length === 0 ? undefined : `clairvoyant with ${when.join(' or ')}`;
}

import type { PowerDef } from '../contracts.js';

/** Nothing is done about power: the same run as without a power part. */
export const noPower: PowerDef = {
  axis: 'power',
  name: 'none',
  summary: 'nothing is done about power, cost or carbon',
  alone: true,
  create: () => ({}),
};

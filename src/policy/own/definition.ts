import { SimError, type Issue } from '../../base/errors.js';
import { closest } from '../../scenario/suggest.js';
import type { PolicyAxis, PolicyDef } from '../contracts.js';
import { orderByComparison, orderByKey, wholeSchedule } from './simple.js';
import type { OrderByComparison, OrderByKey, WholeSchedule } from './simple.js';

/** What a file may export: a full definition, or one of the simple forms. */
export type OwnPolicy = PolicyDef | OrderByKey | OrderByComparison | WholeSchedule;

/** How a default export is read, by the one function that gives it away. */
const FORMS: Readonly<Record<string, (exported: never) => object>> = {
  create: (exported: object) => exported,
  key: orderByKey,
  compare: orderByComparison,
  schedule: wholeSchedule,
};

const AXES: Readonly<Record<PolicyAxis, true>> = {
  order: true,
  backfill: true,
  preempt: true,
  placement: true,
  partition: true,
  siting: true,
  power: true,
};

const COMMON = ['name', 'summary', 'cite', 'clairvoyant', 'readsMarket', 'starves'];
/** Beside its function, what each form may have. */
const KEYS_OF: Readonly<Record<string, readonly string[]>> = {
  create: [...COMMON, 'axis', 'parameters', 'resizes', 'draws', 'caps', 'preempts', 'capFractions'],
  key: [...COMMON, 'rekeyEveryMs'],
  compare: COMMON,
  schedule: COMMON,
};

/**
 * The definition that a policy file's default export stands for.
 *
 * @throws SimError `policy.invalid` with every fault of its shape
 */
export function ownDefinition(path: string, exported: unknown): PolicyDef {
  const issues: Issue[] = [];
  const complain = (key: string, message: string, hint?: string): void => {
    issues.push({ path: key, message, file: path, ...(hint === undefined ? {} : { hint }) });
  };
  const fail = (): never => {
    throw new SimError('policy.invalid', `${path} is not a policy`, issues);
  };
  if (typeof exported !== 'object' || exported === null) {
    complain(
      'default',
      `expected an object as default export, got ${exported === undefined ? 'nothing' : typeof exported}`,
      EXAMPLE,
    );
    return fail();
  }
  const given = exported as Record<string, unknown>;
  const forms = Object.keys(FORMS).filter((form) => form in given);
  if (forms.length !== 1) {
    complain(
      'default',
      `expected exactly one of ${Object.keys(FORMS).join(', ')}; got ${forms.join(' and ') || 'none'}`,
      EXAMPLE,
    );
    return fail();
  }
  const form = forms[0]!;
  checkForm(form, given, complain);
  if (issues.length > 0) return fail();
  const { name, summary, cite, clairvoyant, readsMarket, starves } = given;
  const { parameters, resizes, draws } = given;
  const info = { cite, clairvoyant, readsMarket, starves, parameters, resizes, draws };
  const own = FORMS[form]!(exported as never);
  return {
    ...Object.fromEntries(Object.entries(info).filter(([, value]) => value !== undefined)),
    ...own,
    name: typeof name === 'string' ? name : path,
    summary: typeof summary === 'string' ? summary : `the policy in ${path}`,
  } as PolicyDef;
}

const EXAMPLE = 'For example export default { key: (job, world) => world.gpus(job) };';

function checkForm(
  form: string,
  given: Readonly<Record<string, unknown>>,
  complain: (key: string, message: string, hint?: string) => void,
): void {
  if (typeof given[form] !== 'function') complain(form, `expected a function, got ${typeof given[form]}`);
  const known = KEYS_OF[form]!;
  for (const [key, value] of Object.entries(given)) {
    if (key === form) continue;
    if (!known.includes(key)) {
      const near = closest(key, known);
      complain(key, `expected no key ${key} beside ${form}`, near === undefined ? undefined : `Did you mean ${near}?`);
    } else complainOfType(key, value, complain);
  }
  if (form === 'create' && !(typeof given['axis'] === 'string' && given['axis'] in AXES)) {
    complain('axis', `expected one of ${Object.keys(AXES).join(', ')}; got ${JSON.stringify(given['axis'])}`);
  }
}

function complainOfType(key: string, value: unknown, complain: (key: string, message: string) => void): void {
  const text = ['name', 'summary', 'cite', 'axis'].includes(key);
  const flag = ['clairvoyant', 'readsMarket', 'starves', 'resizes', 'draws', 'caps', 'preempts'].includes(key);
  const expected = text ? 'string' : flag ? 'boolean' : undefined;
  if (expected !== undefined && typeof value !== expected) complain(key, `expected a ${expected}, got ${typeof value}`);
  if (key === 'parameters' && !Array.isArray(value)) complain(key, `expected a list, got ${typeof value}`);
  if (key === 'rekeyEveryMs' && !(typeof value === 'number' && value >= 0)) {
    complain(key, `expected a number of ms of at least 0, got ${String(value)}`);
  }
}

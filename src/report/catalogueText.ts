import type { Library, LibraryKind } from '../scenario/sourceDoc.js';
import { valueAt } from '../scenario/sourcePath.js';
import { policyTable } from './policyTable.js';
import { left, right, type Cell, type Column, type ReportTable } from './table.js';

interface Listing {
  readonly columns: readonly Column[];
  /** Paths in a document, one for each column behind the name. */
  readonly paths: readonly (readonly string[])[];
}

/** What a listing shows of each kind of document, by the word the user types. */
const LISTINGS: Readonly<Record<string, { readonly kind: LibraryKind } & Listing>> = {
  sites: {
    kind: 'site',
    columns: [left('title'), left('zone')],
    paths: [['title'], ['zone']],
  },
  zones: {
    kind: 'zone',
    columns: [left('title'), right('mean price', 'EUR/MWh'), right('carbon', 'kg/MWh'), right('level of')],
    paths: [
      ['title'],
      ['baseYear', 'priceEurPerMWh', 'value'],
      ['baseYear', 'carbonKgPerMWh', 'value'],
      ['baseYear', 'year'],
    ],
  },
  hardware: {
    kind: 'hardware',
    columns: [left('title'), right('GPU', 'W'), right('GPUs', 'a node')],
    paths: [['title'], ['tdpW', 'value'], ['gpusPerNode', 'value']],
  },
  models: {
    kind: 'model',
    columns: [
      left('title'),
      right('parameters', '10^9'),
      right('active', '10^9'),
      right('layers'),
      right('hidden'),
      right('sequence', 'tokens'),
    ],
    paths: [
      ['title'],
      ['published', 'parametersB', 'value'],
      ['published', 'activeB', 'value'],
      ['layers', 'value'],
      ['hidden', 'value'],
      ['sequence', 'value'],
    ],
  },
  stacks: {
    kind: 'stack',
    columns: [left('title'), right('GEMM share'), right('scale-up', 'exposure'), right('network', 'exposure')],
    paths: [['title'], ['gemmShare', 'value'], ['scaleUpExposure', 'value'], ['networkExposure', 'value']],
  },
  workloads: { kind: 'workload', columns: [left('title')], paths: [['title']] },
  reliability: {
    kind: 'reliability',
    columns: [left('title'), right('failures', '/1000 node-days')],
    paths: [['title'], ['failuresPer1000NodeDays', 'value']],
  },
  scenarios: { kind: 'scenario', columns: [left('question')], paths: [['question']] },
};

export const LISTED_KINDS: readonly string[] = [
  'sites',
  'zones',
  'hardware',
  'models',
  'stacks',
  'workloads',
  'reliability',
  'policies',
  'scenarios',
];

/** Everything of one of {@link LISTED_KINDS}, by name. */
export function catalogueTable(what: string, library: Library): ReportTable {
  if (what === 'policies') return policyTable();
  const { kind, columns, paths } = LISTINGS[what]!;
  return {
    columns: [left('name'), ...columns],
    rows: library.names(kind).map((name): Cell[] => {
      const document = library.find(kind, name)?.value;
      return [name, ...paths.map((path) => cellOf(valueAt(document, path)))];
    }),
  };
}

const cellOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '';

import { SimError, type Issue } from '../base/errors.js';
import { capexEur, capexLines } from '../economics/tco.js';
import { hoursOfYear } from '../energy/calendar.js';
import type { SiteResult } from '../metrics/runResult.js';
import type { CapitalSpec } from '../scenario/capitalSpec.js';
import { SCENARIO_DEFAULTS } from '../scenario/defaults.js';
import { financeSchema, type Finance } from '../scenario/financeSchema.js';
import { hardwareSchema, type Hardware } from '../scenario/hardwareSchema.js';
import { invalidDocument } from '../scenario/issues.js';
import type { RunSpec } from '../scenario/runSpec.js';
import { checkSchema } from '../scenario/schemaIssues.js';
import { siteSchema, type Site } from '../scenario/siteSchema.js';
import type { TariffSpec } from '../scenario/tariffSpec.js';
import type { Library, SourceDoc } from '../scenario/sourceDoc.js';
import { formatPath } from '../scenario/sourcePath.js';
import { didYouMean, listed } from '../scenario/suggest.js';
import type { RunInputs } from '../workload/runInputs.js';
import { capitalSpecs } from './capital.js';
import { Faults } from './faults.js';
import { checkPartitionNames, designItW, sizePartitions } from './partitions.js';
import { planScenario, type PlanOptions } from './plan.js';
import { throughputOf } from './throughput.js';

/** What is to be bought for how much. */
export interface BudgetRequest {
  /** For everything that is bought once, gross of a grant. */
  readonly eur: number;
  /** Names of the catalogue; absent: all that have a price. */
  readonly hardware?: readonly string[] | undefined;
  /** Names of the library; absent: all that give their capital. */
  readonly sites?: readonly string[] | undefined;
  /** 0…1. */
  readonly grantFraction?: number | undefined;
  /** A year. */
  readonly wacc?: number | undefined;
  /** Share of the GPU-hours that are sold, above 0 and at most 1. */
  readonly soldFraction: number;
  /** Years from the catalogue's prices until hardware is bought. */
  readonly boughtAfterYears: number;
  readonly model?: string | undefined;
  /** GPUs of each training job; absent: {@link USUAL_JOB_GPUS}, or less where fewer are sold. */
  readonly jobGpus?: number | undefined;
}

/** The largest job of Llama 3. */
const USUAL_JOB_GPUS = 16_384;

/** What a budget buys of one hardware at one site, before it is run for a year. */
export interface BudgetChoice {
  readonly site: Site;
  readonly hardware: Hardware;
  readonly nodes: number;
  readonly gpus: number;
  /** GPUs that are sold all year, whole nodes. */
  readonly soldGpus: number;
  readonly capital: CapitalSpec;
  /** Its design IT power over that of the site as the library has it. */
  readonly ofSite: number;
  /** For 100,000 GPUs, rounded up to whole units. */
  readonly eurFor100k: number;
}

/** The same after a year. */
export interface BudgetRow extends BudgetChoice {
  readonly result: SiteResult;
  readonly training?: BudgetTraining | undefined;
}

/** Jobs of one model on all GPUs that are sold, without interruptions. */
export interface BudgetTraining {
  readonly jobGpus: number;
  /** Of all jobs together. */
  readonly tokensPerS: number;
  readonly mfu: number;
  readonly eurPerTrillionTokens: number;
}

/** One run: choices whose machines are equal, at the sites of its spec in this order. */
export interface BudgetRun {
  readonly choices: readonly BudgetChoice[];
  readonly spec: RunSpec;
  readonly inputs: RunInputs;
}

const GIGAFACTORY_GPUS = 100_000;
const TRILLION = 1e12;
const S_PER_HOUR = 3600;
const HOURS_PER_DAY = 24;

/**
 * What the budget buys of each hardware at each site: as many whole scale-up domains (nodes of 8, racks of 72) as it
 * pays with their network, storage, building and grid connection.
 *
 * @throws SimError `usage` for a name nothing answers to, hardware without a price, a budget that buys nothing: all at once
 */
export function budgetChoices(request: BudgetRequest, library: Library): readonly BudgetChoice[] {
  const issues: Issue[] = [];
  const hardware = hardwareOf(request, library, issues);
  const sites = sitesOf(request, library, issues);
  const finance = financeOf(request, issues);
  const models = library.names('model');
  if (request.model !== undefined && !models.includes(request.model))
    issues.push(unknown('--model', request.model, models));
  const choices = hardware.flatMap((one) => sites.map((at) => ({ at, one })));
  const tooDear: TooDear[] = [];
  const bought = choices.flatMap(({ at, one }) => {
    const choice = buy(request, at, one, finance);
    if (!('leastEur' in choice)) return choice;
    tooDear.push(choice);
    return [];
  });
  if (tooDear.length > 0) issues.push(tooLittle(request, tooDear));
  if (issues.length === 0) return bought;
  const options = new Set(issues.map(({ path }) => path)).size;
  const message =
    issues.length === 1
      ? `${issues[0]!.path}: ${issues[0]!.message}`
      : options === 1
        ? `${issues[0]!.path} is wrong in ${issues.length} ways`
        : `${options} options are wrong`;
  throw new SimError('usage', message, issues);
}

function hardwareOf({ hardware }: BudgetRequest, library: Library, issues: Issue[]): Hardware[] {
  const names = library.names('hardware');
  const all = (hardware ?? names).flatMap((name) => {
    const doc = library.find('hardware', name);
    if (doc !== undefined) return [documentOf(doc, hardwareSchema)];
    issues.push(unknown('--hardware', name, names));
    return [];
  });
  const priced = all.filter((of) => of.serverEurPerGpu && of.networkStorageEurPerGpu);
  if (hardware === undefined) return priced;
  for (const { name } of all.filter((of) => !priced.includes(of))) {
    const message = `expected hardware with serverEurPerGpu and networkStorageEurPerGpu, got ${name}, which has no price`;
    issues.push({ path: '--hardware', message, hint: `Priced: gigasim budget without --hardware.` });
  }
  return priced;
}

/** A site, and what its own machine is designed for. */
interface BudgetSite {
  readonly site: Site;
  readonly designItW: number;
}

function sitesOf({ sites }: BudgetRequest, library: Library, issues: Issue[]): BudgetSite[] {
  const names = library.names('site');
  const all = (sites ?? names).flatMap((name) => {
    const doc = library.find('site', name);
    if (doc !== undefined) return [{ site: documentOf(doc, siteSchema), designItW: ownDesignItW(doc, library) }];
    issues.push(unknown('--site', name, names));
    return [];
  });
  return sites === undefined ? all.filter(({ site }) => site.capital !== undefined) : all;
}

function ownDesignItW(doc: SourceDoc, library: Library): number {
  const faults = new Faults();
  checkPartitionNames(library, doc, faults);
  const partitions = sizePartitions(library, doc, faults);
  if (partitions === undefined || faults.issues.length > 0) throw invalidDocument(doc.file, faults.issues);
  return designItW(partitions);
}

function documentOf<T>(doc: SourceDoc, schema: Parameters<typeof checkSchema<T>>[0]): T {
  const checked = checkSchema(schema, doc);
  if (!checked.ok) throw invalidDocument(doc.file, checked.issues);
  return checked.value;
}

function unknown(path: string, name: string, known: readonly string[]): Issue {
  const hint = didYouMean(name, known);
  const message = `expected one of ${listed(known)}; got ${JSON.stringify(name)}`;
  return { path, message, ...(hint === undefined ? {} : { hint }) };
}

/** A choice of which the budget does not pay one unit. */
interface TooDear {
  readonly leastEur: number;
  /** What that buys. */
  readonly what: string;
}

/** One budget is for all choices: what the dearest takes, and where to begin with less. */
function tooLittle({ eur }: BudgetRequest, choices: readonly TooDear[]): Issue {
  const inOrder = [...choices].sort((a, b) => a.leastEur - b.leastEur);
  const [least, most] = [inOrder[0]!, inOrder.at(-1)!];
  const message = `expected at least ${most.leastEur} EUR for ${most.what}, got ${eur}`;
  if (least === most) return { path: '--eur', message };
  return {
    ...{ path: '--eur', message },
    hint: `Of ${choices.length} choices that it does not pay, the cheapest takes ${least.leastEur} EUR for ${least.what}.`,
  };
}

/** The defaults stand in for what is wrong, so that the rest is checked too. */
function financeOf({ grantFraction, wacc }: BudgetRequest, issues: Issue[]): Finance {
  const given = { ...(grantFraction === undefined ? {} : { grantFraction }), ...(wacc === undefined ? {} : { wacc }) };
  const parsed = financeSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  for (const key of Object.keys(given) as (keyof typeof given)[]) {
    if (financeSchema.shape[key].safeParse(given[key]).success) continue;
    const path = key === 'wacc' ? '--wacc' : '--grant';
    issues.push({ path, message: `expected 0 to 1, got ${String(given[key])}` });
  }
  return financeSchema.parse({});
}

/** One choice, or what it would take where the budget buys nothing. */
function buy(
  request: BudgetRequest,
  { site, designItW: ownW }: BudgetSite,
  hardware: Hardware,
  finance: Finance,
): BudgetChoice | TooDear {
  const unitNodes = Math.max(1, Math.round(hardware.scaleUpGpus.value / hardware.gpusPerNode.value));
  const capitalOf = (units: number): CapitalSpec => capitalFor(request, site, hardware, finance, units * unitNodes);
  // All that is bought is so much for each unit, and what does not depend on their number (a battery, a connection).
  const [one, two] = [capexEur(capitalOf(1)), capexEur(capitalOf(2))];
  const fixedEur = 2 * one - two;
  const units = Math.floor((request.eur - fixedEur) / (two - one));
  if (units < 1) {
    const what = `${unitNodes * hardware.gpusPerNode.value} GPUs of ${hardware.name} at ${site.name}`;
    return { leastEur: Math.ceil(one), what };
  }
  const nodes = units * unitNodes;
  const perNode = hardware.gpusPerNode.value;
  const units100k = Math.ceil(GIGAFACTORY_GPUS / (unitNodes * perNode));
  const capital = capitalOf(units);
  return {
    ...{ site, hardware, nodes, gpus: nodes * perNode, capital },
    ofSite: (capital.designItKw * 1000) / ownW,
    soldGpus: Math.max(1, Math.round(request.soldFraction * nodes)) * perNode,
    eurFor100k: capexEur(capitalOf(units100k)),
  };
}

function capitalFor(
  { boughtAfterYears }: BudgetRequest,
  site: Site,
  hardware: Hardware,
  finance: Finance,
  nodes: number,
): CapitalSpec {
  const gpus = nodes * hardware.gpusPerNode.value;
  const partition = { hardware, nodes, gpus, gpuCapW: undefined };
  const { serverEurPerGpu, networkStorageEurPerGpu } = hardware;
  const ownSite = { ...site, capital: site.capital && { ...site.capital, serverEurPerGpu, networkStorageEurPerGpu } };
  const capital = capitalSpecs({ site: ownSite, partitions: [partition] }, finance).capital!;
  return { ...capital, hardware: capital.hardware.map((of) => ({ ...of, boughtAfterYears })) };
}

/** A year of these choices, those with equal machines in one run: the sold GPUs busy, the rest idle. */
export function budgetRuns(choices: readonly BudgetChoice[], options: PlanOptions): readonly BudgetRun[] {
  const machines = new Map<string, BudgetChoice[]>();
  for (const choice of choices) {
    const key = `${choice.hardware.name}/${choice.nodes}`;
    machines.set(key, [...(machines.get(key) ?? []), choice]);
  }
  return [...machines.values()].map((equal): BudgetRun => {
    const { specs, inputs } = planScenario(yearDoc(equal), options);
    const [spec] = specs;
    const sites = spec!.sites.map((site, index) => ({
      ...site,
      capital: equal[index]!.capital,
      tariff: scaledTariff(site.tariff, equal[index]!.ofSite),
    }));
    return { choices: equal, spec: { ...spec!, sites }, inputs };
  });
}

/** Contracts of a fixed size are those of another machine: they grow or shrink with it. */
const scaledTariff = ({ supply, charges, ...rest }: TariffSpec, by: number): TariffSpec => ({
  ...rest,
  supply: supply.map((term) => {
    if (term.kind === 'pay-as-produced') return { ...term, capacityW: by * term.capacityW };
    return term.kind === 'baseload' ? { ...term, powerW: by * term.powerW } : term;
  }),
  charges: charges.map((charge) => {
    if (charge.kind === 'minimum-take') return { ...charge, mwhPerYear: by * charge.mwhPerYear };
    if (charge.kind !== 'contracted') return charge;
    return {
      ...charge,
      periods: charge.periods.map((period) => ({ ...period, contractedW: by * period.contractedW })),
    };
  }),
});

function yearDoc(choices: readonly BudgetChoice[]): SourceDoc {
  const [{ hardware, nodes, soldGpus }] = choices as readonly [BudgetChoice, ...BudgetChoice[]];
  const days = hoursOfYear(SCENARIO_DEFAULTS.calendarYear.value) / HOURS_PER_DAY;
  const value = {
    version: 1,
    kind: 'scenario',
    question: 'What does a budget buy?',
    sites: choices.map(({ site }) => ({
      use: site.name,
      partitions: [{ name: 'main', hardware: hardware.name, nodes }],
    })),
    workload: { jobs: [{ submit: '0 h', gpus: soldGpus, run: `${days} d` }] },
    policy: 'fcfs+none@first-fit',
    horizon: `${days} d`,
    warmup: '0 d',
  };
  const place = { line: 1, column: 1, sourceLine: '', file: 'gigasim budget' };
  return { file: 'gigasim budget', value, locate: (path) => ({ ...place, path: formatPath(path) }) };
}

/**
 * What came of the years, and what the model trains on the GPUs that are sold; the cheapest first: by trillion tokens
 * where there is a model, else by sold GPU-hour.
 */
export function budgetRows(
  request: BudgetRequest,
  runs: readonly { readonly run: BudgetRun; readonly sites: readonly SiteResult[] }[],
  library: Library,
): readonly BudgetRow[] {
  const rows = runs.flatMap(({ run, sites }) =>
    run.choices.map((choice, index): BudgetRow => {
      const result = sites[index]!;
      const training =
        request.model === undefined ? undefined : trainingOf(request, request.model, choice, result, library);
      return { ...choice, result, ...(training === undefined ? {} : { training }) };
    }),
  );
  const price = ({ training, result }: BudgetRow): number =>
    training?.eurPerTrillionTokens ?? result.cost!.eurPerSoldGpuHour;
  const name = ({ hardware, site }: BudgetRow): string => `${hardware.name}/${site.name}`;
  return rows.sort((a, b) => price(a) - price(b) || (name(a) < name(b) ? -1 : 1));
}

function trainingOf(
  { jobGpus }: BudgetRequest,
  model: string,
  { hardware, soldGpus }: BudgetChoice,
  { cost }: SiteResult,
  library: Library,
): BudgetTraining {
  const gpus = jobGpus ?? Math.min(USUAL_JOB_GPUS, 2 ** Math.floor(Math.log2(soldGpus)));
  const { estimate } = throughputOf({ model, hardware: hardware.name, gpus, given: {} }, library);
  const perGpuHour = (estimate.tokensPerS / gpus) * S_PER_HOUR;
  return {
    jobGpus: gpus,
    tokensPerS: (estimate.tokensPerS / gpus) * soldGpus,
    mfu: estimate.mfu,
    eurPerTrillionTokens: (cost!.totalEur / (cost!.soldGpuHours * perGpuHour)) * TRILLION,
  };
}

/** Of what is bought, by name. */
export const capexOf = ({ capital }: BudgetChoice): readonly { readonly name: string; readonly eur: number }[] =>
  capexLines(capital).map(({ name, eur }) => ({ name, eur }));

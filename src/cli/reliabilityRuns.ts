import { SimError } from '../base/errors.js';
import { formatNumber, plural } from '../report/numbers.js';
import { inCommon, runsOf, type GangCase, type GangCell, type SiteCase, type SiteCell } from '../report/reliability.js';
import { intervalText, settingText } from '../report/reliabilityTables.js';
import { defaultGangs, ownSetting, settingOverrides, sweepGrid, sweepSettings } from '../plan/reliabilitySweep.js';
import type { Setting, SweepGrid } from '../plan/reliabilitySweep.js';
import { gangPlace, loneGang, planLoneGang, type GangPlace } from '../plan/loneGang.js';
import type { Plan } from '../plan/plan.js';
import { writeFloors } from '../plan/writeFloors.js';
import type { Override } from '../scenario/overrides.js';
import type { RunSpec } from '../scenario/runSpec.js';
import { effectiveIntervalMs, gangEttr, gangFigures } from '../training/gangReliability.js';
import { execute, type Executed } from './execute.js';
import type { LoadedPlan } from './loadPlan.js';
import type { ReliabilityOptions } from './reliabilityOptions.js';
import type { Talk } from './talk.js';

export interface ReliabilityRequest {
  /** The plan of the scenario with these changes. */
  readonly load: (variant: readonly Override[]) => Promise<LoadedPlan>;
  readonly options: ReliabilityOptions;
  readonly talk: Talk;
  /** Part of the keys of the lone gangs' runs. */
  readonly buildVersion: string;
  /** Does the runs; replaced in tests. */
  readonly executed?: typeof execute;
}

export interface ReliabilityDone extends Executed {
  /** Of the scenario as it is. */
  readonly plan: Plan;
  readonly own: Setting;
  readonly sites: readonly SiteCase[];
  readonly gangs: readonly GangCase[];
}

/** One of the failures with each message, so that one fault of all cells is said once; the others are counted. */
export function firstOfEach(failed: Executed['failed']): Executed['failed'] {
  const same = new Map<string, { readonly first: Executed['failed'][number]; count: number }>();
  for (const each of failed) {
    const found = same.get(each.error.message);
    if (found === undefined) same.set(each.error.message, { first: each, count: 1 });
    else found.count++;
  }
  return [...same.values()].map(({ first, count }) =>
    count === 1 ? first : { ...first, run: `${first.run}, and ${plural(count - 1, 'more run')} alike` },
  );
}

/** A lone gang to be simulated. */
interface PlannedGang {
  readonly gpus: number;
  readonly interval: Setting['interval'];
}

/** Plans every cell, says how many runs that makes, and does them in one pool. */
export async function runReliability(request: ReliabilityRequest): Promise<ReliabilityDone> {
  const { load, options, talk, buildVersion, executed: run = execute } = request;
  const base = await load([]);
  const { argument, plan } = base;
  const bases = plan.groups.map((_, group) => plan.specs[plan.runs.findIndex((planned) => planned.group === group)]!);
  requireReliability(bases[0]!);
  const own = ownSetting(bases);
  const grid = sweepGrid(bases, { ...options, interval: options.intervals, rateFactor: options.rates });
  const settings = options.only === 'gang' ? [] : sweepSettings(own, grid, options.grid === true);
  const place = gangPlace(bases);
  const floors = writeFloors(place);
  const gangs = options.only === 'site' ? [] : plannedGangs(place, options, grid);
  announce(settings.length, gangs, plan, options, talk);
  const variants = [];
  for (const setting of settings) {
    const changed = setting === own ? base : await load(settingOverrides(setting, own, bases));
    variants.push({ ...changed, label: settingText(setting) });
  }
  const about = { replications: plan.replications, buildVersion, question: plan.question };
  const alone = gangs.map((gang): LoadedPlan => {
    const label = `gang of ${formatNumber(gang.gpus)} GPUs, interval ${intervalText(gang.interval)}`;
    return { argument, plan: planLoneGang(place, gang, about), label };
  });
  const ended = await run([...variants, ...alone], options, talk);
  const results = ended.done.map((done) => done.results);
  return {
    ...ended,
    ...{ plan, own },
    sites: siteCases(plan, own, settings, ended.done.slice(0, settings.length)).map((found) => ({ ...found, floors })),
    gangs: gangCases(place, gangs, results.slice(settings.length)),
  };
}

function requireReliability({ reliability }: RunSpec): void {
  if (reliability !== undefined) return;
  const message =
    'expected a scenario in which something fails, got one without reliability: there is nothing to sweep';
  const hint =
    'Add "reliability: llama3" to it, or --set reliability=llama3; gigasim list reliability shows what there is.';
  throw new SimError('scenario.invalid', message, [{ path: 'reliability', message, hint }]);
}

function plannedGangs(place: GangPlace, { gpus: asked }: ReliabilityOptions, { interval }: SweepGrid): PlannedGang[] {
  const tooLarge = asked?.find((gpus) => gpus > place.mostGpus);
  if (tooLarge !== undefined) {
    const { name } = place.base.partitions[place.partition]!;
    throw new SimError(
      'usage',
      `--gpus: expected at most ${formatNumber(place.mostGpus)}, the GPUs of partition ${name} less its spare nodes; got ` +
        `${formatNumber(tooLarge)}. Ask for fewer, or keep fewer spares with --set reliability.spares.nodes=0`,
    );
  }
  const sizes = [...(asked ?? defaultGangs(place))].sort((a, b) => a - b);
  return sizes.flatMap((gpus) => interval.map((each): PlannedGang => ({ gpus, interval: each })));
}

function announce(
  cells: number,
  gangs: readonly PlannedGang[],
  { specs, replications }: Plan,
  { maxRuns, grid }: ReliabilityOptions,
  talk: Talk,
): void {
  const ofSites = cells * specs.length;
  const ofGangs = gangs.length * replications;
  const count = ofSites + ofGangs;
  const text =
    `${plural(cells, 'setting')} of the scenario in ${plural(ofSites, 'run')}, ` +
    `${plural(gangs.length, 'setting')} of a lone gang in ${plural(ofGangs, 'run')}`;
  if (count > maxRuns) {
    const advice = grid === true ? 'Leave out --grid, name' : 'Name';
    throw new SimError(
      'usage',
      `expected at most ${plural(maxRuns, 'run')} (--max-runs), got ${formatNumber(count)}: ${text}. ${advice} fewer values ` +
        'with --intervals, --spares, --rates or --gpus, lower --reps, or raise --max-runs',
    );
  }
  talk.say(text);
}

function siteCases(
  plan: Plan,
  own: Setting,
  settings: readonly Setting[],
  done: Executed['done'],
): readonly SiteCase[] {
  if (settings.length === 0) return [];
  return plan.policies.flatMap((policy, policyIndex) =>
    plan.groups.flatMap((group, groupIndex): SiteCase[] => {
      const here = plan.runs.flatMap((run, index) =>
        run.policy === policyIndex && run.group === groupIndex ? [index] : [],
      );
      if (here.length === 0) return [];
      const all = settings.map((setting, cell): SiteCell => {
        const { results } = done[cell]!;
        return { setting, runs: runsOf(here.map((index) => results[index])) };
      });
      const { cells, replications } = inCommon(all);
      const kept = new Set(cells.map(({ setting }) => setting));
      return [
        {
          ...{ policy: policy.text, sites: group.sites, gpus: group.gpus, own, cells, replications },
          leftOut: settings.filter((setting) => !kept.has(setting)),
        },
      ];
    }),
  );
}

function gangCases(
  place: GangPlace,
  gangs: readonly PlannedGang[],
  results: readonly Executed['done'][number]['results'][],
): readonly GangCase[] {
  const { partitions, reliability } = place.base;
  const { name } = partitions[place.partition]!;
  return [...new Set(gangs.map(({ gpus }) => gpus))].map((gpus) => {
    const figures = gangFigures(loneGang(place, gpus));
    const all = gangs.flatMap((gang, index): GangCell[] => {
      if (gang.gpus !== gpus) return [];
      const effectiveMs = effectiveIntervalMs(figures, gang.interval);
      return [
        { interval: gang.interval, effectiveMs, ...gangEttr(figures, effectiveMs), runs: runsOf(results[index]!) },
      ];
    });
    return { gpus, partition: name, spareNodes: reliability!.spareNodes[place.partition]!, figures, ...inCommon(all) };
  });
}

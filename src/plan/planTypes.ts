import type { Override } from '../scenario/overrides.js';
import type { PolicySpec, RunSpec } from '../scenario/runSpec.js';
import type { Library } from '../scenario/sourceDoc.js';
import type { RunInputs } from '../workload/runInputs.js';
import type { SwfTrace } from '../workload/swf.js';
import type { BuildOutTiming } from '../economics/buildOutTimings.js';
import type { FlaggedFigure } from './assumptions.js';
import type { PlannedBuildOut } from './buildOutYears.js';
import type { ConfigEntry } from './config.js';
import type { ReadFile } from './files.js';
import type { LoadPolicy } from './ownPolicies.js';

export interface PlanOptions {
  readonly library: Library;
  readonly readFile: ReadFile;
  /** Bundles policy files that a policy's text names; absent: such a policy is refused. */
  readonly loadPolicy?: LoadPolicy | undefined;
  /** Part of the run keys. */
  readonly buildVersion: string;
  /** Overrides that stand behind all options: of the environment. */
  readonly environment?: readonly Override[];
  /** `path=value`, in order. */
  readonly set?: readonly string[];
  /** The options `--seed`, `--reps`, `--policy`: they win over `set` and the scenario. YAML values. */
  readonly seed?: string | number;
  readonly replications?: string | number;
  readonly policy?: string;
  /** The option `--policies`: a list that wins over all of them. */
  readonly policies?: readonly string[];
  /** The option `--price-year`: a year or the path of a CSV file. */
  readonly priceYear?: string;
  /** What a sweep changes: wins over everything. */
  readonly variant?: readonly Override[];
  /** Names of the sites to plan, as far as a variant knows them all; absent: all of the scenario. */
  readonly onlySites?: readonly string[];
  /** Of `buildout`: the plan is of one year of sites that grow, each year of it with its own draws; absent: it is not. */
  readonly buildOut?: BuildOutChoice | undefined;
  /** Simulate equal sites once (default). `false`: a run of its own for every site. */
  readonly shareSchedules?: boolean;
}

export interface BuildOutChoice {
  readonly timing: BuildOutTiming;
  /** Of the plan of the window's first year, which is asked for {@link Plan.buildOuts}; absent: of others. */
  readonly windowYears?: number | undefined;
}

/** A statistic of what large industry pays, beside which a site's bill is shown. */
export interface IndustryPrice {
  /** `IF` or `IG`. */
  readonly band: string;
  readonly deliveredEurPerMWh: number;
  /** Mean day-ahead price of the months of the statistic. */
  readonly dayAheadEurPerMWh: number;
  readonly why: string | undefined;
}

/** Where a run stands in the plan. */
export interface PlannedRun {
  /** Index into {@link Plan.policies}. */
  readonly policy: number;
  readonly replication: number;
  /** Index into {@link Plan.groups}. */
  readonly group: number;
  readonly key: string;
}

/** Sites whose machines are equal, so that one schedule serves them all; or all sites under one broker. */
export interface ScheduleGroup {
  /** Ids, in the scenario's order. */
  readonly sites: readonly string[];
  /** Of one of the equal machines; of all under a broker. */
  readonly gpus: number;
  /** Runs of policies with a siting part; absent: of those without. */
  readonly brokered?: true;
}

/** Everything to be run, and what a report needs to say about it. */
export interface Plan {
  readonly question: string;
  /** By policy, then group, then replication. */
  readonly specs: readonly RunSpec[];
  /** Of the same length. */
  readonly runs: readonly PlannedRun[];
  readonly inputs: RunInputs;
  readonly policies: readonly PolicySpec[];
  readonly groups: readonly ScheduleGroup[];
  /** 1 where it is deterministic, whatever was asked. */
  readonly replications: number;
  /** Nothing is drawn at random: jobs from a trace or a list, one year of prices. Replications would be equal. */
  readonly deterministic: boolean;
  /** Flagged figures the results rest on. */
  readonly assumptions: readonly FlaggedFigure[];
  /** By zone: years behind its levels and shapes. */
  readonly baseYears: Readonly<Record<string, string>>;
  /** Years whose prices the sites can be ranked under; absent or empty: none, since a site brings its own. */
  readonly priceYears?: readonly number[];
  /** By zone, what large industry pays there; absent: no zone says. */
  readonly industryPrices?: Readonly<Record<string, IndustryPrice>>;
  /** Reading counts where the workload is a trace. */
  readonly trace: SwfTrace | undefined;
  readonly config: readonly ConfigEntry[];
  /** Where a window of years is asked for, what the sites are bought for over it. */
  readonly buildOuts?: readonly PlannedBuildOut[];
}

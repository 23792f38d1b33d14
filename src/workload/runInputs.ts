import type { PolicyCode } from '../scenario/policyCode.js';
import type { StepSeries } from '../base/stepSeries.js';
import type { JobTable } from './jobTable.js';

/**
 * The big arrays of a run, by the names a RunSpec refers to them with.
 *
 * Built once on the main thread, in SharedArrayBuffers, and read by every worker; nobody writes them.
 */
export interface RunInputs {
  readonly series: Readonly<Record<string, StepSeries>>;
  readonly traces: Readonly<Record<string, JobTable>>;
  /** sha256 of the content of each input by the same name: part of the run key. */
  readonly contentSha256: Readonly<Record<string, string>>;
  /** Code of users' own policies by its sha256, as the parts of a PolicySpec name it. */
  readonly policies?: Readonly<Record<string, PolicyCode>> | undefined;
}

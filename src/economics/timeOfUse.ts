import type { LocalBins } from '../energy/localBins.js';
import type { ClassHoursSpec } from '../scenario/tariffSpec.js';
import { cellOf, classTable } from '../scenario/timeClasses.js';

/** Index of the class that each interval begins in, or `NO_CLASS`. */
export function classOfBins(classes: readonly ClassHoursSpec[], local: LocalBins): Int16Array {
  const { classOf } = classTable(classes);
  const found = new Int16Array(local.hour.length);
  for (let bin = 0; bin < found.length; bin++) {
    found[bin] = classOf[cellOf(local.month[bin]!, local.weekday[bin]!, local.hour[bin]!)]!;
  }
  return found;
}

import type { SweepAxis } from '../plan/reliabilitySweep.js';
import { isPutOff } from '../training/gangReliability.js';
import { formatNumber, plural } from './numbers.js';
import { alongAxis, type GangCase, type ReliabilityMeasure, type SiteCase } from './reliability.js';
import { gangAnswers, siteAnswers } from './reliabilityAnswer.js';
import {
  AXES,
  axisTable,
  closedFormTable,
  gangTable,
  gridTable,
  isBelowFloor,
  longReliabilityTable,
  settingText,
} from './reliabilityTables.js';
import { tablePlain, tableText } from './table.js';
import { tableCsv } from './tableExport.js';
import { wrap } from './wrap.js';

/** What the report says besides its numbers. */
export interface ReliabilityContext {
  readonly question: string;
  /** Of the reliability document. */
  readonly document: string;
  readonly by: ReliabilityMeasure;
  /** The full product was asked for. */
  readonly full: boolean;
  /** Classes with an interval of their own, which no cell changes. */
  readonly ownIntervals: readonly string[];
  /** The closed form knows nothing of these. */
  readonly beyondClosedForm: readonly string[];
}

/** Of the sweep as a terminal shows it. */
export function reliabilityText(
  sites: readonly SiteCase[],
  gangs: readonly GangCase[],
  context: ReliabilityContext,
): string {
  const parts = [wrap(context.question)];
  const cases = sites.filter(({ replications }) => replications.length > 0);
  const whole = gangs.filter(({ cells }) => cells.length > 0);
  if (cases.length === 0 && whole.length === 0) return `${parts[0]!}\n\nNo replication is complete: nothing to show.\n`;
  for (const found of cases) parts.push(...caseParts(found, cases.length > 1, context));
  if (whole.length > 0) parts.push(...gangParts(whole));
  parts.push(notes(cases, whole, context).join('\n'));
  return `${parts.join('\n\n')}\n`;
}

/** A row for each cell, tab-separated, in full precision. */
export const reliabilityPlain = (sites: readonly SiteCase[], gangs: readonly GangCase[]): string =>
  `${tablePlain(longReliabilityTable(sites, gangs))}\n`;

/** The same separated by commas. */
export const reliabilityCsv = (sites: readonly SiteCase[], gangs: readonly GangCase[]): string =>
  tableCsv(longReliabilityTable(sites, gangs));

function caseParts(found: SiteCase, isOneOfMany: boolean, { by, full }: ReliabilityContext): string[] {
  const { replications, policy, sites, gpus, leftOut } = found;
  const where = isOneOfMany ? `${policy} at ${sites.join(', ')}` : 'the site';
  const spread =
    replications.length === 1
      ? 'one replication'
      : `mean ± 95 % interval, ${plural(replications.length, 'replication')}`;
  const parts: string[] = [];
  if (full) {
    for (const rateFactor of [...new Set(found.cells.map(({ setting }) => setting.rateFactor))].sort((a, b) => a - b))
      parts.push(
        wrap(
          `${by.title} of ${where} at rate x ${String(rateFactor)} (${formatNumber(gpus)} GPUs, ${spread}; * the best, = not clearly worse)`,
        ),
        tableText(gridTable(found, rateFactor, by)),
      );
  }
  for (const axis of Object.keys(AXES) as SweepAxis[]) {
    if (alongAxis(found, axis).length < 2) continue;
    parts.push(
      wrap(
        `By ${AXES[axis].title}: ${where} with everything else as the scenario has it (${formatNumber(gpus)} GPUs, ${spread})`,
      ),
      tableText(axisTable(found, axis, by)),
    );
  }
  if (leftOut.length > 0)
    parts.push(wrap(`Left out, because no run of it is whole: ${leftOut.map(settingText).join('; ')}.`));
  const answers = siteAnswers(found, by);
  if (answers.length > 0) parts.push(wrap(answers.join(' ')));
  return parts;
}

function gangParts(gangs: readonly GangCase[]): string[] {
  const { replications, partition } = gangs[0]!;
  return [
    wrap(
      `A gang alone on partition ${partition}, simulated (mean ± 95 % interval, ${plural(replications.length, 'replication')}; ` +
        '* the best interval, = not clearly worse; stall, lost, restart and wait for repair are shares of its time)',
    ),
    tableText(gangTable(gangs)),
    wrap('Terms of the closed form, which has a spare for every node lost'),
    tableText(closedFormTable(gangs)),
    wrap(gangAnswers(gangs).join(' ')),
  ];
}

function notes(sites: readonly SiteCase[], gangs: readonly GangCase[], context: ReliabilityContext): string[] {
  const note = (text: string): string => wrap(text, { indent: '  ', first: '' });
  const { document, ownIntervals, beyondClosedForm } = context;
  const raised =
    gangs.some(({ cells, figures }) => cells.some(({ interval }) => isPutOff(figures, interval))) ||
    sites.some((found) => alongAxis(found, 'interval').some(({ setting }) => isBelowFloor(found, setting)));
  return [
    'ETTR: useful / (held + waiting for repair) GPU time of all jobs; goodput: useful / all GPU time of the machine. stall, ' +
      'lost, restart and wait (for repair) are shares of what ETTR is a share of; storage: share of the write bandwidth of ' +
      'the checkpoint storage in use. All cells see the same jobs, and the failures ' +
      'at a rate are among those at a higher one; differences are paired.',
    `Failures as ${document}. ± holds the seeds of workload and failures alone; rates, repairs and storage are held fixed.`,
    ...(ownIntervals.length === 0
      ? []
      : [`Own checkpoint intervals, which no cell changes: ${ownIntervals.join(', ')}.`]),
    ...(raised
      ? [
          "Intervals shorter than the write of a checkpoint are put off to it, and longer where writes queue; behind a site's interval stands what the quickest and the slowest job run at best.",
        ]
      : []),
    ...(gangs.length > 0 && beyondClosedForm.length > 0
      ? [`The closed form knows nothing of ${beyondClosedForm.join(', ')}.`]
      : []),
    ...(sites.some(({ replications }) => replications.length > 1)
      ? ['Each verdict stands alone at 95 %: about one in twenty would come out clear between equal settings.']
      : []),
  ].map(note);
}

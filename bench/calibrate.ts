import { readFileSync, writeFileSync } from 'node:fs';
import { parseDocument, type YAMLMap, type YAMLSeq } from 'yaml';
import { openLibrary } from '../src/io/library.js';
import { CONSTANT_NAMES, type StackDoc } from '../src/scenario/stackSchema.js';
import { stackDocs, stackSpec } from '../src/training/stacks.js';
import { accelerators, fit } from './calibration/fit.js';
import { throughputTables } from './calibration/markdown.js';
import { knownOf, refusedRows, strained } from './calibration/known.js';
import { CHECKS, ROWS } from './calibration/rows.js';
import { calibrationOf, errorsBeyond } from './calibration/support.js';
import { check, leaveModelOut, leaveOneOut, summarise } from './calibration/summary.js';

/**
 * `npm run calibrate`: fits the constants of scenarios/stacks/ to the training rows, writes them there, and the tables
 * into docs/throughput.md. `npm run docs:throughput`: the tables alone, with the constants as they stand.
 */
const DOC = 'docs/throughput.md';
const library = openLibrary(['scenarios']);
const parts = accelerators(ROWS, library);
const stacks = new Map(stackDocs(library).map((doc) => [doc.name, stackSpec(doc)]));

if (process.argv[2] !== 'tables') {
  for (const doc of stackDocs(library)) {
    if (!doc.gemmShare.fitted) continue;
    const fitted = fit(doc, ROWS, parts);
    stacks.set(doc.name, { ...stackSpec(doc), ...fitted });
    const path = `scenarios/stacks/${doc.name}.yaml`;
    const yaml = parseDocument(readFileSync(path, 'utf8'));
    for (const name of CONSTANT_NAMES) if (doc[name].fitted) yaml.setIn([name, 'value'], fitted[name]);
    for (const fact of doc.facts.fitted ?? []) yaml.setIn(['facts', fact], fitted[fact]);
    writeFileSync(path, yaml.toString({ lineWidth: 0 }));
    process.stdout.write(`${JSON.stringify({ stack: doc.name, ...fitted })}\n`);
  }
}

const checked = check(ROWS, stacks, parts);
const eachAlone = leaveOneOut(ROWS, stackDocs(library), parts);
const eachModel = leaveModelOut(ROWS, stackDocs(library), parts);
for (const [set, of] of [
  ['all', checked],
  ['training', checked.filter(({ validation }) => !validation)],
  ['validation', checked.filter(({ validation }) => validation)],
  ['each row by a fit to all others of its stack', eachAlone],
  ['each model by a fit to the other models of its stack', eachModel],
  ['… where its stack has other models', eachModel.filter(({ fitted }) => fitted)],
  ['… where it has none: by expectations alone', eachModel.filter(({ fitted }) => !fitted)],
] as const)
  process.stdout.write(`${JSON.stringify({ set, ...summarise(of) })}\n`);

// What the rows of each stack are of, and how far off it is there.
const docs = stackDocs(library).map((doc): StackDoc => {
  if (!doc.gemmShare.fitted) return doc;
  const calibration = calibrationOf(doc.name, checked, eachModel);
  const path = `scenarios/stacks/${doc.name}.yaml`;
  const yaml = parseDocument(readFileSync(path, 'utf8'));
  const node = yaml.createNode(calibration) as YAMLMap;
  for (const item of (node.get('of') as YAMLSeq).items) (item as YAMLMap).flow = true;
  yaml.set('calibration', node);
  writeFileSync(path, yaml.toString({ lineWidth: 0 }));
  const { gemmShare, scaleUpExposure, networkExposure, hierarchical } = stacks.get(doc.name)!;
  return {
    ...doc,
    gemmShare: { ...doc.gemmShare, value: gemmShare },
    scaleUpExposure: { ...doc.scaleUpExposure, value: scaleUpExposure },
    networkExposure: { ...doc.networkExposure, value: networkExposure },
    facts: { ...doc.facts, hierarchical },
    calibration,
  };
});
const beyond = errorsBeyond(ROWS, docs, parts);
process.stdout.write(`${JSON.stringify({ set: 'beyond the rows of a stack', ...beyond })}\n`);

const fittedDocs = docs.filter(({ gemmShare }) => gemmShare.fitted);
const tables = throughputTables({
  checked,
  eachAlone,
  eachModel,
  stacks,
  known: fittedDocs.map((doc) => knownOf(doc, ROWS, parts)),
  strained: strained(fittedDocs),
  later: check(CHECKS, stacks, parts),
  beyond,
  refused: refusedRows([...ROWS, ...CHECKS], stacks, parts),
});

const text = readFileSync(DOC, 'utf8');
const [before, rest] = text.split('<!-- tables -->\n');
const after = rest?.split('<!-- end of tables -->\n')[1];
if (before === undefined || after === undefined) throw new Error(`${DOC}: expected both markers of the tables`);
writeFileSync(DOC, `${before}<!-- tables -->\n${tables}<!-- end of tables -->\n${after}`);

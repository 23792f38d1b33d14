import { modelSchema, type ModelDoc } from '../scenario/modelSchema.js';
import type { Library, SourceDoc, SourcePath } from '../scenario/sourceDoc.js';
import { valueAt } from '../scenario/sourcePath.js';
import { modelUseSchema, type ModelUse } from '../scenario/trainingSchema.js';
import type { ModelSpec } from '../training/model.js';
import { modelSpec } from '../training/modelSpec.js';
import type { Faults } from './faults.js';
import { findDocument } from './references.js';

/** The model a class of jobs trains, and how the class wants it run. */
export interface ClassModel {
  readonly use: ModelUse;
  /** With the class's own sequence, where it gives one. */
  readonly model: ModelSpec;
  readonly doc: SourceDoc;
  /** The validated document, with its figures' sources. */
  readonly document: ModelDoc;
  /** Of the class in the workload document. */
  readonly path: SourcePath;
}

/**
 * By list (`classes`, `jobClasses`) the models that its entries name, whatever else is wrong with them; unknown names
 * are noted.
 */
export function classModels(
  doc: SourceDoc,
  library: Library,
  faults: Faults,
): Readonly<Record<'classes' | 'jobClasses', readonly (ClassModel | undefined)[]>> {
  const of = (list: 'classes' | 'jobClasses'): (ClassModel | undefined)[] => {
    const entries = valueAt(doc.value, [list]);
    if (!Array.isArray(entries)) return [];
    return entries.map((entry: unknown, index) => classModel(doc, entry, [list, index], library, faults));
  };
  return { classes: of('classes'), jobClasses: of('jobClasses') };
}

function classModel(
  doc: SourceDoc,
  entry: unknown,
  path: SourcePath,
  library: Library,
  faults: Faults,
): ClassModel | undefined {
  const given = valueAt(entry, ['model']);
  if (given === undefined) return undefined;
  const use = modelUseSchema.safeParse(given).data;
  if (use === undefined) return undefined; // noted by the workload's schema
  const place = typeof given === 'string' ? [...path, 'model'] : [...path, 'model', 'name'];
  const found = findDocument(library, doc, place, 'model', use.name, faults);
  const document = found && faults.check(modelSchema, found);
  if (document === undefined) return undefined;
  const model = modelSpec(document);
  return {
    use,
    model: use.sequence === undefined ? model : { ...model, sequence: use.sequence.value },
    doc: found!,
    document,
    path,
  };
}

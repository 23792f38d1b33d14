import { SimError } from '../base/errors.js';
import type { Library } from '../scenario/sourceDoc.js';
import { stackSchema, type StackDoc } from '../scenario/stackSchema.js';
import type { Precision } from './execution.js';
import type { Stack } from './stack.js';

/** The stack of hardware and precisions that no other is the default for: an assumption, of low confidence. */
export const ASSUMED_STACK = 'assumed';

/** What the throughput model needs of a document of the catalogue. */
export function stackSpec(doc: StackDoc): Stack {
  const { fusedAttention, gradientBytes, gatherBytes, hierarchical, dropout } = doc.facts;
  return {
    name: doc.name,
    gemmShare: doc.gemmShare.value,
    scaleUpExposure: doc.scaleUpExposure.value,
    networkExposure: doc.networkExposure.value,
    fusedAttention,
    gradientBytes,
    gatherBytes,
    hierarchical,
    dropout,
  };
}

/**
 * All stacks of a library, by name.
 *
 * @throws SimError `scenario.invalid` with every fault of the first document that is not a stack
 */
export function stackDocs(library: Library): readonly StackDoc[] {
  return library.names('stack').map((name) => {
    const document = library.find('stack', name)!;
    const parsed = stackSchema.safeParse(document.value);
    if (parsed.success) return parsed.data;
    const faults = parsed.error.issues.map(({ path, message }) => `  ${path.join('.')}: ${message}`);
    throw new SimError('scenario.invalid', `${document.file}: expected a stack\n${faults.join('\n')}`);
  });
}

/** The default stack of a part of the hardware catalogue at a precision; {@link ASSUMED_STACK} where none is. */
export function defaultStackDoc(docs: readonly StackDoc[], hardware: string, precision: Precision): StackDoc {
  const isFor = ({ defaultFor }: StackDoc): boolean =>
    defaultFor.some((use) => use.hardware.includes(hardware) && use.precisions.includes(precision));
  const found = docs.find(isFor) ?? docs.find(({ name }) => name === ASSUMED_STACK);
  if (found === undefined) throw new RangeError(`expected a stack named ${ASSUMED_STACK} in the library`);
  return found;
}

const read = new WeakMap<Library, readonly StackDoc[]>();

/** {@link defaultStackDoc} of a library, ready for the model; the documents are read once. */
export function stackOf(library: Library, hardware: string, precision: Precision): Stack {
  let docs = read.get(library);
  if (docs === undefined) {
    docs = stackDocs(library);
    read.set(library, docs);
  }
  return stackSpec(defaultStackDoc(docs, hardware, precision));
}

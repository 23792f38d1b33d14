import type { RunInputs } from '../workload/runInputs.js';

/**
 * The same inputs with every typed array in a SharedArrayBuffer, so that a thread gets the memory, not a copy.
 *
 * Arrays that lie in one already stay where they are; one array used twice is moved once.
 */
export function sharedInputs(inputs: RunInputs): RunInputs {
  const moved = new Map<object, object>();
  const share = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    let copy = moved.get(value);
    if (copy === undefined) {
      copy = ArrayBuffer.isView(value) ? sharedView(value) : mapMembers(value, share);
      moved.set(value, copy);
    }
    return copy;
  };
  return share(inputs) as RunInputs;
}

type TypedArrayConstructor = new (buffer: ArrayBufferLike) => ArrayBufferView;

function sharedView(view: ArrayBufferView): ArrayBufferView {
  if (view.buffer instanceof SharedArrayBuffer) return view;
  const memory = new SharedArrayBuffer(view.byteLength);
  new Uint8Array(memory).set(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
  return new (view.constructor as TypedArrayConstructor)(memory);
}

function mapMembers(value: object, change: (member: unknown) => unknown): object {
  if (Array.isArray(value)) return value.map(change);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, change(member)]));
}

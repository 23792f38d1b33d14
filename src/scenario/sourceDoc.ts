/**
 * A parsed text (YAML or JSON) that still knows where everything stood, so that an issue can point at it.
 * Made by io/; read by scenario/ and plan/.
 */
export interface SourceDoc {
  /** Name for messages, e.g. the path as the user typed it. */
  readonly file: string;
  readonly value: unknown;
  /**
   * Position of the value (or, with `onKey`, of the key) at a path; of its nearest existing parent when the
   * path itself is absent. 1-based.
   */
  locate(path: SourcePath, onKey?: boolean): SourcePosition;
}

export type SourcePath = readonly (string | number)[];

export interface SourcePosition {
  /** 1-based. */
  readonly line: number;
  readonly column: number;
  readonly sourceLine: string;
  /** Where the value came from another text than the document's own: an override, or the document it refines. */
  readonly file?: string;
  /** How that text calls the place, where it differs from the path asked for. */
  readonly path?: string;
}

/** What a scenario may refer to by name, as documents: the shipped `scenarios/` tree plus the user's folder. */
export interface Library {
  /** `undefined` when there is none of that name. */
  find(kind: LibraryKind, name: string): SourceDoc | undefined;
  /** Sorted. */
  names(kind: LibraryKind): readonly string[];
}

export type LibraryKind = 'site' | 'zone' | 'hardware' | 'model' | 'stack' | 'workload' | 'reliability' | 'scenario';

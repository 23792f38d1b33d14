/** A user's policy as one piece of code with everything it imports, made once on the main thread. */
export interface PolicyCode {
  /** As the user wrote it: the name of the policy in messages. */
  readonly path: string;
  /** A script that leaves the module's exports in {@link EXPORTS}. */
  readonly code: string;
  /** Source map of `code`: where in the user's files its lines come from. Decides nothing, so it is in no hash. */
  readonly map?: string | undefined;
  /** sha256 of `code`. */
  readonly sha256: string;
}

/** Global name under which the script leaves what the file exports. */
export const EXPORTS = 'gigasimPolicy';

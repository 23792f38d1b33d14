import type { Talk } from './talk.js';

const EXIT_CODE: Readonly<Record<string, number>> = { SIGINT: 130, SIGTERM: 143 };

/** Whether the user asked to stop, and how a pool hears of it. */
export interface Interrupt {
  readonly signal: AbortSignal;
  /** 130 or 143 once asked to stop. */
  exitCode(): number | undefined;
  /** Gives the signals back to Node. */
  release(): void;
}

/** Ctrl-C once: say so, let the caller keep what is finished. Twice: quit now. */
export function onInterrupt(talk: Talk): Interrupt {
  const controller = new AbortController();
  let code: number | undefined;
  const heard = (name: NodeJS.Signals): void => {
    if (code !== undefined) process.exit(EXIT_CODE[name]);
    code = EXIT_CODE[name];
    talk.warn('\nStopping; finished runs are kept. Once more quits at once.');
    controller.abort();
  };
  for (const name of Object.keys(EXIT_CODE)) process.on(name, heard);
  return {
    signal: controller.signal,
    exitCode: () => code,
    release() {
      for (const name of Object.keys(EXIT_CODE)) process.off(name, heard);
    },
  };
}

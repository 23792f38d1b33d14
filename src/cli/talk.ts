import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

export interface TalkOptions {
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  /** `false`: never paint; otherwise NO_COLOR, FORCE_COLOR and the terminal decide. */
  readonly color?: boolean;
}

/** The two streams of a command: data goes to stdout, all talk to stderr. */
export interface Talk {
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** Results, to stdout as they are. */
  data(text: string): void;
  /** One JSON document to stdout; numbers that do not exist are null. */
  json(document: unknown): void;
  /** A note on stderr; not when quiet. */
  say(text: string): void;
  /** A note for those who asked for more with -v. */
  detail(text: string): void;
  /** A warning or an error on stderr, quiet or not. */
  warn(text: string): void;
  /** Colour for text that goes to stderr. */
  readonly paint: (style: Style, text: string) => string;
}

export function makeTalk({ quiet = false, verbose = false, color = true }: TalkOptions): Talk {
  const line = (text: string): string => (text.endsWith('\n') ? text : `${text}\n`);
  const say = (text: string): void => {
    if (!quiet) process.stderr.write(line(text));
  };
  return {
    quiet,
    verbose,
    data(text) {
      process.stdout.write(text);
    },
    json(document) {
      process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
    },
    say,
    detail(text) {
      if (verbose) say(text);
    },
    warn(text) {
      process.stderr.write(line(text));
    },
    paint: (style, text) => (color ? styleText(style, text, { stream: process.stderr }) : text),
  };
}

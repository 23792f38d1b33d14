/** Widest line of a report, characters: tables are laid out for it, sentences are broken at it. */
export const REPORT_WIDTH = 116;

/** Breaks a sentence at blanks so that no line is longer, if its words allow. */
export function wrap(text: string, options: { indent?: string; first?: string; width?: number } = {}): string {
  const { indent = '', first = indent, width = REPORT_WIDTH } = options;
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const word of text.split(' ')) {
    if (!isEmpty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = indent + word;
    } else line += (isEmpty ? '' : ' ') + word;
    isEmpty = false;
  }
  return [...lines, line].join('\n');
}

/** Widest line of a report, characters: tables are laid out for it, sentences are broken at it. */
export const REPORT_WIDTH = 116;

/** Breaks a sentence at blanks so that no line is longer, if its words allow; further lines are indented. */
export function wrap(text: string, indent = '', width = REPORT_WIDTH): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (longer.length > width && line.trim() !== '') {
      lines.push(line);
      line = indent + word;
    } else line = longer;
  }
  return [...lines, line].join('\n');
}

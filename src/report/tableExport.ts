import { columnTexts, tablePlain, type ReportTable } from './table.js';

/** For documents: a Markdown table; headings in one line, `|` escaped. */
export function tableMarkdown({ columns, rows }: ReportTable): string {
  const heading = columns.map(({ title, unit }) => [title, unit ?? ''].filter((part) => part !== '').join(', '));
  const cells = columns.map((_, column) => columnTexts(rows.map((row) => row[column])));
  const line = (texts: readonly string[]): string =>
    `| ${texts.map((text) => text.trim().replaceAll(/ +/g, ' ').replaceAll('|', '\\|')).join(' | ')} |`;
  const rule = `|${columns.map(({ align }) => (align === 'left' ? '---|' : '---:|')).join('')}`;
  return [line(heading), rule, ...rows.map((_, row) => line(cells.map((column) => column[row]!)))].join('\n');
}

/** For spreadsheets: RFC 4180 with full precision, as `--plain` but for the separator. Ends with a line end. */
export function tableCsv(table: ReportTable): string {
  const quoted = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return tablePlain(table)
    .split('\n')
    .map((line) => `${line.split('\t').map(quoted).join(',')}\n`)
    .join('');
}

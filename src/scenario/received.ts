const MAX_TEXT = 60;

/** What came, as it is shown in "expected …, got …". */
export function receivedText(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null (an empty value)';
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'number') return Number.isNaN(value) ? 'NaN, which is not a number' : String(value);
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  if (typeof value === 'object') {
    const keys = Object.keys(value);
    if (keys.length === 0) return 'an empty object';
    return `{ ${keys.slice(0, 3).join(', ')}${keys.length > 3 ? ', …' : ''} }`;
  }
  return typeof value === 'boolean' ? String(value) : `a ${typeof value}`;
}

/** What is probably wrong with a text where a number was wanted: ` (letter O?)`; '' where nothing is clear. */
export function numberSlip(text: string): string {
  const isNumber = (candidate: string) => /^\s*-?\d+(\.\d+)?(e[-+]?\d+)?\s*$/i.test(candidate);
  if (isNumber(text)) return ' (text in quotes, not a number)';
  if (isNumber(text.replaceAll(/[oO]/g, '0'))) return ' (letter O?)';
  if (isNumber(text.replaceAll(/[lI]/g, '1'))) return ' (letter l or I?)';
  if (isNumber(text.replace(',', '.'))) return ' (decimal comma?)';
  if (isNumber(text.replaceAll(/[\s_',.]/g, ''))) return ' (digits are not grouped here)';
  const unit = /^\s*-?\d+(?:\.\d+)?\s*([^\d\s].*)$/.exec(text);
  return unit === null ? '' : ` (the unit ${quoted(unit[1]!)} is in the key's name already?)`;
}

function quoted(text: string): string {
  return JSON.stringify(text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text);
}

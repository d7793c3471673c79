/** The first line of a CSV file. */
export interface CsvHeader {
  names: string[];
  delimiter: string;
  /** Bytes up to and including the end of the line, a byte order mark among them. */
  length: number;
  newline: '\n' | '\r\n';
  /** Rows of the file it takes: more than one when a name has a line break in it. */
  rows: number;
}

const DELIMITERS = [',', ';', '\t', '|'];
const BYTE_ORDER_MARK = '\ufeff';

/**
 * Returns the column names in the first line of `text`, the beginning of a CSV file; undefined when there is no line.
 * The delimiter is the one that parts it into most names.
 */
export function parseCsvHeader(text: string): CsvHeader | undefined {
  const start = text.startsWith(BYTE_ORDER_MARK) ? 1 : 0;
  const end = endOfRecord(text, start);
  const line = text.slice(start, end);
  if (line.trim() === '') return undefined;
  const parted = DELIMITERS.map((delimiter) => ({ delimiter, names: splitRecord(line, delimiter) }));
  const best = parted.reduce((most, next) => (next.names.length > most.names.length ? next : most));
  const newline = text.startsWith('\r\n', end) ? '\r\n' : '\n';
  return {
    ...best,
    length: Buffer.byteLength(text.slice(0, end + newline.length)),
    newline,
    rows: line.split('\n').length,
  };
}

function endOfRecord(text: string, start: number): number {
  let quoted = false;
  for (let index = start; index < text.length; index++) {
    const character = text[index];
    if (character === '"') quoted = !quoted;
    else if (!quoted && (character === '\n' || character === '\r')) return index;
  }
  return text.length;
}

/** Returns the fields of a line of CSV. */
export function splitRecord(line: string, delimiter: string): string[] {
  const fields: string[] = [];
  let field = '';
  let quoted = false;
  for (const character of line) {
    if (character === '"') quoted = !quoted;
    if (character === delimiter && !quoted) {
      fields.push(field);
      field = '';
    } else {
      field += character;
    }
  }
  return [...fields, field].map(unquote);
}

function unquote(field: string): string {
  const text = field.trim();
  return /^".*"$/s.test(text) ? text.slice(1, -1).replaceAll('""', '"').trim() : text;
}

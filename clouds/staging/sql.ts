/** Returns `text` as a SQL string literal. Every name and value that comes from outside goes through here. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Returns `name` as a quoted SQL identifier. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Returns a SQL list of string literals. */
export function literals(texts: readonly string[]): string {
  return texts.map(literal).join(', ');
}

/** Returns a line of a CSV file. NULL is nothing between two commas, all else stands in quotes. */
export function csvLine(values: readonly (string | number | boolean | null)[]): string {
  const cells = values.map((value) => (value === null ? '' : `"${String(value).replaceAll('"', '""')}"`));
  return `${cells.join(',')}\n`;
}

const WIDEST = 48;

/** Rows as lines of aligned columns under a head and a rule; numbers stand right. */
export function alignRows(head: readonly string[], rows: readonly string[][], numeric: readonly boolean[]): string[] {
  const cells = [head, ...rows].map((row) => row.map(clip));
  const widths = head.map((_, index) => Math.max(...cells.map((row) => row[index]?.length ?? 0)));
  const lines = cells.map((row) =>
    row
      .map((cell, index) => (numeric[index] ? cell.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
  lines.splice(1, 0, widths.map((width) => '-'.repeat(width)).join('  '));
  return lines;
}

/** Control characters of names that others wrote must not reach a terminal. */
function clip(text: string): string {
  const printable = text.replaceAll(/\p{Cc}/gu, '\uFFFD');
  return printable.length <= WIDEST ? printable : `${printable.slice(0, WIDEST - 1)}…`;
}

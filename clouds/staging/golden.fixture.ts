import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { CHARGE_COLUMNS, chargeColumns } from '../../analytics/focus.ts';
import { findAssemblies } from './assemblies.ts';
import { openEngine, query } from './engine.ts';
import { TAG_KEY } from './lines.ts';
import { stageAssembly } from './stage.ts';
import { sumText } from './totals.ts';

/**
 * Returns what becomes of a sample of a source, as text to review: what all daily rows agree in, then each row with the rest,
 * empty columns left out, then the sums. Beside the sample lies the same text as it should be.
 */
export async function renderCharges(path: string): Promise<string> {
  const home = mkdtempSync(join(tmpdir(), 'penny-golden-'));
  const engine = await openEngine(home);
  try {
    const { assemblies } = await findAssemblies(engine, [path], 'auto');
    const [assembly] = assemblies;
    if (assembly === undefined) throw new Error(`${path} holds no bill`);
    const { reading, lines, totals, ignoredColumns } = await stageAssembly(engine, assembly, []);
    const sums = new Set<string>(chargeColumns('sum'));
    const columns = Object.keys(CHARGE_COLUMNS).map((name) =>
      sums.has(name) ? `${sumText(name, reading.layout)} AS ${name}` : `CAST(${name} AS VARCHAR) AS ${name}`,
    );
    const rows = await query(
      engine,
      `SELECT ${columns.join(', ')}, tags, CAST(x_line_count AS VARCHAR) AS x_line_count FROM daily LEFT JOIN tag_sets USING (${TAG_KEY})
       ORDER BY ALL`,
      z.record(z.string(), z.string().nullable()),
    );
    const names = Object.keys(rows[0] ?? {});
    const shared = names.filter((name) => rows.every((row) => row[name] === rows[0]?.[name]));
    const block = (title: string, row: Record<string, string | null>, keep: readonly string[]) =>
      [title, ...keep.flatMap((name) => (row[name] === null ? [] : [`${name.padEnd(30)}${row[name]}`]))].join('\n');
    const rest = names.filter((name) => !shared.includes(name));
    const blocks = [
      block('# every row', rows[0] ?? {}, shared),
      ...rows.map((row, index) => block(`# ${index + 1}`, row, rest)),
    ];
    const costs = [...totals].sort().map(([currency, total]) => `${currency} ${JSON.stringify(total.costs)}`);
    const head = `${assembly.source.title}, version ${assembly.version ?? '-'}: ${lines} lines, ${rows.length} daily rows; not used: ${ignoredColumns.join(', ') || '-'}`;
    return `${[head, ...blocks, costs.join('\n')].join('\n\n')}\n`;
  } finally {
    engine.close();
    rmSync(home, { recursive: true, force: true });
  }
}

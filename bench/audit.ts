import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../config.ts';
import { chainPending } from '../db/audit/chain.ts';
import { type AuditEntry, audit } from '../db/audit/record.ts';
import { verifyAudit } from '../db/audit/verify.ts';
import { migrateDatabase } from '../db/migrate.ts';
import { openDatabase } from '../db/open.ts';
import { log } from '../log.ts';

/** Prints how many entries a second the audit log takes, from writers at once, each waiting until its entry is safe on disk, and how
 * fast the chain follows and is verified; as a share of the least that is promised. */
const LEAST_A_SECOND = 500;
const ENTRIES = 10_000;
const WRITERS = 20;

log.level = 'error';
const folder = mkdtempSync(join(tmpdir(), 'penny-bench-'));
const database = await openDatabase({ ...readConfig(), PENNY_HOME: folder, PENNY_DATABASE_URL: undefined }, log, {
  max: WRITERS,
});
try {
  await migrateDatabase(database.url);
  const { pool } = database.db;
  const entry: AuditEntry = {
    occurredAt: new Date(),
    actorId: null,
    actor: 'ada@example.com',
    surface: 'api',
    event: 'question.answered',
    subject: { type: 'ai_query', id: '7b3c1a52-59d5-4a4c-8d3e-0d4a3a6f2f10' },
    details: {
      question: 'top 5 services last month',
      status: 'answered',
      calls: [{ tool: 'query_costs', rowCount: 5 }],
    },
  };
  const began = performance.now();
  let left = ENTRIES;
  const write = async (): Promise<void> => {
    while (left-- > 0) await audit(pool, entry);
  };
  await Promise.all(Array.from({ length: WRITERS }, write));
  const written = (performance.now() - began) / 1000;
  while ((await verifyCount()) < ENTRIES) await chainPending(pool);
  const chained = (performance.now() - began) / 1000;
  const beganToVerify = performance.now();
  const { entries, broken } = await verifyAudit(pool, []);
  const verified = (performance.now() - beganToVerify) / 1000;
  if (entries !== ENTRIES || broken !== null)
    throw new Error(`the chain holds ${entries} entries, broken: ${JSON.stringify(broken)}`);
  const rate = ENTRIES / chained;
  const lines = [
    `entries   ${ENTRIES} by ${WRITERS} writers at once`,
    `written   ${(ENTRIES / written).toFixed(0)} a second`,
    `chained   ${rate.toFixed(0)} a second, ${((chained - written) * 1000).toFixed(0)} ms after the last was written`,
    `verified  ${(ENTRIES / verified).toFixed(0)} a second`,
    `share     ${(rate / LEAST_A_SECOND).toFixed(1)} of the least promised (${LEAST_A_SECOND} a second)`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);

  async function verifyCount(): Promise<number> {
    const { rows } = await pool.query<{ count: string }>('SELECT count(*) FROM audit_log');
    return Number(rows[0]?.count);
  }
} finally {
  await database.close();
  rmSync(folder, { recursive: true, force: true });
}

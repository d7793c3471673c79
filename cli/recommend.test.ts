import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConfig } from '../config.ts';
import { listCheckRuns, listRecommendations } from '../db/queries/recommendations.ts';
import { NOW, openEstate } from '../db/recommendations/estate.fixture.ts';
import type { TestDatabase } from '../db/testing.ts';
import { inTransaction } from '../db/transaction.ts';
import { recommendChanges } from '../jobs/recommend-changes.ts';
import { renderLists, renderOne } from './recommend.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await openEstate();
  const { db } = database;
  const actor = { actorId: null, actor: 'ada@example.com', surface: 'cli' as const };
  await inTransaction(db, (client) => recommendChanges(client, { config: readConfig({}), db, now: NOW, actor }));
});
afterAll(() => database.close());

const listed = (withAlternatives: boolean) =>
  listRecommendations(database.db.pool, { states: ['open'], kind: 'usage', withAlternatives, limit: 10 });

test('shows what saves, what it comes to, what overlaps and what could not be judged', async () => {
  const runs = await listCheckRuns(database.db.pool);
  const text = renderLists([await listed(true)], runs, { check: 'ec2-idle' });
  const rows = text.split('\n').map((line) => line.trim().split(/ {2,}/).slice(1).join(' | '));
  expect(rows.slice(2, 6)).toEqual([
    'ec2-idle | old-web | a1 | us-east-1 | Terminate the idle m5.large | $80.30 | $80.30 | medium | open',
    'ec2-idle | old-api | a1 | us-east-1 | Terminate the idle m5.large | $54.75 | $73.00 | medium | open, protected',
    'ebs-unattached | scratch | a2 | us-east-1 | Snapshot and delete the unattached volume of 10… | $7.30 | $7.30 | low | open',
    expect.stringMatching(/^ebs-gp2 \| old-web \| a1 \| us-east-1 \| Change the volume of 100 GiB from gp2 to gp3 \(i/),
  ]);
  expect(text).toContain(
    '3 recommendations: $142.35 a month. Commitments pay for $54.75 of that, saved only when something else uses them. 1 more overlap with larger ones and are not added.',
  );
  expect(text).toMatch(/Could not be judged:\n {2}ec2-idle +1 {2}missing for most: network_bytes was not measured$/);
});

test('explains one: what was measured, by which rule, and which charges would be saved', async () => {
  const [idle] = (await listed(false)).recommendations;
  if (idle === undefined) throw new Error('nothing was found');
  const text = renderOne(idle);
  for (const part of [
    'Terminate the idle m5.large',
    'owner        shop, staging',
    'saves        $80.30 a month; $80.30 at list prices',
    'rule         CPU below 5 percent at its peak and less than 5 MB of network a day, over 14 days. (ec2-idle version 1)',
    'highest CPU: 1 percent (limit 5)',
    'vol-idle: all charges, $7.30 a month',
    'Its volumes go with it; a snapshot of each keeps what is on them.',
  ])
    expect(text).toContain(part);
});

test('says so when there is nothing', () => {
  expect(renderLists([], [], {})).toBe('Nothing to recommend.');
});

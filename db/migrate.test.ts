import { expect, test } from 'vitest';
import { closeDb, connect } from './client.ts';
import { migrateDatabase, missingMigrations } from './migrate.ts';
import { emptyDatabase } from './testing.ts';

test('a migration that fails changes nothing, and says so', async () => {
  const { url, close } = await emptyDatabase();
  const db = connect(url);
  await db.pool.query('CREATE TABLE prices (in_the_way integer)');
  await expect(migrateDatabase(url)).rejects.toMatchObject({ code: 'database_schema', cause: expect.anything() });
  const { rows } = await db.pool.query("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace");
  expect(rows).toEqual([{ relname: 'prices' }]);
  await closeDb(db);
  await close();
});

test('three migrations that start at once all succeed, and the schema is there once', async () => {
  const { url, close } = await emptyDatabase();
  const db = connect(url);
  expect(await missingMigrations(db.pool)).toBeGreaterThan(0);

  await Promise.all([migrateDatabase(url), migrateDatabase(url), migrateDatabase(url)]);

  expect(await missingMigrations(db.pool)).toBe(0);
  const { rows } = await db.pool.query(
    'SELECT count(*) AS n, count(DISTINCT hash) AS distinct FROM drizzle.__drizzle_migrations',
  );
  expect(rows[0].n).toBe(rows[0].distinct);
  await closeDb(db);
  await close();
});

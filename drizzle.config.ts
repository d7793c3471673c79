import { readdirSync } from 'node:fs';
import { defineConfig } from 'drizzle-kit';

// drizzle-kit cannot write PARTITION BY: the migrations of these tables are written by hand (docs/decisions/0011).
const skipped = ['billing.ts', 'usage.ts', 'index.ts'];

export default defineConfig({
  dialect: 'postgresql',
  casing: 'snake_case',
  schema: readdirSync('db/schema')
    .filter((file) => !skipped.includes(file) && !file.endsWith('.test.ts'))
    .map((file) => `./db/schema/${file}`),
  out: './db/migrations',
});

import type { Command } from 'commander';
import { storeBusinessMetrics } from '../db/business-metrics.ts';
import { inTransaction } from '../db/transaction.ts';
import { readBusinessMetrics } from '../jobs/business-metrics.ts';
import { action } from './context.ts';
import { withPeople } from './people.ts';

/** Adds `metric` to the command `ingest`. */
export function registerIngestMetric(program: Command): void {
  program.commands
    .find((command) => command.name() === 'ingest')
    ?.command('metric')
    .description(
      'loads numbers of the business for unit costs from a CSV: name,date,value; also unit, and a dimension such as tag:team',
    )
    .argument('<file>', 'the CSV file')
    .action(
      action<[string]>((context, file) =>
        withPeople(context, async ({ db, actor: { principal } }) => {
          const values = await readBusinessMetrics(file);
          const actor = { actorId: principal.userId, actor: principal.email, surface: 'cli' as const };
          const stored = await inTransaction(db, (client) =>
            storeBusinessMetrics(client, values, { actor, now: context.now() }),
          );
          const names = [...new Set(values.map(({ name }) => name.toLowerCase()))];
          const unknown = values.filter(({ value }) => value === null).length;
          const document = { metrics: names, read: values.length, stored, unknown };
          context.print(
            document,
            `${stored} days of ${names.join(', ')} are stored${unknown > 0 ? `, ${unknown} of them without a number` : ''}. Ask for the cost per one with "penny ask".`,
          );
        }),
      ),
    );
}

import type { Command } from 'commander';
import { createDecisions, type Decisions, type Remediation } from '../agent/decide.ts';
import { identify } from '../agent/identify.ts';
import { ACTIONS } from '../analytics/actions.ts';
import { migrateDatabase } from '../db/migrate.ts';
import { openDatabase } from '../db/open.ts';
import type { Principal } from '../db/principal.ts';
import { REMEDIATION_STATES } from '../db/schema/remediations.ts';
import { PennyError } from '../errors.ts';
import { formatCell } from '../tools/format.ts';
import { alignRows } from './align.ts';
import { action, type CliContext } from './context.ts';

const AS = ['--as <email>', 'whose role and scope count; default: the local administrator'] as const;

interface At {
  decisions: Decisions;
  person: { principal: Principal; surface: 'cli' };
}

export function registerRemediation(program: Command): void {
  const remediation = program
    .command('remediation')
    .description('changes of the cloud: list, show, propose, approve, reject, cancel, undo, stop, resume');
  remediation
    .command('list')
    .description('what was proposed, newest first, and what became of it')
    .option('--state <state>', REMEDIATION_STATES.join(', '))
    .option('--limit <rows>', 'at most so many', '50')
    .option(...AS)
    .action(
      action<[{ state?: string; limit: string; as?: string }]>((context, flags) =>
        at(context, flags, async ({ decisions, person }) => {
          const state = REMEDIATION_STATES.find((one) => one === flags.state);
          if (flags.state !== undefined && state === undefined)
            throw new PennyError('usage', `--state takes one of ${REMEDIATION_STATES.join(', ')}.`);
          const limit = Number(flags.limit);
          if (!Number.isInteger(limit) || limit < 1 || limit > 1000)
            throw new PennyError('usage', '--limit takes a number from 1 to 1000.');
          const { items } = await decisions.list(person.principal, { state, limit });
          const stopped = await decisions.stopped();
          context.print(items.map(toDocument), renderList(items, stopped));
        }),
      ),
    );
  one(remediation, 'show', 'what exactly is to be done, on which evidence, and what became of it', (desk, id) =>
    desk.decisions.find(desk.person.principal, id),
  );
  remediation
    .command('propose')
    .description('propose what a recommendation asks for')
    .argument('<recommendation>', 'its number, as penny recommend lists it')
    .option(...AS)
    .action(
      action<[string, { as?: string }]>((context, number, flags) =>
        at(context, flags, async ({ decisions, person }) => {
          if (!/^\d{1,15}$/.test(number)) throw new PennyError('usage', 'A recommendation is named by its number.');
          const proposed = await decisions.propose(person, Number(number));
          context.print(toDocument(proposed), renderOne(proposed));
        }),
      ),
    );
  one(remediation, 'approve', 'approve it, for exactly what it says; never what one proposed oneself', (desk, id) =>
    desk.decisions.decide(desk.person, { remediationId: id, decision: 'approve' }),
  );
  remediation
    .command('reject')
    .description('reject it, with the reason')
    .argument('<id>')
    .requiredOption('--reason <text>', 'why; the one who asked will read it')
    .option(...AS)
    .action(
      action<[string, { reason: string; as?: string }]>((context, remediationId, { reason, ...flags }) =>
        at(context, flags, async ({ decisions, person }) => {
          const rejected = await decisions.decide(person, { remediationId, decision: 'reject', reason });
          context.print(toDocument(rejected), renderOne(rejected));
        }),
      ),
    );
  one(remediation, 'cancel', 'take back what one proposed, before anybody decided', (desk, id) =>
    desk.decisions.cancel(desk.person, id),
  );
  one(remediation, 'undo', 'have what was applied undone, where something brings it back', (desk, id) =>
    desk.decisions.undo(desk.person, id),
  );
  remediation
    .command('stop')
    .description('stop every change of the cloud, what is approved included')
    .requiredOption('--reason <text>', 'why; everybody who waits will read it')
    .option(...AS)
    .action(
      action<[{ reason: string; as?: string }]>((context, { reason, ...flags }) =>
        at(context, flags, async ({ decisions, person }) => {
          await decisions.stop(person, reason);
          context.print({ stopped: true, reason }, 'No change is applied or undone until an administrator resumes.');
        }),
      ),
    );
  remediation
    .command('resume')
    .description('let changes go on after a stop')
    .option(...AS)
    .action(
      action<[{ as?: string }]>((context, flags) =>
        at(context, flags, async ({ decisions, person }) => {
          await decisions.resume(person);
          context.print({ stopped: false }, 'Changes that are approved are applied again.');
        }),
      ),
    );
}

/** A command about one remediation. */
function one(
  parent: Command,
  name: string,
  description: string,
  work: (at: At, id: string) => Promise<Remediation>,
): void {
  parent
    .command(name)
    .description(description)
    .argument('<id>')
    .option(...AS)
    .action(
      action<[string, { as?: string }]>((context, id, flags) =>
        at(context, flags, async (desk) => {
          const found = await work(desk, id);
          context.print(toDocument(found), renderOne(found));
        }),
      ),
    );
}

async function at(
  { config, log, now }: CliContext,
  { as }: { as?: string },
  work: (at: At) => Promise<void>,
): Promise<void> {
  const database = await openDatabase(config, log);
  try {
    await migrateDatabase(database.url);
    const { db } = database;
    const principal = await identify(db, { platform: 'local', ...(as === undefined ? {} : { email: as }) });
    await work({ decisions: createDecisions({ db, now }), person: { principal, surface: 'cli' } });
  } finally {
    await database.close();
  }
}

/** What is the cloud's and the queue's own business is left out. */
const toDocument = ({ applyToken, requestedById, conversationId, ...shown }: Remediation) => shown;

const money = (one: Remediation): string => formatCell(one.estimatedMonthlySavings, 'money', one.billingCurrency);

const HEAD = ['id', 'state', 'action', 'resource', 'account', 'estimate a month', 'risk', 'by', 'approved by'];
const NUMERIC = HEAD.map((name) => name === 'estimate a month');

/** Returns the remediations as a table for people. */
export function renderList(items: readonly Remediation[], stopped?: { reason: string; by: string }): string {
  const warning = stopped === undefined ? [] : [`Changes are stopped by ${stopped.by}: ${stopped.reason}`, ''];
  if (items.length === 0) return [...warning, 'Nothing was proposed.'].join('\n');
  const rows = items.map((item) => [
    item.remediationId,
    item.state,
    item.action,
    item.resourceName ?? item.resourceId,
    item.subAccountId ?? '',
    money(item),
    item.risk,
    item.requestedBy,
    item.approvedBy.join(', '),
  ]);
  return [...warning, ...alignRows(HEAD, rows, NUMERIC)].join('\n');
}

/** Returns the ids of what was made on the way: snapshots, and what undoing made anew. */
function keptOf({ outcome }: Remediation): string {
  const named = Object.entries(outcome ?? {}).flatMap(([name, value]) =>
    name === 'snapshots' ? Object.values(Object(value)) : /Id$|^taskDefinition$/.test(name) ? [value] : [],
  );
  return named.map(String).join(', ');
}

/** Returns everything about one of them, a line each. */
export function renderOne(item: Remediation): string {
  const instant = (at: Date | null): string => (at === null ? '' : at.toISOString().slice(0, 16).replace('T', ' '));
  const lines: [string, string][] = [
    ['remediation', item.remediationId],
    ['state', item.state],
    ['what', `${ACTIONS.get(item.action)?.title ?? item.action} (${item.action})`],
    ['resource', [item.resourceName, item.resourceId].filter((part) => part !== null).join(' · ')],
    ['where', [item.subAccountId, item.regionId].filter((part) => part !== null).join(' · ')],
    ['parameters', JSON.stringify(item.parameters)],
    ['hash', item.parametersHash],
    ['because', item.title ?? ''],
    ['estimate', `${money(item)} a month · ${item.basis}`],
    ['risk', item.risk],
    ['undo', item.undoPlan ?? 'nothing brings it back'],
    ['proposed', `${instant(item.requestedAt)} by ${item.requestedBy}, from ${item.surface}`],
    ['approvals', `${item.approvedBy.length} of ${item.requiredApprovals} ${item.approvedBy.join(', ')}`.trim()],
    ['rejected', item.rejectedBy === null ? '' : `by ${item.rejectedBy}: ${item.rejectionReason}`],
    ['expires', item.state === 'pending' ? instant(item.expiresAt) : ''],
    ['applied', instant(item.appliedAt)],
    ['seen to be true', instant(item.verifiedAt)],
    ['undone', instant(item.undoneAt)],
    ['kept', keptOf(item)],
    ['failed', item.failure === null ? '' : `${instant(item.failedAt)} ${item.failure}`],
  ];
  const shown = lines.filter(([, value]) => value !== '');
  const width = Math.max(...shown.map(([name]) => name.length));
  // What others wrote must not move the cursor of a terminal.
  return shown.map(([name, value]) => `${name.padEnd(width)}  ${value.replaceAll(/\p{Cc}/gu, '\uFFFD')}`).join('\n');
}

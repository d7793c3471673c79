import { type Command, InvalidArgumentError } from 'commander';
import pino from 'pino';
import { identify } from '../agent/identify.ts';
import { createAnomalyDesk, type FeedbackGiven } from '../db/anomalies/feedback.ts';
import { migrateDatabase } from '../db/migrate.ts';
import { openDatabase } from '../db/open.ts';
import type { Principal } from '../db/principal.ts';
import type { FeedbackInForce } from '../db/queries/anomalies.ts';
import { ANOMALY_FEEDBACK } from '../db/schema/anomalies.ts';
import { PennyError } from '../errors.ts';
import { findAnomaliesTool } from '../tools/find-anomalies.ts';
import { formatCell } from '../tools/format.ts';
import type { CellValue, Table, ToolResult } from '../tools/tool.ts';
import { alignRows } from './align.ts';
import { action, type CliContext } from './context.ts';

interface ListFlags {
  as?: string;
  period: string;
  open?: boolean;
  all?: boolean;
  minimum?: string;
  where: string[];
  limit: string;
}

interface FeedbackFlags {
  as?: string;
  reason?: string;
  until?: string;
  usageType?: string;
}

interface ExpectFlags {
  as?: string;
  where: string[];
  from?: string;
  until?: string;
  reason?: string;
}

const AS = ['--as <email>', 'as this user (default: the local administrator)'] as const;
const UNTIL = 'the first day on which it is over, YYYY-MM-DD';

/** `penny anomalies`: the list, one of them, and what people say of them. */
export function registerAnomalies(program: Command): void {
  const anomalies = program
    .command('anomalies')
    .description('unexpected cost: what, since when, how much more than expected, and why')
    .argument('[id]', 'one anomaly, with all that is known of its cause')
    .option('--open', 'only those that go on')
    .option('--period <text>', 'with a day in these days', 'last 30 days')
    .option('--minimum <amount>', 'that cost, or saved, at least this')
    .option('--where <dimension=value>', 'such as service_name=Lambda or tag:team=search; repeatable', collect, [])
    .option('--all', 'also those that people muted, planned, expected or called wrong')
    .option('--limit <rows>', 'rows at most', '50')
    .option(...AS)
    .action(action<[string | undefined, ListFlags]>((context, id, flags) => list(context, id, flags)));

  anomalies
    .command('feedback')
    .description('say what an anomaly is: later runs heed it')
    .argument('<id>', 'the number of the anomaly')
    .argument('<what>', ANOMALY_FEEDBACK.join(', '))
    .option('--until <day>', UNTIL, dayOption)
    .option('--usage-type <pattern>', "muted: only what has such a usage type, such as '*DataTransfer*'")
    .option('--reason <text>', 'why')
    .option(...AS)
    .action(
      action<[string, string, FeedbackFlags]>((context, id, what, flags) =>
        withPrincipal(context, flags.as, async ({ desk, principal }) => {
          const given = { ...flags, feedback: feedbackOption(what) } satisfies FeedbackGiven;
          const feedbackId = await desk.say(principal, idOption(id), given, 'cli');
          context.print({ feedbackId }, `Noted as ${feedbackId}; detection heeds it from its next run on.`);
        }),
      ),
    );

  registerExpectation(anomalies, 'plan', {
    feedback: 'planned',
    description: 'say beforehand that cost will be unusual, so that nobody is alerted; without --where everywhere',
  });
  registerExpectation(anomalies, 'mute', {
    feedback: 'muted',
    description: 'have nobody alerted to some part of the bill',
  });

  anomalies
    .command('said')
    .description('what was said and holds')
    .option(...AS)
    .action(
      action<[{ as?: string }]>((context, flags) =>
        withPrincipal(context, flags.as, async ({ desk, principal }) => {
          const said = await desk.said(principal);
          context.print({ feedback: said }, renderFeedback(said));
        }),
      ),
    );

  anomalies
    .command('forget')
    .description('take back what was said')
    .argument('<feedback-id>')
    .option(...AS)
    .action(
      action<[string, { as?: string }]>((context, id, flags) =>
        withPrincipal(context, flags.as, async ({ desk, principal }) => {
          await desk.takeBack(principal, idOption(id), 'cli');
          context.print({ feedbackId: idOption(id) }, 'Taken back.');
        }),
      ),
    );
}

function registerExpectation(
  anomalies: Command,
  name: string,
  { feedback, description }: { feedback: 'planned' | 'muted'; description: string },
): void {
  anomalies
    .command(name)
    .description(description)
    .option(
      '--where <dimension=value>',
      "such as tag:team=shop or x_usage_type='*DataTransfer*'; repeatable",
      collect,
      [],
    )
    .option('--from <day>', 'the first day (default: today)', dayOption)
    .option('--until <day>', UNTIL, dayOption)
    .option('--reason <text>', 'why')
    .option(...AS)
    .action(
      action<[ExpectFlags]>((context, flags) =>
        withPrincipal(context, flags.as, async ({ desk, principal }) => {
          const { from = context.now().toISOString().slice(0, 10), until, reason } = flags;
          const dimensions = Object.fromEntries(flags.where.map(dimensionOption));
          const feedbackId = await desk.expect(principal, { feedback, dimensions, from, until, reason }, 'cli');
          context.print(
            { feedbackId },
            `Noted as ${feedbackId}; "penny anomalies forget ${feedbackId}" takes it back.`,
          );
        }),
      ),
    );
}

async function list(context: CliContext, id: string | undefined, flags: ListFlags): Promise<void> {
  const input = findAnomaliesTool.input.safeParse({
    ...{ period: flags.period, openOnly: flags.open === true, includeQuiet: flags.all === true },
    ...(id === undefined ? {} : { anomalyId: idOption(id) }),
    ...(flags.minimum === undefined ? {} : { minimumImpact: flags.minimum }),
    filters: flags.where
      .map(dimensionOption)
      .map(([dimension, value]) => ({ dimension, operator: 'in', values: [value] })),
    limit: Number(flags.limit),
  });
  if (!input.success) throw new PennyError('usage', input.error.issues.map(({ message }) => message).join(' '));
  await withPrincipal(context, flags.as, async ({ db, principal }) => {
    const { now, signal } = context;
    const origin = { surface: 'cli' as const, conversationId: null };
    const log = pino({ level: 'silent' });
    const result = await findAnomaliesTool.run({ db, principal, now: now(), log, signal, origin }, input.data);
    if (result.status === 'denied') throw new PennyError('forbidden', result.message);
    if (result.status === 'error') throw new PennyError(result.code, result.message);
    context.print(result, renderAnomalies(result));
  });
}

/** Returns the result of `find_anomalies` for people. */
export function renderAnomalies(result: ToolResult): string {
  if (result.status === 'denied' || result.status === 'error') return result.message;
  if (result.status === 'no_data') return [result.searched, ...result.suggestions].join('\n');
  const { tables, facts } = result.data;
  const [anomalies, ...others] = tables;
  const cell = (name: string, style?: 'abs') => {
    const fact = facts[name];
    return fact === undefined ? '' : formatCell(fact.value, fact.kind, fact.unit, style);
  };
  const sums = Object.keys(facts).filter((name) => name.startsWith('total_') && facts[name]?.value !== '0');
  const words = sums.map((name) => `${cell(name)} ${name.startsWith('total_impact') ? 'more' : 'less'} than expected`);
  const summary = `${cell('count')} ${cell('count') === '1' ? 'anomaly' : 'anomalies'}, ${cell('open_count')} open${words.length > 0 ? `: ${words.join(', ')}` : ''}.`;
  return [
    ...(anomalies === undefined || anomalies.rows.length === 0 ? [] : [renderList(anomalies), '']),
    ...others.flatMap((table) => (table.rows.length === 0 ? [] : [table.title, renderTable(table), ''])),
    summary,
    ...result.receipt.notes,
  ].join('\n');
}

const LISTED = ['anomaly_id', 'what', 'kind', 'since', 'state', 'impact', 'percent'] as const;

/** A line a problem, and under it why. */
function renderList(table: Table): string {
  const at = (name: string) => table.columns.findIndex((column) => column.name === name);
  const shown = LISTED.map((name) => table.columns[at(name)]).filter((column) => column !== undefined);
  const currency = at('billing_currency');
  const cells = table.rows.map((row) =>
    shown.map(({ name, kind, unit }) =>
      formatCell(
        row[at(name)] ?? null,
        kind,
        kind === 'money' ? (unit ?? String(row[currency])) : unit,
        kind === 'money' ? 'signed' : undefined,
      ),
    ),
  );
  const head = shown.map(({ name }) => (name === 'anomaly_id' ? 'id' : name));
  const lines = alignRows(
    head,
    cells,
    shown.map(({ kind }) => kind === 'money' || kind === 'percent'),
  );
  const causes = table.rows.map((row) => [row[at('cause')], row[at('set_aside')]] as const);
  return lines
    .flatMap((line, index) => {
      const [cause, aside] = causes[index - 2] ?? [];
      const more = [...(cause ? [cause] : []), ...(aside ? [`set aside: ${aside}`] : [])];
      return [line, ...more.map((text) => `      ${printable(String(text))}`)];
    })
    .join('\n');
}

const printable = (text: string): string => text.replaceAll(/\p{Cc}/gu, '\uFFFD');

function renderTable({ columns, rows }: Table): string {
  const text = (value: CellValue, index: number): string => {
    const column = columns[index];
    return column === undefined || value === null ? '' : formatCell(value, column.kind, column.unit);
  };
  return alignRows(
    columns.map(({ name }) => name.replace('_', ' ')),
    rows.map((row) => row.map(text)),
    columns.map(({ kind }) => kind === 'money' || kind === 'percent'),
  ).join('\n');
}

function renderFeedback(said: readonly FeedbackInForce[]): string {
  if (said.length === 0) return 'Nothing was said that holds.';
  const rows = said.map((one) => [
    String(one.feedbackId),
    one.feedback,
    one.anomalyId === null ? '' : String(one.anomalyId),
    Object.entries(one.dimensions)
      .map(([key, value]) => `${key}=${value}`)
      .join(' '),
    one.fromDate,
    one.untilDate ?? '',
    one.reason ?? '',
  ]);
  return alignRows(['id', 'said', 'of anomaly', 'for', 'from', 'until', 'because'], rows, []).join('\n');
}

interface Opened {
  db: Awaited<ReturnType<typeof openDatabase>>['db'];
  principal: Principal;
  desk: ReturnType<typeof createAnomalyDesk>;
}

async function withPrincipal(
  { config, log, now }: CliContext,
  email: string | undefined,
  work: (opened: Opened) => Promise<void>,
): Promise<void> {
  const database = await openDatabase(config, log);
  try {
    await migrateDatabase(database.url);
    const principal = await identify(database.db, { platform: 'local', ...(email ? { email } : {}) });
    await work({ db: database.db, principal, desk: createAnomalyDesk(database.db, now) });
  } finally {
    await database.close();
  }
}

const collect = (value: string, before: string[]): string[] => [...before, value];

function dimensionOption(text: string): [string, string] {
  const [, dimension, value] = /^([^=]+)=(.+)$/s.exec(text) ?? [];
  if (dimension === undefined || value === undefined) {
    throw new PennyError('usage', `--where takes dimension=value, not ${JSON.stringify(text)}.`);
  }
  return [dimension.trim().toLowerCase(), value.trim()];
}

function dayOption(text: string): string {
  if (/^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text))) return text;
  throw new InvalidArgumentError('It must be a day like 2026-09-30.');
}

function idOption(text: string): number {
  const id = Number(text);
  if (Number.isInteger(id) && id > 0) return id;
  throw new PennyError('usage', `${JSON.stringify(text)} is no number of an anomaly.`);
}

function feedbackOption(text: string): FeedbackGiven['feedback'] {
  const known = ANOMALY_FEEDBACK.find((one) => one === text);
  if (known === undefined) throw new PennyError('usage', `Say one of ${ANOMALY_FEEDBACK.join(', ')}.`);
  return known;
}

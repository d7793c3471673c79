import { createHash } from 'node:crypto';
import { type Catalog, catalogOf } from '../db/queries/catalog.ts';
import { type Freshness, freshnessOf } from '../db/queries/freshness.ts';
import { monthsOff } from '../db/queries/reconciliations.ts';
import { NO_ACCESS, seesNothing } from '../db/queries/scope.ts';
import { readSnapshot, type Snapshot } from '../db/queries/snapshot.ts';
import { PennyError } from '../errors.ts';
import { offNotes } from './reconciliation-words.ts';
import type { DateRange, Receipt, ToolContext, ToolData, ToolResult } from './tool.ts';

/** What of a receipt a tool itself knows. */
export interface Account {
  sql?: string;
  period?: DateRange;
  comparedTo?: DateRange;
  costBasis?: string;
  credits?: 'excluded' | 'included';
  notes?: string[];
  rowCount?: number;
  truncated?: boolean;
  /** Of a list that goes on. */
  nextCursor?: string | undefined;
}

/** A name that was not found: what was looked for, what may have been meant, and its name where it exists but may not be seen. */
export interface NotFound {
  searched: string;
  suggestions: string[];
  hidden?: string;
}

/** One call of a tool under way: one state of the database, what is known of the estate, and the two ways it can end. */
export interface Call {
  client: Snapshot;
  context: ToolContext;
  freshness: Freshness;
  catalog: Catalog;
  ok(data: ToolData, account: Account): ToolResult;
  noData(searched: string, suggestions: string[], account?: Account): ToolResult;
  /** A name that is nowhere, or that this person may not see: the two are told apart. */
  notFound(found: NotFound, account?: Account): ToolResult;
}

/**
 * What `work` makes of a call, with its receipt. A principal who may see nothing is denied; without any bill, and for days
 * the bill does not hold, the result is no_data with what would work instead.
 * @throws PennyError for outages
 */
export async function answerCall(
  context: ToolContext,
  { tool, input }: { tool: string; input: Record<string, unknown> },
  work: (call: Call) => Promise<ToolResult>,
): Promise<ToolResult> {
  const startedAt = performance.now();
  if (seesNothing(context.principal.scope)) {
    return { status: 'denied', message: NO_ACCESS };
  }
  return readSnapshot(context.db, context.principal, context.signal, async (client) => {
    const freshness = await freshnessOf(context.db, client);
    const catalog = await catalogOf(context.db, client, context.principal);
    const off = await monthsOff(client);
    const receipt = (data: ToolData | null, account: Account): Receipt => ({
      tool,
      arguments: input,
      ...(account.sql === undefined ? {} : { sql: account.sql, fingerprint: fingerprint(account.sql) }),
      ...(account.period === undefined ? {} : { period: account.period }),
      ...(account.comparedTo === undefined ? {} : { comparedTo: account.comparedTo }),
      ...(account.costBasis === undefined ? {} : { costBasis: account.costBasis }),
      ...(account.credits === undefined ? {} : { credits: account.credits }),
      notes: [
        ...(account.notes ?? []),
        ...offNotes(
          off,
          [account.period, account.comparedTo].filter((range) => range !== undefined),
        ),
        ...scopeNotes(context, catalog),
      ],
      rowCount: account.rowCount ?? 0,
      truncated: account.truncated ?? false,
      dataThrough: freshness.dataThrough,
      hash: hash(JSON.stringify(data === null ? null : { facts: data.facts, tables: data.tables })),
      elapsedMs: Math.round((performance.now() - startedAt) * 10) / 10,
    });
    const noData: Call['noData'] = (searched, suggestions, account = {}) => ({
      status: 'no_data',
      searched,
      suggestions,
      receipt: receipt(null, account),
    });
    const call: Call = {
      client,
      context,
      freshness,
      catalog,
      ok: (data, account) => ({
        status: 'ok',
        data,
        receipt: receipt(data, account),
        ...(account.nextCursor === undefined ? {} : { nextCursor: account.nextCursor }),
      }),
      noData,
      notFound: ({ searched, suggestions, hidden }, account) =>
        hidden === undefined
          ? noData(searched, suggestions, account)
          : {
              status: 'denied',
              message: `${hidden} lies outside of what you may see. Ask an admin of Penny for access.`,
            },
    };
    return withoutSuchDays(call, () => work(call));
  });
}

/** A period that is understood but lies outside the data is an answer, not a mistake. */
async function withoutSuchDays(call: Call, work: () => Promise<ToolResult>): Promise<ToolResult> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof PennyError) || error.code !== 'period_unknown') throw error;
    const { reason, suggestions } = error.details ?? {};
    if (reason !== 'future' && reason !== 'outside_data' && reason !== 'data_stale') {
      return { status: 'error', code: error.code, message: error.message };
    }
    return call.noData(error.message, Array.isArray(suggestions) ? suggestions.map(String) : []);
  }
}

/** Nothing on the bill yet: said once and for all tools. */
export function nothingLoaded(call: Call): ToolResult | undefined {
  if (call.freshness.dataThrough !== null) return undefined;
  return call.noData(
    'No bill is loaded yet. Load one with "penny ingest billing FILE", or the demo with "penny demo".',
    [],
  );
}

const LISTED_ACCOUNTS = 5;

/** A narrower view is said with every number, so that nobody takes a part for the whole. */
function scopeNotes({ principal }: ToolContext, catalog: Catalog): string[] {
  const { scope } = principal;
  if (scope === 'all') return [];
  const names = scope.subAccountIds.map((id) => catalog.accounts.find((account) => account.id === id)?.name ?? id);
  const more = names.length > LISTED_ACCOUNTS ? [`${names.length - LISTED_ACCOUNTS} more accounts`] : [];
  const tags = scope.tags.map(({ key, value }) => `${key} = ${value}`);
  const parts = [...names.slice(0, LISTED_ACCOUNTS), ...more, ...tags];
  return [`Only what you may see is counted: ${parts.join(', ')}.`];
}

/** The same for statements that differ in spaces and letter case only. Values stand apart from the text and are not in it. */
export function fingerprint(sql: string): string {
  return hash(sql.replace(/\s+/g, ' ').trim().toLowerCase());
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

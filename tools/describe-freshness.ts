import { z } from 'zod';
import { currentLoads, type Load, reachBySource } from '../db/queries/loads.ts';
import { answerCall, type Call, nothingLoaded } from './call.ts';
import { count } from './cost-table.ts';
import { daysBetween } from './period/days.ts';
import { type Cell, type Column, defineTool, type Table, type ToolResult } from './tool.ts';

const input = z.object({});

/** How many loads are listed. */
const LISTED = 50;

export const describeFreshnessTool = defineTool({
  name: 'describe_freshness',
  title: 'Data freshness',
  description: `Says how far the stored bill reaches, when it was last loaded and from what. Use it for questions about how current, complete or final the data is.
Returns the facts data_from, data_through, days_behind, last_loaded_at, load_count and the tables "sources" (per provider and payer) and "loads".`,
  input,
  access: 'read',
  run: (context, given) => answerCall(context, { tool: 'describe_freshness', input: given }, answer),
});

async function answer(call: Call): Promise<ToolResult> {
  const nothing = nothingLoaded(call);
  if (nothing) return nothing;
  const { freshness, context } = call;
  const { dataFrom, dataThrough, lastLoadedAt } = freshness;
  const loads = await currentLoads(call.client, LISTED);
  const tables = [await sourceTable(call), loadTable(loads)];
  const behind = dataThrough === null ? null : daysBetween(dataThrough, context.now.toISOString().slice(0, 10));
  const facts: Record<string, Cell> = {
    data_from: { value: dataFrom, kind: 'date', unit: 'date' },
    data_through: { value: dataThrough, kind: 'date', unit: 'date' },
    days_behind: { value: behind === null ? null : Math.max(0, behind), kind: 'count', unit: 'count' },
    last_loaded_at: { value: instant(lastLoadedAt), kind: 'text', unit: null },
    load_count: count(loads.length),
  };
  const notes = freshness.invoiceOpen
    ? [`The bill that holds ${dataThrough} is not final: its last two days and late charges may still change.`]
    : [];
  const rowCount = tables.reduce((sum, { rows }) => sum + rows.length, 0);
  return call.ok({ facts, tables }, { notes, rowCount });
}

const text = (name: string): Column => ({ name, kind: 'text', unit: null });
const date = (name: string): Column => ({ name, kind: 'date', unit: 'date' });

async function sourceTable({ client, freshness, context }: Call): Promise<Table> {
  const reach = await reachBySource(client, context.principal.scope, freshness);
  return {
    name: 'sources',
    title: 'How far each bill reaches',
    columns: [
      text('service_provider_name'),
      text('billing_account_id'),
      text('billing_account_name'),
      date('data_from'),
      date('data_through'),
    ],
    rows: reach.map((one) => [
      one.provider,
      one.billingAccountId,
      one.billingAccountName,
      one.dataFrom,
      one.dataThrough,
    ]),
  };
}

function loadTable(loads: readonly Load[]): Table {
  return {
    name: 'loads',
    title: 'Loads in force, the newest first',
    columns: [
      text('load_id'),
      text('source'),
      text('origin'),
      date('first_billing_period'),
      date('last_billing_period'),
      { name: 'lines', kind: 'count', unit: 'count' },
      text('loaded_at'),
    ],
    rows: loads.map((load) => [
      load.loadId,
      load.sourceVersion === null ? load.sourceId : `${load.sourceId} ${load.sourceVersion}`,
      load.origin,
      load.firstBillingPeriod,
      load.lastBillingPeriod,
      Number(load.lines),
      instant(load.loadedAt),
    ]),
  };
}

const instant = (at: Date | null): string | null =>
  at === null ? null : `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;

import type pg from 'pg';
import type { AnomalyNews, Material } from '../analytics/insights/material.ts';
import { WRITER_VERSION, writeInsight } from '../analytics/insights/write.ts';
import type { Actor } from '../db/audit/record.ts';
import {
  type AnomalyRow,
  type Audience,
  audiencesOf,
  readAnomalies,
  readBudgetNews,
  readChange,
  readMonthForecast,
  readRecommendations,
  readSavings,
} from '../db/insights/material.ts';
import { storeInsight } from '../db/insights/store.ts';
import type { Bill } from '../db/queries/budgets.ts';
import type { DateRange } from '../db/queries/dimensions.ts';
import { daysBefore, describeFreshness, type Freshness } from '../db/queries/freshness.ts';
import type { Job } from './job.ts';
import { settledBy } from './track-savings.ts';

const ACTOR: Actor = { actorId: null, actor: 'write-insights', surface: 'job' };

/** The tag that says whose cost it is. */
const TEAM_TAG = 'team';
/** Of anomalies, the largest are told and the rest counted. */
const NAMED = 3;

/** Writes the summary of the last settled week for the organisation and for each team. */
export const writeInsightsJob: Job = {
  name: 'write-insights',
  title: 'Writes a summary of the last settled week for the organisation and each team.',
  // On Wednesdays the Sunday before is settled.
  schedule: '30 9 * * 3',
  timeoutMs: 30 * 60_000,
  retries: 2,
  afterLoads: true,
  run: async ({ db, dueAt, now, signal, transaction }) => {
    const freshness = await describeFreshness(db, signal);
    return transaction(async (client) => ({ rows: await writeInsights(client, freshness, dueAt, now) }));
  },
};

/** Returns how many summaries were written of the last week that is settled on a day. */
export async function writeInsights(client: pg.ClientBase, freshness: Freshness, at: Date, now: Date): Promise<number> {
  const { dataThrough, dataFrom, currencies } = freshness;
  if (dataThrough === null || dataFrom === null) return 0;
  const week = lastWeek(settledBy(dataThrough, at));
  const currency = currencies[0] ?? 'XXX';
  const bill = { freshness, scope: 'all' as const };
  const audiences = freshness.allocationKeys.has(TEAM_TAG)
    ? await audiencesOf(client, TEAM_TAG, week)
    : [{ name: 'the organisation', dimensions: {} }];
  let written = 0;
  for (const audience of audiences) if (await writeOne(client, audience, { week, currency, bill, now })) written++;
  return written;
}

/** Returns the last whole week, Monday to Sunday, before a day. */
export function lastWeek(end: string): DateRange {
  const sinceMonday = (new Date(end).getUTCDay() + 6) % 7;
  const monday = daysBefore(end, sinceMonday);
  return { start: daysBefore(monday, 7), end: monday };
}

async function writeOne(
  client: pg.ClientBase,
  audience: Audience,
  { week, currency, bill, now }: { week: DateRange; currency: string; bill: Bill; now: Date },
): Promise<boolean> {
  const change = await readChange(client, audience, week, currency, bill);
  if (change === null) return false;
  const anomalies = await readAnomalies(client, audience, week, currency);
  const material: Material = {
    ...{ audience: audience.name, currency, week, cost: change.cost, drivers: change.drivers },
    anomalies: anomalies.slice(0, NAMED).map(toNews),
    anomalyCount: anomalies.length,
    anomaliesToJudge: anomalies.filter(({ isJudged }) => !isJudged).length,
    savings: await readSavings(client, audience, week, currency),
    recommendations: await readRecommendations(client, audience, currency),
    budgets: await readBudgetNews(client, audience, week, currency),
    forecast: await readMonthForecast(client, audience, currency, bill),
  };
  const { title, text, data } = writeInsight(material);
  const receipts = [
    {
      ...{
        tool: 'write_insights',
        arguments: { ...audience, week },
        sql: change.sql,
        period: week,
        version: WRITER_VERSION,
      },
      ...{ costBasis: 'effective_cost', credits: 'excluded', dataThrough: bill.freshness.dataThrough },
    },
  ];
  await storeInsight(client, { audience, week, title, text, answer: { ...data, receipts } }, { actor: ACTOR, now });
  return true;
}

function toNews({ anomalyId, dimensions, direction, startDate, isOpen, impact, cause }: AnomalyRow): AnomalyNews {
  const subject = Object.values(dimensions).join(', ') || 'Everything';
  return { anomalyId, subject, direction, startDate, isOpen, impact, cause: causeOf(cause) };
}

/** The deepest value that detection names as what drove it. */
function causeOf(cause: Record<string, unknown> | null): string | null {
  const named: unknown[] = Array.isArray(cause?.named) ? cause.named : [];
  const last = named.at(-1);
  if (last === null || typeof last !== 'object') return null;
  const { name, value } = last as { name?: unknown; value?: unknown };
  return typeof name === 'string' && name !== '' ? name : typeof value === 'string' ? value : null;
}

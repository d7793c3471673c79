import { type Command, InvalidArgumentError } from 'commander';
import { identify } from '../agent/identify.ts';
import { addDecimals } from '../analytics/money.ts';
import { CHECKS, COMMITMENT_CHECKS } from '../analytics/rightsizing/registry.ts';
import { migrateDatabase } from '../db/migrate.ts';
import { openDatabase } from '../db/open.ts';
import {
  type CheckRunRow,
  listCheckRuns,
  listRecommendations,
  type Recommendation,
  type RecommendationList,
} from '../db/queries/recommendations.ts';
import { RECOMMENDATION_STATES } from '../db/schema/recommendations.ts';
import { inTransaction } from '../db/transaction.ts';
import { PennyError } from '../errors.ts';
import { prepareChecks, recommendChanges } from '../jobs/recommend-changes.ts';
import { formatCell } from '../tools/format.ts';
import { shownNumber } from '../tools/recommendation-words.ts';
import { alignRows } from './align.ts';
import { action } from './context.ts';
import { progressDisplay } from './progress.ts';

interface Flags {
  check?: string;
  explain?: number;
  limit: number;
}

export function registerRecommend(program: Command): void {
  program
    .command('recommend')
    .description('runs the checks now and lists what would save money, with evidence, rule and estimate')
    .option('--check <id>', 'what this check found, with those that overlap a larger saving', checkOption)
    .option(
      '--explain <number>',
      'one recommendation: what was measured, by which rule, and what it would save',
      wholeOption,
    )
    .option('--limit <rows>', 'how many rows', wholeOption, 40)
    .action(
      action<[Flags]>(async ({ config, log, now, print, json, signal }, flags) => {
        const database = await openDatabase(config, log);
        const display = progressDisplay({ silent: json });
        try {
          const { db } = database;
          await migrateDatabase(database.url);
          await prepareChecks(db, config);
          const { userId, email } = await identify(db, { platform: 'local' });
          const actor = { actorId: userId, actor: email, surface: 'cli' as const };
          const onProgress = (done: number) => display.show({ done, text: 'resources looked at' });
          await inTransaction(db, (client) =>
            recommendChanges(client, { config, db, now: now(), actor, signal, onProgress }),
          );
          display.end();
          if (flags.explain !== undefined) {
            const { recommendations } = await listRecommendations(db.pool, one(flags.explain));
            const [found] = recommendations;
            if (found === undefined) throw new PennyError('not_found', `There is no recommendation ${flags.explain}.`);
            print(found, renderOne(found));
          } else {
            const lists = await Promise.all(
              (['usage', 'rate'] as const).map((kind) =>
                listRecommendations(db.pool, { ...requestOf(flags, json), kind }),
              ),
            );
            const runs = await listCheckRuns(db.pool);
            const document = {
              totals: lists.flatMap(({ totals }) => totals),
              byCheck: lists.flatMap(({ byCheck }) => byCheck),
              recommendations: lists.flatMap(({ recommendations }) => recommendations),
              checks: runs,
            };
            print(document, renderLists(lists, runs, flags));
          }
        } finally {
          await database.close();
        }
      }),
    );
}

function checkOption(text: string): string {
  const ids = [...CHECKS, ...COMMITMENT_CHECKS].map(({ id }) => id);
  if (!ids.some((id) => id === text)) throw new InvalidArgumentError(`The checks are ${ids.join(', ')}.`);
  return text;
}

function wholeOption(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1)
    throw new InvalidArgumentError('It must be a whole number from 1 on.');
  return number;
}

const one = (recommendationId: number) => ({
  recommendationId,
  states: RECOMMENDATION_STATES,
  withAlternatives: true,
  limit: 1,
});

/** One JSON document holds everything; a table for people holds the largest. */
const requestOf = ({ check, limit }: Flags, json: boolean) => ({
  states: ['open', 'accepted', 'regressed'] as const,
  withAlternatives: check !== undefined,
  limit: json ? 1_000_000 : limit,
  ...(check === undefined ? {} : { checkIds: [check] }),
});

const money = (amount: string | null, currency: string): string => formatCell(amount, 'money', currency);

const HEAD = [
  'number',
  'check',
  'resource',
  'account',
  'region',
  'what',
  'saves a month',
  'at list price',
  'risk',
  'state',
];
const NUMERIC = HEAD.map((name) => ['number', 'saves a month', 'at list price'].includes(name));

/** Returns what was found as tables for people, with what it comes to and what could not be judged. */
export function renderLists(
  lists: readonly RecommendationList[],
  runs: readonly CheckRunRow[],
  { check }: Pick<Flags, 'check'>,
): string {
  const shown = lists.filter(({ totals }) => totals.length > 0).map(renderList);
  const unknown = unknownLines(runs.filter(({ checkId }) => check === undefined || checkId === check));
  return [shown.length === 0 ? 'Nothing to recommend.' : shown.join('\n\n'), ...unknown].join('\n');
}

function renderList({ totals, recommendations }: RecommendationList): string {
  const counted = recommendations.filter(({ alternativeTo }) => alternativeTo === null).length;
  const left = totals.reduce((sum, { count }) => sum + count, 0) - counted;
  return [
    ...(recommendations.length === 0 ? [] : alignRows(HEAD, recommendations.map(toCells), NUMERIC)),
    ...(left > 0 ? [`... and ${left} more (--limit)`] : []),
    '',
    ...totals.map(totalLine),
  ].join('\n');
}

function toCells(found: Recommendation): string[] {
  return [
    String(found.recommendationId),
    found.checkId,
    found.resourceName ?? found.subject,
    found.accountName ?? found.subAccountId ?? '',
    found.regionId ?? '',
    found.alternativeTo === null ? found.title : `${found.title} (instead of ${found.alternativeTo})`,
    money(found.estimatedMonthlySavings, found.currency),
    money(found.listMonthlySavings, found.currency),
    found.risk,
    found.isProtected ? `${found.state}, protected` : found.state,
  ];
}

function totalLine(total: RecommendationList['totals'][number]): string {
  const { currency, kind, count, estimatedMonthlySavings, coveredMonthlySavings, alternatives } = total;
  const about =
    kind === 'usage' ? '' : ' about commitments, which cover what use is left: not to be added to the others';
  const covered =
    Number(coveredMonthlySavings) > 0
      ? ` Commitments pay for ${money(coveredMonthlySavings, currency)} of that, saved only when something else uses them.`
      : '';
  const more = alternatives > 0 ? ` ${alternatives} more overlap with larger ones and are not added.` : '';
  return `${count} recommendations${about}: ${money(estimatedMonthlySavings, currency)} a month.${covered}${more}`;
}

function unknownLines(runs: readonly CheckRunRow[]): string[] {
  const lines = runs
    .filter(({ unknown }) => unknown > 0)
    .map(({ checkId, unknown, missing }) => {
      const [most] = Object.entries(missing).sort(([, left], [, right]) => right - left);
      return `  ${checkId.padEnd(24)} ${String(unknown).padStart(5)}  missing for most: ${most?.[0] ?? 'data'}`;
    });
  return lines.length === 0 ? [] : ['', 'Could not be judged:', ...lines];
}

interface StoredEvidence {
  measured: { what: string; value: number | string; unit: string | null; limit?: number | string }[];
  rule: string;
  notes: string[];
  parts: { resourceId: string | null; why: string; monthly: string; listMonthly: string | null }[];
}

/** Everything about one recommendation, for people. */
export function renderOne(found: Recommendation): string {
  const { measured, rule, notes, parts } = found.evidence as unknown as StoredEvidence;
  const saves = money(found.estimatedMonthlySavings, found.currency);
  const facts: [string, string | null][] = [
    ['resource', [found.resourceName, found.subject].filter((text) => text !== null).join(', ')],
    [
      'where',
      [found.accountName ?? found.subAccountId, found.regionId].filter((text) => text !== null).join(', ') || null,
    ],
    ['owner', [found.owner, found.environment].filter((text) => text !== null).join(', ') || null],
    [
      'state',
      `${found.state}${found.isProtected ? ', protected by a tag' : ''}, found ${day(found.foundAt)}, last ${day(found.lastFoundAt)}`,
    ],
    ['decision', found.decisionReason],
    ['saves', `${saves} a month; ${money(found.listMonthlySavings, found.currency)} at list prices`],
    ['basis', found.basis],
    ['rule', `${rule} (${found.checkId} version ${found.checkVersion})`],
    ['risk', `${found.risk}; effort ${found.effort}`],
    [
      'instead of',
      found.alternativeTo === null ? null : `overlaps with ${found.alternativeTo}, which saves more and is counted`,
    ],
    ['alternatives', found.alternatives.length === 0 ? null : found.alternatives.join(', ')],
    ['closed', found.closedReason],
  ];
  return [
    `${found.recommendationId}  ${found.title}`,
    ...facts.flatMap(([name, text]) => (text === null ? [] : [`  ${name.padEnd(13)}${text}`])),
    '  measured',
    ...measured.map(
      ({ what, value, unit, limit }) =>
        `    ${what}: ${shownNumber(value)}${unit === null ? '' : ` ${unit}`}${limit === undefined ? '' : ` (limit ${shownNumber(limit)})`}`,
    ),
    ...(parts.length === 0 ? [] : ['  saved charges']),
    ...partLines(parts, found.currency),
    ...notes.map((note) => `  ${note}`),
  ].join('\n');
}

/** Of more resources alike than this, such as the tasks of a service, the sum is shown and the JSON has each. */
const EACH_UP_TO = 3;

function partLines(parts: StoredEvidence['parts'], currency: string): string[] {
  const alike = new Map<string, StoredEvidence['parts']>();
  for (const part of parts) alike.set(part.why, [...(alike.get(part.why) ?? []), part]);
  return [...alike].flatMap(([why, several]) => {
    const shown =
      several.length > EACH_UP_TO ? [{ resourceId: `${several.length} resources`, monthly: sumOf(several) }] : several;
    return shown.map(
      ({ resourceId, monthly }) =>
        `    ${resourceId === null ? '' : `${resourceId}: `}${why}, ${money(monthly, currency)} a month`,
    );
  });
}

const sumOf = (parts: StoredEvidence['parts']): string => addDecimals(...parts.map(({ monthly }) => monthly));

const day = (instant: Date): string => instant.toISOString().slice(0, 10);

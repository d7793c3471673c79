import type pg from 'pg';
import { askedKind, kindOfAction, kindOfChange } from '../analytics/savings/asked-for.ts';
import type { DayCharge } from '../analytics/savings/charges.ts';
import { addDays, earliest, latest } from '../analytics/savings/days.ts';
import { CHANGE_KINDS, type ChangeKind, leverOf } from '../analytics/savings/levers.ts';
import { locateChange } from '../analytics/savings/locate.ts';
import { type Bounds, type Tracked, track } from '../analytics/savings/measure.ts';
import { SETTINGS } from '../analytics/savings/settings.ts';
import type { Actor } from '../db/audit/record.ts';
import { describeFreshness } from '../db/queries/freshness.ts';
import { appliedRemediations, changesWithAdvice } from '../db/savings/asked-for.ts';
import { chargesOfSavings, idleOfCommitments, type SavingCharge } from '../db/savings/charges.ts';
import { type DueSaving, dueSavings } from '../db/savings/due.ts';
import { type NewSaving, recordSaving } from '../db/savings/record.ts';
import { type SavingFound, storeSaving } from '../db/savings/store.ts';
import type { Job, RunContext } from './job.ts';

const ACTOR: Actor = { actorId: null, actor: 'track-savings', surface: 'job' };

/** How far back changes are taken up that an inventory saw. */
const CHANGES_DAYS = 60;

/** Records the changes that recommendations asked for, and measures on the bill what changes saved. */
export const trackSavingsJob: Job = {
  name: 'track-savings',
  title: 'Measures on the bill what changes saved, and whether they still do.',
  schedule: '50 8 * * *',
  timeoutMs: 30 * 60_000,
  retries: 2,
  afterLoads: true,
  run: async ({ db, dueAt, now, signal, transaction }: RunContext) => {
    const { dataThrough, dataFrom } = await describeFreshness(db, signal);
    if (dataThrough === null || dataFrom === null) return { rows: 0 };
    const settledEnd = settledBy(dataThrough, dueAt);
    return transaction(async (client) => {
      const recorded = await recordChanges(client, dueAt, now);
      const measured = await measureSavings(client, { settledEnd, dataFrom, now });
      return { rows: recorded + measured };
    });
  },
};

/** Returns the first day that may still change on a bill that reaches a day, as seen on another day. */
export function settledBy(dataThrough: string, at: Date): string {
  return addDays(earliest(addDays(dataThrough, 1), at.toISOString().slice(0, 10)), -SETTINGS.unsettledDays);
}

/** Records each change of the last weeks that Penny made, or that does what a recommendation asked for, and returns how many. */
export async function recordChanges(client: pg.ClientBase, at: Date, now: Date): Promise<number> {
  const since = new Date(at.getTime() - CHANGES_DAYS * 86_400_000);
  let recorded = 0;
  for (const saving of [...(await ownChanges(client, since)), ...(await seenChanges(client, since))]) {
    // Of several recommendations that asked for it, the first one has it.
    if ((await recordSaving(client, saving, { actor: ACTOR, now })) !== null) recorded++;
  }
  return recorded;
}

async function ownChanges(client: pg.ClientBase, since: Date): Promise<NewSaving[]> {
  return (await appliedRemediations(client, since)).flatMap(({ action, resourceId, appliedAt, ...applied }) => {
    const kind = kindOfAction(action);
    if (kind === undefined) return [];
    const changeDate = appliedAt.toISOString().slice(0, 10);
    return [
      { ...applied, kind, subject: resourceId, resourceId, changeDate, changeId: null, origin: 'penny' as const },
    ];
  });
}

async function seenChanges(client: pg.ClientBase, since: Date): Promise<NewSaving[]> {
  return (await changesWithAdvice(client, since)).flatMap(({ change, action, observedAt, resourceId, ...seen }) => {
    const done = kindOfChange(change);
    const kind = done === null ? undefined : askedKind(String(action.action ?? ''), done);
    if (kind === undefined) return [];
    const changeDate = observedAt.toISOString().slice(0, 10);
    return [{ ...seen, kind, subject: resourceId, resourceId, changeDate, origin: 'outside' as const }];
  });
}

/** Measures what is due by the bill up to `settledEnd`, and returns how many savings that were. */
export async function measureSavings(
  client: pg.ClientBase,
  { settledEnd, dataFrom, now }: { settledEnd: string; dataFrom: string; now: Date },
): Promise<number> {
  const due = await dueSavings(client, settledEnd, dataFrom);
  const ids = due.map(({ savingId }) => savingId);
  const charges = bySaving(await chargesOfSavings(client, ids, settledEnd));
  for (const saving of due) {
    const found = await measureOne(client, saving, charges.get(saving.savingId) ?? [], settledEnd);
    await storeSaving(client, saving, found, { actor: ACTOR, now });
  }
  return due.length;
}

function bySaving(charges: readonly SavingCharge[]): Map<number, SavingCharge[]> {
  const grouped = new Map<number, SavingCharge[]>();
  for (const charge of charges) {
    const known = grouped.get(charge.savingId);
    if (known === undefined) grouped.set(charge.savingId, [charge]);
    else known.push(charge);
  }
  return grouped;
}

async function measureOne(
  client: pg.ClientBase,
  saving: DueSaving,
  charges: readonly SavingCharge[],
  settledEnd: string,
): Promise<SavingFound> {
  const kind = toKind(saving.kind);
  const date = saving.noticedOn === null ? saving.changeDate : dateOnBill(kind, charges, saving.noticedOn);
  const about = { settledEnd, noticedOn: saving.noticedOn, version: SETTINGS.version };
  const foreign = charges.find(({ currency }) => currency !== saving.currency);
  if (foreign !== undefined) {
    return unmeasurable(date, `The bill has charges of it in ${foreign.currency} besides ${saving.currency}.`, about);
  }
  const bounds: Bounds = {
    notBefore: latest(saving.billedFrom, saving.changedBefore ?? saving.billedFrom),
    changedAgainOn: saving.changedAgainOn ?? undefined,
    settledEnd,
  };
  const change = { kind, date };
  const alone = track(change, charges, bounds);
  const tracked = await lessIdle(client, alone, charges, (idle) => track(change, charges, bounds, idle));
  return toFound(tracked, date, about);
}

/** Where commitments paid for what is gone, what of them lies idle since counts against the saving. */
async function lessIdle(
  client: pg.ClientBase,
  alone: Tracked,
  charges: readonly SavingCharge[],
  again: (idle: Awaited<ReturnType<typeof idleOfCommitments>>) => Tracked,
): Promise<Tracked> {
  if (!('measured' in alone) || Number(alone.freedPerDay) === 0) return alone;
  const { baseline, measured } = alone.measured;
  const before = charges.filter(({ day }) => day >= baseline.start && day < baseline.end);
  const commitmentIds = [...new Set(before.flatMap((charge) => charge.commitmentIds))];
  return again(await idleOfCommitments(client, commitmentIds, baseline, measured));
}

function dateOnBill(kind: ChangeKind, charges: readonly DayCharge[], noticedOn: string): string {
  const lever = leverOf(
    kind,
    charges.map(({ usageType }) => usageType),
  );
  const touched = charges.filter(({ usageType }) => lever.touches(usageType));
  const costs = new Map<string, number>();
  for (const { day, effectiveCost } of touched) costs.set(day, (costs.get(day) ?? 0) + Number(effectiveCost));
  return locateChange((day) => costs.get(day) ?? 0, noticedOn);
}

function toKind(text: string): ChangeKind {
  const kind = CHANGE_KINDS.find((known) => known === text);
  if (kind === undefined) throw new Error(`A saving of the unknown kind '${text}'`);
  return kind;
}

const UNKNOWN = { realizedSavings: null, confidence: null, baseline: null, measured: null, holdingChecks: [] };

function unmeasurable(changeDate: string, basis: string, measurement: Record<string, unknown>): SavingFound {
  return { ...UNKNOWN, state: 'unmeasurable', changeDate, basis, measurement };
}

function toFound(tracked: Tracked, changeDate: string, about: Record<string, unknown>): SavingFound {
  if (tracked.state === 'unmeasurable') return unmeasurable(changeDate, tracked.reason, about);
  if (tracked.state === 'waiting') return { ...UNKNOWN, state: 'waiting', changeDate, basis: null, measurement: about };
  const { state, measured: result, checks, newest, regressedOn } = tracked;
  const { monthlySavings, confidence, basis, baseline, measured, ...numbers } = result;
  return {
    ...{ state, changeDate, realizedSavings: monthlySavings, confidence, basis, baseline, measured },
    measurement: { ...about, ...numbers, newest, regressedOn },
    holdingChecks: checks.map((check) => ({ ...check })),
  };
}

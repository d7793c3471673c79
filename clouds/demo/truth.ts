import { type Duck, loadTable } from './duck.ts';
import type { Estate } from './estate.ts';
import { PART } from './lines.ts';
import type { Owner } from './nouns.ts';
import { productName } from './tables.ts';
import type { ChangeTruth, EventTruth, MonthTotal, Place, RemediationTruth, Truth, WasteTruth } from './truth-shape.ts';

type Kind = 'waste' | 'event' | 'change' | 'remediation';

/** Loads which streams each planted item is made of; then call `keepTruth` for every span of charges. */
export async function prepareTruth(duck: Duck, estate: Estate): Promise<void> {
  const items: [Kind, number[][]][] = [
    ['waste', estate.waste.map((one) => one.streams)],
    ['event', estate.events.map((one) => [...one.effects.map(({ stream }) => stream), ...one.born])],
    ['change', estate.changes.map((one) => one.streams)],
    ['remediation', estate.remediations.map((one) => one.streams)],
  ];
  await loadTable(
    duck,
    'planted',
    { kind: 'VARCHAR', item: 'INTEGER', stream: 'INTEGER' },
    (function* () {
      for (const [kind, lists] of items)
        for (const [item, list] of lists.entries()) for (const stream of list) yield [kind, item, stream];
    })(),
  );
  const commitments = estate.changes.flatMap(({ plan }, item) => (plan === undefined ? [] : [[item, plan]]));
  await loadTable(duck, 'planted_plans', { item: 'INTEGER', plan: 'INTEGER' }, commitments);
  await duck.run(`create table month_sums (month integer, product varchar, day integer, part integer, tagged boolean, lines bigint, unblended decimal(38,10), list decimal(38,10), effective decimal(38,10));
    create table item_days (kind varchar, item integer, day integer, list decimal(38,10), effective decimal(38,10), impact decimal(38,10))`);
}

/** Adds the charges of a span to the sums the truth is made of. */
export async function keepTruth(duck: Duck, estate: Estate): Promise<void> {
  const { firstDay, endDay } = estate.calendar.lastFullMonth;
  await duck.run(`insert into month_sums
    select d.month, k.product, c.day, c.part, coalesce(json_exists(t.tags, '$.user_team') or json_exists(t.tags, '$.user_Team'), false),
      count(*), sum(unblended), sum(list), sum(effective)
    from charges c join days d using (day) join streams s using (stream) join skus k using (sku) left join tag_sets t using (tag_set) group by all`);
  await duck.run(`insert into month_sums
    select d.month, null, d.day, ${PART.pod}, null, count(*), 0, 0, 0 from pod_charges join days d using (day) group by all`);
  await duck.run(`insert into item_days
    select p.kind, p.item, c.day, sum(c.list), sum(c.effective),
      sum(case when p.kind = 'event' and c.event = p.item then round(c.effective::double * (1 - c.plain_part), 10)::decimal(18,10) else 0 end)
    from charges c join planted p using (stream)
    where p.kind <> 'waste' or (c.day >= ${firstDay} and c.day < ${endDay}) group by all`);
  await duck.run(`insert into item_days select 'change', p.item, c.day, sum(c.list), sum(c.effective), 0
    from charges c join planted_plans p using (plan) where c.part = ${PART.covered} group by all`);
}

/** Sums up what was kept. */
export async function makeTruth(duck: Duck, estate: Estate, seed: number): Promise<Truth> {
  const { calendar, organisation } = estate;
  const totals = await monthTotals(duck);
  const waste = await wasteOf(duck, estate);
  const month = totals.find((one) => one.month === calendar.lastFullMonth.id);
  const [sums = { cost: '0', saving: '0' }] = await duck.rows<{ cost: string; saving: string }>(
    `select sum(cost::decimal(18,2))::varchar as cost, sum(saving::decimal(18,2))::varchar as saving from waste_sums`,
  );
  const events = await eventsOf(duck, estate);
  return {
    estate: {
      ...{ seed, months: calendar.months.length, scale: organisation.units.length },
      ...{ from: calendar.date(0), through: calendar.date(calendar.days - 1), payerAccountId: organisation.payer.id },
    },
    accounts: organisation.accounts.map(({ id, name, role }) => ({ accountId: id, name, role })),
    totals,
    services: await servicesOf(duck),
    changes60Days: await changes60Days(duck, calendar.days),
    wasteMonth: calendar.lastFullMonth.id,
    wasteTotal: {
      monthlyCost: sums.cost,
      expectedSaving: sums.saving,
      shareOfSpend: share(sums.saving, month?.amortized ?? '0'),
    },
    waste,
    decoys: estate.decoys,
    anomalies: events.filter((_, index) => estate.events[index]?.kind === 'anomaly').filter(happened),
    plannedEvents: events.filter((_, index) => estate.events[index]?.kind === 'planned'),
    changes: await changesOf(duck, estate),
    remediations: await remediationsOf(duck, estate),
    withoutUsage: estate.silent,
    untaggedShare: await untaggedShare(duck, estate),
  };
}

const happened = (event: EventTruth) => event.from < event.to && Number(event.actual) > 0;

function share(part: string, whole: string): number {
  return Math.round((Number(part) / Number(whole)) * 1e4) / 1e4;
}

function monthTotals(duck: Duck): Promise<MonthTotal[]> {
  const text = (sql: string) => `coalesce(${sql}, 0)::decimal(38,10)::varchar`;
  return duck.rows<MonthTotal>(`select m.id as month, sum(lines)::integer as lines, ${text('sum(unblended)')} as unblended,
      ${text(`sum(unblended) filter (part <> ${PART.credit})`)} as "unblendedWithoutCredits",
      ${text(`sum(effective) filter (part <> ${PART.credit})`)} as amortized, ${text('sum(list)')} as list,
      ${text(`sum(effective) filter (part = ${PART.credit})`)} as credits, ${text(`sum(effective) filter (part = ${PART.tax})`)} as tax,
      ${text(`sum(effective) filter (part in (${PART.planFee}, ${PART.reservationFee}))`)} as "unusedCommitments"
    from month_sums join months m using (month) group by m.id order by m.id`);
}

async function servicesOf(duck: Duck): Promise<Truth['services']> {
  const rows = await duck.rows<{
    productCode: string;
    month: string;
    amortized: string;
  }>(`select product as "productCode", m.id as month,
      sum(effective)::varchar as amortized from month_sums join months m using (month)
    where part <> ${PART.credit} and product is not null group by all order by product, month`);
  return rows.map((row) => ({ service: productName(row.productCode), ...row }));
}

async function changes60Days(duck: Duck, days: number): Promise<Truth['changes60Days']> {
  const rows = await duck.rows<{ product: string; current: string; previous: string; change: string }>(`with sums as (
      select product, coalesce(sum(effective) filter (day >= ${days - 60}), 0) as current, coalesce(sum(effective) filter (day < ${days - 60}), 0) as previous
      from month_sums where part <> ${PART.credit} and product is not null and day >= ${days - 120} group by all
    )
    select product, current::varchar as current, previous::varchar as previous, (current - previous)::varchar as change
    from sums order by sums.current - sums.previous desc, product`);
  return rows.map(({ product, ...row }) => ({ service: productName(product), ...row }));
}

function placeOf(owner: Owner): Place {
  return { accountId: owner.account.id, region: owner.region, application: owner.application };
}

async function wasteOf(duck: Duck, estate: Estate): Promise<WasteTruth[]> {
  await loadTable(
    duck,
    'saved_shares',
    { item: 'INTEGER', saved: 'DOUBLE' },
    estate.waste.map((one, index) => [index, one.savedShare]),
  );
  await duck.run(`create table waste_sums as
    select item, sum(effective)::decimal(18,2)::varchar as cost, sum(list)::decimal(18,2)::varchar as list,
      round(sum(effective)::double * any_value(saved), 2)::decimal(18,2)::varchar as saving,
      round(sum(list)::double * any_value(saved), 2)::decimal(18,2)::varchar as list_saving
    from item_days join saved_shares using (item) where kind = 'waste' group by item`);
  const rows = await duck.rows<{ item: number; cost: string; list: string; saving: string; list_saving: string }>(
    'select * from waste_sums order by item',
  );
  const sums = new Map(rows.map((row) => [row.item, row]));
  return estate.waste.map((one, index) => ({
    check: one.check,
    resourceId: one.resourceId,
    billedResourceIds: [...new Set(one.streams.map((stream) => estate.streams[stream]?.resourceId ?? ''))],
    ...placeOf(one.owner),
    monthlyCost: sums.get(index)?.cost ?? '0',
    monthlyListCost: sums.get(index)?.list ?? '0',
    expectedSaving: sums.get(index)?.saving ?? '0',
    expectedListSaving: sums.get(index)?.list_saving ?? '0',
    reason: one.reason,
    ...(one.target ? { target: one.target } : {}),
    evidence: one.evidence,
  }));
}

async function eventsOf(duck: Duck, estate: Estate): Promise<EventTruth[]> {
  const bounds = await loadBounds(
    duck,
    'event_bounds',
    estate.events.map((one) => [one.fromDay, one.toDay]),
  );
  const rows = await duck.rows<{
    item: number;
    actual: string;
    expected: string;
    impact: string;
  }>(`select item, sum(effective)::decimal(18,2)::varchar as actual,
      (sum(effective) - sum(impact))::decimal(18,2)::varchar as expected, sum(impact)::decimal(18,2)::varchar as impact
    from item_days join ${bounds} using (item) where kind = 'event' and day >= low and day < high group by item`);
  const sums = new Map(rows.map((row) => [row.item, row]));
  return estate.events.map(({ id, shape, fromDay, toDay, dimensions, reason }, index) => ({
    ...{
      id,
      shape,
      from: estate.calendar.date(Math.max(0, fromDay)),
      to: estate.calendar.date(Math.max(0, toDay)),
      dimensions,
      reason,
    },
    actual: sums.get(index)?.actual ?? '0',
    expected: sums.get(index)?.expected ?? '0',
    impact: sums.get(index)?.impact ?? '0',
  }));
}

async function loadBounds(duck: Duck, name: string, bounds: [number, number][]): Promise<string> {
  await loadTable(
    duck,
    name,
    { item: 'INTEGER', low: 'INTEGER', high: 'INTEGER' },
    bounds.map(([low, high], item) => [item, low, high]),
  );
  return name;
}

/** Average cost a day over the 28 days before a day and over those since `sinceDays` after it, up to `until`. */
async function beforeAndAfter(duck: Duck, kind: Kind, bounds: string, longest: number) {
  const rows = await duck.rows<
    Record<'before' | 'after' | 'listBefore' | 'listAfter' | 'saved' | 'monthly', string> & { item: number }
  >(`with spans as (
      select *, greatest(0, low - 28) as since, least(high, low + ${longest}) as until from ${bounds} where low > 0
    ),
    sums as (
      select s.item, coalesce(sum(effective) filter (day < low), 0)::double / any_value(low - since) as before,
        coalesce(sum(effective) filter (day >= low), 0)::double / any_value(until - low) as after, any_value(until - low) as days,
        coalesce(sum(list) filter (day < low), 0)::double / any_value(low - since) as list_before,
        coalesce(sum(list) filter (day >= low), 0)::double / any_value(until - low) as list_after
      from spans s left join item_days i on i.kind = '${kind}' and i.item = s.item and i.day >= s.since and i.day < s.until group by s.item
    )
    select item, round(before, 2)::decimal(18,2)::varchar as before, round(after, 2)::decimal(18,2)::varchar as after,
      round(list_before, 2)::decimal(18,2)::varchar as "listBefore", round(list_after, 2)::decimal(18,2)::varchar as "listAfter",
      round((before - after) * days, 2)::decimal(18,2)::varchar as saved, round((before - after) * 30.4, 2)::decimal(18,2)::varchar as monthly
    from sums`);
  return new Map(rows.map((row) => [row.item, row]));
}

async function changesOf(duck: Duck, estate: Estate): Promise<ChangeTruth[]> {
  const { calendar } = estate;
  const bounds = await loadBounds(
    duck,
    'change_bounds',
    estate.changes.map((one) => [one.day, calendar.days]),
  );
  const sums = await beforeAndAfter(duck, 'change', bounds, 28);
  return estate.changes.flatMap(({ id, kind, day, dimensions, reason }, index) => {
    const sum = sums.get(index);
    return sum ? [{ id, kind, date: calendar.date(day), dimensions, ...pick(sum), reason }] : [];
  });
}

function pick({
  before,
  after,
  listBefore,
  listAfter,
}: Record<'before' | 'after' | 'listBefore' | 'listAfter', string>) {
  return { before, after, listBefore, listAfter };
}

async function remediationsOf(duck: Duck, estate: Estate): Promise<RemediationTruth[]> {
  const { calendar } = estate;
  const bounds = await loadBounds(
    duck,
    'remediation_bounds',
    estate.remediations.map((one) => [one.day, one.revertedDay ?? calendar.days]),
  );
  const sums = await beforeAndAfter(duck, 'remediation', bounds, calendar.days);
  return estate.remediations.flatMap((one, index) => {
    const sum = sums.get(index);
    if (!sum) return [];
    return [
      {
        ...{ action: one.action, date: calendar.date(one.day), ...placeOf(one.owner), resourceIds: one.resourceIds },
        ...{
          dailyCostBefore: sum.before,
          dailyCostAfter: sum.after,
          realizedMonthlySavings: sum.monthly,
          realizedSavings: sum.saved,
        },
        ...(one.revertedDay === undefined ? {} : { revertedOn: calendar.date(one.revertedDay) }),
        reason: one.reason,
      },
    ];
  });
}

async function untaggedShare(duck: Duck, estate: Estate): Promise<number> {
  const month = estate.calendar.months.indexOf(estate.calendar.lastFullMonth);
  const [row] = await duck.rows<{
    share: number;
  }>(`select (sum(effective) filter (not tagged))::double / sum(effective)::double as share
    from month_sums where month = ${month} and part <= ${PART.discounted}`);
  return Math.round((row?.share ?? 0) * 1e4) / 1e4;
}

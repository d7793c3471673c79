import type { Duck } from './duck.ts';
import type { Estate } from './estate.ts';

/** What a row of `charges` is; the number also orders the charges of a stream and day. */
export const PART = {
  usage: 0,
  /** Usage a Savings Plan covers, and the line that takes its on-demand cost off again. */
  covered: 1,
  negation: 2,
  /** Usage a reservation covers. */
  discounted: 3,
  planFee: 4,
  reservationFee: 5,
  upfront: 6,
  fee: 7,
  credit: 8,
  refund: 9,
  tax: 10,
  /** A pod's share of its node, in `pod_charges`. */
  pod: 11,
  support: 12,
} as const;

/** Months made together, first and last included. */
export interface Span {
  first: number;
  last: number;
}

const MONEY = 'decimal(18,10)';
const ZERO = `0::${MONEY}`;

/**
 * Makes the charges of some billing months from the plan: table `charges`, and table `pod_charges`. Every charge carries its unblended, list and effective cost as this code means them, which is how the truth
 * is summed; the bill's own columns are written from them later.
 */
export async function makeCharges(duck: Duck, estate: Estate, span: Span): Promise<void> {
  await makeUsage(duck, span);
  await makeCoverage(duck, span);
  await makeDailyCharges(duck, span);
  await makeMonthlyCharges(duck, span);
  await makeSupport(duck, estate, span);
  await makeTax(duck);
  await makePods(duck);
  for (const table of ['usage', 'coverage']) await duck.run(`drop table ${table}`);
}

const months = (span: Span) => `between ${span.first} and ${span.last}`;

/**
 * Quantities a stream and day: what is planned, growth and rhythm, noise, events. `plain_part` is the part of the quantity
 * there would be without the event; `reserved_rate` the amortized price where a reservation covers it.
 */
async function makeUsage(duck: Duck, span: Span): Promise<void> {
  await duck.run(`create or replace table usage as
    with base as (
      select s.stream, d.day, d.month, s.sku, e.event, k.price, k.compute_discount, k.family_discount, k.instance_family, k.region,
        r.reservation, r.hourly + r.amortized as reserved_rate, coalesce(e.factor, 1) as factor, coalesce(e.born, false) as born,
        s.quantity / case when k.monthly then m.days else 1 end * c.factor * (1 + s.noise * wobble(s.stream, d.day)) as plain
      from days d
      join months m using (month)
      join curve_days c using (day)
      join streams s on s.curve = c.curve and d.day >= s.from_day and d.day < s.to_day
      join skus k using (sku)
      left join effects e on e.stream = s.stream and e.day = d.day
      left join reservations r on r.reservation = s.reservation and d.day >= r.from_day and d.day < r.to_day
      where d.month ${months(span)} and s.quantity > 0
    )
    select * exclude (plain, factor, born), round(plain * factor, 6)::decimal(18,6) as quantity,
      case when event is null then null when born then 0 else 1 / factor end as plain_part
    from base where round(plain * factor, 6) > 0`);
}

/**
 * Spends the Savings Plans day by day as AWS does: plans for one family first, then the general ones, and within each the
 * usage with the highest discount first, until the commitment is used up. A commitment is spent to the last digit.
 */
async function makeCoverage(duck: Duck, span: Span): Promise<void> {
  await duck.run(
    `create or replace table coverage (stream integer, day integer, plan integer, quantity decimal(18,6), spent ${MONEY})`,
  );
  await spend(
    duck,
    span,
    'family_discount',
    'p.family is not null',
    'u.instance_family = b.family and u.region = b.region',
  );
  await spend(duck, span, 'compute_discount', 'p.family is null', 'true');
}

async function spend(duck: Duck, span: Span, discount: string, which: string, match: string): Promise<void> {
  await duck.run(`insert into coverage
    with budgets as (
      select p.plan, p.family, p.region, d.day, sum(p.hourly * 24) over days_plans - p.hourly * 24 as low, sum(p.hourly * 24) over days_plans as high
      from plans p join days d on d.day >= p.from_day and d.day < p.to_day
      where d.month ${months(span)} and ${which}
      window days_plans as (partition by d.day order by p.plan)
    ),
    taken as (select stream, day, sum(quantity) as quantity from coverage group by all),
    eligible as (
      select u.stream, u.day, u.${discount} as discount, u.quantity - coalesce(t.quantity, 0) as rest,
        round(u.price * (1 - u.${discount})::decimal(5,3), 10)::${MONEY} as rate
      from usage u left join taken t on t.stream = u.stream and t.day = u.day
      where u.${discount} is not null and u.reserved_rate is null and u.quantity > coalesce(t.quantity, 0)
        and exists (select 1 from budgets b where b.day = u.day and ${match})
    ),
    spans as (
      select *, priced(rest, rate) as cost,
        sum(priced(rest, rate)) over (partition by day order by discount desc, stream rows between unbounded preceding and current row) as upto
      from eligible
    ),
    pieces as (
      select s.stream, s.day, b.plan, s.rest, s.rate, s.cost, (least(s.upto, b.high) - greatest(s.upto - s.cost, b.low))::${MONEY} as spent
      from spans s join budgets b on b.day = s.day and s.upto > b.low and s.upto - s.cost < b.high
    )
    select stream, day, plan, case when spent = cost then rest else round(spent::double / rate::double, 6)::decimal(18,6) end as quantity, spent
    from pieces where spent >= 0.0001`);
}

/** Usage, covered or not, with what it costs; and the daily fee of each Savings Plan, whose unused part is its cost. */
async function makeDailyCharges(duck: Duck, span: Span): Promise<void> {
  await duck.run(`create or replace table charges as
    with taken as (select stream, day, sum(quantity) as quantity from coverage group by all),
    open as (
      select u.* replace ((u.quantity - coalesce(t.quantity, 0))::decimal(18,6) as quantity), t.quantity is not null as cut
      from usage u left join taken t on t.stream = u.stream and t.day = u.day
    )
    select stream, day, ${PART.usage} as part, null::integer as plan, null::integer as reservation, quantity,
      priced(quantity, price) as unblended, priced(quantity, price) as list, priced(quantity, price) as effective, event, plain_part
    from open where reserved_rate is null and (quantity >= 0.0001 or not cut)
    union all
    select stream, day, ${PART.discounted}, null, reservation, quantity, ${ZERO}, priced(quantity, price),
      priced(quantity, reserved_rate), event, plain_part
    from open where reserved_rate is not null
    union all
    select c.stream, c.day, ${PART.covered}, c.plan, null, c.quantity, priced(c.quantity, u.price), priced(c.quantity, u.price),
      c.spent, u.event, u.plain_part
    from coverage c join usage u on u.stream = c.stream and u.day = c.day`);
  await duck.run(`insert into charges
    select stream, day, ${PART.negation}, plan, null, quantity, -unblended, ${ZERO}, ${ZERO}, event, plain_part
    from charges where part = ${PART.covered}
    union all
    (with used as (select plan, day, sum(effective) as used from charges where part = ${PART.covered} group by all)
    select p.stream, d.day, ${PART.planFee}, p.plan, null, 24, (p.hourly * 24)::${MONEY}, ${ZERO},
      (p.hourly * 24 - coalesce(u.used, 0))::${MONEY}, null, null
    from plans p join days d on d.day >= p.from_day and d.day < p.to_day and d.month ${months(span)}
    left join used u on u.plan = p.plan and u.day = d.day)`);
}

/** Reservation fees for the whole month and what of them nobody used so far; upfront fees; fixed fees, credits, refunds. */
async function makeMonthlyCharges(duck: Duck, span: Span): Promise<void> {
  await duck.run(`insert into charges
    with terms as (
      select r.*, m.month, m.end_day, m.first_day + m.days as month_end, greatest(r.from_day, m.first_day) as since
      from reservations r cross join months m
      where m.month ${months(span)} and r.from_day < m.end_day and r.to_day > m.first_day
    ),
    used as (select reservation, month, sum(quantity) as hours from usage where reserved_rate is not null group by all)
    select t.fee_stream, t.since, ${PART.reservationFee}, null, t.reservation, ((least(t.to_day, t.month_end) - t.since) * 24 * t.units)::decimal(18,6),
      ((least(t.to_day, t.month_end) - t.since) * 24 * t.units * t.hourly)::${MONEY}, ${ZERO},
      (((least(t.to_day, t.end_day) - t.since) * 24 * t.units - coalesce(u.hours, 0)) * (t.hourly + t.amortized))::${MONEY}, null, null
    from terms t left join used u using (reservation, month)
    union all
    select r.upfront_stream, r.from_day, ${PART.upfront}, null, r.reservation, r.units, (r.units * r.upfront)::${MONEY}, ${ZERO}, ${ZERO}, null, null
    from reservations r join days d on d.day = r.from_day and d.month ${months(span)}
    where r.upfront_stream is not null
    union all
    select f.stream, f.day, case f.type when 'Credit' then ${PART.credit} when 'Refund' then ${PART.refund} else ${PART.fee} end,
      null, null, case when f.type = 'Fee' then 1 else 0 end, f.amount, ${ZERO}, f.amount, null, null
    from fixed_charges f join days d on d.day = f.day and d.month ${months(span)}`);
}

/**
 * Enterprise Support by AWS's steps of 2025: 10 % of the first 150,000 USD of the month's charges, 7 % to 500,000, 5 % to a
 * million, 3 % above, at least 15,000. It accrues with the usage of each day; a month that is not over yet is priced as if it
 * went on as it began.
 */
async function makeSupport(duck: Duck, estate: Estate, span: Span): Promise<void> {
  await duck.run(`insert into charges
    with daily as (
      select m.month, day, (m.end_day - m.first_day) / m.days::double as elapsed, greatest(0, sum(unblended) filter (part <= ${PART.planFee}))::double as amount
      from charges join days d using (day) join months m on m.month = d.month
      where m.month ${months(span)} group by all
    ),
    projected as (select *, sum(amount::decimal(38,10)) over (partition by month)::double as so_far, so_far / elapsed as month_amount from daily),
    fees as (
      select *, elapsed * greatest(15000, least(month_amount, 150000) * 0.10 + greatest(0, least(month_amount, 500000) - 150000) * 0.07
        + greatest(0, least(month_amount, 1000000) - 500000) * 0.05 + greatest(0, month_amount - 1000000) * 0.03) as fee
      from projected
    )
    select ${estate.supportStream}, day, ${PART.support}, null, null, 1, round(fee * amount / so_far, 4)::${MONEY}, ${ZERO},
      round(fee * amount / so_far, 4)::${MONEY}, null, null
    from fees where amount > 0`);
}

/** Tax on what the taxed accounts owe for each product, dated to the month's first day. */
async function makeTax(duck: Duck): Promise<void> {
  await duck.run(`insert into charges
    with owed as (
      select d.month, s.account, k.product, sum(c.unblended) as amount
      from charges c join days d using (day) join streams s using (stream) join skus k using (sku)
      where c.part <= ${PART.fee} or c.part = ${PART.support} group by all
    ),
    tax as (
      select t.stream, m.first_day, (greatest(0, o.amount) * t.rate)::decimal(18,2) as tax
      from taxes t join owed o on o.account = t.account and o.product = t.product join months m using (month)
    )
    select stream, first_day, ${PART.tax}, null, null, 1, tax, ${ZERO}, tax, null, null from tax where tax > 0`);
}

/**
 * Shares a node's cost among its pods as AWS's split cost allocation does: nine parts of an instance's price for a vCPU to
 * one for a GB; each pod pays for what it requests, and the rest of the node is spread over its pods in that proportion.
 */
async function makePods(duck: Duck): Promise<void> {
  await duck.run(`create or replace table pod_charges as
    with nodes as (
      select stream, day, sum(effective)::double as effective, sum(list)::double as list from charges
      where stream in (select node_stream from pods) group by all
    ),
    shares as (
      select p.*, n.day, case when memory then node_memory else 9 * node_vcpus end / (9 * node_vcpus + node_memory) as pot,
        p.request / case when memory then node_memory else node_vcpus end as part_of_node, n.effective, n.list
      from pods p join nodes n on n.stream = p.node_stream
    ),
    sums as (select *, sum(part_of_node::decimal(18,12)) over (partition by day, node, memory)::double as requested from shares),
    parts as (
      select *, pot * part_of_node / greatest(1, requested) as split_part, pot * greatest(0, 1 - requested) * part_of_node / requested as unused_part
      from sums
    )
    select stream, day, node as parent, 24 * request as reserved, 24 * request * used * (1 + 0.08 * wobble(stream, day)) as actual,
      part_of_node as node_part, round(effective * split_part, 10) as split, round(effective * unused_part, 10) as unused,
      round(list * split_part, 10) as list_split, round(list * unused_part, 10) as list_unused
    from parts order by day, stream`);
}

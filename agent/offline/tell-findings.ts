import type { Result, ResultTable } from './history.ts';
import type { FindingTool, Shape } from './plan.ts';
import { cellOf, fact, sentenceList, signOf, when } from './tell.ts';

/** What was found, forecast, measured or budgeted, in sentences whose numbers are cells. */
export function tellFinding(tool: FindingTool, result: Result, shape: Shape): string {
  return TELL[tool](result, shape);
}

const ROWS_NAMED = 3;

const isOne = (result: Result, name: string): boolean => Number(result.facts[name]?.value) === 1;
const isNone = (result: Result, name: string): boolean => Number(result.facts[name]?.value ?? 0) === 0;

/** A fact under its own name, or under its name with the currency where there are several: 'a and b'. */
function amounts(result: Result, name: string, style?: 'signed' | 'abs'): string | null {
  const names = Object.keys(result.facts).filter(
    (one) =>
      (one === name || (one.startsWith(`${name}_`) && /^[A-Z]{3}$/.test(one.slice(name.length + 1)))) &&
      signOf(result.facts[one]?.value) !== null,
  );
  return names.length === 0 ? null : sentenceList(names.map((one) => fact(result, one, style)));
}

/** Whether an amount is there and is not nothing. */
const counts = (result: Result, name: string): boolean =>
  Object.entries(result.facts).some(([one, { value }]) => one.startsWith(name) && (signOf(value) ?? 0) !== 0);

function rowsOf(table: ResultTable | undefined, toText: (row: number, table: ResultTable) => string): string {
  if (table === undefined) return '';
  return sentenceList(table.rows.slice(0, ROWS_NAMED).map((_, index) => toText(index, table)));
}

/** A resource by its name, or by its id. */
const nameOf = (result: Result, table: ResultTable, row: number): string =>
  cellOf(result, table, row, table.rows[row]?.resource_name ? 'resource_name' : 'resource_id');

/** What to do, to what and for how much; a commitment is of no resource. */
function recommended(result: Result, table: ResultTable, row: number): string {
  const amount = cellOf(result, table, row, 'estimated_monthly_savings');
  const isResource = !String(table.rows[row]?.check ?? '').startsWith('commitment-');
  return `${cellOf(result, table, row, 'what')} (${isResource ? `${nameOf(result, table, row)}, ` : ''}${amount})`;
}

const more = (table: ResultTable | undefined): string =>
  table !== undefined && table.rows.length > ROWS_NAMED ? ' More are in the table.' : '';

/** What the question was narrowed to: ' of Amazon EC2', ' for team search', or nothing. */
const about = ({ subject }: Shape): string =>
  subject === '' ? '' : /^(for|in|with|without) /.test(subject) ? ` ${subject}` : ` of ${subject}`;

const TELL: Record<FindingTool, (result: Result, shape: Shape) => string> = {
  find_anomalies(result, shape) {
    const [table] = result.tables;
    if (isNone(result, 'count') || table === undefined) return `I found nothing unusual in the cost${about(shape)}.`;
    const open = isNone(result, 'open_count')
      ? 'none of which goes on'
      : `${fact(result, 'open_count')} of which still go on`;
    const lead = isOne(result, 'count') ? 'I found one anomaly' : `I found ${fact(result, 'count')} anomalies, ${open}`;
    const impact = counts(result, 'total_impact')
      ? `; the rises cost ${amounts(result, 'total_impact')} more than expected`
      : '';
    const worst = table.rows[0]?.cause
      ? ` ${isOne(result, 'count') ? 'It' : 'The first'} comes from ${cellOf(result, table, 0, 'cause')}.`
      : '';
    const named = rowsOf(
      table,
      (row) =>
        `${cellOf(result, table, row, 'what')} (${cellOf(result, table, row, 'impact', 'signed')} since ${cellOf(result, table, row, 'since')})`,
    );
    return `${lead}${about(shape)}${isOne(result, 'count') ? '' : impact}. ${isOne(result, 'count') ? 'It is' : 'The largest:'} ${named}.${worst}${more(table)}`;
  },
  find_recommendations(result, shape) {
    const [table] = result.tables;
    if (table === undefined || table.rows.length === 0) return `I found nothing to save${about(shape)}.`;
    const rates = counts(result, 'rate_total')
      ? ` Commitments could lower rates by an estimated ${amounts(result, 'rate_total')} a month; the two overlap and are not to be added.`
      : '';
    const named = rowsOf(table, (row) => recommended(result, table, row));
    const total = amounts(result, 'total_estimated');
    if (total === null || isNone(result, 'count'))
      return `Nothing could be used less${about(shape)}.${rates} The largest: ${named}.${more(table)}`;
    const lead = isOne(result, 'count') ? 'One recommendation' : `${fact(result, 'count')} recommendations`;
    const share =
      signOf(result.facts.share_of_spend?.value) === 1 ? `, ${fact(result, 'share_of_spend')} of the spend` : '';
    return `${lead}${about(shape)} would save an estimated ${total} a month${share}.${isOne(result, 'count') ? '' : ' The largest:'} ${named}.${rates}${more(table)}`;
  },
  forecast_costs(result, shape) {
    const total = amounts(result, 'total');
    if (total === null) return `There is no forecast${about(shape)}.`;
    const suffix = 'total_low_80' in result.facts;
    const range = suffix
      ? `, and four times in five between ${fact(result, 'total_low_80')} and ${fact(result, 'total_high_80')}`
      : '';
    const spent =
      suffix && signOf(result.facts.spent?.value) === 1
        ? `: ${fact(result, 'spent')} spent so far and ${fact(result, 'forecast')} still to come`
        : '';
    const error =
      signOf(result.facts.past_error_percent?.value) === null
        ? ''
        : ` Forecasts like this one were off by ${fact(result, 'past_error_percent')} on average.`;
    const days = result.period === undefined ? '' : ` ${when(result.period)}`;
    return `I expect ${total}${about(shape)}${days}${spent}${range}.${error}`;
  },
  show_savings(result) {
    if (!counts(result, 'measured_monthly_savings')) {
      const waiting = isNone(result, 'waiting') ? '' : ` ${fact(result, 'waiting')} changes wait for settled days.`;
      return `The bill shows no savings of changes yet.${waiting}`;
    }
    const measured = `The bill shows savings of ${amounts(result, 'measured_monthly_savings')} a month`;
    const holding = counts(result, 'holding_monthly_savings')
      ? `, of which ${amounts(result, 'holding_monthly_savings')} still hold at the last check`
      : '';
    const lost = isNone(result, 'regressed')
      ? ''
      : ` ${fact(result, 'regressed')} ${isOne(result, 'regressed') ? 'was' : 'were'} undone, which costs ${amounts(result, 'regressed_monthly_savings', 'abs')} a month again.`;
    const waiting = counts(result, 'estimated_waiting')
      ? ` Not measured yet, and only estimated: ${amounts(result, 'estimated_waiting')} a month.`
      : '';
    return `${measured}${holding}.${lost}${waiting}`;
  },
  show_budgets(result) {
    const [table] = result.tables;
    if (table === undefined || table.rows.length === 0) return 'There is no budget yet.';
    if ('spent' in result.facts) {
      const limit = signOf(result.facts.limit?.value) === null ? '' : ` of ${fact(result, 'limit')}`;
      const forecast =
        signOf(result.facts.forecast?.value) === null
          ? ''
          : `; the forecast for its end is ${fact(result, 'forecast')}`;
      return `The budget ${cellOf(result, table, 0, 'budget')} has spent ${fact(result, 'spent')}${limit}${forecast}.`;
    }
    const over = isNone(result, 'over')
      ? 'none is over'
      : `${fact(result, 'over')} ${isOne(result, 'over') ? 'is' : 'are'} over`;
    const risk = isNone(result, 'at_risk') ? '' : `, and ${fact(result, 'at_risk')} more will be at this pace`;
    const rows = rowsOf(
      table,
      (row) => `${cellOf(result, table, row, 'budget')} (${cellOf(result, table, row, 'spent')} spent)`,
    );
    return `Of ${fact(result, 'budgets')} budgets ${over}${risk}: ${rows}.${more(table)}`;
  },
  unit_costs(result) {
    if (signOf(result.facts.unit_cost?.value) === null) return 'There is nothing to divide the cost by in these days.';
    const before =
      signOf(result.facts.percent_change?.value) === null
        ? ''
        : `, ${fact(result, 'percent_change', 'signed')} against ${fact(result, 'unit_cost_previous')} before`;
    return `It cost ${fact(result, 'unit_cost')} a unit${before}: ${fact(result, 'cost')} for ${fact(result, 'units')}.`;
  },
  show_insights(result) {
    const [table] = result.tables;
    if (table === undefined || table.rows.length === 0) return 'No summary was written yet.';
    return `${cellOf(result, table, 0, 'title')}\n\n${cellOf(result, table, 0, 'text')}`;
  },
  check_bill(result) {
    const [table] = result.tables;
    if (table === undefined || table.rows.length === 0) return 'Nothing was compared yet.';
    const off = isNone(result, 'off')
      ? 'nothing differs without an explanation'
      : `${fact(result, 'off')} ${isOne(result, 'off') ? 'differs' : 'differ'} without an explanation`;
    const same = isNone(result, 'ok') ? '' : `${fact(result, 'ok')} agree`;
    const explained = isNone(result, 'explained') ? '' : `${fact(result, 'explained')} differ for a known reason`;
    const unknown = isNone(result, 'unknown') ? '' : `${fact(result, 'unknown')} had nothing to be compared with`;
    const parts = [same, explained, unknown].filter((part) => part !== '');
    return `Of the months and accounts compared, ${off}${parts.length === 0 ? '' : `; ${sentenceList(parts)}`}. Last checked on ${fact(result, 'last_checked')}.`;
  },
  propose_remediation(result) {
    const [table] = result.tables;
    if (table === undefined || table.rows.length === 0) return 'Nothing was proposed.';
    const rows = rowsOf(
      table,
      (row) => `${cellOf(result, table, row, 'action')} (${cellOf(result, table, row, 'resource_id')})`,
    );
    const worth = amounts(result, 'estimated_monthly_savings');
    return `I proposed ${isOne(result, 'proposed') ? 'one change' : `${fact(result, 'proposed')} changes`}${worth === null ? '' : `, an estimated ${worth} a month`}: ${rows}. Somebody else has to approve before anything is changed.${more(table)}`;
  },
};

import type { Decision } from './decide.ts';
import type { Slots } from './slots.ts';
import { subjectOf, suggest } from './wording.ts';

/** The periods that are forecast, by how people ask for them; the first that matches counts. */
const AHEAD: readonly [pattern: RegExp, ahead: string][] = [
  [/\bnext quarter\b|\bcoming quarter\b/i, 'next quarter'],
  [/\bnext (180 days|6 months|six months|half[- ]year)\b|\bhalf a year\b|\bcoming (6|six) months\b/i, 'next 180 days'],
  [/\bnext (90 days|3 months|three months)\b|\bcoming (3|three) months\b/i, 'next 90 days'],
  [/\bnext (30 days|4 weeks|four weeks)\b/i, 'next 30 days'],
  [/\bnext month\b|\bcoming month\b/i, 'next month'],
  [/\b(end of (the |this )?quarter|quarter[- ]end|(rest of )?this quarter|quarterly|eoq)\b/i, 'this quarter'],
  [/\b(end of (the |this )?year|year[- ]end|(rest of )?(this year|the year)|eoy|annual\w*|yearly)\b/i, 'this year'],
];

/** Times ahead that no forecast is made of. */
const UNTOLD =
  /\b(tomorrow|tonight|next (week|weekend|year|few|two|2|\d+ (weeks?|years?|days?|months?))|coming (week|year|years)|in \d+ (days|weeks|months|years)|run(ning)? out)\b/i;

/** The period a question about the future is about; the month under way where it names none. Null for one that is not forecast. */
export function aheadOf(text: string): string | null {
  const [, ahead] = AHEAD.find(([pattern]) => pattern.test(text)) ?? [];
  if (ahead !== undefined) return ahead;
  return UNTOLD.test(text) ? null : 'this month';
}

const OF: Record<string, string> = { sub_account_id: 'account', service_name: 'service', 'tag:team': 'team' };

/** The input of `forecast_costs`. */
export function forecastInput(slots: Slots): Record<string, unknown> {
  const named = slots.filters.flatMap(({ dimension, values }) => {
    const name = OF[dimension.toLowerCase()];
    return name === undefined || values[0] === undefined ? [] : [[name, values[0]]];
  });
  return { ahead: aheadOf(slots.reading.text), ...Object.fromEntries(named) };
}

/** Why it cannot be forecast: a time or a part of which no forecast is made. */
export function unforeseen(slots: Slots): Decision | null {
  const { filters, reading } = slots;
  const suggestions = suggest(['What will we spend this month?', 'What will we spend next quarter?'], '');
  const decline = (text: string): Decision => ({ kind: 'decline', reason: 'forecast', text, suggestions });
  if (aheadOf(reading.text) === null)
    return decline(
      'I forecast this and the next month and quarter, this year, and a month, a quarter or half a year of days ahead.',
    );
  const parts = filters.filter(
    ({ dimension, operator, values }) =>
      OF[dimension.toLowerCase()] === undefined || operator !== 'in' || values.length > 1,
  );
  if (parts.length > 0 || filters.length > 1) {
    const of = subjectOf(filters);
    return decline(
      `There is no forecast ${of === '' ? 'of that' : `of ${of}`}: forecasts are made of the organisation, and of one account, service or team.`,
    );
  }
  return null;
}

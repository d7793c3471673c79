import { z } from 'zod';
import {
  type ChangeDriver,
  type ChangeRequest,
  type ChangeResult,
  type ChangeTotals,
  COMPONENTS,
  type Component,
  explainChange,
} from '../db/queries/changes.ts';
import { dimensionName } from '../db/queries/dimensions.ts';
import { answerCall, type Call, nothingLoaded } from './call.ts';
import { count, dimensionColumns, dimensionValues, money, perCurrency, percent } from './cost-table.ts';
import { dimensionInput, filtersInput, metricInput, periodInput, toDimension, toFilter } from './dimension-input.ts';
import { dimensionWord } from './dimension-words.ts';
import { missingValue, resolveFilters, unknownTagKey } from './filters.ts';
import { formatCell } from './format.ts';
import { choosePeriods, type Periods } from './periods.ts';
import { type CellValue, type Column, defineTool, type Table, type ToolResult } from './tool.ts';

const input = z.object({
  metric: metricInput,
  period: periodInput,
  compareTo: z
    .string()
    .default('previous period')
    .describe('What to compare with: "previous period", "same period last year", or any period.'),
  filters: filtersInput,
  dimension: dimensionInput
    .default('service_name')
    .describe('What the drivers are values of: service_name, sub_account_id, region_id, tag:team, ...'),
  limit: z.number().int().min(1).max(50).default(10).describe('How many drivers.'),
  includeCredits: z.boolean().default(false).describe('Whether changes of credits belong to the change.'),
});

type Input = z.output<typeof input>;

export const explainChangeTool = defineTool({
  name: 'explain_change',
  title: 'What changed',
  description: `Explains why cost changed between two periods: splits the change without remainder into new resources, gone ones, more or less usage, list prices, commitment discounts (Savings Plans, reservations), credits and other (tax, fees, refunds), and names the values of a dimension that moved it most, each with its top resources or usage types. Use it for why, what drove, what caused, what is behind a rise, drop or spike. For amounts alone use query_costs.
Returns facts total, total_previous, change, percent_change, new, gone, usage, price, commitment, credits, other, and the tables "components" and "drivers".`,
  input,
  access: 'read',
  run: (context, given) => answerCall(context, { tool: 'explain_change', input: given }, (call) => answer(call, given)),
});

async function answer(call: Call, given: Input): Promise<ToolResult> {
  const nothing = nothingLoaded(call);
  if (nothing) return nothing;
  const periods = choosePeriods(given, call.context, call.freshness);
  if (periods.previous === undefined) {
    return call.noData(periods.missingComparison ?? '', [`since ${call.freshness.dataFrom}`]);
  }
  const dimension = toDimension(given.dimension);
  const resolved = await resolveFilters(call, given.filters.map(toFilter));
  const notFound = resolved.notFound ?? (await unknownTagKey(call, dimension));
  if (notFound) return call.notFound(notFound);
  const request: ChangeRequest = {
    metric: given.metric,
    period: periods.current.range,
    comparedTo: periods.previous.range,
    filters: resolved.filters,
    dimension,
    limit: given.limit,
    includeCredits: given.includeCredits,
    scope: call.context.principal.scope,
  };
  const result = await explainChange(call.client, request, call.freshness);
  if (result.totals.length > 0) return shown(call, request, result, periods);
  const about = { sql: result.sql, period: request.period, comparedTo: request.comparedTo };
  const missing = await missingValue(call, resolved.unsure);
  if (missing) return call.notFound(missing, about);
  return call.noData(
    `There are no such charges in ${periods.current.label} nor in ${periods.previous.label}.`,
    [],
    about,
  );
}

function shown(call: Call, request: ChangeRequest, result: ChangeResult, periods: Periods): ToolResult {
  const { totals, drivers } = result;
  const shownDrivers = drivers.filter(({ detail }) => detail === null).length;
  return call.ok(
    {
      facts: {
        ...perCurrency(totals, factsOf),
        driver_count: count(totals.reduce((sum, one) => sum + one.drivers, 0)),
      },
      tables: [componentTable(totals, periods), driverTable(request, result, periods)],
    },
    {
      sql: result.sql,
      period: request.period,
      comparedTo: request.comparedTo,
      costBasis: request.metric,
      credits: request.includeCredits ? 'included' : 'excluded',
      notes: [...periods.notes, ...notesOn(request, totals)],
      rowCount: drivers.length,
      truncated: totals.reduce((sum, one) => sum + one.drivers, 0) > shownDrivers,
    },
  );
}

function factsOf({ total, totalPrevious, change, percentChange, components, currency }: ChangeTotals) {
  const parts = COMPONENTS.map((component) => [component, money(components[component], currency)] as const);
  return {
    total: money(total, currency),
    total_previous: money(totalPrevious, currency),
    change: money(change, currency),
    percent_change: percent(percentChange),
    ...Object.fromEntries(parts),
  };
}

const MEANING: Record<Component, string> = {
  new: 'resources and usage types that were not there before',
  gone: 'resources and usage types that are no longer there',
  usage: 'more or less use of what was there both times',
  price: 'changed list prices, for the use after',
  commitment: 'Savings Plans and reservations: discounts gained or lost, and what of them was unused',
  credits: 'credits',
  other: 'tax, fees, refunds and other charges without a quantity',
};

const plain = (name: string): Column => ({ name, kind: 'text', unit: null });
const percentage = (name: string): Column => ({ name, kind: 'percent', unit: 'percent' });

/** One row per component that moved anything, the largest first. */
function componentTable(totals: readonly ChangeTotals[], { current, previous }: Periods): Table {
  const { several, amount } = currencyColumns(totals);
  const rows = totals.flatMap((one) =>
    COMPONENTS.filter((component) => one.components[component] !== '0')
      .sort((left, right) => Math.abs(Number(one.components[right])) - Math.abs(Number(one.components[left])))
      .map((component): CellValue[] => [
        component,
        MEANING[component],
        ...(several ? [one.currency] : []),
        one.components[component],
        one.shares[component],
      ]),
  );
  return {
    name: 'components',
    title: `What the change is made of, ${current.label} against ${previous?.label}`,
    columns: [
      plain('component'),
      plain('meaning'),
      ...(several ? [plain('billing_currency')] : []),
      amount('change'),
      percentage('share_of_change'),
    ],
    rows,
  };
}

/** Each driver, followed by what under it changed most; `component` is what moved the row most and `component_change` how far. */
function driverTable(request: ChangeRequest, { totals, drivers }: ChangeResult, { current, previous }: Periods): Table {
  const { several, amount } = currencyColumns(totals);
  return {
    name: 'drivers',
    title: `Largest changes by ${dimensionWord(dimensionName(request.dimension))}, ${current.label} against ${previous?.label}`,
    columns: [
      ...dimensionColumns(request.dimension),
      { ...plain('detail'), untrusted: true },
      { ...plain('detail_name'), untrusted: true },
      ...(several ? [plain('billing_currency')] : []),
      amount('cost'),
      amount('previous'),
      amount('change'),
      percentage('percent_change'),
      plain('component'),
      amount('component_change'),
    ],
    rows: drivers.map((driver) => driverRow(request, driver, several)),
  };
}

function driverRow(request: ChangeRequest, driver: ChangeDriver, several: boolean): CellValue[] {
  return [
    ...dimensionValues([request.dimension], { groups: [driver.value], names: [driver.name] }),
    driver.detail,
    driver.detailName,
    ...(several ? [driver.currency] : []),
    driver.cost,
    driver.previous,
    driver.change,
    driver.percentChange,
    driver.component,
    driver.componentChange,
  ];
}

function currencyColumns(totals: readonly ChangeTotals[]) {
  const several = totals.length > 1;
  const unit = several ? null : (totals[0]?.currency ?? null);
  return { several, amount: (name: string): Column => ({ name, kind: 'money', unit }) };
}

function notesOn(request: ChangeRequest, totals: readonly ChangeTotals[]): string[] {
  const notes: string[] = [];
  for (const { currency, creditsChange, unknownFor } of totals) {
    if (!request.includeCredits && creditsChange !== '0') {
      notes.push(`Credits are left out; they changed by ${formatCell(creditsChange, 'money', currency, 'signed')}.`);
    }
    if (unknownFor !== null) {
      const amount = formatCell(unknownFor, 'money', currency);
      notes.push(`The bill gives no ${request.metric} for charges of ${amount} effective cost; they count as 0.`);
    }
    if (currency === 'XXX') notes.push('The bill names no currency.');
  }
  if (totals.length > 1) {
    notes.push(
      `The bill has several currencies (${totals.map(({ currency }) => currency).join(', ')}); each is explained apart.`,
    );
  }
  return notes;
}

import {
  CostExplorerClient,
  GetCostAndUsageCommand,
  type GetCostAndUsageCommandInput,
} from '@aws-sdk/client-cost-explorer';
import { z } from 'zod';
import { PennyError } from '../../errors.ts';
import type { BillTotal } from '../contract.ts';
import type { Aws } from './clients.ts';

/**
 * Record types of Cost Explorer that are a part of their own; all others are charges. Unblended cost adds up to the invoice, private
 * discounts being records of their own. Source: Cost Management user guide, "Understanding your charge types".
 */
const PART_OF: Readonly<Record<string, BillTotal['part']>> = {
  Tax: 'tax',
  Credit: 'credits',
  Refund: 'refunds',
  Support: 'support',
};

const METRICS = ['UnblendedCost', 'AmortizedCost', 'NetAmortizedCost'] as const;

const amount = z.object({
  Amount: z.string().regex(/^-?\d+(\.\d+)?([eE][+-]?\d+)?$/),
  Unit: z.string().regex(/^[A-Z]{3}$/),
});

const page = z.object({
  ResultsByTime: z.array(
    z.object({
      TimePeriod: z.object({ Start: z.iso.date() }),
      Groups: z.array(
        z.object({
          Keys: z.tuple([z.string().min(1), z.string()]),
          Metrics: z.object({
            UnblendedCost: amount,
            AmortizedCost: amount,
            NetAmortizedCost: amount.optional(),
          }),
        }),
      ),
    }),
  ),
  NextPageToken: z.string().optional(),
});

type Group = z.infer<typeof page>['ResultsByTime'][number]['Groups'][number];

/**
 * Returns what Cost Explorer says the months cost each linked account, by what kind of charge. One call a page, 0.01 USD each, for all the
 * months together; months between the first and the last that were not asked for are left out.
 * @throws PennyError `cloud_denied`, `cloud_unavailable`, `cloud_budget`
 */
export async function readCostExplorer(aws: Aws, months: readonly string[]): Promise<BillTotal[]> {
  if (months.length === 0) return [];
  const place = aws.home();
  try {
    const client = place.client(CostExplorerClient);
    const totals: BillTotal[] = [];
    let token: string | undefined;
    do {
      const answer = await client.send(new GetCostAndUsageCommand(requestOf(months, token)));
      const { ResultsByTime, NextPageToken } = pageOf(answer);
      for (const { TimePeriod, Groups } of ResultsByTime) {
        if (months.includes(TimePeriod.Start))
          totals.push(...Groups.flatMap((group) => toTotals(TimePeriod.Start, group)));
      }
      token = NextPageToken;
    } while (token !== undefined);
    return totals;
  } finally {
    place.close();
  }
}

function requestOf(months: readonly string[], token: string | undefined): GetCostAndUsageCommandInput {
  const [first = '', last = ''] = [[...months].sort()[0], [...months].sort().at(-1)];
  return {
    TimePeriod: { Start: first, End: monthAfter(last) },
    Granularity: 'MONTHLY',
    Metrics: [...METRICS],
    GroupBy: [
      { Type: 'DIMENSION', Key: 'LINKED_ACCOUNT' },
      { Type: 'DIMENSION', Key: 'RECORD_TYPE' },
    ],
    ...(token === undefined ? {} : { NextPageToken: token }),
  };
}

function monthAfter(first: string): string {
  const day = new Date(`${first}T00:00:00Z`);
  day.setUTCMonth(day.getUTCMonth() + 1);
  return day.toISOString().slice(0, 10);
}

function pageOf(answer: unknown): z.infer<typeof page> {
  const parsed = page.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new PennyError('cloud_unavailable', 'Cost Explorer answered what Penny cannot read.', { cause: parsed.error });
}

function toTotals(month: string, { Keys: [accountId, recordType], Metrics }: Group): BillTotal[] {
  const part = PART_OF[recordType] ?? 'charges';
  const costs = {
    billed_cost: Metrics.UnblendedCost,
    effective_cost: Metrics.NetAmortizedCost ?? Metrics.AmortizedCost,
  };
  return (['billed_cost', 'effective_cost'] as const).map((metric) => ({
    ...{ month, accountId, metric, part },
    amount: costs[metric].Amount,
    currency: costs[metric].Unit,
  }));
}

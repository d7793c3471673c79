import { type Command, InvalidArgumentError, Option } from 'commander';
import { type BudgetDesk, createBudgetDesk } from '../db/budgets/keep.ts';
import { describeFreshness } from '../db/queries/freshness.ts';
import { BUDGET_PERIODS } from '../db/schema/budgets.ts';
import { PennyError } from '../errors.ts';
import { coversWords } from '../tools/covers.ts';
import { showBudgetsTool } from '../tools/show-budgets.ts';
import { action, type CliContext } from './context.ts';
import { collect, withPeople } from './people.ts';
import { showTool } from './show-tool.ts';

export function registerBudgets(program: Command): void {
  const budgets = program
    .command('budgets')
    .description('how budgets stand: spent, remaining, forecast and burn rate')
    .option('--name <text>', 'only those with this in their name')
    .option('--as <email>', 'as this user (default: the local administrator)')
    .action(
      action<[{ name?: string; as?: string }]>((context, { as, ...input }) =>
        showTool(context, showBudgetsTool, { ...input, limit: 200 }, as),
      ),
    );
  budgets
    .command('add')
    .description('a budget of everything, or of an account, a service, a team or another part')
    .argument('<name>', 'what it is called')
    .option('--amount <number>', 'what one period allows; without it the budget follows the forecast', amountOption)
    .addOption(new Option('--period <period>', 'how often it begins anew').choices(BUDGET_PERIODS).default('month'))
    .option(
      '--for <dimension=value>',
      'whose cost: sub_account_id=ID, service_name=NAME, tag:team=NAME; may be repeated',
      collect,
    )
    .option(
      '--threshold <percent>',
      'at which share of it people are told; may be repeated (default: 80 and 100)',
      collect,
    )
    .option('--owner <email>', 'who answers for it and is told (default: the local administrator)')
    .option('--currency <code>', 'its currency (default: the one of the bill)')
    .option(
      '--metric <cost>',
      'which cost: effective_cost, billed_cost, contracted_cost or list_cost',
      'effective_cost',
    )
    .option('--start <day>', 'first day it holds (default: today)', dayOption)
    .option('--end <day>', 'first day it no longer holds', dayOption)
    .action(action<[string, AddFlags]>(addBudget));
  budgets
    .command('archive')
    .description('put a budget away; what it crossed stays on record')
    .argument('<name>', 'its name or number')
    .action(
      action<[string]>((context, name) =>
        atDesk(context, async (desk, actor) => {
          const budget = await desk.archive(/^\d+$/.test(name) ? Number(name) : name, actor);
          context.print(budget, `The budget ${budget.name} is archived.`);
        }),
      ),
    );
}

interface AddFlags {
  amount?: string;
  period: (typeof BUDGET_PERIODS)[number];
  for?: string[];
  threshold?: string[];
  owner?: string;
  currency?: string;
  metric: string;
  start?: string;
  end?: string;
}

async function addBudget(context: CliContext, name: string, flags: AddFlags): Promise<void> {
  const dimensions = readDimensions(flags.for ?? []);
  await atDesk(context, async (desk, actor, currency) => {
    const budget = await desk.add(
      {
        ...{ name, dimensions, metric: flags.metric, period: flags.period, amount: flags.amount ?? null },
        currency: flags.currency ?? currency,
        thresholdPercents: (flags.threshold ?? ['80', '100']).map(amountOption),
        startDate: flags.start ?? context.now().toISOString().slice(0, 10),
        ...{ endDate: flags.end ?? null, owner: flags.owner ?? null },
      },
      actor,
    );
    const limit = budget.amount === null ? 'what is forecast' : `${budget.amount} ${budget.currency}`;
    const told = budget.thresholdPercents.map((percent) => `${percent}%`).join(', ');
    context.print(
      budget,
      `The budget ${budget.name} allows ${limit} a ${budget.period} for ${coversWords(budget.dimensions)}, and tells at ${told}.`,
    );
  });
}

async function atDesk(
  context: CliContext,
  work: (desk: BudgetDesk, actor: Parameters<BudgetDesk['archive']>[1], currency: string) => Promise<void>,
): Promise<void> {
  await withPeople(context, async ({ db, actor: { principal } }) => {
    const { currencies } = await describeFreshness(db, context.signal);
    const actor = { actorId: principal.userId, actor: principal.email, surface: 'cli' as const };
    await work(createBudgetDesk(db, context.now), actor, currencies[0] ?? 'USD');
  });
}

/** @throws PennyError `usage` for a text that is not dimension=value */
export function readDimensions(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const [, name, value] = /^([^=]+)=(.+)$/.exec(text) ?? [];
      if (name !== undefined && value !== undefined) return [name, value];
      throw new PennyError('usage', `${text} is not like tag:team=checkout or service_name=AWS Lambda.`);
    }),
  );
}

function amountOption(text: string): string {
  if (/^\d{1,15}(\.\d{1,6})?$/.test(text) && Number(text) > 0) return text;
  throw new InvalidArgumentError('It must be a number above 0, such as 2500 or 99.50.');
}

function dayOption(text: string): string {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text))) return text;
  throw new InvalidArgumentError('It must be a day such as 2026-12-01.');
}

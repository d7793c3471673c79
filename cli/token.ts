import { type Command, InvalidArgumentError } from 'commander';
import { TOKEN_DAYS, type Token } from '../agent/identity/tokens.ts';
import type { Role } from '../db/principal.ts';
import { alignRows } from './align.ts';
import { action } from './context.ts';
import { roleOption } from './options.ts';
import { checkedEmail, collect, readScope, SCOPE_HELP, showScope, withPeople } from './people.ts';

interface CreateFlags {
  as: string;
  role: Role;
  expires: number;
  name?: string;
  scope?: string[];
}

export function registerToken(program: Command): void {
  const token = program.command('token').description('API tokens: create, list, revoke');
  token
    .command('create')
    .description('make an API token and show it, once; a person who is not there yet is added')
    .requiredOption('--as <email>', 'whose it is')
    .addOption(roleOption('the most it may do').makeOptionMandatory())
    .option('--expires <days>', `days until it expires, 1 to ${TOKEN_DAYS.most}`, readDays, TOKEN_DAYS.default)
    .option('--name <text>', 'what to call it')
    .option('--scope <scope>', SCOPE_HELP, collect)
    .action(
      action<[CreateFlags]>(async (context, flags) =>
        withPeople(context, async ({ people, actor }) => {
          const { role, expires: days, name } = flags;
          const email = checkedEmail(flags.as);
          const scope = readScope(flags.scope);
          const known = (await people.listUsers(actor.principal)).some((user) => sameAddress(user.email, email));
          if (!known) await people.addUser(actor, { email, role, scope });
          const made = await people.createToken(actor, { email, role, days, name, ...(known ? { scope } : {}) });
          context.print({ ...made, added: !known }, renderNew(made, known));
        }),
      ),
    );
  token
    .command('list')
    .description('every API token, without its secret')
    .action(
      action(async (context) =>
        withPeople(context, async ({ people, actor }) => {
          const tokens = await people.listTokens(actor.principal);
          context.print(tokens, renderTokens(tokens, context.now()));
        }),
      ),
    );
  token
    .command('revoke')
    .description('take an API token back')
    .argument('<id>', 'its id, as "penny token list" shows it')
    .action(
      action<[string]>(async (context, id) =>
        withPeople(context, async ({ people, actor }) => {
          const revoked = await people.revokeToken(actor, id);
          context.print(revoked, `The token ${id} of ${revoked.email} is good for nothing any more.`);
        }),
      ),
    );
}

function readDays(text: string): number {
  const days = Number(text);
  if (Number.isInteger(days) && days >= 1 && days <= TOKEN_DAYS.most) return days;
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${TOKEN_DAYS.most}.`);
}

const sameAddress = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

function renderNew(made: Token & { token: string }, known: boolean): string {
  const lines = [made.token, `  of ${made.email}, ${made.role}, until ${day(made.expiresAt)}. It is shown this once.`];
  if (!known) lines.push(`  ${made.email} was added.`);
  if (!known && made.role !== 'admin') {
    lines.push(`  What they may see is said by --scope, now or with "penny user set ${made.email} --scope ...".`);
  }
  return lines.join('\n');
}

function renderTokens(tokens: Token[], now: Date): string {
  if (tokens.length === 0) return 'There are no API tokens.';
  const head = ['id', 'of', 'name', 'role', 'scope', 'last used', 'state'];
  const rows = tokens.map((one) => [
    one.tokenId,
    one.email,
    one.name ?? '',
    one.role,
    one.scope === null ? '' : showScope(one.scope),
    one.lastUsedAt === null ? 'never' : day(one.lastUsedAt),
    stateOf(one, now),
  ]);
  return alignRows(head, rows, []).join('\n');
}

function stateOf({ expiresAt, revokedAt }: Token, now: Date): string {
  if (revokedAt !== null) return `revoked ${day(revokedAt)}`;
  return `${expiresAt <= now ? 'expired' : 'until'} ${day(expiresAt)}`;
}

const day = (instant: Date): string => instant.toISOString().slice(0, 10);

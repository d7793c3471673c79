import type { Command } from 'commander';
import { z } from 'zod';
import { identify } from '../agent/identify.ts';
import { LINK_MINUTES, linkAddress, makeLinkCode } from '../agent/identity/links.ts';
import type { User } from '../agent/identity/users.ts';
import type { Config } from '../config.ts';
import type { Role } from '../db/principal.ts';
import { PennyError } from '../errors.ts';
import { servesOneMachine } from '../web/server/local.ts';
import { alignRows } from './align.ts';
import { action } from './context.ts';
import { roleOption } from './options.ts';
import { checkedEmail, collect, readScope, SCOPE_HELP, showScope, withPeople } from './people.ts';

interface UserFlags {
  name?: string;
  role?: Role;
  scope?: string[];
}

export function registerUser(program: Command): void {
  const user = program.command('user').description('people: list, add, set, link');
  user
    .command('list')
    .description('everybody, their roles and what they may see')
    .action(
      action(async (context) =>
        withPeople(context, async ({ people, actor }) => {
          const users = await people.listUsers(actor.principal);
          context.print(users, renderUsers(users));
        }),
      ),
    );
  user
    .command('add')
    .description('add somebody; without --scope they see nothing yet')
    .argument('<email>', 'their e-mail address')
    .addOption(roleOption('what they may do').makeOptionMandatory())
    .option('--name <text>', 'their name')
    .option('--scope <scope>', SCOPE_HELP, collect)
    .action(
      action<[string, UserFlags & { role: Role }]>(async (context, email, { name, role, scope }) =>
        withPeople(context, async ({ people, actor }) => {
          const added = await people.addUser(actor, {
            email: checkedEmail(email),
            name,
            role,
            scope: readScope(scope),
          });
          context.print(added, renderUsers([added]));
        }),
      ),
    );
  user
    .command('set')
    .description('change what somebody may do and see; it counts from their next request on')
    .argument('<email>', 'their e-mail address')
    .addOption(roleOption('what they may do'))
    .option('--name <text>', 'their name')
    .option('--scope <scope>', SCOPE_HELP, collect)
    .option('--disable', 'they may not sign in any more, and their sessions and tokens end')
    .option('--enable', 'they may sign in again')
    .option(
      '--link <account...>',
      'an account of a platform that is theirs: oidc ISSUER SUBJECT, slack WORKSPACE USER or teams TENANT USER',
    )
    .action(
      action<[string, UserFlags & { disable?: true; enable?: true; link?: string[] }]>(async (context, email, flags) =>
        withPeople(context, async ({ people, actor }) => {
          if (flags.link !== undefined) await people.linkUser(actor, email, readAccount(flags.link));
          const { name, role } = flags;
          const disabled = flags.disable ? true : flags.enable ? false : undefined;
          const changes = { name, role, scope: readScope(flags.scope), disabled };
          const changed = await people.changeUser(actor, email, changes);
          context.print(changed, renderUsers([changed]));
        }),
      ),
    );
  user
    .command('link')
    .description(`print a link that signs a browser on this machine in, once, within ${LINK_MINUTES} minutes`)
    .argument('[email]', 'as whom (default: the local administrator)')
    .action(
      action<[string | undefined]>(async (context, email) => {
        const { config, now, print } = context;
        if (!servesOneMachine(config)) {
          throw new PennyError(
            'usage',
            'Links are for a Penny that serves one machine: HOST on loopback, no identity provider.',
          );
        }
        await withPeople(context, async ({ db }) => {
          const principal = await identify(db, { platform: 'local', ...(email === undefined ? {} : { email }) });
          const link = linkAddress(addressOf(config), await makeLinkCode(db, principal, now()));
          print({ link, email: principal.email }, link);
        });
      }),
    );
}

const accountSchema = z.tuple([z.enum(['oidc', 'slack', 'teams']), z.string().min(1), z.string().min(1)]);

function readAccount(parts: string[]) {
  const parsed = accountSchema.safeParse(parts);
  if (!parsed.success)
    throw new PennyError('usage', '--link takes oidc ISSUER SUBJECT, slack WORKSPACE USER or teams TENANT USER.');
  const [platform, tenant, subject] = parsed.data;
  return { platform, tenant, subject };
}

/** Where the browser finds the service, as far as the settings of this terminal tell. */
function addressOf({ PENNY_PUBLIC_URL, HOST, PORT }: Config): string {
  return PENNY_PUBLIC_URL ?? `http://${HOST === '::1' ? '[::1]' : HOST}:${PORT}`;
}

function renderUsers(users: User[]): string {
  const head = ['e-mail', 'name', 'role', 'sees', ''];
  const rows = users.map(({ email, name, role, scope, disabled }) => [
    email,
    name,
    role,
    showScope(scope),
    disabled ? 'disabled' : '',
  ]);
  return alignRows(head, rows, []).join('\n');
}

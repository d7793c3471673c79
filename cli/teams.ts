import type { Assistant } from '../agent/assistant.ts';
import type { Decisions } from '../agent/decide.ts';
import { identify } from '../agent/identify.ts';
import type { TeamsBot } from '../bots/teams/index.ts';
import { hasTeamsStandIn } from '../config.ts';
import { createConversations } from '../db/chat/conversations.ts';
import { createInbox } from '../db/chat/inbox.ts';
import { createOutbox } from '../db/chat/outbox.ts';
import { staleCards } from '../db/chat/stale-cards.ts';
import type { Db } from '../db/client.ts';
import { approversOf } from '../db/remediations/approvers.ts';
import type { CliContext } from './context.ts';

export interface TeamsParts extends Pick<CliContext, 'config' | 'log' | 'now'> {
  db: Db;
  assistant: Assistant;
  decisions: Decisions;
}

/** Returns Penny in Teams, at work; undefined when no app is set up. Its packages are loaded only then. */
export async function openTeams({ config, db, log, now, ...agent }: TeamsParts): Promise<TeamsBot | undefined> {
  const { TEAMS_APP_ID: appId, TEAMS_TENANT_ID: tenantId, TEAMS_OPENID_METADATA_URL: openIdMetadataUrl } = config;
  if (appId === undefined || tenantId === undefined) return undefined;
  const { openTransport, standInToken, startTeamsBot } = await import('../bots/teams/index.ts');
  const password = () => config.TEAMS_APP_PASSWORD ?? '';
  const outgoingToken = hasTeamsStandIn(config) ? standInToken(openIdMetadataUrl, { appId, password }) : undefined;
  return startTeamsBot({
    ...agent,
    tenantId,
    openChannels: (config.PENNY_TEAMS_OPEN_CHANNELS ?? '').split(',').map((id) => id.trim()),
    transport: openTransport({ appId, tenantId, password, openIdMetadataUrl, outgoingToken }),
    identify: (identity) => identify(db, identity, now()),
    approvers: (tenant, remediationId) => approversOf(db, { platform: 'teams', tenant }, remediationId, now()),
    staleCards: () => staleCards(db, 'teams', now()),
    mailbox: { inbox: createInbox(db, 'teams', now), outbox: createOutbox(db, 'teams', now) },
    conversations: createConversations(db, 'teams', now),
    log,
    now,
  });
}

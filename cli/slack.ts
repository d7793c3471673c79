import type { Assistant } from '../agent/assistant.ts';
import type { Decisions } from '../agent/decide.ts';
import { identify } from '../agent/identify.ts';
import { createSlackBot, hasSlack, type SlackBot } from '../bots/slack/index.ts';
import type { Config } from '../config.ts';
import { createInbox } from '../db/chat/inbox.ts';
import { createOutbox } from '../db/chat/outbox.ts';
import type { Db } from '../db/client.ts';
import { approversOf } from '../db/remediations/approvers.ts';
import type { Log } from '../log.ts';

interface Parts {
  config: Config;
  db: Db;
  log: Log;
  now: () => Date;
  assistant: Assistant;
  decisions: Decisions;
}

/** Penny in Slack over the database; undefined where no Slack app is set up. */
export function slackOf({ config, db, log, now, assistant, decisions }: Parts): SlackBot | undefined {
  if (!hasSlack(config)) return undefined;
  // What is tried again waits in real time, also where the clock of the answers is a fixed one.
  const time = () => new Date();
  return createSlackBot({
    ...{ config, log, now, assistant, decisions },
    identify: (identity) => identify(db, identity, now()),
    approvers: (tenant, remediationId) => approversOf(db, { platform: 'slack', tenant }, remediationId, now()),
    mailbox: { inbox: createInbox(db, 'slack', time), outbox: createOutbox(db, 'slack', time) },
  });
}

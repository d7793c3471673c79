import type { Assistant } from '../../agent/assistant.ts';
import type { Decisions } from '../../agent/decide.ts';
import type { Identity } from '../../agent/identify.ts';
import type { Config } from '../../config.ts';
import type { Log } from '../../log.ts';
import type { Mailbox } from '../mailbox.ts';

export type Principal = Parameters<Assistant['ask']>[0]['principal'];

/** What the bot works with; whoever starts it wires these. */
export interface SlackOptions {
  config: Config;
  log: Log;
  now: () => Date;
  assistant: Pick<Assistant, 'model' | 'ask' | 'giveFeedback' | 'suggestQuestions'>;
  decisions: Pick<Decisions, 'list' | 'find' | 'decide'>;
  /** @throws PennyError `unauthorized` */
  identify(identity: Identity): Promise<Principal>;
  /** Slack users of a workspace who may decide on a remediation: by their role, their scope, and not having asked for it. */
  approvers(tenant: string, remediationId: string): Promise<string[]>;
  mailbox: Mailbox;
}

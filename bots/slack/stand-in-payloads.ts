import { TEAM } from './stand-in.ts';

/** What Slack sends, in the shape of its own examples: https://docs.slack.dev/reference/events and .../reference/interaction-payloads */

export const mention = (user: string, text: string, channel: string, ts: string, threadTs?: string) => ({
  ...{
    type: 'app_mention',
    user,
    text,
    ts,
    channel,
    event_ts: ts,
    team: TEAM,
    client_msg_id: 'a1b2c3d4-0000-4000-8000-000000000000',
  },
  blocks: [
    {
      ...{ type: 'rich_text', block_id: 'Xk1' },
      elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text }] }],
    },
  ],
  ...(threadTs === undefined ? {} : { thread_ts: threadTs, parent_user_id: user }),
});

export const directMessage = (user: string, text: string, ts: string, more: Record<string, unknown> = {}) => ({
  ...{ type: 'message', channel_type: 'im', channel: `D${user}`, user, text, ts, event_ts: ts, team: TEAM, ...more },
});

export const homeOpened = (user: string, tab: 'home' | 'messages') => ({
  ...{ type: 'app_home_opened', user, channel: `D${user}`, tab, event_ts: '1795500000.000000' },
});

export const command = (user: string, text: string, url: string, trigger: string) => ({
  ...{ token: 'legacy', team_id: TEAM, team_domain: 'acme', channel_id: 'C0GENERAL', channel_name: 'general' },
  ...{
    user_id: user,
    user_name: 'somebody',
    command: '/penny',
    text,
    api_app_id: 'A0PENNY',
    is_enterprise_install: 'false',
  },
  ...{ response_url: `${url}/response/${trigger}`, trigger_id: trigger },
});

interface Press {
  user: string;
  action: string;
  value: string;
  url: string;
  trigger: string;
  channel?: string;
  ts?: string;
  team?: string;
}

export const press = ({ user, action, value, url, trigger, channel = `D${user}`, ts = '1.2', team = TEAM }: Press) => ({
  type: 'block_actions',
  user: { id: user, username: 'somebody', name: 'somebody', team_id: team },
  ...{
    api_app_id: 'A0PENNY',
    token: 'legacy',
    trigger_id: trigger,
    team: { id: TEAM, domain: 'acme' },
    enterprise: null,
  },
  container: { type: 'message', message_ts: ts, channel_id: channel, is_ephemeral: false },
  channel: { id: channel, name: 'directmessage' },
  ...{ is_enterprise_install: false, state: { values: {} }, response_url: `${url}/response/${trigger}` },
  actions: [
    {
      action_id: action,
      block_id: 'b1',
      text: { type: 'plain_text', text: action },
      value,
      type: 'button',
      action_ts: '1795500001.1',
    },
  ],
});

export const reason = (user: string, remediationId: string, words: string) => ({
  type: 'view_submission',
  team: { id: TEAM, domain: 'acme' },
  user: { id: user, username: 'somebody', name: 'somebody', team_id: TEAM },
  ...{
    api_app_id: 'A0PENNY',
    token: 'legacy',
    trigger_id: `reason.${user}`,
    response_urls: [],
    is_enterprise_install: false,
  },
  view: {
    ...{ id: 'V1', team_id: TEAM, type: 'modal', callback_id: 'reject', private_metadata: remediationId, hash: '1.a' },
    state: { values: { reason: { reason: { type: 'plain_text_input', value: words } } } },
  },
});

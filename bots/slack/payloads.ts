import { z } from 'zod';

/** Of what Slack sends, what Penny reads: https://docs.slack.dev/apis/events-api and .../interactivity/handling-user-interaction */

const envelope = z.looseObject({ type: z.string().optional(), team_id: z.string().optional() });

export const messageEvent = z.looseObject({
  team_id: z.string(),
  event_id: z.string(),
  event: z.looseObject({
    type: z.enum(['app_mention', 'message']),
    user: z.string(),
    /** The workspace of the person, where the channel is shared between workspaces. */
    user_team: z.string().optional(),
    team: z.string().optional(),
    text: z.string().default(''),
    channel: z.string(),
    ts: z.string(),
    thread_ts: z.string().optional(),
  }),
});

export const homeEvent = z.looseObject({
  team_id: z.string(),
  event: z.looseObject({ user: z.string(), tab: z.string(), channel: z.string().optional() }),
});

export const slashCommand = z.looseObject({
  team_id: z.string(),
  user_id: z.string(),
  channel_id: z.string(),
  text: z.string().default(''),
  trigger_id: z.string(),
  response_url: z.string(),
});

export const pressedButton = z.looseObject({
  team: z.looseObject({ id: z.string() }).nullish(),
  user: z.looseObject({ id: z.string(), team_id: z.string() }),
  trigger_id: z.string(),
  response_url: z.string().optional(),
  container: z
    .looseObject({
      type: z.string(),
      channel_id: z.string().optional(),
      message_ts: z.string().optional(),
      thread_ts: z.string().optional(),
      is_ephemeral: z.boolean().optional(),
    })
    .optional(),
  actions: z.array(z.looseObject({ action_id: z.string(), value: z.string().default('') })).min(1),
});

export const submittedReason = z.looseObject({
  team: z.looseObject({ id: z.string() }).nullish(),
  user: z.looseObject({ id: z.string(), team_id: z.string() }),
  view: z.looseObject({
    id: z.string(),
    private_metadata: z.string(),
    state: z.looseObject({
      values: z.record(z.string(), z.record(z.string(), z.looseObject({ value: z.string().nullish() }))),
    }),
  }),
});

/**
 * What a delivery is known by, and whether it is kept before Slack hears that it arrived: what answers a question is; what must
 * be answered within its own request (a press that opens a window, a form) is not, and deciding twice is refused anyway.
 */
export function keptAs(body: Record<string, unknown>): { tenant: string; eventId: string } | undefined {
  const { type, team_id: team } = envelope.parse(body);
  if (type === 'event_callback' && team !== undefined) return { tenant: team, eventId: String(body.event_id) };
  const command = slashCommand.safeParse(body);
  if (typeof body.command === 'string' && command.success)
    return { tenant: command.data.team_id, eventId: `command:${command.data.trigger_id}` };
  const pressed = type === 'block_actions' ? pressedButton.safeParse(body) : undefined;
  if (!pressed?.success || !pressed.data.actions[0]?.action_id.startsWith('ask:')) return undefined;
  return { tenant: pressed.data.team?.id ?? pressed.data.user.team_id, eventId: `press:${pressed.data.trigger_id}` };
}

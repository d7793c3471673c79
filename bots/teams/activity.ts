import { z } from 'zod';

/** The only channel that requests are taken from; the SDK would take others, some of them under weaker rules. */
export const CHANNEL = 'msteams';

const account = z.looseObject({
  id: z.string().min(1),
  name: z.string().optional(),
  aadObjectId: z.string().optional(),
  tenantId: z.string().optional(),
});

const conversation = z.looseObject({
  id: z.string().min(1),
  conversationType: z.string().optional(),
  tenantId: z.string().optional(),
});

/**
 * An activity as Teams sends it: the part that Penny reads, the rest left out.
 * https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference#activity-object
 */
export const activitySchema = z.object({
  type: z.string().min(1),
  id: z.string().optional(),
  name: z.string().optional(),
  action: z.string().optional(),
  channelId: z.literal(CHANNEL),
  serviceUrl: z.url({ protocol: /^https?$/ }),
  from: account,
  recipient: account,
  conversation,
  replyToId: z.string().optional(),
  text: z.string().optional(),
  entities: z
    .array(z.looseObject({ type: z.string(), text: z.string().optional(), mentioned: account.partial().optional() }))
    .optional(),
  value: z.unknown().optional(),
  membersAdded: z.array(account).optional(),
  channelData: z
    .looseObject({ tenant: z.looseObject({ id: z.string() }).optional(), team: z.unknown(), channel: z.unknown() })
    .partial()
    .optional(),
});

export type Activity = z.infer<typeof activitySchema>;

/** Where and to whom something can be written later: plain JSON, as it is stored. */
export const referenceSchema = z.object({
  serviceUrl: z.string(),
  channelId: z.literal(CHANNEL),
  conversation: z.object({
    id: z.string(),
    conversationType: z.string().optional(),
    tenantId: z.string().optional(),
  }),
  bot: z.object({ id: z.string(), name: z.string().optional() }),
  user: z.object({ id: z.string(), name: z.string().optional() }).optional(),
  activityId: z.string().optional(),
});

export type Reference = z.infer<typeof referenceSchema>;

/** What Penny writes. */
export interface Message {
  type: 'message' | 'typing';
  text?: string;
  /** What a notification, a screen reader and a client without cards show. */
  summary?: string;
  attachments?: { contentType: string; content: unknown }[];
}

/** Returns where an activity came from, to answer there. */
export function referenceOf({ id, serviceUrl, conversation, recipient, from }: Activity): Reference {
  return referenceSchema.parse({
    serviceUrl,
    channelId: CHANNEL,
    conversation,
    bot: recipient,
    user: from,
    activityId: id,
  });
}

/** Returns the tenant that an activity comes from; undefined when it names none, or two. */
export function tenantOf({ channelData, conversation, from }: Activity): string | undefined {
  const named = new Set(
    [channelData?.tenant?.id, conversation.tenantId, from.tenantId].filter((id) => id !== undefined),
  );
  return named.size === 1 ? [...named][0] : undefined;
}

/** Whether nobody but the person reads along. */
export const isPersonal = ({ conversation }: Activity): boolean => conversation.conversationType === 'personal';

/** Returns what was said to Penny: the text without mentions of the bot and without markup of the client. */
export function textOf({ text = '', entities = [], recipient }: Activity): string {
  const mentions = entities.flatMap(({ type, mentioned, text: shown }) =>
    type === 'mention' && mentioned?.id === recipient.id && shown ? [shown] : [],
  );
  const said = mentions.reduce((rest, mention) => rest.replaceAll(mention, ' '), text);
  return said
    .replace(/<at>(.*?)<\/at>/g, '$1')
    .replace(/&nbsp;/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

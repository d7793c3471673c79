/** An event of a chat platform as it came. */
export interface ChatEvent {
  tenant: string;
  /** The platform's own id: a second one with the same id is a repeat. */
  eventId: string;
  body: Record<string, unknown>;
  /** How often handling it was begun, this time included. */
  attempts: number;
}

/**
 * What a platform has told Penny. An event is written down before the platform hears that it arrived; from then on it is handled once,
 * by whichever process takes it, and again only when that one fails or dies.
 */
export interface Inbox {
  /** False when it was known already. */
  keep(event: Omit<ChatEvent, 'attempts'>): Promise<boolean>;
  /** One event that is due, held for some minutes; undefined when there is none. */
  take(): Promise<ChatEvent | undefined>;
  handled(event: ChatEvent): Promise<void>;
  /** To be tried again after a while; `giveUp` ends that. */
  failed(event: ChatEvent, reason: string, giveUp: boolean): Promise<void>;
}

/** A message to a channel or a person. */
export interface ChatMessage {
  /** What makes it this message: a second one with the same key is not written. */
  deduplicationKey: string;
  tenant: string;
  destination: string;
  kind: string;
  payload: Record<string, unknown>;
  /** Number of the earlier message that it replaces in place. */
  updates?: number | undefined;
}

export interface OutgoingMessage extends ChatMessage {
  messageId: number;
  /** How often sending was tried, this time included. */
  attempts: number;
  /** The platform's id of the message that it replaces. */
  replaces: string | undefined;
}

/** Messages to people: written first, then sent, so that none is lost while a platform is down. */
export interface Outbox {
  /** The number of the message; undefined when it was written before. */
  add(message: ChatMessage): Promise<number | undefined>;
  /** One message that is due, held for some minutes. One that replaces another waits until that one was sent. */
  take(): Promise<OutgoingMessage | undefined>;
  sent(messageId: number, externalId: string | undefined): Promise<void>;
  /** To be tried again after `afterMs`; without it sending is given up. */
  failed(messageId: number, reason: string, afterMs: number | undefined): Promise<void>;
  /** Messages of a kind about one thing, whose payload has that `key` and `value`. */
  about(
    kind: string,
    key: string,
    value: string,
  ): Promise<{ messageId: number; tenant: string; destination: string }[]>;
}

export interface Mailbox {
  inbox: Inbox;
  outbox: Outbox;
}

import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parse, stringify } from 'node:querystring';

/** A call of the Web API as Slack took it. */
export interface Call {
  method: string;
  args: Record<string, unknown>;
  token: string | undefined;
}

/** How the next call of a method ends instead. `taken`: Slack did what was asked, and only the answer is lost. */
export interface Fault {
  method: string;
  status?: number;
  retryAfterSeconds?: number;
  error?: string;
  taken?: boolean;
}

/** A message as it stands in the workspace. */
export interface Message {
  channel: string;
  ts: string;
  text: string;
  blocks: Record<string, unknown>[];
  threadTs?: string;
  metadata?: unknown;
  /** Only this person sees it. */
  user?: string;
}

interface Delivery {
  secret?: string;
  /** Seconds since 1970, as the header says. */
  timestamp?: number;
  retry?: number;
}

export const TEAM = 'T0PENNY';
export const BOT_USER = 'U0PENNYBOT';

/**
 * Slack at the wire: a server for the Web API and for replies, and a sender of signed requests to an app. It keeps messages, windows and
 * Home tabs as people of the workspace would see them.
 */
export class FakeSlack {
  readonly calls: Call[] = [];
  readonly messages: Message[] = [];
  readonly replies: Record<string, unknown>[] = [];
  readonly views: { userId?: string; triggerId?: string; view: Record<string, unknown> }[] = [];
  readonly faults: Fault[] = [];
  /** Channels that the app is no member of. */
  readonly closed = new Set<string>();
  readonly #server: Server;
  readonly #secret: string;
  #app = '';
  #clock = 1_795_500_000;
  #changed: (() => void)[] = [];

  private constructor(secret: string) {
    this.#secret = secret;
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  static async open(secret: string): Promise<FakeSlack> {
    const slack = new FakeSlack(secret);
    await new Promise<void>((resolve) => slack.#server.listen(0, '127.0.0.1', resolve));
    return slack;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get apiUrl(): string {
    return `${this.url}/api/`;
  }

  /** Where the app takes requests, such as http://127.0.0.1:3000/slack/events. */
  installAt(url: string): void {
    this.#app = url;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Resolves once `holds`; looked at again with everything that the app does. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.#changed.push(resolve));
  }

  nextTs(): string {
    this.#clock += 1;
    return `${this.#clock}.000100`;
  }

  /** Sends an event of the Events API, or with the same `event_id` a repeat of one. Returns the status. */
  async event(event: Record<string, unknown>, ids: { eventId: string; team?: string }, delivery: Delivery = {}) {
    const team = ids.team ?? TEAM;
    const body = {
      ...{ token: 'legacy', team_id: team, api_app_id: 'A0PENNY', type: 'event_callback', event_id: ids.eventId },
      ...{ event_time: this.#clock, is_ext_shared_channel: false, event },
      authorizations: [
        { enterprise_id: null, team_id: team, user_id: BOT_USER, is_bot: true, is_enterprise_install: false },
      ],
    };
    return this.post(JSON.stringify(body), 'application/json', delivery);
  }

  /** Sends what a person pressed, submitted or wrote as a command: a form, as Slack does. */
  async form(fields: Record<string, string>, delivery: Delivery = {}) {
    return this.post(stringify(fields), 'application/x-www-form-urlencoded', delivery);
  }

  async interaction(payload: Record<string, unknown>, delivery: Delivery = {}) {
    return this.form({ payload: JSON.stringify(payload) }, delivery);
  }

  async post(
    body: string,
    contentType: string,
    { secret, timestamp, retry }: Delivery,
  ): Promise<{ status: number; body: string }> {
    const time = timestamp ?? Math.floor(Date.now() / 1_000);
    const signature = createHmac('sha256', secret ?? this.#secret)
      .update(`v0:${time}:${body}`)
      .digest('hex');
    const response = await fetch(this.#app, {
      method: 'POST',
      headers: {
        'content-type': contentType,
        'x-slack-request-timestamp': String(time),
        'x-slack-signature': `v0=${signature}`,
        ...(retry === undefined ? {} : { 'x-slack-retry-num': String(retry), 'x-slack-retry-reason': 'http_timeout' }),
      },
      body,
    });
    return { status: response.status, body: await response.text() };
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await read(request);
    const path = request.url ?? '';
    if (path.startsWith('/response/')) {
      this.replies.push({ url: path, ...JSON.parse(body) });
      send(response, 200, {});
    } else {
      const method = path.replace('/api/', '');
      const args = argumentsOf(request, body);
      const token = request.headers.authorization?.replace('Bearer ', '') ?? (args.token as string | undefined);
      this.calls.push({ method, args, token });
      this.#respond(method, args, response);
    }
    for (const look of this.#changed.splice(0)) look();
  }

  #respond(method: string, args: Record<string, unknown>, response: ServerResponse): void {
    const at = this.faults.findIndex((fault) => fault.method === method);
    const [fault] = at < 0 ? [] : this.faults.splice(at, 1);
    const result = fault === undefined || fault.taken ? this.#run(method, args) : {};
    if (fault === undefined) send(response, 200, result);
    else refuse(response, fault);
  }

  #run(method: string, args: Record<string, unknown>): Record<string, unknown> {
    const channel = String(args.channel ?? '');
    switch (method) {
      case 'auth.test':
        return {
          ok: true,
          url: 'https://acme.slack.com/',
          team: 'Acme',
          team_id: TEAM,
          user: 'penny',
          user_id: BOT_USER,
          bot_id: 'B0PENNY',
        };
      case 'chat.postMessage':
      case 'chat.postEphemeral':
        return this.#postMessage(method, channel, args);
      case 'chat.update':
        return this.#update(channel, args);
      case 'conversations.replies':
        return {
          ok: true,
          messages: this.messages.filter((one) => one.channel === channel && one.threadTs === args.ts),
          has_more: false,
        };
      case 'views.open':
      case 'views.publish': {
        const view = args.view as Record<string, unknown>;
        this.views.push({
          ...(args.user_id ? { userId: String(args.user_id) } : {}),
          ...(args.trigger_id ? { triggerId: String(args.trigger_id) } : {}),
          view,
        });
        return { ok: true, view: { id: `V${this.views.length}`, ...view } };
      }
      case 'assistant.threads.setStatus':
      case 'assistant.threads.setSuggestedPrompts':
        return { ok: true };
      default:
        return { ok: false, error: 'unknown_method' };
    }
  }

  #postMessage(method: string, channel: string, args: Record<string, unknown>): Record<string, unknown> {
    if (this.closed.has(channel)) return { ok: false, error: 'not_in_channel' };
    const wrong = wrongBlocks(args.blocks);
    if (wrong !== undefined) return { ok: false, error: 'invalid_blocks', errors: [wrong] };
    const ts = this.nextTs();
    this.messages.push({
      ...{ channel, ts, text: String(args.text ?? ''), blocks: (args.blocks ?? []) as Message['blocks'] },
      ...(args.thread_ts === undefined ? {} : { threadTs: String(args.thread_ts) }),
      ...(args.metadata === undefined ? {} : { metadata: args.metadata }),
      ...(method === 'chat.postEphemeral' ? { user: String(args.user) } : {}),
    });
    return method === 'chat.postEphemeral' ? { ok: true, message_ts: ts } : { ok: true, channel, ts, message: {} };
  }

  #update(channel: string, args: Record<string, unknown>): Record<string, unknown> {
    const found = this.messages.find((one) => one.channel === channel && one.ts === args.ts && one.user === undefined);
    if (found === undefined) return { ok: false, error: 'message_not_found' };
    Object.assign(found, { text: String(args.text ?? ''), blocks: args.blocks ?? [] });
    return { ok: true, channel, ts: found.ts, text: found.text };
  }
}

/** What Slack's own checks say of blocks, as far as they are told in its documentation. */
function wrongBlocks(blocks: unknown): string | undefined {
  if (blocks === undefined) return undefined;
  if (!Array.isArray(blocks) || blocks.length > 50) return 'more than 50 blocks';
  let cells = 0;
  for (const block of blocks as { type: string; text?: { text: string }; rows?: { text: string }[][] }[]) {
    const words = block.text?.text;
    if (block.type === 'section' && (words === undefined || words === '' || words.length > 3_000))
      return 'the text of a section';
    if (block.type !== 'data_table') continue;
    const { rows = [] } = block;
    if (rows.length < 2 || rows.length > 101 || rows.some((row) => row.length !== rows[0]?.length || row.length > 20))
      return 'the rows of a table';
    if (rows.flat().some(({ text }) => text === '')) return 'an empty cell';
    cells += rows.flat().reduce((sum, { text }) => sum + text.length, 0);
  }
  return cells > 10_000 ? 'the cells of the tables' : undefined;
}

/** Slack takes JSON and forms, in whose fields structures are JSON text. */
function argumentsOf({ headers }: IncomingMessage, body: string): Record<string, unknown> {
  if (headers['content-type']?.includes('json')) return JSON.parse(body);
  const fields = Object.entries(parse(body)).map(([name, value]) => [name, structure(String(value))]);
  return Object.fromEntries(fields);
}

function structure(text: string): unknown {
  return /^[[{]/.test(text) ? JSON.parse(text) : text;
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function refuse(response: ServerResponse, { status = 200, retryAfterSeconds, error = 'fatal_error' }: Fault): void {
  send(
    response,
    status,
    { ok: false, error },
    retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) },
  );
}

function send(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}
